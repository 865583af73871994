"""YAML with its places: plain data from a file, and the line on which every part of it stands.

An environment file is input from people: whatever it holds, reading it ends in data or in problems with a line,
never in a traceback, a hang or a huge allocation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 40

Place = tuple[str | int, ...]
"""A path into the data: ("networks", 2, "vrf")."""


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong with a file: the line (from 1), what it is, and what to do."""

    line: int
    text: str


class Invalid(ValueError):
    """A file cannot be used. `problems` holds every problem that was found, in the order of lines."""

    def __init__(self, path: Path | str, problems: list[Problem]) -> None:
        self.path = path
        self.problems = sorted(set(problems))
        super().__init__("\n".join(f"{path}:{p.line}: {p.text}" for p in self.problems))


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


def read(path: Path) -> Source:
    """Parse a YAML file into a Source; syntax errors and duplicate keys are its problems.

    Raises Invalid when the file cannot be read or parsed at all.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise Invalid(
                path,
                [Problem(1, f"is larger than {MAX_BYTES // 1024**2} MiB; split it into one file a site")],
            )
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise Invalid(path, [Problem(1, f"cannot be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        raise Invalid(path, [Problem(1, "is not UTF-8 text")]) from error
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        node = yaml.compose(text, Loader=loader)
        source = Source(path)
        if node is not None:
            source.data = _Builder(source).build(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Invalid(
            path, [Problem(mark.line + 1 if mark else 1, f"is not YAML: {error.problem}")]
        ) from error
    except (yaml.YAMLError, ValueError) as error:
        raise Invalid(path, [Problem(1, f"is not YAML: {str(error).splitlines()[0]}")]) from error
    except RecursionError as error:
        raise Invalid(path, [Problem(1, "is nested too deeply")]) from error
    return source


class _Builder:
    """From YAML nodes to plain data. Aliases are refused: they are what bombs are made of."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._seen: set[int] = set()
        self._scalars = yaml.SafeLoader("")

    def build(self, node: yaml.Node, place: Place = ()) -> Any:
        self.source.lines.setdefault(place, node.start_mark.line + 1)
        if len(place) > MAX_DEPTH:
            raise Invalid(self.source.path, [Problem(node.start_mark.line + 1, "is nested too deeply")])
        if id(node) in self._seen:
            line = node.start_mark.line + 1
            raise Invalid(
                self.source.path, [Problem(line, "YAML aliases (*name) are not supported; write it out")]
            )
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return dict(self._pairs(node, place))
        if isinstance(node, yaml.SequenceNode):
            return [self.build(child, (*place, index)) for index, child in enumerate(node.value)]
        return self._scalar(node)

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
        except (yaml.YAMLError, ValueError) as error:
            text = f"{str(error).splitlines()[0]}; quote the value if it is text"
            raise Invalid(self.source.path, [Problem(node.start_mark.line + 1, text)]) from error
