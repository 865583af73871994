"""`python -m reports.history`: list runs, compare two, since when one drifts, what is used up, forget old runs."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from avi_schema.command_line import CommandParser, whole
from intent.forecast import DAY, Figure, Forecast, forecast
from intent.installation import OUT, typed
from intent.plain_data import to_json
from intent.words import counted, harmless
from reports.history.figures import FITTED, Past
from reports.history.lines import compared_lines, drift_lines, life_lines, run_line, series_lines
from reports.history.store import FILE, History, HistoryUnusable, PastRun
from reports.history.transitions import BAD, compare, transitions

ORDER = ("new", "changed", "waived", "fixed", "still", "unknown", "added", "gone")

_EXAMPLES = (
    "python -m reports.history list -e north     the runs of the environment named north",
    "python -m reports.history compare -1 last   what has changed since the run before the last",
    "python -m reports.history drifts            what drifts, and since when",
)


class Ambiguous(Exception):
    """What was asked for cannot be told from what is there; says what there is."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command. Returns 0; 1 where `compare` finds new or changed drift, or `drifts` any; 4 for bad usage."""
    options = _parser().parse_args(arguments)
    try:
        with History(_existing(options.environment)) as history:
            status, lines = _COMMANDS[options.command](history, options)
    except (HistoryUnusable, Ambiguous) as why:
        sys.stderr.write(f"{why}\n")
        return 4
    sys.stdout.write("".join(f"{harmless(line)}\n" for line in lines))
    return status


def _parser() -> CommandParser:
    parser = CommandParser(
        prog=typed("python -m reports.history"),
        description=typed(__doc__ or ""),
        examples=[typed(example) for example in _EXAMPLES],
        codes={
            0: "done",
            1: "compare: new or changed drift; drifts: any drift",
            4: "bad usage, or no history that can be used",
        },
    )
    which = CommandParser(add_help=False, argument_default=argparse.SUPPRESS)
    parser.set_defaults(environment=None)
    for each in (parser, which):  # before the command's word, or behind it
        each.add_argument(
            "--environment",
            "-e",
            metavar="NAME",
            help="environment name, or the folder of its reports (default: the only one there is)",
        )
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("list", parents=[which], help="the runs, the latest last")
    command.add_argument(
        "--limit", type=whole(1), default=30, metavar="N", help="of so many runs (default: 30)"
    )
    command = commands.add_parser("compare", parents=[which], help="two runs against each other")
    command.add_argument(
        "old", metavar="A", help="a run's number or id, `last`, or -N: N runs before the last"
    )
    command.add_argument("new", metavar="B", nargs="?", default="last")
    command.add_argument("--json", action="store_true", help="for programs")
    command = commands.add_parser(
        "drifts", parents=[which], help="what drifts, is waived or was fixed in a run, and since when"
    )
    command.add_argument("run", metavar="RUN", nargs="?", default="last", help="as for compare")
    command = commands.add_parser("check", parents=[which], help="one check over all runs")
    command.add_argument("name", help="node id, or a part that no other one has")
    command = commands.add_parser(
        "series",
        parents=[which],
        help="figures of use over all runs, a reading a day: what is used up and when, of the rest the fullest",
    )
    command.add_argument("name", nargs="?", default="", help="only those with this in their name")
    command.add_argument("--json", action="store_true", help="for programs")
    command = commands.add_parser("prune", parents=[which], help="forget old runs")
    command.add_argument("--keep", type=whole(1), required=True, metavar="N", help="runs to keep")
    return parser


def _existing(named: str | None) -> Path:
    if named is not None:
        places = [Path(named), Path(named) / FILE, OUT / named / FILE]
        files = [place for place in places if place.is_file()]
    else:
        files = sorted(OUT.glob(f"*/{FILE}"))
        if len(files) > 1:
            names = ", ".join(path.parent.name for path in files)
            raise Ambiguous(f"there are several environments: {names}; say which with --environment NAME")
    if not files:
        raise Ambiguous(f"no history of {named or 'any environment'}: {OUT} has none yet; a run makes one")
    return files[0]


def _list(history: History, options: argparse.Namespace) -> tuple[int, Iterator[str]]:
    return 0, (run_line(run) for run in history.runs(options.limit))


