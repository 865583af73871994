"""One result as Allure's JSON (the format of allure-pytest 2.16, plus Allure 3's `expected` and `actual`)."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from reports.history.changes import Change, duration
from reports.outcomes import Result
from reports.run import Run
from reports.text import failure_text, headline, short, shown

STATUS = {
    "passed": "passed",
    "remediated": "passed",
    "drift": "failed",
    "failed": "failed",
    "unknown": "broken",
    "blocked": "skipped",
    "waived": "skipped",
}

Json = dict[str, Any]


def result_of(result: Result, run: Run, attachments: list[Json]) -> Json:
    """A result as JSON data. Its history id rests on the check, the object and the environment, never on values."""
    avi, change = result.avi, run.changes.get(result.nodeid)
    full_name = full_name_of(result.nodeid)
    steps = _steps(result)
    found: Json = {
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{run.id}/{result.nodeid}")),
        "historyId": _md5(run.environment, result.nodeid),
        "testCaseId": _md5(full_name),
        "fullName": full_name,
        "name": avi.get("title") or result.nodeid,
        "status": STATUS[result.outcome],
        "stage": "finished",
        "start": int(result.start * 1000),
        "stop": int(result.stop * 1000),
        "description": "\n".join(_description(avi, change, run)),
        "parameters": _parameters(result, run),
        "labels": [{"name": name, "value": value} for name, value in labels_of(result, run)],
        "links": _links(avi),
        "titlePath": result.nodeid.split("::")[0].split("/"),
    }
    if result.outcome != "passed":
        found["statusDetails"] = _details(result)
    if attachments:
        found["attachments"] = attachments
    if steps:
        found["steps"] = steps
    return found


def first_attempt(result: Result, run: Run) -> Json | None:
    """What the check said before remediation, as an earlier result of the same history: reports show it as a retry.

    None where the check was asked once.
    """
    told = result.avi.get("remediation") or {}
    first = told.get("first") or {}
    if told.get("outcome") not in ("fixed", "not fixed") or not first.get("start"):
        return None
    avi = {**result.avi, **first, "remediation": None}
    earlier = replace(result, avi=avi, start=first["start"], stop=first["stop"])
    return {
        **result_of(earlier, run, []),
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{run.id}/{result.nodeid}/first")),
    }


def plain_result(report: Any, run: Run) -> Json:
    """A test that is none of our checks, as far as its report tells."""
    full_name = full_name_of(report.nodeid)
    outcome = "broken" if report.failed and report.when != "call" else report.outcome
    found: Json = {
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{run.id}/{report.nodeid}")),
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
        found["statusDetails"] = {"message": text.strip().rpartition("\n")[2], "trace": text}
    return found


_FRAMEWORK = {"name": "framework", "value": "pytest"}


def full_name_of(nodeid: str) -> str:
    """`checks.test_networks#test_vrf`: what a test plan selects by."""
    path, *names = nodeid.partition("[")[0].split("::")
    package = path.removesuffix(".py").replace("/", ".")
    return f"{'.'.join([package, *names[:-1]])}#{names[-1] if names else ''}"


def static_labels(about: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The labels that are known before a check runs: what `--allure-severities` and its like select by."""
    yield "epic", str(about.get("step") or "Avi")
    yield "feature", str(about.get("topic") or "other")
    if about.get("object"):
        yield "story", str(about["object"])
    yield "severity", str(about.get("severity") or "normal")
    if about.get("owner"):
        yield "owner", str(about["owner"])


def labels_of(result: Result, run: Run) -> Iterator[tuple[str, str]]:
    """Every label of a result."""
    avi, change = result.avi, run.changes.get(result.nodeid)
    yield from static_labels(avi)
    yield "outcome", result.outcome
    if change is not None:
        yield "change", change.change
        if change.flapping:
            yield "tag", "flapping"
    yield "environment", run.environment
    key = avi.get("key")
    yield "parentSuite", run.environment
    yield "suite", str(key[0]) if key else str(avi.get("topic") or "other")
    if key:
        yield "subSuite", str(key[1])
    yield "tag", result.outcome
    yield "layer", "vcenter" if str(avi.get("api", "")).startswith("vcenter") else "controller"
    yield "framework", "pytest"


def _parameters(result: Result, run: Run) -> list[Json]:
    """What tells this result from every other of its function: Allure 3 takes equal ones for repetitions."""
    avi = result.avi
    found = [{"name": "environment", "value": run.environment}]
    if avi.get("object"):
        found.insert(0, {"name": "object", "value": str(avi["object"])})
    case = result.nodeid.partition("[")[2].removesuffix("]")
    if case and not str(avi.get("object", "")).endswith(f" {case}"):
        found.insert(1, {"name": "case", "value": case})
    return found


