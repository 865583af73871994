"""Commands `compare` and `snapshot` of `python -m live`: two sites side by side; a whole site kept in a file."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import avi_schema
from intent import Environment, Unknown, load_environment
from intent.difference import told_apart
from intent.file_kinds import not_written
from intent.files import contents, whole_or_gone
from intent.plain_data import to_json
from intent.scrubber import keep_secret, known_secrets, screened
from intent.side_by_side import (
    FORMAT,
    VERSION,
    Comparison,
    DeclaredDifferences,
    Named,
    Uncompared,
    load_differences,
)
from intent.words import harmless_line
from live import credentials
from live.avi.snapshot import Live, Snapshot
from live.comparison import compare, compared_types
from live.site import Site, reading_stage

MOST_ALONE = 20
"""Objects of a type on one site alone that are named; of more, how many there are."""

WIDTH = 200
"""Characters of a value in a line."""

INTERRUPTED = 2
UNKNOWN = 6


class Interrupted(Exception):
    """The reading of a site was told to stop; says how far it had come."""


def add_commands(commands: Any) -> None:
    """Declare both commands."""
    about = (
        "Compare what people have configured on two sites: every configurable type, matched by type, tenant, cloud and "
        "name. Exit code 0: the same; 1: different; 6: not different, but not all could be read; 4: bad usage or file."
    )
    parser = commands.add_parser("compare", help="two sites side by side", description=about)
    what = "an environment file, whose site is read, or a snapshot (`python -m live snapshot`, `pytest --snapshot`)"
    parser.add_argument("a", type=Path, metavar="A", help=what)
    parser.add_argument("b", type=Path, metavar="B", help="the same")
    parser.add_argument(
        "--differences", type=Path, metavar="FILE", help="declared differences: names, values, types (YAML)"
    )
    parser.add_argument("--json", action="store_true", help="for programs")
    parser = commands.add_parser(
        "snapshot", help="every configurable object of a site in a file, without secrets"
    )
    parser.add_argument("environment", type=Path, metavar="FILE", help="the environment file")
    parser.add_argument("--out", type=Path, metavar="NEW", required=True, help="the file to write")


def run_compare(options: argparse.Namespace) -> int:
    """Compare. Raises Invalid, NotASnapshot, OSError for a file that cannot be used."""
    declared = load_differences(options.differences) if options.differences else DeclaredDifferences()
    sides = [_opened(options.a), _opened(options.b)]
    try:
        a, b = (_read(side) for side in sides)
    except Unknown as why:
        sys.stderr.write(f"{harmless_line(screened(str(why)))}\n")
        return UNKNOWN
    except Interrupted as stage:
        return last_words(f"{stage}; nothing was compared; give the same command again")
    keep_secret(*known_secrets(Path.cwd()))
    comparison = compare(a, b, declared)
    if options.json:
        text = json.dumps(_data(options, a, b, comparison), indent=2, ensure_ascii=False)
        sys.stdout.write(f"{screened(text)}\n")
    else:
        lines = _lines(options, a, b, comparison)
        sys.stdout.writelines(f"{screened(line)}\n" for line in lines)
    return comparison.exit_code


def run_snapshot(options: argparse.Namespace) -> int:
    """Keep a site. Raises Invalid, OSError."""
    if why := not_written(options.out, None):
        sys.stderr.write(f"{options.out}: {why}\n")
        return 4
    environment = load_environment(options.environment)
    try:
        snapshot = _read(environment).snapshot
    except Unknown as why:
        sys.stderr.write(f"{harmless_line(screened(str(why)))}\n")
        return UNKNOWN
    except Interrupted as stage:
        return last_words(f"{stage}; {options.out} was not written; give the same command again")
    with whole_or_gone(options.out):
        snapshot.save(options.out)
    for api, reason in sorted(snapshot.failures.items()):
        sys.stderr.write(f"not in the file: {api}: {harmless_line(screened(reason))}\n")
    return UNKNOWN if snapshot.failures else 0


def last_words(where: str) -> int:
    """Say where a command ends that was told to stop. Returns its exit code."""
    sys.stderr.write(f"INTERRUPTED: {harmless_line(where)}\n")
    return INTERRUPTED


def _opened(path: Path) -> Environment | Snapshot:
    """What a file is: JSON is a snapshot. Raises Invalid, NotASnapshot, OSError."""
    return Snapshot.load(path) if contents(path).lstrip()[:1] == b"{" else load_environment(path)


def _read(side: Environment | Snapshot) -> Live:
    """A site as it is or was. Raises Unknown."""
    if isinstance(side, Snapshot):
        return Live(side)
    site = Site(side, lambda: credentials.for_controller(Path.cwd(), side.name))
    site.say = lambda text: print(screened(text), file=sys.stderr)  # noqa: T201 -- a person waits
    site.say(f"avi-compliance: reading {site.name} ...")
    try:
        site.read_under_way = "login"
        gateway = site.gateway()
        gateway.connect()
        site.needs = {*compared_types(avi_schema.parse_version(gateway.api_version)), "cloud", "tenant"}
        live = site.live
    except KeyboardInterrupt:
        raise Interrupted(reading_stage(site)) from None
    else:
        return live
    finally:
        site.close()


def _about(path: Path, live: Live) -> str:
    snapshot = live.snapshot
    when = f", read {snapshot.read_at}" if snapshot.read_at else ""
    return f"{path} (Controller {snapshot.address}, version {snapshot.version or '?'}{when})"


def _lines(options: argparse.Namespace, a: Live, b: Live, comparison: Comparison) -> Iterator[str]:
    yield f"A: {_about(options.a, a)}"
    yield f"B: {_about(options.b, b)}"
    for named, members in groupby(comparison.differences, key=lambda each: each.object):
        yield f"{named}"
        for each in members:
            ours, theirs = told_apart(each.a, each.b, WIDTH)
            yield f"  {each.path}: A {ours}, B {theirs}"
    for side, alone in (("A", comparison.only_a), ("B", comparison.only_b)):
        for api, group in groupby(alone, key=lambda each: each.type):
            yield from _alone(side, api, list(group))
    for unread in comparison.unknown:
        yield f"not compared: {_place(unread)}{unread.why}"
    yield from comparison.notes()
    yield comparison.verdict()


def _alone(side: str, api: str, alone: list[Named]) -> Iterator[str]:
    for each in alone[:MOST_ALONE]:
        yield f"{each}: on {side} alone"
    if len(alone) > MOST_ALONE:
        yield f"{api}: {len(alone) - MOST_ALONE:,} more on {side} alone"


def _place(unread: Uncompared) -> str:
    """The object and its member; a type's own sentence names it."""
    at = f"{unread.object}: " if unread.object.a or unread.object.b else ""
    return at + (f"{unread.path}: " if unread.path else "")


def _data(options: argparse.Namespace, a: Live, b: Live, comparison: Comparison) -> dict[str, Any]:
    sides = {
        name: {"file": str(path), **{part: getattr(live.snapshot, part) for part in ("address", "version", "read_at")}}
        for name, path, live in (("a", options.a, a), ("b", options.b, b))
    }  # fmt: skip
    return {
        "format": FORMAT,
        "version": VERSION,
        **sides,
        "exit_code": comparison.exit_code,
        "verdict": comparison.verdict(),
        **to_json(comparison),
    }
