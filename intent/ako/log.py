"""The log search: from a line of AKO's log, or a pod's whole log, to AKO's texts in it and the steps that print them.

A text is looked for without blanks, since a wrapped line has them elsewhere. It takes time in proportion to the log.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits

from intent.ako.log_messages import messages
from intent.ako.texts import HOLDER, NESTED, StepTexts, Text, steps

CHUNK = 20_000
"""Letters of a message that are looked through at a time."""
OVERLAP = 4_000
"""Letters that two chunks share: more than any text with its names."""
DEEPEST = 4
"""How deep texts are looked for in texts: AKO puts two of its own around one."""
FRAME = "V"
"""The step of the lines that AKO puts around another text: they say nothing where that text is known."""

_AFTER_JSON = re.compile(r'"(?:,"\w{1,50}":|\}).*$', re.DOTALL)
_CUT = '"msg":"'
"""What stands before a message in JSON that is cut off."""
_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
_WORD = ascii_letters + digits


@dataclass(frozen=True)
class Mention:
    """A text of AKO's in a log: with the values of its place-holders, by name, and how often it is there.

    `unknown`: what stands in the place of another text, and is none of the table's.
    """

    step: StepTexts
    text: Text
    values: tuple[tuple[str, str], ...]
    line: int
    times: int = 1
    unknown: str = ""

    def value(self, holder: str) -> str:
        """What stands in the place of a place-holder; "" where there is none."""
        return dict(self.values).get(holder, "")


@dataclass(frozen=True)
class _Pattern:
    """A text for the search: its literal parts without blanks, and the names of the place-holders between them.

    `folded`: the parts in lower case; `weight`: how many letters are AKO's own; `longest`: of them, the longest part.
    """

    step: StepTexts
    text: Text
    parts: tuple[str, ...]
    folded: tuple[str, ...]
    holders: tuple[str, ...]
    weight: int
    longest: str


@dataclass(frozen=True)
class _Match:
    pattern: _Pattern
    spans: tuple[tuple[int, int], ...]
    start: int
    end: int
    exact: bool

    @property
    def rank(self) -> tuple[bool, bool, int, bool]:
        """What says more of a message: a text that begins it, one around another, the longer, in its very letters."""
        around = NESTED in self.pattern.holders and bool(self.pattern.parts[-1])
        return self.start == 0, around, self.pattern.weight, self.exact


def mentions(log: str) -> list[Mention]:
    """Every text of AKO's in a log, each once for the same values, in the order in which they first stand there.

    The lines that AKO puts around another text are left out where a step of the validation is known.
    """
    every: dict[Mention, Mention] = {}
    for message in messages(log):
        for mention in _in_message(message.text):
            first = every.get(mention)
            line, times = (first.line, first.times + 1) if first else (message.line, 1)
            every[mention] = replace(mention, line=line, times=times)
    known = any(mention.step.group for mention in every)
    return [
        mention
        for mention in every.values()
        if mention.unknown or not known or mention.step.step != FRAME or mention.text.meaning
    ]


@cache
def _patterns() -> tuple[_Pattern, ...]:
    return tuple(_pattern(step, text) for step in steps().values() for text in step.texts)


def _pattern(step: StepTexts, text: Text) -> _Pattern:
    parts = tuple("".join(part.split()) for part in HOLDER.split(text.text)[::2])
    folded = tuple(part.translate(_LOWER) for part in parts)
    return _Pattern(step, text, parts, folded, text.holders, sum(map(len, parts)), max(folded, key=len))


@lru_cache(maxsize=2_000)
def _in_message(message: str) -> tuple[Mention, ...]:
    """The texts in a message, chunk by chunk where it is long."""
    if len(message) <= CHUNK:
        return tuple(_mentions(message, 0))
    every: dict[Mention, None] = {}
    for at in range(0, len(message), CHUNK - OVERLAP):
        every.update(dict.fromkeys(_mentions(message[at : at + CHUNK], 0)))
    return tuple(every)


def _mentions(message: str, depth: int) -> Iterator[Mention]:
    """The texts in a message and, where one of them holds another, in that."""
    places = [at for at, letter in enumerate(message) if not letter.isspace()]
    squeezed = "".join([message[at] for at in places])
    chosen = _chosen(squeezed)
    for number, match in enumerate(chosen, 1):
        following = chosen[number] if number < len(chosen) else None
        limit = following.start if following else len(squeezed)
        values, nested, unknown = [], False, ""
        for holder, (start, end) in zip(match.pattern.holders, match.spans, strict=True):
            value = _value(message, places, start, min(end, limit))
            if holder == NESTED:
                within = list(_mentions(value, depth + 1)) if end < limit and depth < DEEPEST else []
                yield from within
                nested = bool(within) or (following is not None and not value.strip("["))
                unknown = "" if nested else value
            else:
                values.append((holder, value))
        if not (nested and match.pattern.step.step == FRAME):
            yield Mention(match.pattern.step, match.pattern.text, tuple(values), 0, unknown=unknown)


def _value(message: str, places: list[int], start: int, end: int) -> str:
    """What stands in the message between two letters; what a logger's JSON or a quotation puts behind it is cut off."""
    if start >= end:
        return ""
    value = " ".join(message[places[start] : places[end - 1] + 1].split())
    return _AFTER_JSON.sub("", value).rstrip("\"'`") if end == len(places) else value


