"""The text of one result that is not a pass: what, declared, found, why, what to do. No traceback."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from intent.drift import EXISTENCE, Drift
from intent.harmless import harmless
from intent.outcome import UNJUDGED, CheckResult

WIDTH = 100
MAX_LINES = 30
"""Lines shown of one difference; `drift.json` has the whole."""

_LABEL = 10


class Line(NamedTuple):
    """One line of text and how to mark it: title, label, declared, found or plain."""

    text: str
    mark: str = "plain"


def failure_text(result: CheckResult) -> str:
    """What a person reads of a drift, a failure, an unknown or a blocked check; at most 100 columns."""
    return "\n".join(line.text for line in failure_lines(result))


def failure_lines(result: CheckResult) -> Iterator[Line]:
    """The same, line by line with marks, for a terminal."""
    yield from _wrapped(headline(result), mark="title", indent="", rest="  ")
    if len(result.drifts) == 1:
        yield from _difference(result.drifts[0])
    else:
        for drift in result.drifts:
            yield from _wrapped(drift.path or "existence", mark="label", indent="  ", rest="    ")
            yield from _difference(drift)
    yield from _about(result)


def headline(result: CheckResult) -> str:
    """The result in one line: `network AVI_FRONTEND_3025: vrf is not as declared`."""
    fact = result.fact
    return f"{fact.subject or fact.title or fact.check.name}: {predicate(result)}"


def predicate(result: CheckResult) -> str:
    """The headline without its subject: `vrf is not as declared`."""
    title = result.fact.title.rstrip(".")
    if result.outcome == "waived":
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


def short(result: CheckResult) -> str:
    """The result without its subject, for lists: `vrf: declared VRF_AZ1, found global`."""
    if result.drifts:
        return short_drifts([(drift.path, drift.want, drift.have) for drift in result.drifts])
    return " ".join((result.reason or result.fact.title).split())


def short_drifts(drifts: Sequence[tuple[str, Any, Any]]) -> str:
    """Drifts of one object, each a (path, declared, found): the first of them, and how many more there are."""
    path, want, have = drifts[0]
    more = f" (and {len(drifts) - 1} more)" if len(drifts) > 1 else ""
    if path == EXISTENCE:
        return f"{shown(have)}{more}"
    return f"{path}: declared {shown(want)}, found {shown(have)}{more}"


def shown(value: Any) -> str:
    """A declared or found value in one line: lists and objects briefly, None as nothing."""
    if value is None:
        return "nothing"
    if value is True or value is False:
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(shown(part) for part in value) or "nothing"
    if isinstance(value, dict):
        if not value:
            return "nothing"
        return "{" + ", ".join(f"{name}: {shown(part)}" for name, part in value.items()) + "}"
    return str(value) if str(value).strip() else repr(value)


def document(value: Any) -> list[str]:
    """A value as lines, for a comparison line by line."""
    if value is None:
        return []
    if isinstance(value, list):
        return [line for part in value for line in _element(part)]
    if isinstance(value, dict):
        return [f"{name}: {shown(part)}" for name, part in value.items()]
    return str(value).splitlines() or [""]


def difference(want: Any, have: Any) -> list[str]:
    """A comparison of two values, line by line: `- ` only declared, `+ ` only found, two blanks for both."""
    wanted, found = document(want), document(have)
    if isinstance(want, list) and isinstance(have, list) and sorted(wanted) != sorted(found):
        # What is in both stands first, so that another order does not look like another content.
        wanted, found = _common_first(wanted, found), _common_first(found, wanted)
    return [line.rstrip("\n") for line in difflib.ndiff(wanted, found) if not line.startswith("?")]


def is_one_line(want: Any, have: Any) -> bool:
    """Whether two values are told apart well enough in one line each."""
    structured = any(isinstance(value, list | dict) and len(value) > 1 for value in (want, have))
    return not structured and all(
        "\n" not in shown(value) and len(shown(value)) <= WIDTH - _LABEL - 2 for value in (want, have)
    )


def _what(result: CheckResult) -> str:
    field = result.check.field
    paths = list(dict.fromkeys(drift.path or "existence" for drift in result.drifts)) or [field or "it"]
    return paths[0] if len(paths) == 1 else f"{field or paths[0]} ({len(paths)} places)"


def _difference(drift: Drift) -> Iterator[Line]:
    want, have = drift.want, drift.have
    if is_one_line(want, have):
        yield from _labelled("declared", shown(want), "declared")
        yield from _labelled("found", shown(have), "found")
        return
    lines = difference(want, have)
    yield Line(f"  {'compared':<{_LABEL}}- only declared, + only found")
    for line in lines[:MAX_LINES]:
        mark = {"-": "declared", "+": "found"}.get(line[:1], "plain")
        yield from _wrapped(line, mark=mark, indent="    ", rest="        ")
    if len(lines) > MAX_LINES:
        yield Line(f"    ... {len(lines) - MAX_LINES} more lines; drift.json has them all")


def _about(result: CheckResult) -> Iterator[Line]:
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
            yield from _labelled(label, text)
    if check.docs:
        yield Line(f"  {'docs':<{_LABEL}}{harmless(check.docs)}")


def _labelled(label: str, text: str, mark: str = "plain") -> Iterator[Line]:
    first, *others = [part for part in text.splitlines() if part.strip()] or [""]
    blank = " " * (_LABEL + 2)
    yield from _wrapped(first, mark=mark, indent=f"  {label:<{_LABEL}}", rest=blank)
    for number, other in enumerate(others):
        if number == MAX_LINES:
            yield Line(f"{blank}... {len(others) - MAX_LINES} more lines")
            return
        yield from _wrapped(other, mark=mark, indent=blank, rest=blank)


def _wrapped(text: str, *, mark: str, indent: str, rest: str) -> Iterator[Line]:
    lines = textwrap.wrap(
        harmless(text),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=rest,
        break_on_hyphens=False,
        replace_whitespace=True,
        drop_whitespace=True,
    )
    for line in lines or [indent.rstrip()]:
        yield Line(line, mark)


def _element(part: Any) -> list[str]:
    if isinstance(part, dict):
        return [", ".join(f"{name}: {shown(value)}" for name, value in part.items())]
    return [shown(part)]


def _common_first(lines: list[str], others: list[str]) -> list[str]:
    common = sorted(line for line in lines if line in others)
    return common + sorted(line for line in lines if line not in others)
