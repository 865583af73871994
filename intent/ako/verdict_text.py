"""The verdict on an AKO as lines of text for a person: the word, AKO's line, the steps in order, what it writes."""

from __future__ import annotations

from collections.abc import Iterator

from intent.ako import texts
from intent.ako.steps import WRONG, StepOutcome, StepResult
from intent.ako.verdict import AkoVerdict

SIGNS = {
    StepOutcome.PASSED: "ok",
    StepOutcome.FAILED: "FAILS",
    StepOutcome.WARNING: "HOLE",
    StepOutcome.FALSE_ALARM: "false alarm",
    StepOutcome.NOT_APPLICABLE: "not applicable",
    StepOutcome.NOT_SEEN: "not seen from here",
    StepOutcome.UNKNOWN: "unknown",
}


def headline(verdict: AkoVerdict) -> str:
    """`AKO 2.2.1 of s1az1: does not start`."""
    name = (
        verdict.name
        if verdict.name == verdict.cluster
        else f"{verdict.cluster or '(no name)'} ({verdict.name})"
    )
    return f"AKO {verdict.version} of {name}: {verdict.word}"


def logged(verdict: AkoVerdict) -> str:
    """What AKO logs, in a sentence; "" where it logs no error."""
    if verdict.logged:
        return f"AKO logs (step {verdict.logged_by}): {verdict.logged}"
    return "AKO logs nothing of it: look at the exit code" if verdict.exit_code else ""


def lines(verdict: AkoVerdict) -> Iterator[str]:
    """The whole verdict."""
    yield headline(verdict)
    if text := logged(verdict):
        yield f"  {text}"
    if verdict.exit_code is not None:
        again = ", and Kubernetes restarts it for ever" if verdict.exit_code == 0 else ""
        yield f"  its process ends with exit code {verdict.exit_code}{again}"
    if len([each for each in verdict.steps if each.outcome is StepOutcome.FAILED]) > 1:
        yield "  several steps fail, and AKO logs the last of them: all are below"
    for title, results in (
        ("steps, in AKO's order", verdict.steps),
        ("what no step of AKO tests", verdict.holes),
    ):
        yield f"  {title}"
        for result in results:
            yield from _result(result)
    yield from writes(verdict)
    for room in verdict.room:
        left = "not seen" if room.left is None else str(room.left)
        wanted = f", {room.wanted} wanted for shared services" if room.wanted else ""
        yield f"  room: {room.what}: {room.of}: {left}{wanted}"


def _result(result: StepResult) -> Iterator[str]:
    what = ": ".join(filter(None, (result.what, result.why)))
    group = f" [{result.group}]" if result.group else ""
    yield f"    {result.step:<4} {SIGNS[result.outcome]}{group}" + (f"  {what}" if what else "")
    if result.outcome in WRONG:
        known = texts.steps()[result.step]
        if result.text:
            yield f"           AKO's text: {result.text}"
        yield f"           means: {known.meaning}"
        yield f"           do: {known.do}"


def writes(verdict: AkoVerdict) -> Iterator[str]:
    """What AKO writes to what others share, and what it deletes."""
    done = verdict.writes
    for group, value in done.labels:
        yield f"  writes: label clustername={value} to SE group {group}"
    if done.vrf:
        routes = (
            "one route to each pod network of each node"
            if done.routes is None
            else f"{len(done.routes)} routes"
            if done.routes
            else "none but the routes of others"
        )
        yield f"  writes: {routes} to VRF context {done.vrf}"
        yield from (
            f"  writes: route {each.id}: {each.prefix} via {each.next_hop}" for each in done.routes or ()
        )
    yield from (f"  replaces: its route {each}" for each in done.replaces)
    yield from (f"  DELETES: route {each}" for each in done.deletes)
    yield from (f"  removes, as deleteConfig asks: {each}" for each in done.removes)
    if not done.labels and not done.vrf and not done.removes:
        yield "  writes: nothing to what others share"