def _chosen(text: str) -> list[_Match]:
    """The texts in a message; of those that overlap, the one that says more."""
    folded = text.translate(_LOWER)
    present = (pattern for pattern in _patterns() if pattern.longest in folded)
    every = [match for pattern in present for match in _matches(pattern, text, folded)]
    every.sort(key=lambda match: match.rank, reverse=True)
    chosen: list[_Match] = []
    for match in every:
        at = bisect(chosen, match.start, key=lambda other: other.start)
        before, after = chosen[max(at - 1, 0) : at], chosen[at : at + 1]
        if all(other.end <= match.start for other in before) and all(
            match.end <= other.start for other in after
        ):
            chosen.insert(at, match)
    return chosen


def _matches(pattern: _Pattern, text: str, folded: str) -> Iterator[_Match]:
    """Every place of a text in a message, from the left."""
    at = 0
    while (match := _next_match(pattern, text, folded, at)) is not None:
        if not pattern.text.alone or not match.start or folded.endswith(_frames(), 0, match.start):
            yield match
        at = match.end


def _next_match(pattern: _Pattern, text: str, folded: str, at: int) -> _Match | None:
    """The first place of a text from here on. Place-holders hold as little as they can, nested texts all they can."""
    parts = pattern.folded
    lead = 0 if parts[0] else 1
    start = folded.find(parts[lead], at)
    if start > 0 and lead + 1 < len(parts) and parts[lead + 1]:
        second = folded.find(parts[lead + 1], start + len(parts[lead]))
        start = _beginning(folded, parts[lead], start, second)
    if start < 0:
        return None
    end, exact = start + len(parts[lead]), text.startswith(pattern.parts[lead], start)
    spans: list[tuple[int, int]] = []
    for holder, part in zip(pattern.holders[lead:], parts[lead + 1 :], strict=True):
        if not part:
            spans.append((end, len(text)))
            break
        place = folded.rfind(part, end) if holder == NESTED else folded.find(part, end)
        if place < 0:
            return None
        spans.append((end, place))
        end = place + len(part)
    if lead:
        # The word before: a name of a type.
        first = start - len(before := text[max(start - 60, 0) : start]) + len(before.rstrip(_WORD))
        spans.insert(0, (first, start))
        start = first
    return _Match(pattern, tuple(spans), start, end, exact)


def _beginning(folded: str, part: str, start: int, end: int) -> int:
    """Where a text begins, of all places of its first words: behind what AKO puts before a text, else the last."""
    at = start
    while 0 <= at < end:
        if folded.endswith(_before_texts(), 0, at):
            return at
        at = folded.find(part, at + 1, end)
    return folded.rfind(part, start, end) if end >= 0 else -1


@cache
def _frames() -> tuple[str, ...]:
    """What AKO puts before the text of a step."""
    nesting = (each for each in _patterns() if NESTED in each.holders and each.step.step == FRAME)
    return (*(each.folded[each.holders.index(NESTED)] for each in nesting), _CUT)


@cache
def _before_texts() -> tuple[str, ...]:
    """What stands before a text within another, and in JSON that is cut off."""
    nesting = (pattern for pattern in _patterns() if NESTED in pattern.holders)
    return (*(pattern.folded[pattern.holders.index(NESTED)] for pattern in nesting), _CUT)
