"""Waivers at work: which drift is accepted just now, and which waiver must be looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from intent.source import Invalid
from intent.waivers import Numbered, load, path_beside
from reports.outcomes import FAILURES, UNJUDGED, Result, Results
from reports.run import environment_file

Avi = Mapping[str, Any]


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
            w for w in about if w.waiver.field == "*" and w.waiver.accepts is None and w.waiver.in_force(now)
        ][:1]
        if not used:
            return _why_not(avi, about, drifts, now)
    places = list(dict.fromkeys(one.place for one in used))
    texts = list(dict.fromkeys(str(one.waiver) for one in used))
    return {**avi, "outcome": "waived", "waiver": "; ".join(texts), "waivers": places}


def _why_not(avi: Avi, about: list[Numbered], drifts: list[Any], now: datetime) -> dict[str, Any] | None:
    for one in about:
        concerned = [d for d in drifts if one.waiver.covers_field(d["path"])] or ([] if drifts else [None])
        if not concerned:
            continue
        if one.waiver.expired(now):
            return {**avi, "waiver": f"{one.place} expired on {one.waiver.until:%Y-%m-%d %H:%M %z}"}
        if one.waiver.in_force(now) and one.waiver.accepts is not None:
            return {**avi, "waiver": f"{one.place} accepts only {one.waiver.accepts}"}
    return None


def faults(waivers: Sequence[Numbered], results: Results, now: datetime, *, complete: bool) -> list[str]:
    """Waivers that make the run fail: expired ones, and, in a complete run, those that nothing needs."""
    used = {place for result in results for place in result.avi.get("waivers") or ()}
    found = []
    for one in waivers:
        waiver = one.waiver
        if waiver.expired(now):
            found.append(
                f"{one.place}: expired on {waiver.until:%Y-%m-%d %H:%M %z}; "
                f"have it renewed ({waiver.approver}, {waiver.ticket}) or remove it"
            )
            continue
        why = _unused(one, results) if complete and one.place not in used and waiver.in_force(now) else ""
        if why and not waiver.grace:
            found.append(f"{one.place}: {why}")
    return found


def _unused(one: Numbered, results: Iterable[Result]) -> str:
    about = [result.avi for result in results if _selects(one, result.avi)]
    if not about:
        return "matches no check of this run; correct its check or object, or remove it"
    if any(avi.get("outcome") in UNJUDGED for avi in about):
        return ""  # nobody can say now whether it is needed
    if any(avi.get("outcome") in FAILURES for avi in about):
        return "accepts nothing that was found, though what it is about has drifted; correct or remove it"
    return "is not needed any more: everything it is about is as declared; remove it"


def _selects(one: Numbered, avi: Avi) -> bool:
    key = avi.get("key") or ["", ""]
    return one.waiver.selects(str(avi.get("check", "")), str(avi.get("object", "")), str(key[1]))


def is_complete(config: pytest.Config) -> bool:
    """Whether every check was asked for: no -k, -m, --lf, node ids, and nothing deselected."""
    option = config.option
    chosen = (
        "keyword",
        "markexpr",
        "lf",
        "deselect",
        "allure_severities",
        "allure_features",
        "allure_labels",
    )
    narrowed = any(getattr(option, name, None) for name in chosen)
    return not narrowed and not any("::" in argument or argument.endswith(".py") for argument in config.args)
