"""What a run has said is out when it has been said: the log of a killed one shows how far it came."""

import json
import os
import subprocess
import sys

import pytest

from remediate.write.record import load
from tests import lengths

CONFTEST = """
import os
from fixtures.terminal import Progress

def pytest_sessionstart(session):
    Progress(session.config).{said}
    os.kill(os.getpid(), 9)
"""


@lengths.WHOLE_RUN
@pytest.mark.parametrize(
    "said",
    ["title('writing')", "line('writing')", "over('writing')", "letter('w', 'writing', 'failed')"],
    ids=["title", "line", "over", "letter"],
)
@pytest.mark.parametrize("verbose", [(), ("-v",)], ids=["short", "verbose"])
def test_a_killed_run_has_said_it(said, verbose, tmp_path, pytestconfig):
    (tmp_path / "conftest.py").write_text(CONFTEST.format(said=said), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-c",
        "/dev/null",
        f"--rootdir={tmp_path}",
        *verbose,
        str(tmp_path),
    ]
    env = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    run = subprocess.run(
        command,
        cwd=pytestconfig.rootpath,
        check=False,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert run.returncode == -9
    assert run.stdout.strip("- \n") in ("writing", "w", "writing FAILED")


@lengths.WHOLE_RUN
def test_a_run_goes_on_when_nobody_reads_it(lab, runs):
    """`| head`, or a pager that is quit: what was begun is written, proved and reported."""
    lab.reset("drifted")
    process = runs.start("--remediate")
    for line in process.stdout:
        if line.startswith("[1/"):
            break
    process.stdout.close()
    assert process.wait(timeout=60) == 0
    assert load(runs.journal()).end == "13 done"
    (found,) = (runs.folder / "reports").rglob("drift.json")
    report = json.loads(found.read_text(encoding="utf-8"))
    assert (report["drifts"], report["unknown"], len(report["remediated"])) == ([], [], 21)
