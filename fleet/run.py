"""`python -m fleet`: several environments in one go, each in a process of its own."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shlex
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fleet.interruption import Interruption, handing_on
from fleet.options import parser
from intent.files import locked, near, opened, write_text
from intent.installation import typed
from intent.source import name_in
from intent.words import counted, harmless, own_variable
from reports.outcomes import CONFORMS, DRIFT, INTERNAL, INTERRUPTED, NOTHING, UNKNOWN, USAGE

SUMMARY = "environments.json"
MOST_LINES = 30
"""Environments that get a line on the screen; all are in the files."""
MOST_NAMED = 10
"""Environments that the command names with which one goes on."""
NOT_BEGUN = "not begun: the run was told to stop"
CUT_OFF = "told to stop while it began: nothing was asked of the site"

WORST_FIRST = (INTERNAL, INTERRUPTED, USAGE, DRIFT, UNKNOWN, NOTHING, CONFORMS)
"""The exit code of all is the first of these that any environment had."""

_WORDS = {
    CONFORMS: "conforms",
    DRIFT: "drift",
    INTERRUPTED: "interrupted",
    INTERNAL: "internal error",
    USAGE: "cannot be checked",
    NOTHING: "no checks",
    UNKNOWN: "unknown",
}


PLACE = "{environment}"
ONE_EACH = (
    "--junitxml",
    "--junit-xml",
    "--alluredir",
    "--metrics",
    "--snapshot",
    "--plan-out",
    "--from-snapshot",
    "--apply-plan",
    "--rollback",
    "--waivers",
)
"""Options with a file of one environment: given to several, they would overwrite or mistake each other's."""


class NoEnvironments(Exception):
    """What was asked for cannot be run; says why."""


@dataclass(frozen=True)
class EnvironmentOutcome:
    """What one environment came to."""

    name: str
    file: str
    exit_code: int
    verdict: str
    counts: dict[str, int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command. Returns the worst exit code of all environments, or 4 for bad usage."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    ours, theirs = (
        (given[: given.index("--")], given[given.index("--") + 1 :]) if "--" in given else (given, [])
    )
    options = parser().parse_args(ours)
    out = options.out.resolve()
    if out.exists() and not out.is_dir():
        sys.stderr.write(
            f"--out {options.out}: is a file; name a folder, in which each environment has one\n"
        )
        return USAGE
    if options.merge:
        return settle(list(merged(out)), out)
    try:
        files = share(environments(options.environments), options.index, options.of)
        names = named(files)
        refuse_shared(theirs, names)
        if not names:
            sys.stdout.write(f"no environment falls to share {options.index} of {options.of}\n")
            return CONFORMS
    except NoEnvironments as why:
        sys.stderr.write(f"{why}\n")
        return USAGE
    sys.stderr.write(f"checking {counted(len(names), 'environment')}, at most {options.jobs} at once\n")
    sys.stderr.flush()
    with handing_on() as interruption:
        outcomes = run_all(names, out, theirs, interruption, jobs=options.jobs)
    code = settle(outcomes, out, whole=options.of == 1)
    if interruption.is_interrupted:
        _last_words(outcomes, len(interruption.not_begun), options, theirs)
    return code


def _last_words(
    outcomes: Sequence[EnvironmentOutcome], not_begun: int, options: argparse.Namespace, theirs: Sequence[str]
) -> None:
    """What an interrupted run has come to, and how one goes on."""
    files = [near(outcome.file) for outcome in outcomes if outcome.exit_code == INTERRUPTED]
    ended = f"{len(outcomes) - len(files)} of {counted(len(outcomes), 'environment')} ended"
    sys.stdout.write(f"INTERRUPTED: {ended}, {len(outcomes) - not_begun} had begun\n")
    if not files:
        return
    more = f" (and {len(files) - MOST_NAMED} more: see {SUMMARY})" if len(files) > MOST_NAMED else ""
    given = [*files[:MOST_NAMED], "--out", near(options.out), "--jobs", str(options.jobs)]
    given += ["--", *theirs] if theirs else []
    sys.stdout.write(f"go on with: {typed('python -m fleet')} {shlex.join(given)}{more}\n")


def environments(places: Iterable[Path]) -> list[Path]:
    """The environment files among files and folders. Raises NoEnvironments."""
    files: list[Path] = []
    given = list(places)
    for place in given:
        if place.is_dir():
            inside = [*place.glob("*.yaml"), *place.glob("*.yml")]
            files += sorted(path for path in inside if not path.stem.endswith(".waivers"))
        else:
            files.append(place)
    if not files:
        where = f" in {', '.join(map(str, given))}" if given else ""
        raise NoEnvironments(f"no environments{where}: give environment files, or a folder of them")
    return list(dict.fromkeys(path.resolve() for path in files))


