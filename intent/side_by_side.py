"""Declared differences of two sites, and what a comparison of them has come to. Pure data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, model_validator

from avi_schema import Message, load
from intent.base import Declared
from intent.file_kinds import DIFFERENCES
from intent.installation import EVERY_TYPE
from intent.values import Name
from intent.words import counted, did_you_mean, nearest

FORMAT, VERSION = "avi-compliance-comparison", 1
"""What the JSON of a comparison says of itself. Within a version members are only ever added."""


def _type_known(pattern: str) -> str:
    """A type of the Controller, or a glob that means some. Raises ValueError."""
    types = load().types
    if not any(fnmatchcase(name, pattern) for name in types):
        raise ValueError(f"no type of object is named {pattern!r}{nearest(pattern, types, EVERY_TYPE)}")
    return pattern


def _names_sensible(names: Mapping[str, str]) -> Mapping[str, str]:
    """Raises ValueError."""
    for left, right in names.items():
        api, slash, _ = left.partition("/")
        if slash and api in load().types and right.startswith(f"{api}/"):
            raise ValueError(f"{left}: the type stands once, before A's name; write B's name alone")
        if left.count("*") != right.count("*") or left.count("*") > 1:
            raise ValueError(f"{left}: {right}: a `*` stands once in both names, or in neither")
    return names


class AcceptedDifference(Declared):
    """A difference that is meant. `type`, `name` (A's or B's) and `path` are globs."""

    type: Annotated[Name, AfterValidator(_type_known)]
    """the Controller's type, such as pool"""
    name: Name = "*"
    """the object, by its name on either site"""
    path: Name = "*"
    """the member, such as services.port; left out: all, and that the object is there"""

    @model_validator(mode="before")
    @classmethod
    def _of_text(cls, value: Any) -> Any:
        """`serviceenginegroup.max_se` is a type and a path."""
        if not isinstance(value, str):
            return value
        api, dot, path = value.partition(".")
        return {"type": api, "path": path} if dot else {"type": api}

    @property
    def slip(self) -> str:
        """`; pool has no member 'enabeld'; did you mean 'enabled'?`, as far as the path is written out; or nothing."""
        types = load().types
        kinds = [kind for name, kind in types.items() if fnmatchcase(name, self.type)]
        slips = {_slip(kind.message, self.path) for kind in kinds}
        return "" if "" in slips else min(slips, default="")

    def covers(self, api: str, names: tuple[str, str], path: str) -> bool:
        """Whether it is about this member; path "" is the object itself."""
        about = any(fnmatchcase(name, self.name) for name in names if name)
        plain = _without_keys(path)
        below = path == self.path or path.startswith((f"{self.path}.", f"{self.path}["))
        globs = (self.path, f"{self.path}.*")
        at = self.path == "*" or (bool(path) and (below or any(fnmatchcase(plain, glob) for glob in globs)))
        return about and at and fnmatchcase(api, self.type)


def _without_keys(path: str) -> str:
    """`servers[10.0.0.1].ratio` is `servers.ratio`."""
    return "".join(part.partition("]")[2] if "]" in part else part for part in path.split("["))


def _slip(message: Message | None, path: str) -> str:
    """What is wrong with a path of members, up to its first glob; "" where nothing is known to be."""
    for part in _without_keys(path).split("."):
        if message is None or any(letter in part for letter in "*?["):
            return ""
        if (described := message.fields.get(part)) is None:
            return f"; {message.name} has no member {part!r}{did_you_mean(part, message.fields)}"
        message = load().message(described.message) if described.message else None
    return ""


