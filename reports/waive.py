"""Waivers of a run: the file that holds them, and which of them must be looked at."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import pytest

from intent.drift import field_of
from intent.files import near
from intent.outcome import CheckResult
from intent.remediation import FAILURES, UNJUDGED
from intent.source import Invalid
from intent.waivers import EXISTENCE_FIELD, MOMENT, Numbered, Waiver, load, path_beside
from intent.words import nearest
from reports.outcomes import Results
from reports.run import environment_file


def waivers_of(config: pytest.Config) -> tuple[Numbered, ...]:
    """The waivers of the environment that is checked. Raises UsageError for a file that cannot be used."""
    path = _file(config)
    if path is None:
        return ()
    try:
        return load(Path(near(path)))
    except Invalid as problems:
        raise pytest.UsageError(str(problems)) from problems


def _file(config: pytest.Config) -> Path | None:
    chosen = config.getoption("waivers")
    if chosen is not None:
        return Path(config.invocation_params.dir, chosen)
    environment = environment_file(config)
    if environment is None:
        return None
    beside = path_beside(environment)
    return beside if beside.is_file() else None


def waiver_faults(
    waivers: Sequence[Numbered], results: Results, now: datetime, *, complete: bool
) -> list[str]:
    """Waivers that make the run fail: expired ones, and, in a complete run, those that nothing needs."""
    used = {place for result in results for place in result.check_result.waivers}
    return [
        f"{numbered.place}: {fault}"
        for numbered in waivers
        for fault in _faults_of(numbered, results, now, unused=complete and numbered.place not in used)
    ]


def _faults_of(numbered: Numbered, results: Results, now: datetime, *, unused: bool) -> Iterator[str]:
    waiver = numbered.waiver
    if waiver.expired(now):
        renewal = f"have it renewed ({waiver.approver}, {waiver.ticket}) or remove it"
        yield f"expired on {waiver.until:{MOMENT}}; {renewal}"
    elif unused and not waiver.of_notices and waiver.in_force(now) and (why := _unused(numbered, results)):
        yield why


def _unused(numbered: Numbered, results: Results) -> str:
    """Why nothing needs a waiver, or nothing where that cannot be told now."""
    selected = [
        result.check_result
        for result in results
        if numbered.waiver.selects(result.check.name, result.fact.key)
    ]
    if not selected:
        return f"matches no check of this run{_meant(numbered, results)}"
    concerned = [result for result in selected if _concerns(numbered.waiver, result)]
    if concerned:
        return _unneeded(numbered.waiver, concerned)
    field = numbered.waiver.field
    fields = {result.check.field or EXISTENCE_FIELD for result in selected}
    return f"no check that it matches is about {field!r}{nearest(field, fields)}"


def _unneeded(waiver: Waiver, concerned: Sequence[CheckResult]) -> str:
    failed = [result for result in concerned if result.outcome in FAILURES]
    if any(result.outcome in UNJUDGED for result in concerned) or any(
        waiver.covers(drift.path, drift.have) for result in failed for drift in result.drifts
    ):
        return ""  # nobody can say now; or it is needed, and something else fails the same check
    if failed:
        return "accepts nothing that was found, though what it is about has drifted; correct or remove it"
    if others := [place for result in concerned for place in result.waivers]:
        return f"is not needed: {others[0]} accepts the same; remove one of them"
    if waiver.grace:
        return ""  # the change has been made, and either value is right until the date
    return "is not needed any more: everything it is about is as declared; remove it"


def _meant(numbered: Numbered, results: Results) -> str:
    """The check or object that somebody may have meant whose waiver matches none."""
    waiver = numbered.waiver
    checks = {result.check.name for result in results}
    if not fnmatch.filter(checks, waiver.check):
        return f": no check is named {waiver.check!r}{nearest(waiver.check, checks)}"
    keys = {result.fact.key for result in results if result.fact.key}
    if not any(map(waiver.names, keys)):
        names = {key.name for key in keys}
        return f": no object is named {waiver.object!r}{nearest(waiver.object, names)}"
    return ": its check is not about its object; correct one of them, or remove it"


def _concerns(waiver: Waiver, result: CheckResult) -> bool:
    """Whether a check is about the waiver's field, as far as it says which field it is about."""
    field = result.check.field
    inner = bool(field) and field_of(waiver.field).startswith(f"{field}.")
    return inner or any(waiver.covers_field(path) for path in (field, *(d.path for d in result.drifts)))
