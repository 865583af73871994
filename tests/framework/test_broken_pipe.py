"""What a run prints where nobody reads it any more: nothing, and without an error."""

import os
import pty

import pytest

from fixtures.terminal import TolerantFile


@pytest.mark.parametrize("opened", [os.pipe, pty.openpty], ids=["pipe", "terminal"])
def test_who_reads_may_leave(opened):
    ours, theirs = opened()
    with os.fdopen(theirs, "w", encoding="utf-8") as file:
        output = TolerantFile(file)
        output.write("heard\n")
        output.flush()
        assert os.read(ours, 100).strip() == b"heard"
        os.close(ours)
        output.write("unheard\n")
        output.flush()
        assert output.reader_left
        assert output.write("unheard\n") == len("unheard\n")
        output.flush()
        assert output.encoding == "utf-8"


def test_what_is_not_about_the_reader_is_told():
    """A text that cannot be encoded is a fault of ours."""
    ours, theirs = os.pipe()
    with os.fdopen(theirs, "w", encoding="ascii") as file, pytest.raises(UnicodeEncodeError):
        TolerantFile(file).write("\u00e9")
    os.close(ours)


def test_the_last_words_go_aside_once_nobody_reads(capsys):
    ours, theirs = os.pipe()
    with os.fdopen(theirs, "w", encoding="utf-8") as file:
        output = TolerantFile(file)
        output.repeat_if_unread(["undo with --rollback=J"])
        assert capsys.readouterr().err == "", "it has been read"
        os.close(ours)
        output.write("unheard\n")
        output.flush()
        output.repeat_if_unread(["undo with --rollback=J"])
    assert capsys.readouterr().err == "undo with --rollback=J\n"
