"""YAML with its places: plain data from a file, and the line on which every part of it stands.

An environment file is input from people: whatever it holds, reading it ends in data or in problems with a line,
never in a traceback, a hang or a huge allocation.
"""

from __future__ import annotations

import math
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

MAX_BYTES = 32 * 1024 * 1024
MAX_DEPTH = 40
MAX_PARTS = 3_000_000
"""Keys, values and lists; every object of a Controller of the largest class, declared, has a half."""

_NO_ALIASES = "YAML aliases (*name) are not supported; write it out"
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_Event = Any
_EVENTS: Any = yaml
"""PyYAML's types of events; their members are not typed."""

_GO_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
}
MOST_DIGITS = 70
_GO_WHOLE = re.compile(r"[+-]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|[1-9]\d*|0)", re.ASCII)
_GO_NUMBER = re.compile(r"[+-]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][+-]?\d+)?", re.ASCII)

_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")

Place = tuple[str | int, ...]
"""A path into the data: ("networks", 2, "vrf")."""


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong with a file: the line (from 1; 0: the file as such), what it is, and what to do."""

    line: int
    text: str


class Invalid(ValueError):
    """A file cannot be used. `problems` holds every problem that was found, in the order of lines."""

    def __init__(self, path: Path | str, problems: list[Problem]) -> None:
        self.path = path
        self.problems = sorted(set(problems))
        super().__init__(
            "\n".join(f"{path}:{p.line}: {p.text}" if p.line else f"{path}: {p.text}" for p in self.problems)
        )


@dataclass
class Source:
    """A parsed file: its data, and where each part stands."""

    path: Path
    data: Any = None
    problems: list[Problem] = field(default_factory=list)
    text: str = field(default="", repr=False)
    several: bool = False

    @cached_property
    def lines(self) -> dict[Place, int]:
        """The line of every part, from 1. The file is gone through once more for it: few files have anything wrong."""
        lines: dict[Place, int] = {}
        _Builder(Source(self.path), self.text, go=self.several, lines=lines).documents()
        return lines

    def line(self, place: Place) -> int:
        """The line of a part, or of the nearest part around it that has one."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def wrong(self, place: Place, text: str) -> None:
        """Note a problem at a part of the file."""
        self.problems.append(Problem(self.line(place), text))


def read(path: Path, *, several: bool = False) -> Source:
    """Parse a YAML file into a Source; syntax errors and duplicate keys are its problems.

    `several`: it is for Helm or kubectl, which read by Go's YAML: its scalars, aliases and merge keys hold; `data` is
    the list of its documents. Raises Invalid when the file cannot be read or parsed at all.
    """
    source = Source(path, text=_text(path), several=several)
    try:
        documents = _Builder(source, source.text, go=several).documents()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        # libyaml itself has a limit from 0.2.6 on, and meets it before we have counted as far.
        deep = "nesting depth" in str(error.problem)
        text = "is nested too deeply" if deep else f"is not YAML: {error.problem}{_look(source, error)}"
        raise Invalid(path, [Problem(mark.line + 1 if mark else 1, text)]) from error
    except yaml.reader.ReaderError as error:
        line = source.text.count("\n", 0, error.position) + 1
        raise Invalid(path, [Problem(line, "holds a character that YAML does not allow")]) from error
    except yaml.YAMLError as error:
        raise Invalid(path, [Problem(1, "is not YAML")]) from error
    source.data = documents if several else documents[0] if documents else None
    return source


def _look(source: Source, error: yaml.MarkedYAMLError) -> str:
    """What to look at, of what libyaml does not say: the character that it met, and where the part begins."""
    block, mark = error.context_mark, error.problem_mark
    character = source.text[mark.index : mark.index + 1] if mark else ""
    if character == "\t":
        return "; a tab stands there, and YAML is indented with blanks only"
    if character in {"@", "`", "%"}:
        return f"; quote what begins with {character}"
    return (
        f"; look at brackets, quotes, colons and indentation from line {block.line + 1} on" if block else ""
    )