def _compare(history: History, options: argparse.Namespace) -> tuple[int, Iterator[str]]:
    old, new = _find(history, options.old), _find(history, options.new)
    changes = compare(history.entries(old.id), history.entries(new.id))
    worse = 1 if changes.get("new") or changes.get("changed") else 0
    if options.json:
        return worse, iter([json.dumps(_data(old, new, changes), indent=2, ensure_ascii=False)])
    return worse, compared_lines(old, new, changes)


def _data(old: PastRun, new: PastRun, changes: dict[str, Any]) -> dict[str, Any]:
    return {
        "old": old.run,
        "new": new.run,
        **{
            kind: [
                {"nodeid": entry.nodeid, "title": entry.title, "outcome": entry.outcome, "told": entry.told}
                for entry, _ in changes.get(kind, ())
            ]
            for kind in ORDER
        },
    }


def _drifts(history: History, options: argparse.Namespace) -> tuple[int, Iterator[str]]:
    run = _find(history, options.run)
    if run.ended is None:
        raise Ambiguous(f"run {run.id} did not end, so it has no results")
    changes = transitions(history, history.entries(run.id).values(), run.id)
    return int(any(transition.entry.outcome in BAD for transition in changes)), drift_lines(run, changes)


def _check(history: History, options: argparse.Namespace) -> tuple[int, Iterator[str]]:
    lives = dict(history.lives())
    names = [options.name] if options.name in lives else [name for name in lives if options.name in name]
    if len(names) != 1:
        several = "\n".join(f"  {name}" for name in names[:10]) or "  none"
        raise Ambiguous(f"{options.name!r} names {len(names)} checks:\n{several}")
    runs = {run.id: run for run in history.runs()}
    return 0, life_lines(names[0], lives[names[0]], runs)


def _prune(history: History, options: argparse.Namespace) -> tuple[int, Iterator[str]]:
    return 0, iter([f"{counted(history.prune(options.keep), 'run')} forgotten"])


def _series(history: History, options: argparse.Namespace) -> tuple[int, Iterator[str]]:
    kept = [each for each in history.series() if options.name.casefold() in each[0].subject.casefold()]
    if not kept:
        what = f" with {options.name!r} in their name" if options.name else ""
        raise Ambiguous(
            f"no figures of use{what} are kept yet; a run of all checks of a live site keeps some"
        )
    rows = [(_outlook(figure, readings), readings) for figure, readings in kept]
    rows.sort(key=lambda each: each[0].urgency)
    if options.json:
        return 0, iter([json.dumps([_series_data(*each) for each in rows], indent=2, ensure_ascii=False)])
    return 0, series_lines(rows, named=bool(options.name))


def _outlook(figure: Figure, readings: list[Past]) -> Forecast:
    *earlier, last = readings
    points = [(each.moment, each.used) for each in earlier if last.moment - each.moment <= FITTED * DAY]
    return forecast(figure, points, datetime.fromtimestamp(last.moment, UTC))


def _series_data(outlook: Forecast, readings: list[Past]) -> dict[str, Any]:
    data = to_json(outlook)
    points = [
        {"at": _when(each).isoformat(timespec="seconds"), "used": each.used, "limit": each.limit}
        for each in readings
    ]
    return {**data.pop("figure"), **data, "text": outlook.sentence(), "points": points}


def _when(reading: Past) -> datetime:
    return datetime.fromtimestamp(reading.moment, UTC)


def _find(history: History, named: str) -> PastRun:
    runs = history.runs()
    ended = [run for run in runs if run.ended]
    if not ended:
        raise Ambiguous("no run has ended yet, so there is nothing to compare")
    if named == "last":
        return ended[-1]
    if named.lstrip("-").isdecimal():
        number = int(named)
        if number < 0 and -number < len(ended):
            return ended[number - 1]
        named_runs = [run for run in runs if run.id == number]
    else:
        named_runs = [run for run in runs if run.run.startswith(named)]
    if len(named_runs) != 1:
        raise Ambiguous(f"{named!r} names {len(named_runs)} runs; `list` shows them")
    return named_runs[0]


_COMMANDS = {
    "list": _list,
    "compare": _compare,
    "drifts": _drifts,
    "check": _check,
    "series": _series,
    "prune": _prune,
}

if __name__ == "__main__":
    sys.exit(main())
