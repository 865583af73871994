"""The text of one result that is not a pass: what, declared, found, why, what to do. No traceback."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from intent import difference
from intent.difference import Difference, of_drift, shown
from intent.drift import EXISTENCE, Drift
from intent.outcome import CheckResult
from intent.remediation import UNJUDGED
from intent.words import counted, harmless

WIDTH = 100
"""Columns of what stands in files, and of what is printed where there is no terminal."""

NARROWEST = 40
"""Columns of the narrowest terminal that is taken for one, as by pytest."""

MAX_LINES = 30
"""Lines shown of one difference; `drift.json` has the whole."""

_LABEL = 10


class Line(NamedTuple):
    """One line of text and how to mark it: title, label, declared, found or plain."""

    text: str
    mark: str = "plain"


def columns() -> int:
    """Columns of the terminal, or what COLUMNS says."""
    found = shutil.get_terminal_size((WIDTH, 0)).columns
    return found if found >= NARROWEST else WIDTH


def failure_text(result: CheckResult) -> str:
    """What a person reads of a drift, a failure, an unknown or a blocked check; at most 100 columns."""
    return "\n".join(line.text for line in failure_lines(result))


def failure_lines(result: CheckResult, width: int = WIDTH) -> Iterator[Line]:
    """The same, line by line with marks, for a terminal of so many columns."""
    yield from _wrapped(width, headline(result), mark="title", indent="", rest="  ")
    for drift, origin in result.told_drifts:
        if len(result.drifts) > 1:
            yield from _wrapped(width, drift.path or "existence", mark="label", indent="  ", rest="    ")
        yield from _difference(width, drift)
        if origin is not None:
            yield from _labelled(width, "who", str(origin))
    yield from _about(width, result)


def headline(result: CheckResult) -> str:
    """The result in one line: `network AVI_FRONTEND_3025: vrf is not as declared`."""
    fact = result.fact
    return f"{fact.subject or fact.title or fact.check.name}: {predicate(result)}"


def predicate(result: CheckResult) -> str:
    """The headline without its subject: `vrf is not as declared`."""
    title = result.fact.title.rstrip(".")
    if result.outcome == "waived" and result.drifts:
        return f"{_what(result)} is waived"
    if result.outcome == "unknown":
        return f"could not be read, so nothing is known of: {title}"
    if result.outcome == "blocked":
        return f"not asked: {title}"
    if not result.drifts:
        return f"does not hold: {title}"
    if all(drift.path == EXISTENCE for drift in result.drifts):
        return shown(result.drifts[0].have)
    return f"{_what(result)} is not as declared"


def finding(result: CheckResult) -> str:
    """The fact that was found, as a title: `network AVI_FRONTEND_3025: dhcp is on, declared off`."""
    fact, expected = result.fact, result.fact.title.rstrip(".")
    subject = fact.subject or fact.check.name
    if result.outcome in ("drift", "waived") and result.drifts:
        more = f" (and {len(result.drifts) - 1} more)" if len(result.drifts) > 1 else ""
        return f"{subject}: {_found(result.drifts[0])}{more}" + (
            " (waived)" if result.outcome == "waived" else ""
        )
    if result.outcome in ("failed", "waived"):
        accepted = " (waived)" if result.outcome == "waived" else ""
        return f"{subject}: {' '.join(result.reason.split())}; expected: {expected}{accepted}"
    if result.outcome == "unknown":
        return f"not known, since it could not be read: {expected}"
    if result.outcome == "blocked":
        return f"not asked: {expected}"
    return fact.title


def _found(drift: Drift) -> str:
    parts = of_drift(drift)
    if drift.path == EXISTENCE or parts.listed:
        return difference.short(drift.path, parts)
    if isinstance(drift.want, bool) and isinstance(drift.have, bool):
        return f"{drift.path} is {'on' if drift.have else 'off'}, declared {'on' if drift.want else 'off'}"
    want, have = difference.told_apart(drift.want, drift.have)
    state = "is not set" if drift.have is None else f"is {have}"
    return f"{drift.path} {state}, declared {want}"


def short(result: CheckResult) -> str:
    """The result without its subject, for lists: `vrf: declared VRF_AZ1, found global`."""
    if result.drifts:
        return short_drifts([(drift.path, of_drift(drift)) for drift in result.drifts])
    return " ".join((result.reason or result.fact.title).split())


def short_drifts(drifts: Sequence[tuple[str, Difference]]) -> str:
    """Drifts of one object, each a path and its difference: the first of them, and how many more there are."""
    more = f" (and {len(drifts) - 1} more)" if len(drifts) > 1 else ""
    return difference.short(*drifts[0]) + more


class DriftRow(NamedTuple):
    """A drift in a table, as text: both sides in a line each, and who did it; "" where nobody is known."""

    path: str
    declared: str
    found: str
    who: str


def drift_rows(result: CheckResult, width: int) -> Iterator[DriftRow]:
    """A row for each drift; for a fact that does not hold, its title and the reason. `width`: columns of a cell."""
    for drift, origin in result.told_drifts:
        sides = difference.sides(of_drift(drift), width)
        yield DriftRow(
            drift.path or "existence", *sides, f"{origin.action} by {origin.author}" if origin else ""
        )
    if not result.drifts:
        yield DriftRow("", result.fact.title, short(result), "")


def is_one_line(parts: Difference, width: int = WIDTH) -> bool:
    """Whether two values are told apart well enough in one line each."""
    structured = any(
        isinstance(side, list | dict) and len(difference.elements(side)) > 1
        for side in (parts.want, parts.have)
    )
    return not structured and all(
        "\n" not in text and len(text) <= width - _LABEL - 2
        for text in difference.told_apart(parts.want, parts.have)
    )


def _what(result: CheckResult) -> str:
    field = result.check.field
    paths = list(dict.fromkeys(drift.path or "existence" for drift in result.drifts))
    return paths[0] if len(paths) == 1 else f"{field or paths[0]} ({len(paths)} places)"


def _difference(width: int, drift: Drift) -> Iterator[Line]:
    """What is missing, what is extra, and then the whole."""
    parts = of_drift(drift)
    if is_one_line(parts, width):
        want, have = difference.told_apart(drift.want, drift.have)
        yield from _labelled(width, "declared", want, "declared")
        yield from _labelled(width, "found", have, "found")
        return
    if parts.reordered:
        yield from _labelled(width, "order", difference.first_moved(parts), "found")
        yield from _elements(width, "declared", map(shown, difference.elements(drift.want)), "declared")
        yield from _elements(width, "found", map(shown, difference.elements(drift.have)), "found")
        return
    yield from _elements(width, "missing", parts.missing_texts, "declared")
    yield from _elements(width, "extra", parts.extra_texts, "found")
    yield from _elements(width, "in both", map(shown, parts.both), "plain")


def _elements(width: int, label: str, texts: Iterable[str], mark: str) -> Iterator[Line]:
    """Elements under one label, a line each; the rest of too many is counted."""
    blank = " " * (_LABEL + 2)
    every = list(texts)
    for number, text in enumerate(every[:MAX_LINES]):
        indent = blank if number else f"  {label:<{_LABEL}}"
        yield from _wrapped(width, text, mark=mark, indent=indent, rest=blank + "  ")
    if len(every) > MAX_LINES:
        yield Line(f"{blank}... {len(every) - MAX_LINES:,} more; drift.json has them all")


def _about(width: int, result: CheckResult) -> Iterator[Line]:
    check, unjudged = result.check, result.outcome in UNJUDGED
    for label, text in (
        ("reason", result.reason),
        ("waiver", result.waiver),
        ("why", "" if unjudged else check.why),
        ("topic", ": ".join(part for part in (check.step, check.topic) if part)),
        ("do", "" if unjudged or result.outcome == "waived" else check.do),
        ("owner", check.owner),
    ):
        if text:
            yield from _labelled(width, label, text)
    if check.docs:
        yield Line(f"  {'docs':<{_LABEL}}{harmless(check.docs)}")


def _labelled(width: int, label: str, text: str, mark: str = "plain") -> Iterator[Line]:
    first, *others = [part for part in text.splitlines() if part.strip()] or [""]
    blank = " " * (_LABEL + 2)
    yield from _wrapped(width, first, mark=mark, indent=f"  {label:<{_LABEL}}", rest=blank)
    for number, other in enumerate(others):
        if number == MAX_LINES:
            yield Line(f"{blank}... {len(others) - MAX_LINES} more lines")
            return
        yield from _wrapped(width, other, mark=mark, indent=blank, rest=blank)


def _wrapped(width: int, text: str, *, mark: str, indent: str, rest: str) -> Iterator[Line]:
    for line in wrapped(text, width, initial_indent=indent, rest=rest) or [indent.rstrip()]:
        yield Line(line, mark)


def wrapped(text: str, width: int, *, rest: str, **options: Any) -> list[str]:
    """A text as lines of so many columns; `rest` stands before all but the first. `options`: see `textwrap`."""
    return textwrap.wrap(harmless(text), width, subsequent_indent=rest, break_on_hyphens=False, **options)


def beyond(elements: int) -> str:
    """`3 list elements are there and not declared`."""
    return f"{counted(elements, 'list element')} {'is' if elements == 1 else 'are'} there and not declared"
