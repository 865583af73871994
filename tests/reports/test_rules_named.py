"""Which rules have judged: version and commit, on the terminal and in every report."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile

import pytest
from packaging.version import Version

from intent import Environment, Unknown, installation
from live.avi.snapshot import Live, NotASnapshot, Snapshot
from live.site import Site
from tests import lengths
from tests.runs.harness import ROOT, run
from tests.runs.installation import setup_py

RULES = re.compile(
    r"avi-compliance 0\.1\.0( \(commit [0-9a-f]{12}(-dirty)?\))?, rules \([0-9a-f]{12}(-dirty)?\)"
)


def git(folder, *arguments, **variables):
    command = ["git", "-C", folder, "-c", "user.name=x", "-c", "user.email=x@x", *arguments]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **variables})


@lengths.WHOLE_RUN
def test_every_report_names_them(tmp_path):
    folder = tmp_path / "team/rules"
    folder.mkdir(parents=True)
    text = (
        '"""Rules of the house."""\n\nfrom intent import Controller\n\n\ndef test_it(controller: Controller) -> None:\n'
        '    """It is.\n\n    Reads: cluster/runtime\n    Why: so.\n    Do: nothing.\n    """\n'
    )
    (folder / "test_house.py").write_text(text)
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "x")
    ran = run(
        tmp_path / "run",
        "--lab",
        "--lab-state",
        "conforming",
        f"--checks={folder}",
        f"--metrics={tmp_path}/m.prom",
    )
    assert ran.code == 0, ran.out
    (named,) = re.findall(r"^rules: (.*)$", ran.out, re.MULTILINE)
    assert RULES.fullmatch(named)
    reports = tmp_path / "run/reports"
    assert json.loads((reports / "drift.json").read_text())["run"]["site"]["rules"] == named
    for kept in (reports / "summary.md", reports / "avi_compliance.prom", tmp_path / "run/junit.xml"):
        assert named in kept.read_text().replace("\\", ""), kept
    with zipfile.ZipFile(reports / "allure-results.zip") as archive:
        assert named in archive.read("environment.properties").decode().replace("\\", "")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to another user")
def test_the_commit_of_a_clone_that_belongs_to_another_user(tmp_path):
    """As root clones it for a service, and as a CI job has it; git alone refuses to speak of it."""
    git(tmp_path, "init", "-q")
    git(tmp_path, "commit", "-qm", "x", "--allow-empty")
    for path in (tmp_path, tmp_path / ".git"):
        os.chown(path, 12345, 12345)
    refused = subprocess.run(
        ["git", "-C", tmp_path, "describe", "--always"], check=False, capture_output=True, text=True
    )
    assert "dubious ownership" in refused.stderr
    assert re.fullmatch("[0-9a-f]{12}", installation.commit.__wrapped__(tmp_path))
    assert setup_py().commit(tmp_path)["commit"] == installation.commit.__wrapped__(tmp_path)


def test_the_commit_of_a_clone_without_its_git_is_in_a_file(tmp_path):
    """As the container's image is made, into which no `.git` is copied."""
    assert setup_py().commit(tmp_path) == {}
    (tmp_path / "commit.json").write_text('{"commit": "abc"}')
    assert setup_py().commit(tmp_path) == {"commit": "abc"}


def test_each_commit_is_a_version_of_its_own(tmp_path):
    """pip leaves what is installed where the pin of another commit makes the same version, and says nothing."""
    git(tmp_path, "init", "-q")
    (tmp_path / "intent").mkdir()
    (tmp_path / "intent/installation.py").write_text('VERSION = "0.1.0"\n')
    versions = [setup_py().version(tmp_path)]
    for day in ("2026-11-30T23:00:00-02:00", "2026-12-02T00:00:00+00:00"):
        git(tmp_path, "commit", "-qm", "x", "--allow-empty", GIT_COMMITTER_DATE=day)
        versions.append(setup_py().version(tmp_path))
    (tmp_path / "intent/installation.py").write_text('VERSION = "0.1.0"\n\n')
    git(tmp_path, "add", ".")
    versions.append(setup_py().version(tmp_path))
    assert re.fullmatch(r"0\.1\.0\+20261201010000\.g[0-9a-f]{12}", versions[1])
    assert versions[3] == f"{versions[2]}.dirty"
    assert sorted(versions, key=Version) == versions
    assert Version(versions[0]) == Version("0.1.0")


def test_the_version_of_a_clone_without_its_git(tmp_path):
    """The image's, whose commit an argument of its build names."""
    (tmp_path / "intent").mkdir()
    (tmp_path / "intent/installation.py").write_text('VERSION = "0.1.0"\n')
    (tmp_path / "commit.json").write_text('{"commit": "0123456789ab-dirty"}')
    assert setup_py().version(tmp_path) == "0.1.0+g0123456789ab.dirty"


def test_the_commit_of_an_installation_is_that_of_its_wheel(tmp_path, monkeypatch):
    """Not that of the repository in which its environment happens to be."""
    git(tmp_path, "init", "-q")
    git(tmp_path, "commit", "-qm", "x", "--allow-empty")
    monkeypatch.setattr(installation, "HOME", tmp_path / "site-packages")
    assert installation.commit.__wrapped__(tmp_path / "site-packages") == ""
    assert installation.commit.__wrapped__(tmp_path) != ""
    (tmp_path / "commit.json").write_text('{"commit": "abc"}')
    monkeypatch.setattr(installation, "COMMIT", tmp_path / "commit.json")
    assert installation.commit.__wrapped__(tmp_path / "site-packages") == "abc"


def test_the_command_names_them():
    done = subprocess.run(
        [sys.executable, "-m", "intent", "--version"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"avi-compliance {installation.version()}\n"


@pytest.mark.parametrize(
    ("form", "said"),
    [(2, "another version of this program; make it anew with --snapshot"), (None, "is not a snapshot")],
)
def test_a_snapshot_of_another_version(tmp_path, form, said):
    (tmp_path / "site.json").write_text(json.dumps({"avi-compliance-snapshot": form} if form else {}))
    with pytest.raises(NotASnapshot, match=said):
        Snapshot.load(tmp_path / "site.json")


def test_a_snapshot_without_what_a_newer_version_reads():
    """Unknown, and what to do; a live site that was not asked for it has another reason."""
    old = Snapshot("avi.example.com", "30.2.1", "30.2.1", objects={"pool": []})
    again = "license was not read: the saved snapshot does not hold it; --snapshot FILE of a whole run keeps"
    site = Site(
        Environment.model_validate({"name": "a", "controller": {"address": "x"}}), list, recorded=True
    )
    site.handed = old
    for live in (site.live, site.live.at(old)):
        with pytest.raises(Unknown, match=again):
            live.rows("license")
    with pytest.raises(Unknown, match="no collected check"):
        Live(old).rows("license")
