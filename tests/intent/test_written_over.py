"""What is there where an option writes a file: an earlier output goes on, and nothing else is written over."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from avi_schema import __main__ as schema_command
from intent.file_kinds import METRICS, PAGE, PLAN, SNAPSHOT, not_written
from lab import __main__ as lab_command
from tests.intent.test_file_kinds import EXAMPLES

WRITTEN = (METRICS, PAGE, PLAN, SNAPSHOT)


@pytest.mark.parametrize("noun", EXAMPLES)
@pytest.mark.parametrize("written", WRITTEN)
def test_only_an_earlier_output_of_the_same_kind(tmp_path, noun, written):
    path = tmp_path / "there"
    path.write_text(EXAMPLES[noun])
    why = not_written(path, written)
    assert why == (
        "" if noun == written else f"is there already and is {noun}, which would be lost; name a new file"
    )


@pytest.mark.parametrize("text", ["import os\n", "x", "\0\1", "[1, 2]", "{}"])
def test_a_file_that_nobody_knows(tmp_path, text):
    path = tmp_path / "there"
    path.write_text(text)
    why = f"is there already and holds something else than {SNAPSHOT}, which would be lost; name a new file"
    assert not_written(path, SNAPSHOT) == why


@pytest.mark.parametrize("text", ["", " \n\n"])
def test_an_empty_file_is_written(tmp_path, text):
    (tmp_path / "there").write_text(text)
    assert not not_written(tmp_path / "there", SNAPSHOT)
    assert not not_written(tmp_path / "new", SNAPSHOT)


def test_what_is_no_file(tmp_path):
    pipe, link, sock = tmp_path / "pipe", tmp_path / "link", tmp_path / "socket"
    os.mkfifo(pipe)
    link.symlink_to("nowhere")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(sock))
        said = {path: not_written(path, METRICS) for path in (pipe, link, sock, tmp_path, Path("/dev/null"))}
    nouns = ["a pipe", "a symbolic link to nowhere", "a socket", "a folder", "a device"]
    assert [*said.values()] == [f"is {noun}, and only a file is written; name a new file" for noun in nouns]


def test_a_folder_that_is_not_there_or_not_ours_to_write(tmp_path, monkeypatch):
    assert not_written(tmp_path / "none" / "x", METRICS) == "cannot be written: its folder does not exist"
    (tmp_path / "file").write_text("")
    assert not_written(tmp_path / "file" / "x", METRICS) == "cannot be written: Not a directory"
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert not_written(tmp_path / "x", METRICS) == "cannot be written: permission denied"


def test_where_nothing_may_be(tmp_path):
    (tmp_path / "there").write_text("")
    assert not_written(tmp_path / "there", None) == "is there already; name a new file"
    (tmp_path / "link").symlink_to("nowhere")
    assert not_written(tmp_path / "link", None).startswith("is a symbolic link to nowhere")
    assert not not_written(tmp_path / "new", None)


@pytest.mark.parametrize("output", ["README.md", "environments/iberia.yaml", "avi_schema"])
def test_the_commands_of_the_ground_floor(output, tmp_path, capsys):
    """The schema's and the lab's own file go over an earlier one, and over nothing else."""
    before = Path(output).stat().st_mtime_ns
    assert schema_command.main([str(tmp_path), "-o", output]) == 4
    assert lab_command.main(["--export", output]) == 4
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith(f"avi_schema: {output}: is ")
    assert second.startswith(f"lab: --export {output}: is ")
    assert Path(output).stat().st_mtime_ns == before
    (tmp_path / "schema.json").write_text('{"model":"30.2.1"}')
    schema_command.main([str(tmp_path / "none"), "-o", str(tmp_path / "schema.json")])
    assert "none" in capsys.readouterr().err, "the next thing that is wrong"
