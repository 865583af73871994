"""Files that options name: one that never ends keeps no run, and one that holds something else is not written over."""

import os

import pytest

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


@pytest.mark.parametrize("options", [("--plan", "--plan-out"), ("--snapshot",)], ids=" ".join)
def test_a_file_that_holds_something_else_is_not_written_over(tmp_path, options):
    path = tmp_path / "site.yaml"
    path.write_text("name: mine\ncontroller: {address: 127.0.0.1}\n")
    *before, option = options
    ran = run(tmp_path, *before, f"--environment={path}", f"{option}={path}")
    assert ran.code == 4, ran.out
    assert "is there and is no" in ran.out
    assert path.read_text() == "name: mine\ncontroller: {address: 127.0.0.1}\n"
