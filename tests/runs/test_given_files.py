"""Files that options name: one that never ends keeps no run, and one that holds something else is not written over."""

import os
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace

import pytest

from fixtures.options import FILES_WRITTEN, FOLDERS_WRITTEN, refuse_one_place_for_two
from live.avi.snapshot import NotASnapshot, Snapshot
from remediate.plan.model import BadPlan, Plan
from remediate.write.record import BadJournal, load
from tests.runs.harness import run


@pytest.mark.parametrize(
    ("read", "refusal"),
    [(Plan.load, BadPlan), (load, BadJournal), (Snapshot.load, NotASnapshot)],
    ids=["plan", "journal", "snapshot"],
)
@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_what_is_no_regular_file_is_not_waited_for(tmp_path, read, refusal, kind):
    path = {"pipe": tmp_path / "pipe", "device": tmp_path / "device", "folder": tmp_path}[kind]
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    with pytest.raises(refusal, match=r"cannot be read: (it is no regular file|Is a directory)"):
        read(path)


@pytest.mark.parametrize(
    "options", [("--plan", "--plan-out"), ("--snapshot",), ("--metrics",), ("--junitxml",)], ids=" ".join
)
def test_a_file_that_holds_something_else_is_not_written_over(tmp_path, options):
    path = tmp_path / "site.yaml"
    path.write_text("name: mine\ncontroller: {address: 127.0.0.1}\n")
    *before, option = options
    ran = run(tmp_path, *before, f"--environment={path}", f"{option}={path}")
    assert ran.code == 4, ran.out
    assert f"{option} {path}: is there already and is an environment file, which would be lost" in ran.out
    assert "reading" not in ran.out
    assert path.read_text() == "name: mine\ncontroller: {address: 127.0.0.1}\n"


def test_metrics_go_over_earlier_ones_alone(tmp_path):
    """A link, a pipe and a module are left as they are; so is a page where a report of the browser's was meant."""
    site = tmp_path / "site.yaml"
    site.write_text("name: mine\ncontroller: {address: 127.0.0.1}\n")
    module, link = tmp_path / "rule.py", tmp_path / "link.prom"
    module.write_text("import os\n")
    link.symlink_to(module)
    for path, said in (
        (module, "holds something else than metrics for Prometheus"),
        (link, "is a symbolic link"),
        (tmp_path, "is a folder"),
    ):
        ran = run(tmp_path, f"--environment={site}", f"--metrics={path}")
        assert ran.code == 4, ran.out
        assert f"--metrics {path}: " in ran.out
        assert said in ran.out
    assert module.read_text() == "import os\n"


PLACES = [*FILES_WRITTEN, *FOLDERS_WRITTEN]


@pytest.mark.parametrize(("first", "second"), list(combinations(PLACES, 2)))
def test_two_options_write_to_one_place_only_where_both_are_folders(tmp_path, first, second):
    (tmp_path / "link").symlink_to(tmp_path)
    given = {first: Path("new"), second: tmp_path / "link" / "new"}
    config = SimpleNamespace(
        invocation_params=SimpleNamespace(dir=tmp_path), getoption=lambda name, _default: given.get(name)
    )
    if first in FOLDERS_WRITTEN:
        refuse_one_place_for_two(config)
        return
    with pytest.raises(pytest.UsageError, match=r"--[\w-]+ and --[\w-]+ both name .*new; give each"):
        refuse_one_place_for_two(config)
    given[second] = Path("another")
    refuse_one_place_for_two(config)


def test_one_file_for_two_is_refused_before_anything_is_read(tmp_path):
    site = tmp_path / "site.yaml"
    site.write_text("name: mine\ncontroller: {address: 127.0.0.1}\n")
    ran = run(tmp_path, f"--environment={site}", f"--snapshot={tmp_path}/junit.xml")
    assert ran.code == 4, ran.out
    assert "--snapshot and --junitxml both name " in ran.out
    assert "reading" not in ran.out
