"""A repository of one's own: the files that `python -m intent new DIR` writes, for sites and rules of a team."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from intent.environment import Environment
from intent.installation import HOME, PREFIX, VERSION, commit, git

FILES = {
    "environments/{name}.yaml": "environment.yaml",
    "rules/test_house_controller.py": "test_house_controller.py",
    "tox.ini": "tox.ini",
    ".gitignore": "gitignore",
    "README.md": "README.md",
}
"""By its place in a repository, the file in deploy/repository that it is made from."""

CI = {
    "gitlab": ("gitlab-ci.yml", ".gitlab-ci.yml"),
    "github": ("github-actions.yml", ".github/workflows/avi-compliance.yml"),
    "jenkins": ("Jenkinsfile", "Jenkinsfile"),
}
"""By CI system, its file in deploy/ci, and where it belongs in a repository."""


class NotWritten(Exception):
    """The repository cannot be written; says why."""


@dataclass(frozen=True)
class Repository:
    """What is known of a repository before there is one: of its first site the name and the Controller's address."""

    folder: Path
    name: str
    address: str
    ci: str

    @classmethod
    def of(cls, folder: Path, name: str | None, address: str, ci: str) -> Repository:
        """A repository in this folder; without a name its site has the folder's. Raises NotWritten."""
        known = name or re.sub(r"[^A-Za-z0-9._-]+", "-", folder.resolve().name).strip("-.")
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", known):
            raise NotWritten(
                f"{known!r} is no name for an environment: give one of letters and digits with --name"
            )
        return cls(folder, known, address, ci)

    def write(self) -> list[Path]:
        """Write the files; in the order in which one reads them. Raises NotWritten where one of them is there."""
        files = dict(self.files())
        there = [name for name in files if (self.folder / name).exists()]
        if there:
            raise NotWritten(
                f"{self.folder / there[0]} is there already, and nothing was written; name a new folder"
            )
        try:
            for name, text in files.items():
                path = self.folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise NotWritten(
                f"{error.filename or self.folder}: cannot be written: {error.strerror}"
            ) from error
        return [self.folder / name for name in files]

    def files(self) -> Iterator[tuple[str, str]]:
        """Every file by its name in the repository."""
        for place, source in FILES.items():
            text = (HOME / "deploy" / "repository" / source).read_text(encoding="utf-8")
            yield self._filled(place), self._filled(text)
        yield "environments/schema.json", Environment.schema_text()
        yield "requirements.txt", f"{requirement()}\n"
        source, place = CI[self.ci]
        text = (HOME / "deploy" / "ci" / source).read_text(encoding="utf-8")
        yield place, re.sub(r"\biberia\b", self.name, text)

    def _filled(self, text: str) -> str:
        return text.replace("{name}", self.name).replace("{address}", self.address)


def requirement() -> str:
    """This very version as pip takes it: from where it was installed, or by its number."""
    if not PREFIX:
        known = commit().removesuffix("-dirty")
        origin = git(HOME, "config", "--get", "remote.origin.url") or str(
            HOME
        )  # a clone that has none is one itself
        return _pinned({"url": origin, "vcs_info": {"vcs": "git", "commit_id": known}} if known else {})
    try:
        installed = distribution("avi-compliance")
    except PackageNotFoundError:
        return _pinned({})
    text = installed.read_text("direct_url.json")
    return _pinned(json.loads(text) if text else {}, installed.version)


def _pinned(origin: Mapping[str, Any], version: str = VERSION) -> str:
    """A requirement of what was installed from a place (PEP 610), without the password that may be in it."""
    if (control := origin.get("vcs_info")) is not None:
        url = _as_url(origin["url"])
        prefix = "" if url.startswith(f"{control['vcs']}+") else f"{control['vcs']}+"
        place = f"{prefix}{url}@{control['commit_id']}"
        # pip up to 23 takes no URL without a host behind `name @`.
        return f"{place}#egg=avi-compliance" if ":///" in url else f"avi-compliance @ {place}"
    return f"avi-compliance=={version}"


def _as_url(origin: str) -> str:
    """A git remote as the URL that pip takes: git also knows `git@host:path` and bare paths, pip does not.

    Of who logs in, the user of an SSH login alone stays: over HTTPS it may be a token.
    """
    if "://" not in origin:
        host, colon, path = origin.partition(":")
        if not colon or "/" in host:
            return (HOME / origin).resolve().as_uri()
        origin = f"ssh://{host}/{path.removeprefix('/')}"
    scheme = origin.partition("://")[0]
    if scheme.endswith("ssh"):
        return re.sub(r"(?<=://)([^/@:]*):[^/@]*@", r"\1@", origin)
    return re.sub(r"(?<=://)[^/@]*@", "", origin)
