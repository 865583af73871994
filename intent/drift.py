"""Drift: what is not as declared, and the comparison of a declared object with a live one. Reads and writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Any

from pydantic import BaseModel, TypeAdapter

from intent.base import Declared, Intent, Key, Keyed, LeafDrift, Ordered, Unordered, cloud_of
from intent.paths import every_path
from intent.values import Unresolved, scoped_text
from intent.words import tenants_named

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
    def element(self) -> str:
        """The key of the last list element in the path, `10.10.25.0/24`; "" where there is none."""
        depth = begin = end = 0
        for at, letter in enumerate(self.path):
            if letter == "[":
                begin = begin if depth else at + 1
                depth += 1
            elif letter == "]":
                depth -= 1
                end = end if depth else at
        return self.path[begin:end]

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


@dataclass(frozen=True)
class Unread:
    """The value of a live field that could not be told, with the reason and the data as it came."""

    why: str
    data: Any = None


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
        return value.model_dump(mode="json", exclude_none=True, warnings=False)  # live ones need not be valid
    if isinstance(value, tuple | list):
        return [plain(element) for element in value]
    if isinstance(value, IPv4Address | IPv6Address | IPv4Network | IPv6Network):
        return str(value)  # the oldest pydantic that is supported knows no networks
    return _PLAIN.dump_python(value, mode="json")


def compare(want: Intent, have: Intent, *paths: str) -> tuple[Drift, ...]:
    """The drifts of a live object from its declaration, on these field paths (default: all declared).

    A path stops at a list to compare which elements are there, and goes on into them to compare a member of each.
    Raises Blocked when nothing drifted but an element whose member was asked for is absent, and Unknown where the live
    object may refer to what is declared or to something else.
    """
    if (own := want.own_drifts(have, paths)) is not None:
        return tuple(Drift(want.key, *leaf) for leaf in own)
    drifts: list[Drift] = []
    absent: list[str] = []
    exact = frozenset(getattr(want, "exact", None) or ())
    for path in paths or every_path(type(want)):
        for leaf in _known(want, have, path, exact):
            if isinstance(leaf, str):
                absent.append(leaf)
            elif leaf.want is not None or leaf.path not in getattr(want, "declared_elsewhere", ()):
                drifts.append(Drift(want.key, leaf.path, _located(want, leaf.want, leaf.have), leaf.have))
    if paths and absent and not drifts:
        raise Blocked(f"{want.key} has no {', '.join(dict.fromkeys(absent))}", on=want.key)
    return tuple(drifts)


def require(want: Intent, have: Intent, *paths: str) -> None:
    """Raise Drifted unless the live object is as declared on these paths; see `compare`."""
    if drifts := compare(want, have, *paths):
        raise Drifted(drifts)


def require_once(
    want: Intent, objects: Sequence[Any], elsewhere: Sequence[str] = (), described: Sequence[str] = ()
) -> None:
    """Raise Drifted unless exactly one live object answers to this declaration. Absence is drift.

    `elsewhere`: the other tenants in which there is one of this name. `described`: of several, what tells each apart.
    """
    if len(objects) != 1:
        have = "absent" if not objects else f"{len(objects)} objects of this name"
        if objects and described:
            have += f": {'; '.join(described)}"
        if not objects and elsewhere:
            have += f" (there is one in {tenants_named(elsewhere)}: declare `tenant: {elsewhere[0]}`)"
        raise Drifted([Drift(want.key, EXISTENCE, "exactly one", have)])


_Leaf = LeafDrift | str
"""A drift, or the path of an element that is absent."""


def _known(want: Intent, have: Intent, path: str, exact: frozenset[str]) -> Iterator[_Leaf]:
    try:
        yield from _walk(want, have, path.split("."), "", exact)
    except Unknown as why:
        raise Unknown(f"{want.key}: {why}") from None


def _walk(
    want: Declared, have: Declared | None, path: list[str], prefix: str, exact: frozenset[str]
) -> Iterator[_Leaf]:
    """`exact`: the fields of lists in which an element that is not declared is a difference, by the object's word."""
    head, rest = path[0], path[1:]
    wanted, at = getattr(want, head), prefix + head
    if wanted is None or (isinstance(wanted, Unread) and wanted == getattr(have, head, None)):
        return
    live = _live(have, head, wanted, at)
    marker = want.marker(head)
    if isinstance(marker, Keyed) and rest:
        yield from _inside(_by_key(wanted, marker), _by_key(live or (), marker), rest, at, exact)
    elif isinstance(marker, Keyed):
        yield from _keyed(wanted, live or (), marker, at, named=field_of(at) in exact)
    elif isinstance(wanted, Declared):
        for deeper in [rest] if rest else [p.split(".") for p in every_path(type(wanted))]:
            yield from _walk(wanted, live, deeper, at + ".", exact)
    elif isinstance(marker, Unordered):
        yield from _as_set(wanted, live or (), marker, at, named=field_of(at) in exact)
    elif isinstance(marker, Ordered):
        if tuple(wanted) != tuple(live or ()):
            yield LeafDrift(at, plain(wanted), plain(live or ()))
    elif wanted != live:
        yield LeafDrift(at, plain(wanted), plain(live))