def share(files: Sequence[Path], index: int, of: int) -> list[Path]:
    """Every `of`-th file from `index` on. Raises NoEnvironments for a share that cannot be."""
    if not 0 <= index < of:
        raise NoEnvironments(f"--index {index} --of {of}: the shares are numbered from 0 to {of - 1}")
    return list(files[index::of])


def named(files: Iterable[Path]) -> dict[str, Path]:
    """Files by the environment's name, or by their own where they have none. Raises NoEnvironments for a name twice."""
    files_by_name: dict[str, Path] = {}
    for path in files:
        name = name_in(path)
        name = name if isinstance(name, str) and re.fullmatch(r"[A-Za-z0-9._-]+", name) else path.stem
        if name in files_by_name:
            raise NoEnvironments(
                f"{path} and {files_by_name[name]} both declare {name!r}; give each its own name, or delete the "
                "file that is not used any more"
            )
        files_by_name[name] = path
    return files_by_name


def refuse_shared(arguments: Sequence[str], names: Mapping[str, Path]) -> None:
    """Raises NoEnvironments for a file that several environments would take for their own."""
    for number, argument in enumerate(arguments):
        option, _, value = argument.partition("=")
        value = value or next(iter(arguments[number + 1 :]), "")
        if option in ONE_EACH and len(names) > 1 and PLACE not in value:
            raise NoEnvironments(
                f"{option}: {len(names)} environments would share {value}; write {PLACE} where the name belongs"
            )


def run_all(
    names: Mapping[str, Path], out: Path, arguments: Sequence[str], interruption: Interruption, *, jobs: int
) -> list[EnvironmentOutcome]:
    """Run every environment; the outcomes in the order of the files. What has not begun is left when interrupted."""
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        running = [
            pool.submit(run_one, name, file, out, arguments, interruption) for name, file in names.items()
        ]
        for number, done in enumerate(as_completed(running), start=1):
            _progress(f"[{number}/{len(running)}] {done.result().name}: {_WORDS[done.result().exit_code]}")
        _progress("")
        return [run.result() for run in running]


