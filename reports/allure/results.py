"""One result as Allure's JSON (the format of allure-pytest 2.16, plus Allure 3's `expected` and `actual`)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import pytest

from intent.difference import arranged, of_drift, predicate
from intent.drift import Drift
from intent.outcome import CheckInfo, CheckResult, Fact, fact_of
from intent.remediation import UNJUDGED, FirstResult, RemediationResult, StepReport, WriteReport
from intent.words import moment
from reports.history.transitions import Transition, duration
from reports.outcomes import NodeResult
from reports.run import Run
from reports.text import failure_text, finding, headline, short

STATUS = {
    "passed": "passed",
    "remediated": "passed",
    "drift": "failed",
    "failed": "failed",
    "unknown": "broken",
    "blocked": "skipped",
    "waived": "skipped",
}

MOST_ELEMENTS = 30
"""Elements of a list that a description names of each side."""

Json = dict[str, Any]


def result_json(result: NodeResult, run: Run, attachments: list[Json]) -> Json:
    """A result as JSON data. Its history id rests on the check, the object and the environment, never on values."""
    full_name, case_id = _of_function(result.nodeid.partition("[")[0])
    steps = _steps(result)
    document: Json = {
        "uuid": _uuid(run.id, result.nodeid),
        "historyId": _md5(run.environment, result.nodeid),
        "testCaseId": case_id,
        "fullName": full_name,
        "name": finding(result.check_result) or result.nodeid,
        "status": STATUS[result.outcome],
        "stage": "finished",
        "start": int(result.start * 1000),
        "stop": int(result.stop * 1000),
        "description": "\n".join(_description(result, run)),
        "parameters": _parameters(result, run),
        "labels": [{"name": name, "value": value} for name, value in labels_of(result, run)],
        "links": _links(result.check_result),
        "titlePath": result.nodeid.split("::")[0].split("/"),
    }
    if result.outcome != "passed":
        document["statusDetails"] = _details(result)
    if attachments:
        document["attachments"] = attachments
    if steps:
        document["steps"] = steps
    return document


def first_attempt(result: NodeResult, run: Run) -> Json | None:
    """What the check said before remediation, as an earlier result of the same history: reports show it as a retry.

    None where the check was asked once.
    """
    remediation = result.check_result.remediation
    if remediation is None or not remediation.asked_again or not remediation.first.start:
        return None
    first = remediation.first
    earlier = replace(
        result, check_result=_as_first(result.check_result, first), start=first.start, stop=first.stop
    )
    return {
        **result_json(earlier, run, []),
        "uuid": _uuid(run.id, result.nodeid, "first"),
    }


def _as_first(result: CheckResult, first: FirstResult) -> CheckResult:
    """How a check had come out before remediation."""
    return replace(
        result,
        outcome=first.outcome,
        drifts=first.drifts,
        origins=first.origins,
        reason=first.reason,
        remediation=None,
    )


def plain_result(report: Any, run: Run) -> Json:
    """A test that is none of our checks, as far as its report tells."""
    full_name = full_name_of(report.nodeid)
    outcome = "broken" if report.failed and report.when != "call" else report.outcome
    document: Json = {
        "uuid": _uuid(run.id, report.nodeid),
        "historyId": _md5(run.environment, report.nodeid),
        "testCaseId": _md5(full_name),
        "fullName": full_name,
        "name": report.nodeid.rpartition("::")[2],
        "status": outcome,
        "stage": "finished",
        "start": int(report.start * 1000),
        "stop": int(report.stop * 1000),
        "labels": [{"name": "suite", "value": report.nodeid.partition("::")[0]}, _FRAMEWORK],
    }
    if not report.passed:
        text = run.scrubber.text(report.longreprtext)
        document["statusDetails"] = {"message": text.strip().rpartition("\n")[2], "trace": text}
    return document


_FRAMEWORK = {"name": "framework", "value": "pytest"}


def full_name_of(nodeid: str) -> str:
    """`checks.test_networks#test_vrf`: what a test plan selects by."""
    path, *names = nodeid.partition("[")[0].split("::")
    package = path.removesuffix(".py").replace("/", ".")
    return f"{'.'.join([package, *names[:-1]])}#{names[-1] if names else ''}"


@lru_cache(maxsize=2_000)
def _of_function(function: str) -> tuple[str, str]:
    """What all results of a check have in common: full name and its digest."""
    full_name = full_name_of(function)
    return full_name, _md5(full_name)


def static_labels(fact: Fact) -> Iterator[tuple[str, str]]:
    """The labels that are known before a check runs: what `--allure-severities` and its like select by."""
    yield "epic", fact.check.step or "Avi"
    yield "feature", fact.check.topic or "other"
    if fact.subject:
        yield "story", fact.subject
    yield "severity", fact.check.severity
    if fact.check.owner:
        yield "owner", fact.check.owner


def labels_of(result: NodeResult, run: Run) -> Iterator[tuple[str, str]]:
    """Every label of a result."""
    transition = run.transitions.get(result.nodeid)
    yield from static_labels(result.fact)
    yield "outcome", result.outcome
    if transition is not None:
        yield "change", transition.kind
        if transition.flapping:
            yield "tag", "flapping"
    yield "environment", run.environment
    key = result.fact.key
    yield "parentSuite", run.environment
    yield "suite", key.kind if key else result.check.topic or "other"
    if key:
        yield "subSuite", key.name
    yield "tag", result.outcome
    yield "layer", "vcenter" if result.check.api.startswith("vcenter") else "controller"
    yield "framework", "pytest"


def _parameters(result: NodeResult, run: Run) -> list[Json]:
    """What tells this result from every other of its function: Allure 3 takes equal ones for repetitions."""
    subject = result.fact.subject
    parameters = [{"name": "environment", "value": run.environment}]
    if subject:
        parameters.insert(0, {"name": "object", "value": subject})
    case = result.nodeid.partition("[")[2].removesuffix("]")
    if case and not subject.endswith(f" {case}"):
        parameters.insert(1, {"name": "case", "value": case})
    return parameters


def _details(result: NodeResult) -> Json:
    last = result.check_result
    text = f"{result.fact.subject or headline(last)}: {short(last)}"
    if result.outcome in UNJUDGED:
        text = last.reason
    if result.outcome == "waived":
        text = f"{text}; {last.waiver}"
    details: Json = {"message": f"{result.outcome}: {text}", "trace": failure_text(last)}
    if drifts := last.drifts or last.drifts_before:
        wanted, there = zip(*(arranged(of_drift(drift)) for drift in drifts), strict=True)
        details["expected"], details["actual"] = _side(drifts, wanted), _side(drifts, there)
    if result.outcome == "waived":
        details["known"] = True
    return details


def _side(drifts: Sequence[Drift], values: Sequence[Any]) -> str:
    if len(values) == 1:
        return _pretty(values[0])
    return _pretty({drift.path or "existence": value for drift, value in zip(drifts, values, strict=True)})


def _pretty(value: Any) -> str:
    return (
        value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)
    )


def _description(result: NodeResult, run: Run) -> Iterator[str]:
    check, last = result.check, result.check_result
    for drift, origin in last.told_drifts:
        text = predicate(of_drift(drift), most=MOST_ELEMENTS)
        who = f" ({_md(str(origin))})" if origin else ""
        yield f"- **{_md(drift.path or 'existence')}**: {_md(text)}{who}"
    if (transition := run.transitions.get(result.nodeid)) is not None:
        yield f"- **Drifted since:** {_since(transition, run)}"
    yield from _of_check(check, last.reason, last.waiver)


@lru_cache(maxsize=2_000)
def _of_check(check: CheckInfo, reason: str, waiver: str) -> tuple[str, ...]:
    """The lines of a description that most results of a check have in common."""
    texts = {"Reason": reason, "Why": check.why, "Do": check.do, "To act": check.owner, "Waiver": waiver}
    lines = [f"- **{label}:** {_md(text)}" for label, text in texts.items() if text]
    lines += [f"- **Controller field:** `{check.api.replace('`', '')}`"] if check.api else []
    return (*lines, *([f"- **Check:** `{check.name}`"] if check.name else []))


def _since(transition: Transition, run: Run) -> str:
    flapping = ", flapping" if transition.flapping else ""
    if transition.since is None:
        return f"this run{flapping}"
    return f"{moment(transition.since)} ({duration(transition.lasted(run.started))}{flapping})"


@lru_cache(maxsize=2_000)
def _md(text: str) -> str:
    escaped = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;")
    for letter in "\\`*_[]|":
        escaped = escaped.replace(letter, f"\\{letter}")
    return escaped


def _links(result: CheckResult) -> list[Json]:
    if not (result.check.docs or result.as_read):
        return []
    url = (result.as_read or {}).get("url")
    places = {"documentation": result.check.docs, "the object on the Controller": url}
    return [
        {"type": "link", "name": name, "url": str(url)}
        for name, url in places.items()
        if re.match(r"https?://", str(url))
    ]


def _steps(result: NodeResult) -> list[Json]:
    """What remediation did, as steps: drift found, each request with its answer, as declared on a fresh read."""
    last = result.check_result
    remediation = last.remediation
    if remediation is None:
        return []
    times = {"start": int(result.start * 1000), "stop": int(result.stop * 1000), "stage": "finished"}
    done = result.outcome == "remediated"
    writes = [
        _step(f"{write.method} {write.path}: {write.fate}", write.fate == "done", write.text) | times
        for write in _writes(remediation)
    ]
    second = _step(
        "2. Remediate", bool(writes) and all(w["status"] == "passed" for w in writes), remediation.reason
    )
    third = _step("3. Check again on a fresh read: " + ("as declared" if done else "still not"), done, "")
    first = _step("1. Check: not as declared", False, short(_as_first(last, remediation.first)))
    steps = [first | times, second | times | {"steps": writes}]
    return [*steps, third | times] if remediation.asked_again else steps


def _writes(remediation: RemediationResult) -> list[WriteReport]:
    return [write for step in remediation.steps if isinstance(step, StepReport) for write in step.requests]


def _step(name: str, passed: bool, message: str) -> Json:  # noqa: FBT001 -- a step's status
    return {"name": name, "status": "passed" if passed else "failed", "statusDetails": {"message": message}}


def _uuid(*parts: str) -> str:
    """What tells a result from every other, in the form of a uuid; the library's own takes as long as all the rest."""
    text = _md5(*parts)
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _md5(*parts: str) -> str:
    return hashlib.md5("\0".join(parts).encode(), usedforsecurity=False).hexdigest()


class LabelMarks:
    """Labels every check while it is collected."""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Those of our own alone."""
        for item in items:
            if (fact := fact_of(item)) is not None:
                for name, value in static_labels(fact):
                    item.add_marker(pytest.mark.allure_label(value, label_type=name))
