"""What is not as declared, and the comparison that finds it. Pure: it reads nothing and writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, TypeAdapter

from intent.base import Declared, Intent, Key, Keyed, NotCompared, Ordered, Unordered

_PLAIN: TypeAdapter[Any] = TypeAdapter(Any)
_JSON = frozenset({str, int, float, bool})

EXISTENCE = ""
"""The path of a drift that is the whole object missing, or there more than once."""


@dataclass(frozen=True)
class Drift:
    """One fact that is not as declared, as plain data (JSON types only).

    `path` names the declared field, list elements by their key: `subnets[10.10.25.0/24].pools`.
    `have` is None for what is absent; `want` is None for what should not be there.
    """

    key: Key
    path: str
    want: Any
    have: Any

    @property
    def field(self) -> str:
        """The path without element keys, `subnets.pools`: what remedies are registered under."""
        return field_of(self.path)

    @property
    def removes(self) -> bool:
        """Whether the declared state lacks an element that is there."""
        return self.want is None and self.have is not None


class Drifted(AssertionError):
    """A check found drift. An AssertionError, so that reports call it a failure and not a breakdown."""

    def __init__(self, drifts: Sequence[Drift]) -> None:
        self.drifts = tuple(drifts)
        super().__init__(
            "; ".join(f"{d.key} {d.path or 'existence'}: {d.want!r} != {d.have!r}" for d in drifts)
        )


class Blocked(Exception):
    """This fact cannot be asked, because what it stands on is absent or failed. Says which; `on` is its key."""

    def __init__(self, text: str, on: Key | None = None) -> None:
        super().__init__(text)
        self.on = on


class Unknown(Exception):
    """This fact could not be read: never a pass, never a drift, never a reason to write."""


def field_of(path: str) -> str:
    """A drift path without its element keys: `subnets[10.10.25.0/24].pools` -> `subnets.pools`."""
    plain, depth = [], 0
    for letter in path:
        depth += letter == "["
        if not depth:
            plain.append(letter)
        depth -= letter == "]"
    return "".join(plain)


def plain(value: Any) -> Any:
    """A declared or decoded value as JSON data; undeclared members left out."""
    if value is None or type(value) in _JSON:
        return value
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_none=True)
    if isinstance(value, tuple | list):
        return [plain(element) for element in value]
    return _PLAIN.dump_python(value, mode="json")


def compare(want: Intent, have: Intent, *paths: str) -> tuple[Drift, ...]:
    """The drifts of a live object from its declaration, on these field paths (default: all declared).

    A path stops at a list to compare which elements are there, and goes on into them to compare a member of each.
    Raises Blocked when nothing drifted but an element whose member was asked for is absent.
    """
    drifts: list[Drift] = []
    absent: list[str] = []
    for path in paths or every_path(type(want)):
        for found in _walk(want, have, path.split("."), ""):
            if isinstance(found, str):
                absent.append(found)
            else:
                drifts.append(Drift(want.key, *found))
    if paths and absent and not drifts:
        raise Blocked(f"{want.key} has no {', '.join(dict.fromkeys(absent))}", on=want.key)
    return tuple(drifts)


def require(want: Intent, have: Intent, *paths: str) -> None:
    """Raise Drifted unless the live object is as declared on these paths; see `compare`."""
    if drifts := compare(want, have, *paths):
        raise Drifted(drifts)


def require_once(want: Intent, found: Sequence[Any]) -> None:
    """Raise Drifted unless exactly one live object answers to this declaration. Absence is drift."""
    if len(found) != 1:
        have = "absent" if not found else f"{len(found)} objects of this name"
        raise Drifted([Drift(want.key, EXISTENCE, "exactly one", have)])


def every_path(model: type[Declared], prefix: str = "") -> Iterator[str]:
    """Every comparable field path of a model, lists before the members of their elements."""
    for name, field in model.model_fields.items():
        marker = model.marker(name)
        if isinstance(marker, NotCompared):
            continue
        path = prefix + name
        inner = part_of(field.annotation)
        if inner is None or isinstance(marker, Keyed):
            yield path
        if inner is not None:
            by = marker.by if isinstance(marker, Keyed) else None
            yield from (p for p in every_path(inner, path + ".") if p != f"{path}.{by}")


def part_of(annotation: Any) -> type[Declared] | None:
    """The nested model in an annotation such as `tuple[Subnet, ...] | None`, if there is one."""
    if isinstance(annotation, type) and issubclass(annotation, Declared):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        if (found := part_of(inner)) is not None:
            return found
    return None


_Found = tuple[str, Any, Any] | str
"""A (path, want, have), or the path of an element that is absent."""


def _walk(want: Declared, have: Declared | None, path: list[str], prefix: str) -> Iterator[_Found]:
    head, rest = path[0], path[1:]
    wanted, found = getattr(want, head), getattr(have, head, None)
    here = prefix + head
    if wanted is None:
        return
    marker = want.marker(head)
    if isinstance(marker, Keyed):
        yield from _keyed(wanted, found or (), marker, rest, here)
    elif isinstance(wanted, Declared):
        for deeper in [rest] if rest else [p.split(".") for p in every_path(type(wanted))]:
            yield from _walk(wanted, found, deeper, here + ".")
    elif isinstance(marker, Unordered):
        missing, extra = _apart(wanted, found or ())
        if missing or (extra and marker.exact):
            yield here, plain(wanted), plain(found or ())
    elif isinstance(marker, Ordered):
        if tuple(wanted) != tuple(found or ()):
            yield here, plain(wanted), plain(found or ())
    elif wanted != found:
        yield here, plain(wanted), plain(found)


def _keyed(
    wanted: Sequence[Declared], found: Sequence[Declared], marker: Keyed, rest: list[str], here: str
) -> Iterator[_Found]:
    have = {plain(getattr(element, marker.by)): element for element in found}
    want = {plain(getattr(element, marker.by)): element for element in wanted}
    if rest:
        for key, element in want.items():
            if key in have:
                yield from _walk(element, have[key], rest, f"{here}[{key}].")
            else:
                yield f"{here}[{key}]"
    elif marker.exact:
        if want.keys() != have.keys():
            yield here, sorted(want), sorted(have)
    else:
        yield from (
            (f"{here}[{key}]", plain(element), None) for key, element in want.items() if key not in have
        )


def _apart(wanted: Sequence[Any], found: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    return [w for w in wanted if w not in found], [f for f in found if f not in wanted]