def _located(want: Intent, wanted: Any, live: Any) -> Any:
    """A declared value; its bare names say where their objects live if one of that name elsewhere is there instead."""
    if isinstance(wanted, list):
        return [_located(want, each, live) for each in wanted]
    for other in live if isinstance(live, list) else [live]:
        if isinstance(other, dict) and scoped_text(other) and other["name"] == wanted:
            own = {"cloud": cloud_of(want), "tenant": "admin" if want.key.tenant == "admin" else ""}
            scopes = {scope: own[scope] for scope in ("cloud", "tenant") if scope in other and own[scope]}
            return {"name": wanted, **scopes} if scopes else wanted
    return wanted


def _live(have: Declared | None, name: str, wanted: Any, at: str) -> Any:
    """A live member. Raises Unknown where it could not be told, unless it came as the same data on both sides."""
    live = getattr(have, name, None)
    if live == wanted:
        return live
    for value in (wanted, *(live if isinstance(live, tuple) else (live,))):
        if isinstance(value, Unread) or (isinstance(value, Unresolved) and value.unknown):
            raise Unknown(f"{at}: {value.why if isinstance(value, Unread) else value.text}")
    return live


def _by_key(elements: Sequence[Declared], marker: Keyed) -> dict[Any, list[Declared]]:
    by_key: dict[Any, list[Declared]] = {}
    for element in elements:
        by_key.setdefault(plain(getattr(element, marker.by)), []).append(element)
    return by_key


def _inside(
    want: dict[Any, list[Declared]],
    have: dict[Any, list[Declared]],
    path: list[str],
    at: str,
    exact: frozenset[str],
) -> Iterator[_Leaf]:
    """A member of each element; of those that stand there more than once, of each of them."""
    for key, (*_, element) in want.items():
        if key in have:
            walked = (
                each for live in have[key] for each in _walk(element, live, path, f"{at}[{key}].", exact)
            )
            yield from {each if isinstance(each, str) else each.path: each for each in walked}.values()
        else:
            yield f"{at}[{key}]"


def _keyed(
    wanted: Sequence[Declared], live: Sequence[Declared], marker: Keyed, at: str, *, named: bool
) -> Iterator[_Leaf]:
    """Which elements are there. `named`: one that is not declared is a difference, by the object's own word."""
    want, have = _by_key(wanted, marker), _by_key(live, marker)
    if marker.exact:
        if want.keys() != have.keys() or len(live) != len(have):
            there = (plain(getattr(element, marker.by)) for element in live)
            yield LeafDrift(at, sorted(want, key=str), sorted(there, key=str))
        return
    yield from (
        LeafDrift(f"{at}[{key}]", plain(each[-1]), None) for key, each in want.items() if key not in have
    )
    if named:
        yield from (
            LeafDrift(f"{at}[{key}]", None, plain(each[0])) for key, each in have.items() if key not in want
        )


def _as_set(
    wanted: Sequence[Any], live: Sequence[Any], marker: Unordered, at: str, *, named: bool
) -> Iterator[_Leaf]:
    missing = [element for element in wanted if element not in live]
    extra = [element for element in live if element not in wanted]
    doubled = any(tuple(live).count(element) > 1 for element in wanted)
    if missing or doubled or (extra and marker.exact):
        yield LeafDrift(at, plain(wanted), plain(live))
    if named and not marker.exact:
        yield from (LeafDrift(f"{at}[{element}]", None, plain(element)) for element in extra)
