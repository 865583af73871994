"""Known vulnerabilities of everything that is locked: some, none, or *unknown*; `tox -e audit`.

What nobody could tell, in full or in part, is never called clean.

Advisories come from PyPI or OSV through pip-audit, or, without a network, from OSV's own export of the ecosystem PyPI
(`all.zip` of its bucket `osv-vulnerabilities`, folder `PyPI`): `tox -e audit -- --osv all.zip`. A source is believed
only when it knows what everybody knows: it is asked first for a release whose vulnerability is years old. A registry
without advisories, and most mirrors are, answers that question as it answers all others: with none.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

sys.path.insert(0, str(Path(__file__).absolute().parents[1]))

from avi_schema.command_line import CommandParser

LOCK = Path(__file__).with_name("lock.txt")
NONE, SOME, UNKNOWN = 0, 1, 6
CONTROL = ("pyyaml", "5.3")
"""CVE-2020-1747, PYSEC-2020-96: code execution through `full_load`."""
SERVICES = ("pypi", "osv")
OLD = timedelta(days=30)
"""An export whose latest change is older than this tells nothing of today."""

Package = tuple[str, str]
"""(name in its canonical spelling, version)."""


class NoAdvisories(Exception):
    """A source cannot be believed. Says why."""


@dataclass
class Found:
    """What a source said: advisories by package, and the packages it said nothing of."""

    source: str
    known: dict[Package, list[str]] = field(default_factory=dict)
    unasked: dict[str, str] = field(default_factory=dict)
    """Name of a package, and why."""


def locked(text: str) -> list[Package]:
    """The packages of a lock file. Raises NoAdvisories for one that holds none."""
    pins = re.findall(r"^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==([^\s;\\]+)", text, re.MULTILINE)
    if not pins:
        raise NoAdvisories("the lock file locks nothing")
    return [(canonicalize_name(name), version) for name, version in pins]


def by_pip_audit(service: str, packages: list[Package]) -> Found:
    """Ask a service through pip-audit. Raises NoAdvisories."""
    control = _asked(service, [CONTROL])
    if not control.known:
        why = control.unasked.get(CONTROL[0], f"it knows nothing of {CONTROL[0]} {CONTROL[1]}")
        raise NoAdvisories(f"{service} serves no advisories: {why}")
    return _asked(service, packages)


def by_network(packages: list[Package]) -> Found:
    """Ask the first service that can be believed. Raises NoAdvisories, with a line for each that cannot."""
    why = []
    for service in SERVICES:
        try:
            return by_pip_audit(service, packages)
        except NoAdvisories as reason:
            why.append(str(reason))
    raise NoAdvisories("\n".join(why))


def _asked(service: str, packages: list[Package]) -> Found:
    with tempfile.TemporaryDirectory() as folder:
        pins = Path(folder) / "pins.txt"
        pins.write_text("".join(f"{name}=={version}\n" for name, version in packages), encoding="utf-8")
        command = [sys.executable, "-m", "pip_audit", "--vulnerability-service", service, "--format", "json"]
        done = subprocess.run(
            [*command, "--progress-spinner", "off", "--disable-pip", "--no-deps", "-r", str(pins)],
            capture_output=True,
            text=True,
            check=False,
        )
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        said = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise NoAdvisories(f"{service} could not be asked: {said[:200]}") from None
    return read(service, packages, answer)


def read(service: str, packages: list[Package], answer: dict[str, Any]) -> Found:
    """pip-audit's JSON as what it says, and does not say, of these packages."""
    found = Found(service, unasked={name: "no answer" for name, _ in packages})
    for one in answer.get("dependencies", []):
        name = canonicalize_name(one["name"])
        if "skip_reason" in one:
            found.unasked[name] = one["skip_reason"]
            continue
        found.unasked.pop(name, None)
        if one["vulns"]:
            found.known[name, one["version"]] = [vuln["id"] for vuln in one["vulns"]]
    return found