def name_in(path: Path) -> Any:
    """The name in an environment file, whatever it is; None where there is none: a run of it says what is wrong."""
    try:
        data = read(path).data
    except Invalid:
        return None
    return data.get("name") if isinstance(data, dict) else None


def _text(path: Path) -> str:
    """A file's text. Raises Invalid; what is no regular file is not waited for."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise Invalid(path, [Problem(0, "is not a file; give the path of a YAML file")])
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Invalid(path, [Problem(0, f"cannot be read: {error.strerror}")]) from error
    if len(data) > MAX_BYTES:
        text = f"is larger than {MAX_BYTES // 1024**2} MiB; split it into one file a site"
        raise Invalid(path, [Problem(0, text)])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Invalid(path, [Problem(line, "is not UTF-8 text; save it as UTF-8")]) from error


class _Builder:
    """From YAML's events to plain data: depth and number of parts are counted as they come.

    PyYAML's composer recurses on the C stack, so that a hundred thousand brackets end the process, and takes five times
    as long. Aliases are refused, or written out, and what they stand for is counted: bombs are made of them.
    `go`: read as Go's YAML reads.
    """

    def __init__(
        self, source: Source, text: str, *, go: bool = False, lines: dict[Place, int] | None = None
    ) -> None:
        self.source = source
        self._go = go
        self._lines = lines
        self._parts = self._depth = 0
        self._scalars: Any = yaml.SafeLoader("")
        self._plain: dict[str, Any] = {}  # of plain scalars; most stand in a file many times
        self._anchors: dict[str, _Event] = {}
        events: Iterator[_Event] = yaml.parse(text, Loader=_LOADER)
        self._events: Iterator[Any] = self._written_out(events) if go else events

    def documents(self) -> list[Any]:
        """Each document's data; of a file without aliases, there is one at the most."""
        documents: list[Any] = []
        for event in self._events:
            if not isinstance(event, _EVENTS.DocumentStartEvent):
                continue
            if documents and not self._go:
                raise self._wrong(
                    event,
                    "a second document begins (---); a file holds one, so leave this line out or begin another file",
                )
            place: Place = (len(documents),) if self._go else ()
            documents.append(self._build(next(self._events), place))
        return documents

    def _wrong(self, event: _Event, text: str) -> Invalid:
        return Invalid(self.source.path, [Problem(event.start_mark.line + 1, text)])

    def _build(self, event: _Event, place: Place) -> Any:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise self._wrong(event, f"has more than {MAX_PARTS} parts; split it")
        if self._lines is not None:
            self._lines.setdefault(place, event.start_mark.line + 1)
        if isinstance(event, _EVENTS.AliasEvent):
            raise self._wrong(self._anchors.get(event.anchor, event), _NO_ALIASES)
        if event.anchor is not None:
            self._anchors[event.anchor] = event
        if isinstance(event, _EVENTS.ScalarEvent):
            return self._scalar(event)
        if self._depth == MAX_DEPTH:
            raise self._wrong(event, "is nested too deeply")
        self._depth += 1
        built = (
            self._mapping(place) if isinstance(event, _EVENTS.MappingStartEvent) else self._sequence(place)
        )
        self._depth -= 1
        return built

    def _sequence(self, place: Place) -> list[Any]:
        data: list[Any] = []
        while not isinstance(event := next(self._events), _EVENTS.SequenceEndEvent):
            data.append(self._build(event, (*place, len(data))))
        return data

    def _mapping(self, place: Place) -> dict[str, Any]:
        """A mapping, with what its merge key (`<<: *name`) adds; its own keys go before, and earlier merges."""
        data: dict[str, Any] = {}
        merges: list[Any] = []
        seen: dict[str, int] = {}
        while not isinstance(event := next(self._events), _EVENTS.MappingEndEvent):
            line = event.start_mark.line + 1
            key = self._key(event)
            if key in seen:
                text = f"{key!r} stands here a second time (first in line {seen[key]}); keep one"
                self.source.problems.append(Problem(line, text))
            seen[key] = line
            inside = (*place, key)
            if self._lines is not None:
                self._lines[inside] = line
            value = self._build(first := next(self._events), inside)
            if self._go and key == "<<" and event.implicit[0]:
                merges += self._merged(value, first)
            else:
                data[key] = value
        for part in merges:
            data = {**part, **data}
        return data

    def _merged(self, value: Any, event: _Event) -> list[dict[str, Any]]:
        """The mappings that a merge key adds."""
        parts = value if isinstance(value, list) else [value]
        if not all(isinstance(part, dict) for part in parts):
            raise self._wrong(event, "a merge key (<<) takes a mapping, or a list of mappings")
        return parts

    def _key(self, event: _Event) -> str:
        """A key's text; of one that is no text, "?"."""
        if isinstance(event, _EVENTS.ScalarEvent):
            self._parts += 1
            return str(event.value)
        problems = len(self.source.problems)
        lines, self._lines = self._lines, None
        self._build(event, ())
        self._lines = lines
        del self.source.problems[problems:]
        return "?"

    def _scalar(self, event: _Event) -> Any:
        text, tag = event.value, event.tag
        if tag is None:
            if not event.implicit[0]:
                return text  # in quotes
            if text in self._plain:
                return self._plain[text]
        if tag is None and self._go:
            self._plain[text] = _as_go_reads(text)
            return self._plain[text]
        if tag in (None, "!"):
            tag = self._scalars.resolve(yaml.ScalarNode, text, event.implicit)
        try:
            value = self._constructed(tag, text)
        except (yaml.YAMLError, ValueError, LookupError, AttributeError, TypeError, ArithmeticError) as error:
            # PyYAML's constructors of scalars (!!bool, !!timestamp, an impossible date) fail in many ways.
            kind = str(tag).removeprefix("tag:yaml.org,2002:")
            why = f"{text[:60]!r} is not a value of type {kind}; quote it if it is text"
            raise self._wrong(event, why) from error
        if event.tag is None:
            self._plain[text] = value
        return value

    def _constructed(self, tag: str, text: str) -> Any:
        """A scalar of a type that is written down or meant. Raises one of many errors where it is not of that type."""
        if self._go and tag in _NUMBERS:
            number = _as_go_reads(text)
            if isinstance(number, bool) or not isinstance(number, int | float):
                raise ValueError(text)
            return number
        return self._scalars.construct_object(yaml.ScalarNode(tag, text))

    def _written_out(self, events: Iterator[_Event]) -> Iterator[_Event]:
        """The events, with what aliases stand for in their place."""
        anchors: dict[str, list[_Event]] = {}
        recording: list[list[_Event]] = []  # one for each collection that is open and has an anchor
        opened: list[str | None] = []
        repeated = 0
        for event in events:
            anchor: Any = getattr(event, "anchor", None)
            meant = [event]
            if isinstance(event, _EVENTS.AliasEvent):
                meant = anchors.get(anchor, [])  # none where it stands for what it is in
                repeated += len(meant)
                if not meant or repeated > MAX_PARTS:
                    raise self._wrong(event, _NO_ALIASES)
            elif isinstance(event, _EVENTS.CollectionStartEvent):
                opened.append(anchor)
                recording += [[]] if anchor else []
            elif anchor:
                anchors[anchor] = [event]
            for record in recording:
                record.extend(meant)
            yield from meant
            if isinstance(event, _EVENTS.CollectionEndEvent) and (name := opened.pop()):
                anchors[name] = recording.pop()


def _as_go_reads(text: str) -> Any:
    """A plain scalar as Go's YAML takes it, with which Helm and kubectl read: `y` is true, a time or `1:30` is text."""
    if text in _GO_WORDS:
        return _GO_WORDS[text]
    number = text if text[0] in "._" else text.replace("_", "")
    if _GO_WHOLE.fullmatch(number) and len(number) < MOST_DIGITS:
        octal = re.match(r"[+-]?0\d", number) is not None
        whole = int(number.replace("0", "0o", 1) if octal else number, 0)
        if -(2**63) <= whole < 2**64:
            return whole
    value = float(number) if _GO_NUMBER.fullmatch(number) else math.inf
    return value if math.isfinite(value) else text
