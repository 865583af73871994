"""The plan as a person reads it: a diff by object, in the order it will be carried out."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from intent.base import in_several_clouds
from intent.difference import Difference, difference
from intent.remediation import Change
from intent.scrubber import screened
from intent.values import scoped_text
from intent.words import counted, first_of, harmless
from remediate.plan.model import Plan, Request, Step, Unplanned
from remediate.plan.payload import LeafChange, canonical

WIDTH = 110
MAX_LEAVES = 8
"""Changed leaves that a sentence names."""
_INDENT = "      "


def text(plan: Plan, *, several_clouds: bool = False) -> str:
    """The whole plan, lines of at most about 110 columns."""
    return "\n".join(lines(plan, several_clouds=several_clouds)) + "\n"


def lines(plan: Plan, *, several_clouds: bool = False) -> Iterator[str]:
    """The plan: what is done, then what is refused, then what nothing answers.

    `several_clouds`: the site has several, so that each object's is named, whatever the plan holds of them.
    """
    return map(screened, _lines(plan, several_clouds=several_clouds))


def _lines(plan: Plan, *, several_clouds: bool) -> Iterator[str]:
    yield headline(plan)
    keys = [*(step.key for step in plan.steps), *(left.key for left in plan.left)]
    several = several_clouds or in_several_clouds(keys)
    for number, step in enumerate(plan.steps, 1):
        yield ""
        yield from _step(number, step, several=several)
    can_be_let = [left for left in plan.refused if not left.absolute]
    no_option = [left for left in plan.refused if left.absolute]
    for title, unplanned in (
        ("refused: it would hit what is in use; --allow-disruptive lets it", can_be_let),
        ("refused, whatever option is given", no_option),
        ("no remedy: for a person", plan.unanswered),
    ):
        if unplanned:
            yield ""
            yield title
        for left in unplanned:
            yield from _left(left, several=several)


def headline(plan: Plan) -> str:
    """The plan in one line."""
    size = f"{counted(len(plan.steps), 'object')} in {counted(plan.writes, 'write')}"
    counts = [size if plan.steps else "nothing to write"]
    counts += reservations((step, len(step.requests)) for step in plan.steps)
    counts += [f"{len(plan.refused)} refused"] if plan.refused else []
    counts += [f"{len(plan.unanswered)} without a remedy"] if plan.unanswered else []
    return f"plan for {plan.environment} ({plan.digest[:12]}): {', '.join(counts)}"


def beyond(texts: Iterable[str]) -> Iterator[str]:
    """What a reviewed plan asks for beyond the one of now, by step, object and member."""
    return (f"refused, since planned anew nothing asks for it: {text}" for text in texts)


def reservations(writes: Iterable[tuple[Step, int]], unheard: int = 0) -> list[str]:
    """How many writes, given by step, no undo takes back, or takes back under a condition only.

    `unheard`: how many were only read back, since nothing answered them.
    """
    counts: Counter[str] = Counter()
    for step, number in writes:
        if step.outlook.stays:
            counts["cannot be undone"] += number
        elif step.outlook.hits:
            counts["can be undone only with --allow-disruptive"] += number
        elif step.outlook.blockers:
            counts["can be undone only after a wait"] += number
    counts["never answered: undone only where the Controller's log says that this run made it so"] = unheard
    return [f"{number} of them {what}" for what, number in counts.items() if number]


def _step(number: int, step: Step, *, several: bool) -> Iterator[str]:
    sign = "+" if step.action == "create" else "~"
    overrides = list(dict.fromkeys(name for change in step.changes for name in change.overrides))
    hits_nothing = "guarded: it hits nothing now" if step.risk == "guarded" else "safe"
    risk = f"{step.risk}, and hits: {', '.join(overrides)}" if overrides else hits_nothing
    yield f"{number:>3} {sign} {step.key.text(cloud=several)}   [{risk}]"
    if step.action == "create":
        yield from (cut(f"{_INDENT}+ {new.path}: {value(new.want)}") for new in step.changes if new.path)
    else:
        for change in step.changes:
            yield from _change(change)
    for request in step.requests:
        yield from request_lines(request)
    yield from _wrapped("undo: ", step.undo)
    for remark in step.outlook.stays:
        yield from _wrapped("CANNOT BE UNDONE: ", remark)
    if step.outlook.hits:
        hits = "; ".join(step.outlook.hits)
        yield from _wrapped("UNDO NEEDS --allow-disruptive: ", f"as things are now, it would hit {hits}")
    if step.outlook.blockers:
        yield from _wrapped("UNDO WAITS: ", step.outlook.blockers)
    checks = dict.fromkeys(check for change in step.changes for check in change.checks if check)
    if checks:
        yield from _wrapped("asked by: ", ", ".join(checks))


def _change(change: Change) -> Iterator[str]:
    yield from _difference(change.path, difference(change.want, change.have), _INDENT)


def _difference(path: str, parts: Difference, indent: str) -> Iterator[str]:
    """A line of what is there and what there will be; where that is long, first what comes and goes, then the rest."""
    have, want = value(parts.have), value(parts.want)
    line = f"{indent}{path}: {have} -> {want}"
    if parts.listed and not parts.reordered and len(line) > WIDTH:
        yield f"{indent}{path}:"
        for sign, alone in (("+", parts.missing), ("-", parts.extra)):
            for element in alone:
                yield from _wrapped(f"{sign} ", value(element), indent + "  ")
        yield from _wrapped("stays: ", ", ".join(map(value, parts.both)) or "nothing", indent + "  ")
    elif len(line) <= WIDTH:
        yield line
    else:
        yield f"{indent}{path}:"
        yield from _wrapped("- ", have, indent + "  ")
        yield from _wrapped("+ ", want, indent + "  ")


def request_lines(request: Request) -> Iterator[str]:
    """A request with every member that it changes; of a new object, and of a part of one, all that is sent."""
    tenant = "" if request.tenant == "admin" else f" in tenant {request.tenant}"
    whole = " (the whole object as read, with)" if request.method == "PUT" else ""
    yield f"{_INDENT}{request.method} {request.path}{tenant}{whole}"
    for key, inner in request.shown.items():
        news = "(taken out)" if request.method == "PUT" and key not in request.body else dense(inner)
        yield from textwrap.wrap(
            f"{key}: {news}",
            WIDTH,
            initial_indent=_INDENT + "    ",
            subsequent_indent=_INDENT + "      ",
            break_long_words=False,
            break_on_hyphens=False,
        )


def _left(left: Unplanned, *, several: bool) -> Iterator[str]:
    path = f"{left.key.text(cloud=several)}: {left.path or 'existence'}"
    first, *others = _difference(path, difference(left.want, left.have), "    ")
    yield f"  ! {first.lstrip()}"
    yield from others
    yield from _wrapped("", left.reason)
    if left.hit:
        yield from _wrapped("would hit: ", ", ".join(left.hit))


def _wrapped(label: str, text: str, indent: str = _INDENT) -> Iterable[str]:
    return textwrap.wrap(
        label + text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_on_hyphens=False,
        break_long_words=False,
    )


def leaf_line(leaf: LeafChange) -> str:
    """A leaf that somebody has changed: `mtu: 1500 -> 1400`; of lists, what was added and what taken out."""
    path, before, after = leaf
    if isinstance(before, list) and isinstance(after, list):
        parts = difference(after, before)
        if parts.reordered:
            return f"{path}: in another order"
        sides = (("added", parts.missing), ("taken out", parts.extra))
        return f"{path}: " + ", ".join(f"{value(list(side))} {word}" for word, side in sides if side)
    return f"{path}: {value(before)} -> {value(after)}"


def leaves_line(leaves: Iterable[LeafChange]) -> str:
    """Leaves that somebody has changed, in a sentence; of very many the first."""
    return first_of(map(leaf_line, leaves), MAX_LEAVES, "; ")


def value(data: Any) -> str:
    """A value in one line, as YAML would have it: text bare, None as absent."""
    if data is None:
        return "(absent)"
    if isinstance(data, bool):
        return str(data).lower()
    if isinstance(data, str):
        return harmless(data).replace("\n", r"\n") or '""'
    if isinstance(data, list):
        return f"[{', '.join(value(element) for element in data)}]"
    if isinstance(data, dict):
        inner = ", ".join(f"{key}: {value(each)}" for key, each in data.items())
        return harmless(scoped_text(data)) or f"{{{inner}}}"
    return str(data)


def dense(data: Any) -> str:
    """A body in one line of JSON, its references without the Controller's address."""
    return json.dumps(canonical(data), ensure_ascii=False)


def cut(line: str) -> str:
    """A line of at most so many columns."""
    return line if len(line) <= WIDTH else line[: WIDTH - 3] + "..."
