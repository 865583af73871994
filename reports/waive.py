"""Waivers at work: which drift is accepted just now, and which waiver must be looked at."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from intent.drift import field_of
from intent.source import Invalid
from intent.waivers import EXISTENCE_FIELD, Numbered, Waiver, load, path_beside
from intent.words import nearest
from reports.outcomes import FAILURES, UNJUDGED, Results
from reports.run import environment_file
from reports.text import shown

Avi = Mapping[str, Any]

MOMENT = "%Y-%m-%d %H:%M %z"


def waivers_of(config: pytest.Config) -> tuple[Numbered, ...]:
    """The waivers of the environment that is checked. Raises UsageError for a file that cannot be used."""
    path = _file(config)
    if path is None:
        return ()
    try:
        found = load(path)
    except Invalid as problems:
        raise pytest.UsageError(str(problems)) from problems
    root = config.rootpath
    near = str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
    return tuple(one.model_copy(update={"file": near}) for one in found)


def _file(config: pytest.Config) -> Path | None:
    chosen = config.getoption("waivers")
    if chosen is not None:
        return Path(config.invocation_params.dir, chosen)
    environment = environment_file(config)
    if environment is None:
        return None
    beside = path_beside(environment)
    return beside if beside.is_file() else None


def applied(avi: Avi, waivers: Sequence[Numbered], now: datetime) -> dict[str, Any] | None:
    """A failure as waived, when every drift of it is accepted now; else None, or the failure with a word on why not.

    What could not be judged is never waived.
    """
    if avi.get("outcome") not in FAILURES:
        return None
    about = [one for one in waivers if _selects(one, avi)]
    if not about:
        return None
    drifts = avi.get("drifts") or []
    used: list[Numbered] = []
    for drift in drifts:
        one = next(
            (w for w in about if w.waiver.in_force(now) and w.waiver.covers(drift["path"], drift["have"])),
            None,
        )
        if one is None:
            return _why_not(avi, about, drifts, now)
        used.append(one)
    if not drifts:
        # A fact without a field, such as a DNS answer: only a waiver of the whole check covers it.
        used = [
            w for w in about if w.waiver.field == "*" and w.waiver.accepts_any and w.waiver.in_force(now)
        ][:1]
        if not used:
            return _why_not(avi, about, drifts, now)
    places = list(dict.fromkeys(one.place for one in used))
    texts = list(dict.fromkeys(str(one.waiver) for one in used))
    return {**avi, "outcome": "waived", "waiver": "; ".join(texts), "waivers": places}


def _why_not(avi: Avi, about: list[Numbered], drifts: list[Any], now: datetime) -> dict[str, Any] | None:
    for one in about:
        if drifts and not any(one.waiver.covers_field(drift["path"]) for drift in drifts):
            continue
        if one.waiver.expired(now):
            return {**avi, "waiver": f"{one.place} expired on {one.waiver.until:{MOMENT}}"}
        if not one.waiver.in_force(now):
            return {**avi, "waiver": f"{one.place} begins only on {one.waiver.begins:{MOMENT}}"}
        if not one.waiver.accepts_any:
            return {**avi, "waiver": f"{one.place} accepts only {shown(one.waiver.accepts)}"}
    return None


def faults(waivers: Sequence[Numbered], results: Results, now: datetime, *, complete: bool) -> list[str]:
    """Waivers that make the run fail: expired ones, and, in a complete run, those that nothing needs."""
    used = {place for result in results for place in result.avi.get("waivers") or ()}
    found = []
    for one in waivers:
        waiver = one.waiver
        if waiver.expired(now):
            found.append(
                f"{one.place}: expired on {waiver.until:{MOMENT}}; "
                f"have it renewed ({waiver.approver}, {waiver.ticket}) or remove it"
            )
            continue
        if complete and one.place not in used and waiver.in_force(now) and (why := _unused(one, results)):
            found.append(f"{one.place}: {why}")
    return found


def _unused(one: Numbered, results: Results) -> str:
    """Why nothing needs a waiver, or nothing where that cannot be told now."""
    about = [result.avi for result in results if _selects(one, result.avi)]
    if not about:
        return f"matches no check of this run{_meant(one, results)}"
    concerned = [avi for avi in about if _concerns(one.waiver, avi)]
    if concerned:
        return _unneeded(one, concerned)
    fields = {str(avi.get("field") or EXISTENCE_FIELD) for avi in about}
    return f"no check that it matches is about {one.waiver.field!r}{nearest(one.waiver.field, fields)}"


def _unneeded(one: Numbered, concerned: Sequence[Avi]) -> str:
    drifts = [
        drift for avi in concerned if avi.get("outcome") in FAILURES for drift in avi.get("drifts") or ()
    ]
    if any(avi.get("outcome") in UNJUDGED for avi in concerned) or any(
        one.waiver.covers(drift["path"], drift["have"]) for drift in drifts
    ):
        return ""  # nobody can say now; or it is needed, and something else fails the same check
    if any(avi.get("outcome") in FAILURES for avi in concerned):
        return "accepts nothing that was found, though what it is about has drifted; correct or remove it"
    if others := [place for avi in concerned for place in avi.get("waivers") or ()]:
        return f"is not needed: {others[0]} accepts the same; remove one of them"
    if one.waiver.grace:
        return ""  # the change has been made, and either value is right until the date
    return "is not needed any more: everything it is about is as declared; remove it"


def _meant(one: Numbered, results: Results) -> str:
    """The check or object that somebody may have meant whose waiver matches none."""
    checks = {str(result.avi.get("check", "")) for result in results}
    if not fnmatch.filter(checks, one.waiver.check):
        return f": no check is named {one.waiver.check!r}{nearest(one.waiver.check, checks)}"
    names = {str((result.avi.get("key") or ["", ""])[1]) for result in results} - {""}
    if not any(one.waiver.names(*_named(result.avi)) for result in results):
        return f": no object is named {one.waiver.object!r}{nearest(one.waiver.object, names)}"
    return ": its check is not about its object; correct one of them, or remove it"


def _concerns(waiver: Waiver, avi: Avi) -> bool:
    """Whether a check is about the waiver's field, as far as it says which field it is about."""
    field = str(avi.get("field") or "")
    paths = [field, *(drift["path"] for drift in avi.get("drifts") or ())]
    inner = bool(field) and field_of(waiver.field).startswith(f"{field}.")
    return inner or any(waiver.covers_field(path) for path in paths)


def _selects(one: Numbered, avi: Avi) -> bool:
    return one.waiver.selects(str(avi.get("check", "")), *_named(avi))


def _named(avi: Avi) -> tuple[str, str]:
    """The object as reports name it, and its bare name."""
    key = avi.get("key") or ["", ""]
    return str(avi.get("object", "")), str(key[1])