def _details(result: Result) -> Json:
    avi = result.avi
    told = {"unknown": str(avi.get("reason") or ""), "blocked": str(avi.get("reason") or "")}.get(
        result.outcome, f"{avi.get('object') or headline(avi)}: {short(avi)}"
    )
    if result.outcome == "waived":
        told = f"{told}; {avi.get('waiver', '')}"
    details: Json = {"message": f"{result.outcome}: {told}", "trace": failure_text(avi)}
    drifts = avi.get("drifts") or (avi.get("remediation") or {}).get("first", {}).get("drifts")
    if drifts:
        details["expected"] = _side(drifts, "want")
        details["actual"] = _side(drifts, "have")
    if result.outcome == "waived":
        details["known"] = True
    return details


def _side(drifts: list[Json], side: str) -> str:
    if len(drifts) == 1:
        return _pretty(drifts[0][side])
    return _pretty({drift["path"] or "existence": drift[side] for drift in drifts})


def _pretty(value: Any) -> str:
    return (
        value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)
    )


def _description(avi: Mapping[str, Any], change: Change | None, run: Run) -> Iterator[str]:
    for drift in avi.get("drifts") or []:
        yield f"- **{_md(drift['path'] or 'existence')}**: declared {_md(shown(drift['want']))},"
        yield f"  found {_md(shown(drift['have']))}"
    if change is not None:
        yield f"- **Drifted since:** {_since(change, run)}"
    for name, label in (
        ("reason", "Reason"),
        ("why", "Why"),
        ("do", "Do"),
        ("owner", "To act"),
        ("waiver", "Waiver"),
    ):
        if avi.get(name):
            yield f"- **{label}:** {_md(str(avi[name]))}"
    if avi.get("api"):
        yield f"- **Controller field:** `{str(avi['api']).replace('`', '')}`"
    if avi.get("check"):
        yield f"- **Check:** `{avi['check']}`"


def _since(change: Change, run: Run) -> str:
    flapping = ", flapping" if change.flapping else ""
    if change.since is None:
        return f"this run{flapping}"
    return f"{change.since:%Y-%m-%d %H:%M} UTC ({duration(change.lasted(run.started))}{flapping})"


def _md(text: str) -> str:
    one = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;")
    for letter in "\\`*_[]|":
        one = one.replace(letter, f"\\{letter}")
    return one


def _links(avi: Mapping[str, Any]) -> list[Json]:
    live = avi.get("live")
    there = live.get("url") if isinstance(live, dict) else None
    places = {"documentation": avi.get("docs"), "the object on the Controller": there}
    return [
        {"type": "link", "name": name, "url": str(url)}
        for name, url in places.items()
        if re.match(r"https?://", str(url))
    ]


def _steps(result: Result) -> list[Json]:
    """What remediation did, as steps: drift found, each request with its answer, as declared on a fresh read."""
    told = result.avi.get("remediation")
    if not told:
        return []
    times = {"start": int(result.start * 1000), "stop": int(result.stop * 1000), "stage": "finished"}
    done = result.outcome == "remediated"
    writes = [
        _step(_request(write), write["fate"] == "done", write["text"]) | times for write in _writes(told)
    ]
    tried = told["outcome"] in ("fixed", "not fixed")
    second = _step(
        "2. Remediate", bool(writes) and all(w["status"] == "passed" for w in writes), told["reason"]
    )
    third = _step("3. Check again on a fresh read: " + ("as declared" if done else "still not"), done, "")
    first = _step("1. Check: not as declared", False, short({**result.avi, **told["first"]}))
    found = [first | times, second | times | {"steps": writes}]
    return [*found, third | times] if tried else found


def _writes(told: Mapping[str, Any]) -> list[Json]:
    return [request for step in told.get("steps") or () for request in step.get("requests") or ()]


def _request(write: Mapping[str, Any]) -> str:
    return f"{write['method']} {write['path']}: {write['fate']}"


def _step(name: str, passed: bool, message: str) -> Json:  # noqa: FBT001 -- a step's status
    return {"name": name, "status": "passed" if passed else "failed", "statusDetails": {"message": message}}


def _md5(*parts: str) -> str:
    return hashlib.md5("\0".join(parts).encode(), usedforsecurity=False).hexdigest()
