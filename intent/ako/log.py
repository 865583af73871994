"""The log search: from a line of AKO's log, or a pod's whole log, to AKO's texts in it and the steps that print them.

A log is cut into records: JSON lines of AKO's logger, plain lines, rows of events; what a terminal or a mail has
wrapped is put together again. A text is looked for without blanks, since a wrapped line has them elsewhere. Everything
takes time in proportion to the log.
"""

from __future__ import annotations

import html
import json
import re
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits
from typing import Any

from intent.ako.texts import HOLDER, NESTED, Step, Text, steps

CHUNK = 20_000
"""Letters of a record that are looked through at a time."""
OVERLAP = 4_000
"""Letters that two chunks share: more than any text with its names."""
DEEPEST = 4
"""How deep texts are looked for in texts: AKO puts two of its own around one."""
FRAME = "V"
"""The step of the lines that AKO puts around another text: they say nothing where that text is known."""

_COLOUR = re.compile(r"\x1b(?:\[[0-9;:?]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?)|[\u200b-\u200d\u2060\ufeff]")
"""What a terminal draws with, and what no eye sees."""
_ESCAPED = re.compile(r"&(?:quot|apos|#x27|#39|lt|gt|amp);")
_QUOTES = str.maketrans("\u2018\u2019\u201c\u201d", "''\"\"")
"""What mail and chat make of quotation marks."""
_TIME = r"\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?"
_LEVEL = r"\[?(?:DEBUG|INFO|WARN|WARNING|ERROR|FATAL|PANIC|DPANIC|Normal|Warning)\]?"
_HEAD = re.compile(
    rf"\A(?:(?!\s*\{{).{{0,300}}?(?={_TIME}\s+{_LEVEL}\s))?"
    r"[\s>*+`]*(?:\[?pod/[^\]\s]{1,300}\]?\s+)?"
    rf"(?:{_TIME}\s+(?:std(?:out|err)\s+[FP]\s+)?){{0,3}}"
    r"(?:[IWEF]\d{4}\s+\d\d:\d\d:\d\d\.\d{1,9}\s+\d{1,9}\s+)?"
    rf"(?:{_LEVEL}\s+)?"
    r"(?:[\w./@-]{1,200}\.go:\d{1,9}\]?:?\s+)?"
)
"""What stands before the message of a plain line: a collector's prefix, times, klog's head, level, place."""
_PIECE = re.compile(
    rf"(?s)(?P<head>.{{0,300}}?{_TIME}\s+(?P<stream>std(?:out|err))\s+)(?P<flag>[FP]) (?P<text>.*)"
)
"""A line of a container runtime's own file: one of a message's pieces (P), or its last (F)."""
_MESSAGES = ("msg", "message", "M", "log", "error", "err", "note", "text", "textPayload", "_raw", "@message")
"""Members that hold a message, in JSON of zap, Docker, klog, Kubernetes' events, and what collects logs."""
_MEMBER = re.compile(r'(?:[\w.@-]{1,50}=[^\s"]{0,300}\s)*[\w.@-]{1,50}(?:=|:\s)(?=")')
"""What stands before a message in YAML, and in a line of members (logfmt)."""
_QUOTED = re.compile(r'\\+"')
_AFTER_JSON = re.compile(r'"(?:,"\w{1,50}":|\}).*$', re.DOTALL)
_CUT = '"msg":"'
"""What stands before a message in JSON that is cut off."""
_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
_WORD = ascii_letters + digits


@dataclass(frozen=True)
class Record:
    """One message of a log, in one line, and the number of the line in which it begins."""

    line: int
    message: str


@dataclass(frozen=True)
class Mention:
    """A text of AKO's in a log: with the values of its place-holders, by name, and how often it is there.

    `unknown`: what stands in the place of another text, and is none of the table's.
    """

    step: Step
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

    step: Step
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
    for record in records(log):
        for mention in _in_message(record.message):
            first = every.get(mention)
            line, times = (first.line, first.times + 1) if first else (record.line, 1)
            every[mention] = replace(mention, line=line, times=times)
    known = any(mention.step.group for mention in every)
    return [
        mention
        for mention in every.values()
        if mention.unknown or not known or mention.step.step != FRAME or mention.text.meaning
    ]


def records(log: str) -> Iterator[Record]:
    """The messages of a log. A JSON document, such as `kubectl get events -o json` writes, is one of many messages."""
    log = _COLOUR.sub("", log).translate(_QUOTES)
    if _ESCAPED.search(log):
        log = html.unescape(log)
    if log.lstrip()[:1] in ("{", "[") and (document := _json(log)) is not None:
        yield from (Record(1, message) for message in _messages(document))
        return
    for number, text in _unwrapped([*_joined(log.splitlines())]):
        plain = text.replace('""', '"') if text.startswith('"') else text
        for message in _of_line(_HEAD.sub("", plain, count=1)):
            yield Record(number, message)


