"""YAML with its places: plain data from a file, and the line on which every part of it stands.

An environment file is input from people: whatever it holds, reading it ends in data or in problems with a line,
never in a traceback, a hang or a huge allocation.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

MAX_BYTES = 32 * 1024 * 1024
MAX_DEPTH = 40
MAX_PARTS = 3_000_000
"""Keys, values and lists; every object of a Controller of the largest class, declared, has a half."""

_MERGE = "tag:yaml.org,2002:merge"
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

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
    lines: dict[Place, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

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

    `several`: it is another tool's, which may hold several documents, and aliases. `data` is the list of documents.
    Raises Invalid when the file cannot be
    read or parsed at all.
    """
    text = _text(path)
    try:
        _measure(path, text)
        source = Source(path)
        if several:
            nodes = [node for node in yaml.compose_all(text, Loader=_LOADER) if node is not None]
            builder = _Builder(source, aliases=True)
            source.data = [builder.build(node, (index,)) for index, node in enumerate(nodes)]
        elif (node := yaml.compose(text, Loader=_LOADER)) is not None:
            source.data = _Builder(source).build(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        # libyaml itself has a limit from 0.2.6 on, and meets it before we have counted as far.
        deep = "nesting depth" in str(error.problem)
        text = "is nested too deeply" if deep else f"is not YAML: {error.problem}"
        raise Invalid(path, [Problem(mark.line + 1 if mark else 1, text)]) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise Invalid(path, [Problem(line, "holds a character that YAML does not allow")]) from error
    except yaml.YAMLError as error:
        raise Invalid(path, [Problem(1, "is not YAML")]) from error
    return source


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


def _measure(path: Path, text: str) -> None:
    """Refuse what is nested too deeply or has too many parts, before anything is built that recurses over it.

    libyaml's composer recurses on the C stack: a hundred thousand brackets end the process.
    """
    depth = parts = 0
    for event in yaml.parse(text, Loader=_LOADER):
        opens = isinstance(event, yaml.CollectionStartEvent)
        depth += opens - isinstance(event, yaml.CollectionEndEvent)
        parts += opens or isinstance(event, yaml.ScalarEvent)
        if depth > MAX_DEPTH or parts > MAX_PARTS:
            why = (
                "is nested too deeply" if depth > MAX_DEPTH else f"has more than {MAX_PARTS} parts; split it"
            )
            mark = event.start_mark
            raise Invalid(path, [Problem(mark.line + 1 if mark else 1, why)])


class _Builder:
    """From YAML nodes to plain data. Aliases are refused, or what they stand for is counted: bombs are made of them."""

    def __init__(self, source: Source, *, aliases: bool = False) -> None:
        self.source = source
        self._aliases = aliases
        self._parts = 0
        self._seen: set[int] = set()
        self._scalars = yaml.SafeLoader("")

    def build(self, node: yaml.Node, place: Place = ()) -> Any:
        self.source.lines.setdefault(place, node.start_mark.line + 1)
        self._parts += 1
        if id(node) in self._seen or self._parts > MAX_PARTS:
            line = node.start_mark.line + 1
            raise Invalid(
                self.source.path, [Problem(line, "YAML aliases (*name) are not supported; write it out")]
            )
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            data: Any = self._mapping(node, place)
        elif isinstance(node, yaml.SequenceNode):
            data = [self.build(child, (*place, index)) for index, child in enumerate(node.value)]
        else:
            data = self._scalar(node)
        if self._aliases:
            self._seen.discard(id(node))  # an alias may name it again, though not from inside of it
        return data

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        """A mapping, with what its merge key (`<<: *name`) adds; its own keys go before, and earlier merges."""
        merges = [value for key, value in node.value if self._aliases and key.tag == _MERGE]
        data = dict(self._pairs(node, place))
        for merge in merges:
            data.pop("<<", None)
            for part in merge.value if isinstance(merge, yaml.SequenceNode) else [merge]:
                added = self.build(part, (*place, "<<"))
                if not isinstance(added, dict):
                    text = "a merge key (<<) takes a mapping, or a list of mappings"
                    raise Invalid(self.source.path, [Problem(part.start_mark.line + 1, text)])
                data = {**added, **data}
        return data

    def _pairs(self, node: yaml.MappingNode, place: Place) -> Iterator[tuple[str, Any]]:
        seen: dict[str, int] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
            if key in seen:
                self.source.problems.append(
                    Problem(line, f"{key!r} stands here a second time (first in line {seen[key]}); keep one")
                )
            seen[key] = line
            self.source.lines[(*place, key)] = line
            yield key, self.build(value_node, (*place, key))

    def _scalar(self, node: yaml.Node) -> Any:
        try:
            return self._scalars.construct_object(node)
        except (yaml.YAMLError, ValueError, LookupError, AttributeError, TypeError, ArithmeticError) as error:
            # PyYAML's constructors of scalars (!!bool, !!timestamp, an impossible date) fail in many ways.
            kind = str(node.tag).removeprefix("tag:yaml.org,2002:")
            text = f"{str(node.value)[:60]!r} is not a value of type {kind}; quote it if it is text"
            raise Invalid(self.source.path, [Problem(node.start_mark.line + 1, text)]) from error
