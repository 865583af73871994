"""The messages of a log, each without what a logger, a runtime, a terminal or a mail has put around it.

JSON lines of AKO's logger, plain lines, rows of events; what was wrapped is put together again. It takes time in
proportion to the log.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from intent.ako.texts import HOLDER, steps

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


@dataclass(frozen=True)
class LogMessage:
    """One message of a log, in one line, and the number of the line in which it begins."""

    line: int
    text: str


def messages(log: str) -> Iterator[LogMessage]:
    """The messages of a log. A JSON document, such as `kubectl get events -o json` writes, is one of many messages."""
    log = _COLOUR.sub("", log).translate(_QUOTES)
    if _ESCAPED.search(log):
        log = html.unescape(log)
    if log.lstrip()[:1] in ("{", "[") and (document := _json(log)) is not None:
        yield from (LogMessage(1, message) for message in _in_json(document))
        return
    for number, text in _unwrapped([*_joined(log.splitlines())]):
        plain = text.replace('""', '"') if text.startswith('"') else text
        for message in _of_line(_HEAD.sub("", plain, count=1)):
            yield LogMessage(number, message)


def _of_line(body: str) -> Iterator[str]:
    """The messages of a line without its head: JSON, JSON in a text or behind a prefix, or plain."""
    member = _MEMBER.match(body)
    whole = body[member.end() :] if member else body
    data = _json(whole) if whole.startswith(("{", '"')) else None
    if data is None and (at := body.find('{"')) > 0:
        behind = _json(body[at:])
        data = behind if isinstance(behind, dict) and behind.keys() & {*_MESSAGES} else None
    if isinstance(data, str):
        yield from (message.text for message in messages(data))
    elif data is not None:
        yield from _in_json(data)
    elif body.strip():
        yield _QUOTED.sub('"', body).strip()


def _json(text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _in_json(data: Any, depth: int = 0) -> Iterator[str]:
    """The messages in JSON of a logger, or of a list of Kubernetes' events."""
    if depth > 8:
        return
    if isinstance(data, list):
        for element in data:
            if isinstance(element, str):  # as Loki answers: a time and a line
                yield from (message.text for message in messages(element) if depth)
            yield from _in_json(element, depth + 1)
        return
    if not isinstance(data, dict):
        return
    for name, value in data.items():
        if isinstance(value, str) and name in _MESSAGES:
            inner = _json(value) if value.startswith("{") else None
            if isinstance(inner, dict):
                yield from _in_json(inner, depth + 1)
            else:
                yield _HEAD.sub("", value, count=1).strip()
        elif isinstance(value, dict | list):
            yield from _in_json(value, depth + 1)


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
        or "".join(line.split()).startswith(_beginnings())
    )


@cache
def _beginnings() -> tuple[str, ...]:
    """What AKO's texts begin with, without blanks, where that is long enough to be known by."""
    firsts = ("".join(HOLDER.split(text.text)[0].split()) for step in steps().values() for text in step.texts)
    return tuple(first for first in firsts if len(first) > 8)
