"""Laws of the matrix: what must hold after every row, whatever the fault."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from tests.faults.engine import BREAKS, Came


def complaints(came: Came) -> list[str]:
    """Every invariant that a run has broken; none for a good one."""
    return [*_said(came), *_truthful(came), *_journalled(came), *_end_state(came)]


def _said(came: Came) -> Iterator[str]:
    expected = came.row.expected
    if came.code != expected.code:
        yield f"exit code {came.code}, not {expected.code}"
    for bad in (
        "Traceback (most recent call last)",
        "INTERNALERROR",
        "PytestUnraisable",
        "KeyError",
        "AttributeError",
    ):
        if bad in came.out:
            at = came.out.index(bad)
            yield f"it says {' '.join(came.out[at : at + 300].split())}"
    if expected.says and not re.search(expected.says, " ".join(came.out.split())):
        yield f"it does not say {expected.says!r}"


def _truthful(came: Came) -> Iterator[str]:  # noqa: C901 -- one law after the other
    """No false pass, no false drift: nothing that was not read is called right or wrong."""
    if came.row.mode == "rollback":
        return
    if set(came.cases) != set(came.baseline):
        yield f"{len(came.cases)} facts were judged of {len(came.baseline)}"
    right = _right(came)
    for node, (word, message) in came.cases.items():
        if came.row.expected.fails and re.search(came.row.expected.fails, node) and word == "drift":
            continue
        was = came.baseline.get(node, ("passed", ""))[0]
        if came.row.mode in ("check", "plan"):
            if word in ("passed", "drift") and word != was:
                yield f"{node}: {word}, and it is {was}"
        elif word == "passed" and was == "drift" and not right:
            yield f"{node}: passed, and the site is not right"
        elif word == "drift" and was != "drift":
            yield f"{node}: drift that is none"
        if word in ("unknown", "blocked", "drift") and not message.strip():
            yield f"{node}: {word}, and does not say why"
        if word == "unknown" and re.match(r"[\w.]*(Error|Exception)\b", message):
            yield f"{node}: unknown, and its reason is no sentence: {message[:200]}"
        if came.row.expected.unread and node.startswith("test_networks.py") and word in ("passed", "drift"):
            yield f"{node}: {word}, and it was not read"


def _right(came: Came) -> bool:
    """Whether any of what was broken is right now."""
    return any(came.after.get(broken.key) == came.whole[broken.key] for broken in BREAKS)


def _journalled(came: Came) -> Iterator[str]:
    """Every write that reached the site is in the journal, and is told there as what it was."""
    if came.row.mode in ("check", "plan"):
        if came.writes:
            yield f"it wrote: {came.writes}"
        return
    lines = [line for journal in came.journals for line in journal]
    noted = Counter(
        (line["request"]["method"], line["request"]["api"]) for line in lines if line.get("line") == "write"
    )
    heard = Counter((method, path.split("/")[2].partition("?")[0]) for method, path, _ in came.writes)
    if over := heard - noted:
        yield f"written without a line in the journal: {dict(over)}"
    done = sum(line.get("fate") == "done" for line in lines)
    acted = sum(200 <= status < 300 for _, _, status in came.writes)
    doubtful = sum(line.get("fate") in ("unknown", None) for line in lines if line.get("line") == "answer")
    if not done <= acted <= done + doubtful:
        yield f"{acted} writes were applied, and the journal holds {done} as done and {doubtful} as uncertain"
    for journal in came.journals:
        uncertain = any(line.get("fate") == "unknown" for line in journal if line.get("line") == "answer")
        if (journal[-1].get("line") != "end") != uncertain:
            yield "a journal with an uncertain write was closed" if uncertain else "a journal was left open"


def _end_state(came: Came) -> Iterator[str]:
    """Nothing but what was broken has moved; each of that is as before, or as the run was to make it."""
    broken = {each.key for each in BREAKS}
    for key in sorted(set(came.before) | set(came.after)):
        if key in broken:
            continue
        if came.before.get(key) != came.after.get(key):
            yield f"{key} has changed, and nobody was to change it"
    if came.row.mode == "remediate":
        for key in broken:
            if came.after.get(key) not in (came.before.get(key), came.whole[key]):
                yield f"{key} is neither as before nor as declared"
    if came.row.expected.code == 0 and came.row.mode == "remediate":
        for key in broken:
            if came.after.get(key) != came.whole[key]:
                yield f"{key} is not as declared, and the run says that all is well"
