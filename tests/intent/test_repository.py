"""Tests of a repository of one's own: the requirement that pins the version."""

from pathlib import Path

import pytest

from intent import repository
from intent.installation import HOME

COMMIT = "0123456789ab"


@pytest.mark.parametrize(
    ("remote", "url"),
    [
        ("https://git.example.com/avi.git", "git+https://git.example.com/avi.git"),
        ("https://me:secret@git.example.com/avi.git", "git+https://git.example.com/avi.git"),
        ("https://token@git.example.com/avi.git", "git+https://git.example.com/avi.git"),
        ("git@git.example.com:net/avi.git", "git+ssh://git@git.example.com/net/avi.git"),
        ("ssh://git@git.example.com:2222/avi.git", "git+ssh://git@git.example.com:2222/avi.git"),
        ("ssh://git:secret@git.example.com/avi.git", "git+ssh://git@git.example.com/avi.git"),
        ("git.example.com:/srv/avi.git", "git+ssh://git.example.com/srv/avi.git"),
    ],
)
def test_every_remote_that_git_knows_is_a_url_that_pip_takes(monkeypatch, remote, url):
    monkeypatch.setattr(repository, "git", lambda *_: remote)
    monkeypatch.setattr(repository, "commit", lambda: f"{COMMIT}-dirty")
    assert repository.requirement() == f"avi-compliance @ {url}@{COMMIT}"


@pytest.mark.parametrize(
    ("remote", "url"),
    [
        ("/srv/avi compliance.git", "file:///srv/avi%20compliance.git"),
        ("../avi.git", (HOME.parent / "avi.git").as_uri()),
        ("file:///srv/avi.git", "file:///srv/avi.git"),
        ("", HOME.as_uri()),
    ],
)
def test_a_remote_on_this_machine_goes_by_its_url_alone(monkeypatch, remote, url):
    """`name @ git+file:///...` is no requirement for the pip that comes with Python 3.11."""
    monkeypatch.setattr(repository, "git", lambda *_: remote)
    monkeypatch.setattr(repository, "commit", lambda: COMMIT)
    assert repository.requirement() == f"git+{url}@{COMMIT}#egg=avi-compliance"


def test_a_full_disk_names_the_folder(tmp_path, monkeypatch):
    """The error of a write that finds no room names no file."""

    def full(*_args, **_more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    wanted = repository.Repository.of(tmp_path / "new", "north", "avi.example.com", "gitlab")
    with pytest.raises(repository.NotWritten, match="new: cannot be written: No space left on device"):
        wanted.write()
