"""Entries of `objects:` for objects as a Controller has them: what somebody set, by the Controller's own names.

Left out are defaults, what the Controller or AKO writes by itself, secrets, and what a section of its own declares.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import avi_schema
from avi_schema import Field, Version, dotted
from avi_schema.semantics import Meaning, meaning
from intent import Unknown
from intent.objects import references, validation
from intent.objects.canonical import NEWEST, says_default
from intent.objects.elements import owned_by_ako
from intent.sensitive import SENSITIVE
from intent.values import ScopedName, Unresolved
from live.avi.identity import Home, Json, Names, split_ref, uuid_of
from live.avi.shapes import READABLE
from live.avi.snapshot import Live
from live.facts.factory import FILLED, is_factory
from live.kinds.objects import to_twin
from live.undeclared import label, made_by_ako, some_of

Path = tuple[str, ...]
Taken = Mapping[tuple[str, str], frozenset[Path]]
"""The members that a section of its own declares, by type and uuid of the object."""
SECRET = "a secret"  # noqa: S105 -- why a member is left out


def uuid_in(api: str, row: Json) -> str:
    """What tells an object of a type from others; "" where there is one."""
    return "" if avi_schema.load().types[api].singleton else str(row.get("uuid"))


class Entries:
    """The entries of a site's objects, and what they leave out and why, one sentence each.

    `chosen`: whether an object is to be written; by default one that is neither AKO's nor as installed. `body`: those
    of its members that may be. `defaults`: whether what says the default is written too. `tenant`: that of the file;
    `model`: that which it is held against, the newest where it names none.
    """

    def __init__(  # noqa: PLR0913 -- the terms of one file
        self,
        live: Live,
        tenant: str,
        *,
        chosen: Callable[[str, Json], bool] | None = None,
        body: Callable[[str, Json], Json] | None = None,
        defaults: Callable[[str, Json], bool] = lambda _api, _row: False,
        model: Version = NEWEST,
    ) -> None:
        self.live = live
        self.tenant = tenant
        self.unread: list[str] = []
        self._model = model
        self._version = avi_schema.parse_version(live.snapshot.api_version)
        self._chosen = chosen or self._is_somebodys
        self._body, self._defaults = body or by_hand, defaults
        self._left_out: list[str] = []
        self._beside: dict[tuple[str, str], dict[str, list[str]]] = {}

    def of(self, types: Collection[str], taken: Taken) -> Iterator[Json]:
        """The entry of each object of these types that has something to say besides what is taken."""
        for api in sorted(types & self.live.snapshot.objects.keys()):
            if why := validation.type_problem(api, self._model):
                self._left_out.append(why)
                continue
            rows = [row for row in self.live.rows(api) if self._understood(api, row)]
            times = Counter(self._identity(api, row) for row in rows)
            for row in rows:
                if times[self._identity(api, row)] > 1:
                    self._left_out.append(f"{api} {label(self.live, row)}: it is there more than once")
                elif data := self._entry(api, row, taken.get((api, uuid_in(api, row)))):
                    yield data

    def left_out(self) -> Iterator[str]:
        """What is in no entry."""
        yield from self._left_out
        for (api, why), by_member in self._beside.items():
            for member, labels in by_member.items():
                yield f"{member} of {api} {some_of(labels)}: {why}"

    def _understood(self, api: str, row: Json) -> bool:
        try:
            return self._chosen(api, row)
        except Unknown as why:
            self.unread.append(f"objects: {why}")
            return False

    def _is_somebodys(self, api: str, row: Json) -> bool:
        return not made_by_ako(row) and not is_factory(api, row, self._version)

    def _identity(self, api: str, row: Json) -> tuple[str, ...]:
        names = self.live.names
        return api, str(row.get("name")), names.cloud_of(row), names.tenant_of(row)

    def _entry(self, api: str, row: Json, taken: frozenset[Path] | None) -> Json:
        kind, names = avi_schema.load().types[api], self.live.names
        cloud = names.resolve(row.get("cloud_ref")) if kind.has_cloud else None
        writing = _Writing(names, names.home(row), self._model, self._defaults(api, row))
        own = {name: value for name, value in self._body(api, row).items() if name not in READABLE}
        at = _MessagePlace((row, cloud) if cloud else (row,), taken or frozenset())
        fields = writing.message(kind.model, own, at)
        for place, why in [*validation.problems(kind, fields, self._model, ())]:
            if place and fields.pop(str(place[0]), None) is not None:
                writing.left_out.append((str(place[0]), why))
        for member, why in writing.left_out:
            self._beside.setdefault((api, why), {}).setdefault(member, []).append(label(self.live, row))
        if taken is not None and not fields:
            return {}
        data: Json = {"type": api}
        if not kind.singleton:
            data["name"] = str(row.get("name"))
        if kind.has_cloud and (where := names.cloud_of(row)) not in ("", "Default-Cloud"):
            data["cloud"] = where
        tenant = names.tenant_of(row) if kind.has_tenant and not kind.singleton else ""
        if tenant and not tenant == self.tenant == "admin":
            data["tenant"] = tenant
        return data | ({"fields": fields} if fields else {})


def _is_no_name(name: str | ScopedName) -> bool:
    """Whether a bare name would be read as a path or a uuid."""
    return isinstance(name, str) and references.named(name) != name


def by_hand(api: str, row: Json) -> Json:
    """An object without the members that a Controller fills by itself; a reference that it fills means something."""
    fields, filled = avi_schema.load().types[api].message.fields, FILLED.get(api, frozenset())
    return {
        name: value
        for name, value in row.items()
        if name not in filled or (name in fields and fields[name].kind == "ref")
    }


def _is_filled(message: str, name: str, members: Mapping[str, Any]) -> bool:
    """Whether a Controller fills a member in with this: a range of one port, a server named by its address."""
    value, address = members[name], members.get("ip")
    if (message, name) == ("Service", "port_range_end"):
        return value in (0, members.get("port"))
    if (message, name) == ("Server", "hostname"):
        return isinstance(address, Mapping) and value == address.get("addr")
    return False


@dataclass(frozen=True)
class _MessagePlace:
    """Where a message stands: those around it (the innermost first), what is taken below it, and its path.

    `kept`: members that are written whatever they say, as are those that a message cannot lack: the key of an element.
    """

    scopes: tuple[Mapping[str, Any], ...]
    taken: frozenset[Path] = frozenset()
    path: Path = ()
    kept: frozenset[str] = frozenset()

    def member(self, name: str) -> _MessagePlace:
        """A member of the message."""
        return replace(self, path=(*self.path, name), kept=frozenset())

    def is_taken_below(self) -> bool:
        """Whether a part of what stands here is declared by a section of its own."""
        return any(path[: len(self.path)] == self.path for path in self.taken)


@dataclass
class _Writing:
    """The writing of one object; `home`: where a bare name of it means another object. `defaults` are written too.

    `model`: that which the file is held against.
    """

    names: Names
    home: Home
    model: Version = NEWEST
    defaults: bool = False
    left_out: list[tuple[str, str]] = field(default_factory=list)

    @property
    def version(self) -> Version:
        """The model in which the object was read."""
        return self.names.version

    def message(self, message: str, members: Mapping[str, Any], at: _MessagePlace) -> Json:
        """The members of a message that somebody set."""
        fields = avi_schema.load().message(message).fields
        written: Json = {}
        for name, value in members.items():
            spot, described = at.member(name), fields.get(name)
            needed = name in at.kept or (described is not None and described.demanded_at(self.model))
            needed = needed and not spot.is_taken_below()
            if value in (None, []) or (value in ("", {}) and not needed) or spot.path in at.taken:
                continue
            if described is None or not described.lives(self.model):
                self._leave(spot, f"the model of version {dotted(self.model)} has no such member")
                continue
            means = meaning(message, name, at.scopes)
            if means.mode == "server":
                continue
            if (
                means.mode == "secret"
                or value == SENSITIVE
                or (isinstance(value, list) and SENSITIVE in value)
            ):
                self._leave(spot, SECRET)
            elif not self.defaults and _is_filled(message, name, members):
                continue
            elif (
                needed
                or described.message
                or self.defaults
                or not says_default(described, value, self.version, means)
            ):
                inner = self._member(described, means, value, spot)
                if inner not in (None, [], {}) or (needed and inner == {}):
                    written[name] = inner
        return written

    def _member(self, described: Field, means: Meaning, value: Any, at: _MessagePlace) -> Any:
        if not (described.many and isinstance(value, list)):
            return self._value(described, value, at)
        if at.is_taken_below():
            return None
        own = value if not means.owner else [each for each in value if not owned_by_ako(each)]
        keys = frozenset(name for alternative in means.key for name in alternative)
        elements: list[Any] = []
        for each in own:
            before = len(self.left_out)
            element = self._value(described, each, replace(at, kept=keys))
            whole = len(self.left_out) == before
            if not whole and means.mode not in ("keyed", "sequence"):
                # Without it the list would say another thing.
                self._leave(at, "an element of it cannot be written")
                return None
            # An element of which all says the default is one all the same.
            if element is not None and (element or whole or not keys):
                elements.append(element)
        if means.mode == "keyed" and sum(keys.isdisjoint(element) for element in elements) > 1:
            self._leave(at, "elements of it bear no key, and cannot be told apart")
            return None
        return elements

    def _value(self, described: Field, value: Any, at: _MessagePlace) -> Any:
        if described.kind == "ref":
            return self._reference(described, str(value), at)
        if described.message and isinstance(value, Mapping):
            return self.message(described.message, value, replace(at, scopes=(value, *at.scopes)))
        return value

    def _reference(self, described: Field, ref: str, at: _MessagePlace) -> Any:
        """What is referred to, as this object's declaration names it; None where that has no name.

        Where no name tells it from others, or its name would be read as something else, its uuid does.
        """
        api, (_, uuid, name) = references.target(described), split_ref(ref)
        if not api:
            return name or uuid
        ref = to_twin(ref, api)
        if api == "tenant" and uuid_of(ref) == "admin":
            return "admin"
        meant = self.names.name(ref, api, self.home)
        if isinstance(meant, Unresolved) or meant is None:
            self._leave(at, f"it names {meant.text if meant is not None else 'nothing'}")
            return None
        if len(self.names.meant(api, meant, self.home)) != 1 or _is_no_name(meant):
            return f"/api/{api}/{uuid}"
        return meant.model_dump(exclude_none=True) if isinstance(meant, ScopedName) else meant

    def _leave(self, at: _MessagePlace, why: str) -> None:
        self.left_out.append((".".join(at.path), why))