def _progress(text: str) -> None:
    """One live line, where somebody looks at it."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()


def run_one(
    name: str, file: Path, out: Path, arguments: Sequence[str], interruption: Interruption
) -> EnvironmentOutcome:
    """Run one environment, unless a run of it is going on already, or we were told to stop."""
    if interruption.is_interrupted:
        interruption.not_begun.append(name)
        return EnvironmentOutcome(name, str(file), INTERRUPTED, NOT_BEGUN, {})
    try:
        return _run(name, file, out / name, arguments, interruption)
    except OSError as error:  # such as a full disk: the others may still be run
        return EnvironmentOutcome(name, str(file), INTERNAL, f"could not be run: {error}", {})


def _run(
    name: str, file: Path, folder: Path, arguments: Sequence[str], interruption: Interruption
) -> EnvironmentOutcome:
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(locked(folder / ".lock", wait=False))
        except BlockingIOError:
            return EnvironmentOutcome(
                name, str(file), USAGE, "another run of it is going on; it was left alone", {}
            )
        report = folder / "drift.json"
        before = _stamp(report)
        # As one word: pytest takes a path that stands alone for a place of tests, and looks for its settings there.
        command = [sys.executable, "-m", "pytest", f"--environment={file}", f"--report-dir={folder}"]
        output = opened(folder / "output.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        with os.fdopen(output, "w", encoding="utf-8") as log:
            process = subprocess.Popen(  # noqa: S603 -- our own command, no shell
                [*command, *(argument.replace(PLACE, name) for argument in arguments)],
                env=environ_of(name, os.environ),
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )
            ended = interruption.wait(process)
        # Told to stop before it could listen for it, a process ends by the signal.
        cut_off = interruption.is_interrupted and ended < 0
        code = INTERRUPTED if cut_off else ended if ended in _WORDS else INTERNAL
        if _stamp(report) != before and (reported := _outcome(folder, name)) is not None:
            outcome = EnvironmentOutcome(name, str(file), code, reported.verdict, reported.counts)
        else:
            verdict = CUT_OFF if cut_off else _last_line(folder / "output.txt")
            outcome = EnvironmentOutcome(name, str(file), code, verdict, {})
        write_text(folder / "outcome.json", json.dumps(asdict(outcome), ensure_ascii=False))
    return outcome


def environ_of(name: str, environ: Mapping[str, str]) -> dict[str, str]:
    """A process environment in which this site's own variables stand in place of the common ones, and no other's."""
    suffix = own_variable("", name)
    ours = {key.removesuffix(suffix): value for key, value in environ.items() if key.endswith(suffix)}
    kept = {key: value for key, value in environ.items() if not re.match(r"(AVI|VCENTER)_[A-Z0-9_]*?__", key)}
    return {**kept, **ours}


def merged(out: Path) -> Iterator[EnvironmentOutcome]:
    """The last outcome of every environment that has one."""
    for path in sorted(out.glob("*/outcome.json")):
        with contextlib.suppress(OSError, ValueError, TypeError):
            yield EnvironmentOutcome(**json.loads(path.read_text(encoding="utf-8")))


def settle(outcomes: Sequence[EnvironmentOutcome], out: Path, *, whole: bool = True) -> int:
    """Say and write what all came to; the exit code of all."""
    if not outcomes:
        sys.stderr.write(f"no results under {out}\n")
        return NOTHING
    code = next(code for code in WORST_FIRST if any(each.exit_code == code for each in outcomes))
    if whole:
        summary = {"exit_code": code, "environments": [asdict(each) for each in outcomes]}
        write_text(out / SUMMARY, json.dumps(summary, indent=2, ensure_ascii=False) + "\n")
        write_text(out / "environments.md", "\n".join(_markdown(outcomes)) + "\n")
        metrics = [path.read_text(encoding="utf-8") for path in sorted(out.glob("*/avi_compliance.prom"))]
        write_text(out / "avi_compliance.prom", join_metrics(metrics))
    sys.stdout.writelines(f"{line}\n" for line in _screen(outcomes))
    what = "environment" if len(outcomes) == 1 else "environments"
    sys.stdout.write(f"{len(outcomes)} {what}; exit code {code}; reports: {out}\n")
    return code


def _screen(outcomes: Sequence[EnvironmentOutcome]) -> Iterator[str]:
    """A line for each, as far as they fit on a screen; of more, those that must be looked at, the worst first."""
    shown = list(outcomes)
    if len(outcomes) > MOST_LINES:
        bad = [each for each in outcomes if each.exit_code != CONFORMS]
        shown = sorted(bad, key=lambda each: WORST_FIRST.index(each.exit_code))[:MOST_LINES]
    width = max((len(each.name) for each in shown), default=0)
    for each in shown:
        yield f"{each.name:<{width}}  {each.exit_code}  {_WORDS[each.exit_code]:<17}  {each.verdict}"
    if rest := Counter(each.exit_code for each in outcomes) - Counter(each.exit_code for each in shown):
        yield f"and {', '.join(f'{number} x {_WORDS[code]}' for code, number in sorted(rest.items()))}: see {SUMMARY}"


def join_metrics(texts: Iterable[str]) -> str:
    """Several files of metrics as one: the samples of a metric must stand together, under one heading."""
    headings: dict[str, dict[str, str]] = {}
    samples: dict[str, list[str]] = {}
    for text in texts:
        for line in text.splitlines():
            if line.startswith("#"):
                _, kind, name, *_ = line.split(" ", 3)
                # One HELP and one TYPE: the file of an older version may word them otherwise, and two are an error.
                headings.setdefault(name, {}).setdefault(kind, line)
            elif line:
                samples.setdefault(line.partition("{")[0], []).append(line)
    return "".join(
        f"{line}\n" for name in samples for line in [*headings.get(name, {}).values(), *samples[name]]
    )


def _markdown(outcomes: Sequence[EnvironmentOutcome]) -> Iterator[str]:
    yield "| environment | exit code | |"
    yield "|---|---|---|"
    for each in outcomes:
        verdict = each.verdict.replace("|", "\\|").replace("<", "&lt;")
        yield f"| {each.name} | {each.exit_code} {_WORDS[each.exit_code]} | {verdict} |"


def _outcome(folder: Path, name: str) -> EnvironmentOutcome | None:
    try:
        report: Any = json.loads((folder / "drift.json").read_text(encoding="utf-8"))
        return EnvironmentOutcome(
            name, "", report["run"]["exit_code"], report["run"]["verdict"], report["counts"]
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _stamp(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0


def _last_line(path: Path) -> str:
    lines = [
        line.strip()
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines()
        if line.strip()
    ]
    words = [line.removeprefix("ERROR: ") for line in lines if line.startswith(("ERROR", "INTERRUPTED"))]
    return harmless((words or lines or ["it said nothing"])[0 if words else -1])