class DeclaredDifferences(Declared):
    """A file of declared differences: A's names and B's, what may differ, and types that are left out."""

    names: Annotated[Mapping[Name, Name], AfterValidator(_names_sensible)] = {}
    """A's name: B's name, of clouds, tenants and objects; `network/front: rear` of one type;
    `prod-*: stage-*` of many"""
    differ: Annotated[
        tuple[AcceptedDifference, ...],
        BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value),
    ] = ()
    """what may differ, or be on one site alone"""
    ignore: tuple[Annotated[Name, AfterValidator(_type_known)], ...] = ()
    """types that are not compared, as globs"""

    def renaming(self, api: str, name: str) -> tuple[str, str]:
        """(which of `names` means an object of A, "" for none; what it is named on B).

        The first that means it counts, those of one type first.
        """
        for own in (True, False):
            for left, right in self.names.items():
                kind, slash, rest = left.partition("/")
                of_type = bool(slash) and kind in load().types
                if of_type != own or (of_type and kind != api):
                    continue
                if (named := _renamed(name, rest if of_type else left, right)) is not None:
                    return left, named
        return "", name

    def ignored(self, api: str) -> bool:
        """Whether a type is left out."""
        return any(fnmatchcase(api, pattern) for pattern in self.ignore)


def _renamed(name: str, left: str, right: str) -> str | None:
    begin, star, end = left.partition("*")
    if not star:
        return right if name == left else None
    if len(name) < len(begin) + len(end) or not (name.startswith(begin) and name.endswith(end)):
        return None
    return right.replace("*", name[len(begin) : len(name) - len(end)])


def load_differences(path: Path) -> DeclaredDifferences:
    """Read and check a file of declared differences. Raises Invalid."""
    from intent.loading import load_file  # noqa: PLC0415 -- loading needs models, not the other way round

    return load_file(path, DeclaredDifferences, DIFFERENCES)[0]


@dataclass(frozen=True)
class Named:
    """An object by its name on A and on B, "" where it is not there; with cloud and tenant where that matters."""

    type: str
    a: str
    b: str

    def __str__(self) -> str:
        """`pool shop`, or `pool shop-prod / shop-stage`."""
        names = " / ".join(dict.fromkeys(name for name in (self.a, self.b) if name))
        return f"{self.type} {names}".rstrip()


@dataclass(frozen=True)
class MemberDifference:
    """One member that differs. `a`, `b`: plain data; None where it is not set there."""

    object: Named
    path: str
    a: Any
    b: Any


@dataclass(frozen=True)
class Uncompared:
    """What could not be compared, and why. `path`: "" for an object; `object.a` and `object.b`: "" for a type."""

    object: Named
    path: str
    why: str


@dataclass
class Comparison:
    """What a comparison has come to. `accepted`: differences that are declared. `apart`: what is compared nowhere."""

    objects: int = 0
    differences: list[MemberDifference] = field(default_factory=list)
    only_a: list[Named] = field(default_factory=list)
    only_b: list[Named] = field(default_factory=list)
    unknown: list[Uncompared] = field(default_factory=list)
    accepted: int = 0
    unused: list[str] = field(default_factory=list)
    """Declared differences that no difference needed."""
    apart: dict[str, int] = field(default_factory=dict)
    one_model: list[str] = field(default_factory=list)
    """Types that the model of one site alone has."""

    @property
    def exit_code(self) -> int:
        """0 the same, 1 different, 6 not different as far as could be read."""
        if self.differences or self.only_a or self.only_b:
            return 1
        return 6 if self.unknown else 0

    def verdict(self) -> str:
        """All of it in one sentence."""
        word = {0: "SAME", 1: "DIFFERENT", 6: "UNKNOWN"}[self.exit_code]
        differing = len({each.object for each in self.differences})
        text = f"{word}: {counted(self.objects, 'object')} on both"
        text += (
            f", {differing:,} of them with {counted(len(self.differences), 'difference')}"
            if differing
            else ""
        )
        text += f"; {len(self.only_a):,} on A alone, {len(self.only_b):,} on B alone"
        text += f"; {counted(self.accepted, 'declared difference')}" if self.accepted else ""
        return text + (f"; {len(self.unknown):,} could not be compared" if self.unknown else "")

    def notes(self) -> Iterator[str]:
        """What is beside the verdict."""
        if self.one_model:
            yield f"not compared: types of one model alone: {', '.join(self.one_model)}"
        for what, number in self.apart.items():
            yield f"not compared: {number:,} {what}"
        yield from (f"declared, and not needed: {text}" for text in self.unused)
