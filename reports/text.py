"""The text of one result that is not a pass: what, declared, found, why, what to do. No traceback."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from intent.drift import EXISTENCE
from intent.harmless import harmless

Avi = Mapping[str, Any]
"""What a report says of itself: `report.avi`."""

WIDTH = 100
MAX_LINES = 30
"""Lines shown of one difference; `drift.json` has the whole."""

_LABEL = 10


class Line(NamedTuple):
    """One line of text and how to mark it: title, label, declared, found or plain."""

    text: str
    mark: str = "plain"


def failure_text(avi: Avi) -> str:
    """What a person reads of a drift, a failure, an unknown or a blocked check; at most 100 columns."""
    return "\n".join(line.text for line in failure_lines(avi))


def failure_lines(avi: Avi) -> Iterator[Line]:
    """The same, line by line with marks, for a terminal."""
    yield from _wrapped(headline(avi), mark="title", indent="", rest="  ")
    drifts = avi.get("drifts") or []
    if len(drifts) == 1:
        yield from _difference(drifts[0])
    else:
        for drift in drifts:
            yield from _wrapped(drift["path"] or "existence", mark="label", indent="  ", rest="    ")
            yield from _difference(drift)
    yield from _about(avi)


def headline(avi: Avi) -> str:
    """The result in one line: `network AVI_FRONTEND_3025: vrf is not as declared`."""
    subject = avi.get("object") or avi.get("title") or avi.get("check", "")
    outcome = avi.get("outcome")
    drifts = avi.get("drifts") or []
    if outcome == "waived":
        return f"{subject}: {_what(avi, drifts)} is waived"
    if outcome == "unknown":
        return f"{subject}: could not be read, so nothing is known of: {avi.get('title', '').rstrip('.')}"
    if outcome == "blocked":
        return f"{subject}: not asked: {avi.get('title', '').rstrip('.')}"
    if drifts:
        if all(drift["path"] == EXISTENCE for drift in drifts):
            return f"{subject}: {shown(drifts[0]['have'])}"
        return f"{subject}: {_what(avi, drifts)} is not as declared"
    return f"{subject}: does not hold: {avi.get('title', '').rstrip('.')}"


def short(avi: Avi) -> str:
    """The result without its subject, for lists: `vrf: declared VRF_AZ1, found global`."""
    drifts = avi.get("drifts") or []
    if not drifts:
        reason = str(avi.get("reason") or avi.get("title") or "")
        return " ".join(reason.split())
    first = drifts[0]
    more = f" (and {len(drifts) - 1} more)" if len(drifts) > 1 else ""
    if first["path"] == EXISTENCE:
        return f"{shown(first['have'])}{more}"
    return f"{first['path']}: declared {shown(first['want'])}, found {shown(first['have'])}{more}"


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


def _what(avi: Avi, drifts: Sequence[Mapping[str, Any]]) -> str:
    paths = list(dict.fromkeys(drift["path"] or "existence" for drift in drifts))
    paths = paths or [avi.get("field") or "it"]
    return paths[0] if len(paths) == 1 else f"{avi.get('field') or paths[0]} ({len(paths)} places)"


def _difference(drift: Mapping[str, Any]) -> Iterator[Line]:
    want, have = drift["want"], drift["have"]
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


def _about(avi: Avi) -> Iterator[Line]:
    outcome = avi.get("outcome")
    for name, label in (("reason", "reason"), ("waiver", "waiver"), ("why", "why")):
        if name == "why" and outcome in ("unknown", "blocked"):
            continue
        if avi.get(name):
            yield from _labelled(label, str(avi[name]))
    if avi.get("step") or avi.get("topic"):
        yield from _labelled("blog", ": ".join(str(avi[n]) for n in ("step", "topic") if avi.get(n)))
    if outcome not in ("unknown", "blocked", "waived") and avi.get("do"):
        yield from _labelled("do", str(avi["do"]))
    if avi.get("owner"):
        yield from _labelled("owner", str(avi["owner"]))
    if avi.get("docs"):
        yield Line(f"  {'docs':<{_LABEL}}{harmless(avi['docs'])}")


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
