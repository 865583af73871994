"""Files: whole or not at all, for their owner only, and locked by one at a time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from intent.files import DurableLines, locked, private, replaced, write_text

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
    lines.append("first")
    lines.close()
    lines.close()
    with pytest.raises(FileExistsError):
        DurableLines.create(path)
    path.write_text("first\nsec")
    again = DurableLines.reopen(path)
    again.append("third")
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
