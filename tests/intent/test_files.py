"""Files: whole or not at all, for their owner only, and locked by one at a time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from intent.files import DurableLines, locked, private, replaced, write_text
from remediate.write.journal import NoJournal
from remediate.write.lock import Lock
from reports.history.store import History, HistoryUnusable

ROOT = Path(__file__).parents[2]


def test_a_write_that_fails_leaves_the_old_file(tmp_path):
    path = tmp_path / "new" / "file"
    write_text(path, "old")

    def fail():
        with replaced(path) as fresh:
            fresh.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_text() == "old"
    assert [entry.name for entry in path.parent.iterdir()] == ["file"]


def test_a_text_that_is_no_unicode_is_written_all_the_same(tmp_path):
    write_text(tmp_path / "file", "half \ud800")
    assert (tmp_path / "file").read_text() == "half ?"


def test_a_private_file_closes_one_that_others_could_read(tmp_path):
    path = tmp_path / "file"
    path.write_text("a longer text than the next")
    path.chmod(0o644)
    with private(path) as file:
        file.write("short")
    assert path.read_text() == "short"
    assert path.stat().st_mode & 0o777 == 0o600


def test_lines_go_on_after_one_that_was_cut_off(tmp_path):
    path = tmp_path / "lines"
    lines = DurableLines.create(path)
    lines.append(b"first\n")
    lines.close()
    lines.close()
    with pytest.raises(FileExistsError):
        DurableLines.create(path)
    path.write_text("first\nsec")
    again = DurableLines.reopen(path)
    again.append(b"third\n")
    again.close()
    assert path.read_text() == "first\nsec\nthird\n"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_lock_is_held_by_one_and_goes_with_its_holder(tmp_path):
    path = tmp_path / "folder" / "lock"
    script = (
        "import sys, time; from pathlib import Path; from intent.files import locked\n"
        "with locked(Path(sys.argv[1])):\n    print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(BlockingIOError), locked(path, wait=False):
            pass
        holder.kill()
        with locked(path) as file:
            assert os.fstat(file).st_ino == path.stat().st_ino
    with locked(path, wait=False):
        pass


WAYS = {
    "private": private,
    "lines": DurableLines.reopen,
    "new lines": DurableLines.create,
    "lock": lambda path: locked(path).__enter__(),
    "lock of an environment": lambda path: Lock(path.parent, path.stem).__enter__(),
    "history": History,
}


@pytest.mark.parametrize("leads", ["to a file", "nowhere"])
@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_written_through_a_symbolic_link(tmp_path, way, leads):
    target, link = tmp_path / "theirs", tmp_path / "iberia.lock"
    if leads == "to a file":
        target.write_text("precious")
        target.chmod(0o644)
    link.symlink_to(target)
    with pytest.raises((OSError, NoJournal, HistoryUnusable)) as refused:
        WAYS[way](link)
    if way != "new lines":  # what is there already is no new file, whatever it is
        assert f"{link} is a symbolic link, through which nothing is written; remove it" in str(refused.value)
    assert target.exists() == (leads == "to a file")
    if target.exists():
        assert target.read_text() == "precious"
        assert target.stat().st_mode & 0o777 == 0o644
    assert link.is_symlink()