def by_export(path: Path, packages: list[Package], now: datetime) -> Found:
    """Look into an export of OSV. Raises NoAdvisories, and OSError or BadZipFile for a file that cannot be read."""
    found = Found(f"{path.name}")
    newest = ""
    wanted = {name for name, _ in [CONTROL, *packages]}
    control = False
    for record in _records(path):
        newest = max(newest, str(record.get("modified", "")))
        if record.get("withdrawn"):
            continue
        for affected in record.get("affected", []):
            at = affected.get("package", {})
            name = canonicalize_name(str(at.get("name", "")))
            if at.get("ecosystem") != "PyPI" or name not in wanted:
                continue
            control = control or (name == CONTROL[0] and affects(affected, CONTROL[1]))
            for package in packages:
                if package[0] == name and affects(affected, package[1]):
                    found.known.setdefault(package, []).append(str(record["id"]))
    if not control:
        raise NoAdvisories(f"{path} knows nothing of {CONTROL[0]} {CONTROL[1]}; is it OSV's export of PyPI?")
    age = now - datetime.fromisoformat(newest)
    if age > OLD:
        raise NoAdvisories(f"{path} is {age.days} days old; fetch a newer one")
    found.source += f", as of {newest[:10]}"
    return found


def _records(path: Path) -> Iterator[dict[str, Any]]:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.endswith(".json"):
                yield json.loads(archive.read(name))


def affects(affected: dict[str, Any], version: str) -> bool:
    """Whether an `affected` of OSV's schema holds a version: listed, or within a range of the ecosystem's order."""
    if version in affected.get("versions", ()):
        return True
    here = Version(version)
    for span in affected.get("ranges", []):
        if span.get("type") != "ECOSYSTEM":
            continue  # commits: a release cannot be found among them
        inside = False
        for kind, at in _events(span.get("events", [])):
            if kind == "introduced":
                inside = inside or here >= at
            elif kind == "fixed":
                inside = inside and here < at
            elif kind == "last_affected":
                inside = inside and here <= at
        if inside:
            return True
    return False


def _events(events: Iterable[dict[str, str]]) -> list[tuple[str, Version]]:
    found = []
    for event in events:
        for kind, text in event.items():
            try:
                found.append((kind, Version(text)))
            except InvalidVersion:
                continue  # a limit that no release of today can be compared with
    return sorted(found, key=lambda one: (one[1], one[0] != "introduced"))


def told(packages: list[Package], found: Found | None, why: list[str]) -> tuple[int, list[str]]:
    """(exit code, lines for people)."""
    if found is None:
        return UNKNOWN, [
            f"UNKNOWN: no advisories could be had, so nothing is known of the {len(packages)} locked packages",
            *(f"  {one}" for one in why),
            "  without a network: tox -e audit -- --osv all.zip (OSV's export of PyPI)",
        ]
    lines = [f"asked: {found.source}"]
    lines += [f"  {name} {version}: {', '.join(ids)}" for (name, version), ids in sorted(found.known.items())]
    lines += [f"  {name}: unknown: {reason}" for name, reason in sorted(found.unasked.items())]
    asked = len(packages) - len(found.unasked)
    if found.known:
        return SOME, [*lines, f"VULNERABLE: {len(found.known)} of {asked} packages that could be asked for"]
    if found.unasked:
        return UNKNOWN, [
            *lines,
            f"UNKNOWN: {len(found.unasked)} of {len(packages)} packages could not be asked for",
        ]
    return NONE, [*lines, f"no known vulnerability in {len(packages)} locked packages"]


def main(arguments: list[str] | None = None) -> int:
    """Ask the first source that can be believed, and say what it said."""
    parser = CommandParser(
        prog="python requirements/audit.py",
        description=__doc__,
        examples=["python requirements/audit.py", "python requirements/audit.py --osv all.zip"],
        codes={
            NONE: "none is known",
            SOME: "some are known",
            UNKNOWN: "nobody could tell, in full or in part",
        },
    )
    parser.add_argument("--osv", type=Path, metavar="ZIP", help="OSV's export of PyPI, instead of a network")
    parser.add_argument("--lock", type=Path, default=LOCK, help="the lock file (default: %(default)s)")
    chosen = parser.parse_args(arguments)
    packages: list[Package] = []
    found, why = None, []
    try:
        packages = locked(chosen.lock.read_text(encoding="utf-8"))
        found = by_export(chosen.osv, packages, datetime.now(UTC)) if chosen.osv else by_network(packages)
    except (NoAdvisories, OSError, zipfile.BadZipFile, ValueError, KeyError, TypeError) as reason:
        why = str(reason).split("\n")
    code, lines = told(packages, found, why)
    print("\n".join(lines))
    return code


if __name__ == "__main__":
    sys.exit(main())
