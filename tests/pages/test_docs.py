"""The pages of docs/ for who goes on: their commands, and the code and the outputs that they show."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess

import pytest
import yaml

import intent
from remediate.remedies import routing
from tests import lengths
from tests.framework.source import ROOT
from tests.pages.clone import Clone
from tests.pages.examples import blocks
from tests.pages.shown import missing
from tests.runs.harness import Site

EXTENDING, REMEDIATION, HOSTS = "docs/extending.md", "docs/remediation.md", "docs/vcenter-and-hosts.md"
PAGES = "python docs/pages.py"
SCHEMA = "python -m intent --schema > environments/schema.json"
AKO, VERDICT = "docs/ako-does-not-start.md", "docs/ako-verdict.md"
ON_THE_LAB = "pytest --lab --lab-state conforming --environment=site.yaml --ako-verdict"
(A_LOG,) = [block for block in blocks(AKO) if block.text.startswith("$ ")]
(A_RUN,) = [block for block in blocks(REMEDIATION) if block.text.startswith("$ ")]
TYPED = {
    EXTENDING: {PAGES, SCHEMA},
    "docs/checks.md": {PAGES},
    AKO: {*A_LOG.commands},
    VERDICT: {ON_THE_LAB},
    REMEDIATION: {*A_RUN.commands, "pytest --plan", "pytest --remediate", "pytest --rollback"},
}


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    clone = Clone(tmp_path_factory.mktemp("clone"))
    yield clone
    clone.close()


@lengths.WHOLE_RUN
@pytest.mark.parametrize(
    ("command", "file"), [(PAGES, "docs/checks.md"), (SCHEMA, "environments/schema.json")]
)
def test_what_is_generated_is_current(clone, command, file):
    (clone.folder / file).write_text("")
    ran = clone.type(command)
    assert ran.code == 0, ran.out
    assert (clone.folder / file).read_text() == (ROOT / file).read_text(), f"run `{command}`"


@lengths.WHOLE_RUN
def test_the_check_that_is_shown_runs(clone):
    code = next(block.text for block in blocks(EXTENDING) if block.language == "python")
    (clone.folder / "checks/test_shown.py").write_text(f"{code}\n")
    try:
        ran = clone.type("pytest --lab --lab-state conforming checks/test_shown.py")
    finally:
        (clone.folder / "checks/test_shown.py").unlink()
    assert ran.code == 0, ran.out
    assert "3 passed" in ran.out


@lengths.WHOLE_RUN
def test_a_newcomers_values_are_judged(clone):
    """The file that the page shows, and the names that it gives of the lab: a verdict, and its causes."""
    (site,) = [block.text for block in blocks(VERDICT) if block.text.startswith("name: ")]
    values = {
        "AKOSettings": {"clusterName": "mine"},
        "NetworkSettings": {"vipNetworkList": [{"networkName": "AVI_FRONTEND_3025"}]},
        "ControllerSettings": {
            "serviceEngineGroupName": "S1-AZ1-SE-Group",
            "controllerHost": "avi.example.com",
        },
        "avicredentials": {"username": "admin", "password": "never-shown-newcomer"},
    }
    (clone.folder / "site.yaml").write_text(site)
    for name, starts in (("REGIONB_VMS_3024", True), ("REGIONB_VM_3024", False)):
        values["NetworkSettings"]["nodeNetworkList"] = [{"networkName": name}]
        (clone.folder / "values.yaml").write_text(yaml.safe_dump(values))
        ran = clone.type(ON_THE_LAB)
        assert ("AKO 2.2.1 of mine: starts" in ran.out) is starts, ran.out
    assert "did you mean 'REGIONB_VMS_3024'?" in ran.out


LOOKS = """
from intent import Network
from live.avi.snapshot import Live


def test_{number}(network: Network, live: Live) -> None:
    \"\"\"{{network}} is looked at.

    Reads: {reads}
    Why: it is shown.
    Do: nothing.
    \"\"\"
    uuid = live.raw(network).get("uuid")
    uuid = live.rows("serviceengine-inventory")[0]["uuid"]
    assert {expression} is not None
"""


@lengths.WHOLE_RUN
def test_what_live_answers(clone):
    """Every expression of the page's table, in a check of its own."""
    text = (ROOT / EXTENDING).read_text(encoding="utf-8").partition("What `live` answers")[2]
    looks = re.findall(r"^\| `(live\b(?!/)[^`]+)` \|", text, re.MULTILINE)
    assert len(looks) >= 5
    reads = "network, vrfcontext, cloud, alert, serviceengine-inventory"
    checks = [LOOKS.format(number=n, reads=reads, expression=each) for n, each in enumerate(looks)]
    (clone.folder / "checks/test_looks.py").write_text('"""Step 3: networks."""\n' + "\n".join(checks))
    try:
        ran = clone.type("pytest --lab --lab-state conforming checks/test_looks.py")
    finally:
        (clone.folder / "checks/test_looks.py").unlink()
    assert ran.code == 0, ran.out


def test_the_remedy_that_is_shown_names_what_there_is():
    (code,) = [block.text for block in blocks(REMEDIATION) if block.language == "python"]
    (function,) = ast.parse(code).body
    ours = vars(intent) | vars(routing)
    names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)} - {"case"}
    assert names <= ours.keys()


@lengths.WHOLE_RUN
def test_a_run_and_its_undo(clone):
    """The page's run, of the drifted lab as a live site, and what it shows of it."""
    remediate, rollback = A_RUN.commands
    shown = A_RUN.text.partition("\n$ ")
    site = Site("drifted")
    try:
        site.declared(clone.folder)
        (clone.folder / "site.yaml").rename(clone.folder / "environments/iberia.yaml")
        ran = clone.type(remediate, **site.credentials)
        assert ran.code == 0, ran.out
        assert not (differs := missing(shown[0].splitlines()[1:], ran.out)), differs
        (journal,) = re.findall(r"undo with --rollback=(\S+)", ran.out.partition("= remediation =")[2])
        ran = clone.type(re.sub(r"journals/\S+", journal, rollback), **site.credentials)
        assert ran.code == 0, ran.out
        assert not (differs := missing(shown[2].splitlines()[1:], ran.out)), differs
    finally:
        site.close()


def test_the_clusters_that_are_shown_load(tmp_path):
    (block,) = [block.text for block in blocks("docs/clusters.md") if block.language == "yaml"]
    (tmp_path / "site.yaml").write_text(block)
    environment = intent.load_environment(tmp_path / "site.yaml")
    assert [cluster.name for cluster in environment.clusters] == ["s1az1", "s1az2"]


@lengths.WHOLE_RUN
def test_a_line_of_akos_log(clone):
    ran = clone.type(*A_LOG.commands)
    assert ran.code == 0, ran.out
    assert not (differs := missing(A_LOG.printed, ran.out)), differs


def test_the_ssh_configuration_is_one():
    """ssh itself says what it makes of it."""
    if shutil.which("ssh") is None:
        pytest.skip("needs ssh, which is not installed on this machine")
    (block,) = [block.text for block in blocks(HOSTS) if block.text.startswith("Host ")]
    for host, user in (("10.10.24.9", "ops"), ("10.10.20.10", "admin")):
        done = subprocess.run(
            ["ssh", "-G", "-F", "/dev/stdin", host], input=block, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert f"user {user}\n" in done.stdout
