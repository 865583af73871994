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

ENVIRONMENT = """\
# yaml-language-server: $schema=schema.json
name: {name}
controller: {{address: {address}, ca_file: controller-ca.pem}}
"""

RULE = '''\
"""Rules of the house: the Controller."""

from avi_compliance.intent import Controller
from avi_compliance.live.avi.snapshot import Live

OLDEST = (22, 1)


def test_recent_version(controller: Controller, live: Live) -> None:
    """The Controller runs a version that still gets fixes.

    Reads: cluster/runtime
    Severity: normal
    Why: what is found in an older version stays open.
    Do: upgrade the Controller.
    """
    version = live.snapshot.version
    assert tuple(map(int, version.split(".")[:2])) >= OLDEST, f"the Controller runs {version}"
'''

TOX = """\
[tox]
min_version = 4.20
env_list = check

[testenv]
package = skip
deps = -r requirements.txt
pass_env = AVI_*, VCENTER_*, PIP_*, UV_*, *_proxy, REQUESTS_CA_BUNDLE, SSL_CERT_FILE
commands = pytest {posargs}

# Read by pytest, in this folder: rules of one's own, beside those of avi-compliance.
[pytest]
avi_checks = rules
addopts = --import-mode=importlib
"""

IGNORED = """\
.env
.tox/
.venv/
__pycache__/
.pytest_cache/
/journals/
/reports/
"""

README = """\
# Avi environments of {name}

`environments/` declares the sites, `rules/` holds checks of our own, `requirements.txt` the version that judges them.

    python3 -m venv .venv && .venv/bin/pip install -q -r requirements.txt
    export AVI_USERNAME=... AVI_PASSWORD=...
    .venv/bin/pytest --environment environments/{name}.yaml --bootstrap environments/{name}-now.yaml
    mv environments/{name}-now.yaml environments/{name}.yaml
    .venv/bin/pytest --environment environments/{name}.yaml

Before the third line put the CA that signed the Controller's certificate beside the environment, as
`environments/controller-ca.pem`. A version given as a number comes from your package index; with a wheel in a folder,
give `pip install` also `--find-links FOLDER`, and with a clone the clone's folder in place of `-r requirements.txt`.
"""

FILES = {
    "environments/{name}.yaml": ENVIRONMENT,
    "rules/test_house_controller.py": RULE,
    "tox.ini": TOX,
    ".gitignore": IGNORED,
    "README.md": README,
}

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
            raise NotWritten(f"{error.filename}: cannot be written: {error.strerror}") from error
        return [self.folder / name for name in files]

    def files(self) -> Iterator[tuple[str, str]]:
        """Every file by its name in the repository."""
        known = {"name": self.name, "address": self.address}
        for name, text in FILES.items():
            filled = text.format_map(known) if "{name}" in text else text
            yield name.format_map(known), filled
        yield "environments/schema.json", Environment.schema_text()
        yield "requirements.txt", f"{requirement()}\n"
        source, place = CI[self.ci]
        text = (HOME / "deploy" / "ci" / source).read_text(encoding="utf-8")
        yield place, re.sub(r"\biberia\b", self.name, text)


def requirement() -> str:
    """This very version as pip takes it: from where it was installed, or by its number."""
    if not PREFIX:
        origin, known = git(HOME, "config", "--get", "remote.origin.url"), commit().removesuffix("-dirty")
        return _pinned(
            {"url": origin, "vcs_info": {"vcs": "git", "commit_id": known}} if origin and known else {}
        )
    try:
        text = distribution("avi-compliance").read_text("direct_url.json")
    except PackageNotFoundError:
        text = None
    return _pinned(json.loads(text) if text else {})


def _pinned(origin: Mapping[str, Any]) -> str:
    """A requirement of what was installed from a place (PEP 610), without the password that may be in it."""
    if (control := origin.get("vcs_info")) is not None:
        url = _as_url(origin["url"])
        prefix = "" if url.startswith(f"{control['vcs']}+") else f"{control['vcs']}+"
        place = f"{prefix}{url}@{control['commit_id']}"
        # pip up to 23 takes no URL without a host behind `name @`.
        return f"{place}#egg=avi-compliance" if ":///" in url else f"avi-compliance @ {place}"
    return f"avi-compliance=={VERSION}"


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