def _of_line(body: str) -> Iterator[str]:
    """The messages of a line without its head: JSON, JSON in a text or behind a prefix, or plain."""
    member = _MEMBER.match(body)
    whole = body[member.end() :] if member else body
    data = _json(whole) if whole.startswith(("{", '"')) else None
    if data is None and (at := body.find('{"')) > 0:
        behind = _json(body[at:])
        data = behind if isinstance(behind, dict) and behind.keys() & {*_MESSAGES} else None
    if isinstance(data, str):
        yield from (record.message for record in records(data))
    elif data is not None:
        yield from _messages(data)
    elif body.strip():
        yield _QUOTED.sub('"', body).strip()


def _json(text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _messages(data: Any, depth: int = 0) -> Iterator[str]:
    """The messages in JSON of a logger, or of a list of Kubernetes' events."""
    if depth > 8:
        return
    if isinstance(data, list):
        for element in data:
            if isinstance(element, str):  # as Loki answers: a time and a line
                yield from (record.message for record in records(element) if depth)
            yield from _messages(element, depth + 1)
        return
    if not isinstance(data, dict):
        return
    for name, value in data.items():
        if isinstance(value, str) and name in _MESSAGES:
            inner = _json(value) if value.startswith("{") else None
            if isinstance(inner, dict):
                yield from _messages(inner, depth + 1)
            else:
                yield _HEAD.sub("", value, count=1).strip()
        elif isinstance(value, dict | list):
            yield from _messages(value, depth + 1)


def _joined(lines: list[str]) -> Iterator[tuple[int, str]]:
    """The lines with their numbers, those put together that a container runtime has cut a long message into."""
    begun: dict[str, tuple[int, str, str]] = {}
    for number, line in enumerate(lines, 1):
        stream, head, text, ends = _piece(line, within=bool(begun))
        first, head, before = begun.pop(stream, (number, head, ""))
        if not stream:
            yield number, line
        elif not ends:
            begun[stream] = first, head, before + text
        else:
            yield (first, _put(head, before + text)) if before else (number, line)
    yield from ((first, _put(head, text)) for first, head, text in begun.values())


def _piece(line: str, *, within: bool) -> tuple[str, str, str, bool]:
    """Of a line of a runtime's file: the stream, what stands before the text, the text, and whether that ends there.

    The stream is "" for any other line. `within`: whether a message has begun.
    """
    if " std" not in line and (not line.lstrip().startswith("{") or ('\\n"' in line and not within)):
        return "", "", "", True
    if match := _PIECE.match(line):
        return match["stream"], match["head"], match["text"], match["flag"] == "F"
    data = _json(line) if '"log"' in line and '"stream"' in line else None
    if isinstance(data, dict) and isinstance(text := data.get("log"), str):
        return f"docker {data.get('stream')}", "", text, text.endswith("\n")
    return "", "", "", True


def _put(head: str, text: str) -> str:
    """A message as its runtime would have written it in one piece."""
    return f"{head}F {text}" if head else json.dumps({"log": text})


def _unwrapped(lines: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """The lines with their numbers, those put together that something has wrapped.

    A line goes on in the next one where that has no head of its own, and its first word had no more room.
    """
    width = max((len(line) for _, line in lines), default=0)
    start, text, last = 1, "", 0
    for number, line in lines:
        word = line.split(None, 1)[0] if line.strip() else ""
        if text and word and not _begins(line) and last + 1 + len(word) > width:
            # A terminal breaks within words, and its lines are all of one length.
            text += ("" if last == width and not line[0].isspace() else " ") + line.strip()
        else:
            if text.strip():
                yield start, text
            start, text = number, line
        last = len(line)
    if text.strip():
        yield start, text


def _begins(line: str) -> bool:
    """Whether a line is the beginning of a record: it has a head, is JSON, or begins with a text of AKO's."""
    head = _HEAD.match(line)
    end = head.end() if head else 0
    return (
        line[:end].strip() != ""
        or line.lstrip().startswith('{"')
        or "".join(line.split()).startswith(_starts())
    )


@cache
def _starts() -> tuple[str, ...]:
    return tuple(pattern.parts[0] for pattern in _patterns() if len(pattern.parts[0]) > 8)


@cache
def _patterns() -> tuple[_Pattern, ...]:
    return tuple(_pattern(step, text) for step in steps().values() for text in step.texts)


def _pattern(step: Step, text: Text) -> _Pattern:
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
