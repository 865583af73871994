"""`drift.json`: the run for programs. Its form is `drift.schema.json`, beside this module, and is versioned.

Within a version members are only ever added.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from intent.ako.verdict import AkoVerdict
from intent.author import Origin
from intent.difference import of_drift
from intent.drift import Drift
from intent.forecast import Forecast
from intent.notice import Notice, sentence
from intent.plain_data import encoded, to_json
from intent.remediation import FAILURES
from reports.history.transitions import FIXED
from reports.notices import NoticeNumbers
from reports.outcomes import NodeResult
from reports.run import Run

VERSION = 1
SCHEMA = Path(__file__).with_name("drift.schema.json")


def render(run: Run) -> str:
    """The run as JSON text."""
    return encoded(run.scrubber.data(document(run)), indent=2).decode() + "\n"


def document(run: Run) -> dict[str, Any]:
    """The run as plain data."""
    counts = run.results.counts().data()
    return {
        "format": "avi-compliance-drift",
        "version": VERSION,
        "run": {
            "id": run.id,
            "environment": run.environment,
            "started": _moment(run.started),
            "ended": _moment(run.ended),
            "seconds": round(run.seconds, 3),
            "exit_code": run.exit_code,
            "complete": run.complete,
            "verdict": run.verdict,
            "previous": run.before.run if run.before else None,
            "not_compared": run.not_compared,
            "site": {**run.facts, "objects": counts["objects"]},
        },
        "counts": counts,
        "coverage": _coverage(run),
        "forecast": [_forecast(each) for each in run.forecasts],
        "ako": [_ako(verdict) for verdict in run.ako],
        "drifts": [_entry(result, run) for result in run.results.of(*FAILURES)],
        "unknown": [_entry(result, run) for result in run.results.of("unknown")],
        "blocked": [_entry(result, run) for result in run.results.of("blocked")],
        "waived": [_entry(result, run) for result in run.results.of("waived")],
        "remediated": [_entry(result, run) for result in run.results.of("remediated")],
        "fixed": [
            {
                "nodeid": transition.entry.nodeid,
                "title": transition.entry.title,
                "object": transition.entry.object,
                "since": _moment(transition.since),
            }
            for transition in run.transitions.values()
            if transition.kind == FIXED
        ],
        "notice_counts": to_json(NoticeNumbers.of(run.notices)),
        "notices": [_notice(notice) for notice in run.notices],
        "waiver_problems": list(run.faults),
        "notes": list(run.notes),
    }


def _forecast(each: Forecast) -> dict[str, Any]:
    """One figure, and what becomes of it; `text` is for people."""
    data = to_json(each)
    return {**data.pop("figure"), **data, "text": each.sentence()}


def _notice(notice: Notice) -> dict[str, Any]:
    """One notice; `text` is for people."""
    return {**to_json(notice), "text": sentence(notice)}


def _ako(verdict: AkoVerdict) -> dict[str, Any]:
    """The verdict on one AKO."""
    data = to_json(verdict)
    for name in ("steps", "holes"):
        for entry, result in zip(data[name], getattr(verdict, name), strict=True):
            entry["group"] = result.group
            del entry["drift"]
    return {"verdict": data.pop("word"), **data}


def _coverage(run: Run) -> dict[str, Any] | None:
    """How much of the site is declared, together and by type."""
    if (coverage := run.coverage) is None:
        return None
    return {"whole": to_json(coverage.whole), **to_json(coverage)}


def _entry(result: NodeResult, run: Run) -> dict[str, Any]:
    fact, check, last = result.fact, result.check, result.check_result
    transition = run.transitions.get(result.nodeid)
    entry = {
        "nodeid": result.nodeid,
        "outcome": result.outcome,
        "check": check.name,
        "title": fact.title,
        **{name: getattr(check, name) for name in ("step", "topic", "severity")},
        "object": fact.key._asdict() if fact.key else None,
        "field": check.field,
        "api": check.api,
        "reason": last.reason,
        **{name: getattr(check, name) for name in ("why", "do", "docs", "owner")},
        "waiver": last.waiver,
        "differences": [_difference(drift, origin) for drift, origin in last.told_drifts],
        "change": transition.kind if transition else None,
        "since": _moment(transition.since) if transition else None,
        "flapping": transition.flapping if transition else False,
    }
    if last.remediation is not None:
        entry["remediation"] = to_json(last.remediation)
    return entry


def _difference(drift: Drift, origin: Origin | None) -> dict[str, Any]:
    whole = {"path": drift.path, "declared": drift.want, "found": drift.have}
    if (parts := of_drift(drift)).listed:
        whole |= {"missing": parts.missing, "extra": parts.extra}
    return whole | ({"origin": to_json(origin)} if origin else {})


def _moment(when: datetime | None) -> str | None:
    return when.isoformat(timespec="seconds") if when else None
