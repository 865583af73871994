"""The two-way mapping between a declared object and a Controller's JSON, as a table of leaves.

From one table come the checks (decode), remediation (encode) and bootstrap (decode, then dump as YAML).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from intent import Intent, Key, Unknown
from intent.base import Keyed, Refers
from intent.cloud_types import BY_API, CloudType, limited, without_meaning
from intent.drift import Unread
from intent.graph import fields, kind_of
from intent.kinds.objects import kind_of_word
from intent.paths import every_path, part_of
from intent.values import ScopedName
from live.avi.identity import ADMIN, Home, Json, Names, Naming, NotResolved

Wanted = TypeVar("Wanted", bound=Intent)
Get = Callable[[Json, Names], Any]
"""(object as read, names) -> the field's value in the intent model; None when the Controller has none."""
Put = Callable[[Json, Any, Names], None]
"""(object to write, the value, names): changes only this field's members, and keeps whatever else is in them."""


@dataclass(frozen=True)
class Leaf:
    """One declared field's counterpart on the Controller.

    `api` is its documented path; `put` is None where nothing of ours ever writes it.
    """

    api: str
    get: Get
    put: Put | None = None
    names: Naming | None = None
    """How its value names other objects; None where it names none."""
    inner: Mapping[str, Leaf] = field(default_factory=dict)
    """The fields of each element, where it is a list of messages."""

    def write(self, obj: Json, value: Any, names: Names) -> None:
        """`put`, of a leaf that has one."""
        assert self.put is not None
        self.put(obj, value, names)


@dataclass(frozen=True)
class Kind:
    """One kind of declared object and its collection on the Controller.

    `also`: the collections that decoding needs besides its own, those that its references point into, and the tenants
    that own its objects. `looks_into`: by the path of a field, one that only that needs.
    `includes`: which objects of the collection are of this kind; None for all. `built_in`: which ones come with every
    Controller or cloud, and are nobody's to declare. `fixed`: members that a new object must have. `pins`: fields
    that say which of several objects of one name is meant.
    """

    intent: type[Intent]
    api: str
    leaves: Mapping[str, Leaf]
    also: tuple[str, ...] = ()
    looks_into: Mapping[str, str] = field(default_factory=dict)
    includes: Callable[[Json, Names], bool] | None = None
    built_in: Callable[[Json], bool] = lambda _obj: False
    fixed: Mapping[str, Any] = field(default_factory=dict)
    pins: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """A declared field that is read from nowhere would be drift on every site. Raises TypeError."""
        for path in every_path(self.intent):
            try:
                self.leaf(path)
            except KeyError:
                raise TypeError(
                    f"{self.intent.__name__}.{path} can be declared, and nothing in live/kinds says where it stands "
                    f"on the Controller: add a leaf to the table of {self.api}"
                ) from None
        KINDS[self.intent] = self
        KINDS.words[self.intent.kind] = self.intent

    @property
    def scoped(self) -> bool:
        """Whether its objects live in a cloud."""
        return self.intent.scoped

    @property
    def singleton(self) -> bool:
        """Whether a Controller has exactly one of it."""
        return self.intent.singleton

    @property
    def only_name(self) -> str:
        """What the one object of a kind is called."""
        return str(self.intent.model_fields["name"].default)

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """The collections that must be read to decode an object: a name says nothing without the object it names.

        Those that are read only where a name in them is declared are `optional`.
        """
        needed = (api for _, api, refers in self._referred() if not refers.optional)
        # Of what lives in a cloud, a run over every tenant alone needs the tenants, and reads them.
        owned = "tenant" in self.intent.model_fields and not self.scoped
        return tuple(dict.fromkeys((self.api, *(("tenant",) if owned else ()), *self.also, *needed)))

    @cached_property
    def optional(self) -> Mapping[str, str]:
        """By the path of the field that needs it, each collection that is read only where that is declared."""
        return {path: api for path, api, refers in self._referred() if refers.optional} | dict(
            self.looks_into
        )

    @cached_property
    def rests_on(self) -> frozenset[str]:
        """The collections of which any may tell what an object is like, whether it is read for that or not."""
        return frozenset({*self.reads, *self.optional.values(), "cloud", "tenant"})

    def needed_by(self, want: Intent) -> Iterable[str]:
        """The collections to be read because of what one declared object says."""
        return (api for path, api in self.optional.items() if want.declares(path))

    def _referred(self) -> Iterator[tuple[str, str, Refers]]:
        for path, refers in fields(self.intent).items():
            if (named := kind_of(refers)) is None:
                yield path, str(refers.to), refers
            elif named in KINDS:
                yield path, KINDS[named].api, refers

    def leaf(self, path: str) -> tuple[str, Leaf]:
        """The leaf that holds a field path, the longest first: `subnets.pools` -> ("subnets", ...). Raises KeyError."""
        at = path
        while at:
            if at in self.leaves:
                return at, self.leaves[at]
            at = at.rpartition(".")[0]
        raise KeyError(path)

    def key(self, obj: Json, names: Names) -> Key:
        """What names a live object of this kind."""
        if self.singleton:
            return Key(self.intent.kind, self.only_name)
        cloud = names.cloud_of(obj) if self.scoped else ""
        return Key(self.intent.kind, str(obj.get("name", "")), cloud, names.tenant_of(obj) or ADMIN)

    def decode(self, obj: Json, names: Names) -> Intent:
        """A live object as the intent model: every leaf the Controller has, nothing judged.

        What means nothing in the object's type of cloud is left out. Raises Unknown when a member is of another type
        than the Controller's model says.
        """
        key = self.key(obj, names)
        values: dict[str, Any] = {"name": key.name}
        if self.scoped:
            values["cloud"] = key.cloud
        if "tenant" in self.intent.model_fields:
            values["tenant"] = key.tenant
        without = self._without_meaning(obj, names)
        for path, leaf in self.leaves.items():
            if path in without:
                continue
            try:
                value = leaf.get(obj, names)
            except (AttributeError, LookupError, TypeError, ValueError) as error:
                raise Unknown(f"{key}: {leaf.api} came in a shape that is not understood") from error
            except NotResolved as why:
                value = Unread(str(why))
            _set(values, path.split("."), value)
        decoded: Intent = _construct(self.intent, values)
        return decoded

    def without_place(self, obj: Json, names: Names) -> str:
        """Why no object of this kind is declared in a cloud of the type of this one's; "" where one is."""
        if self.intent.cloud_types is None:
            return ""
        word = self._cloud_word(obj, names)
        return without_meaning(self.intent, "", word) if word else ""

    def _without_meaning(self, obj: Json, names: Names) -> frozenset[str]:
        """The leaves that mean nothing in the type of an object's cloud; none where that is not known."""
        word = self._cloud_word(obj, names) if limited(self.intent) else ""
        return frozenset(path for path in self.leaves if word and without_meaning(self.intent, path, word))

    def _cloud_word(self, obj: Json, names: Names) -> str:
        """The type of an object's cloud, `unknown` for one that has no word; "" where it is not known."""
        if self.scoped:
            try:
                kind = type_of_cloud(obj, names)
            except NotResolved:
                return ""  # those leaves say so themselves
        elif (vtype := obj.get("vtype")) is None:
            return ""
        else:
            kind = BY_API.get(str(vtype))
        return kind.word if kind else "unknown"

    def counterpart(
        self, want: Wanted, obj: Json, names: Names, decoded: Callable[[], Intent] | None = None
    ) -> Wanted:
        """A live object as `decode` gives it, its references spelled as the declared object spells them.

        One that points at the very object that is declared bears the declared name; any other never does. `decoded`
        gives the object as it was decoded for anybody, which is taken where its bare names mean the same. Raises as
        `decode` does.
        """
        around = self.around(want, names)
        is_same = decoded is not None and around.home(obj) == names.home(obj)
        have: Wanted = decoded() if is_same else self.decode(obj, around)  # type: ignore[assignment, misc]
        for path, leaf in self.leaves.items():
            if leaf.names is None or not around.read(leaf.names.to):
                continue
            if (value := value_at(want, path)) is not None:
                several = isinstance(value, tuple)
                named = leaf.names.as_declared(value if several else (value,), obj, around)
                spelled = named if several else next(iter(named), None)
                if spelled != value_at(have, path):
                    have = _with(have, path.split("."), spelled)
        for path, member, api in self._in_elements:
            declared, live = value_at(want, path), value_at(have, path)
            if declared and isinstance(live, tuple) and around.read(api):
                names_of = _Elements(declared, _keyed_by(want, path), member, api)
                spelled = tuple(names_of.spelled(each, around, around.home(obj)) for each in live)
                have = _with(have, path.split("."), spelled)
        return have

    @cached_property
    def _in_elements(self) -> tuple[tuple[str, str, str], ...]:
        """(a list's path, the member of its elements that names objects, their type), of each such list."""
        split = ((*path.rpartition("."), api) for path, api, _ in self._referred())
        return tuple(
            (path, member, api)
            for path, _, member, api in split
            if path in self.leaves and self.leaves[path].names is None
        )

    def around(self, want: Intent, names: Names) -> Names:
        """Names as a declared object means them: in its own cloud and tenant."""
        cloud = getattr(want, "cloud", None)
        return names.at_home(Home((cloud,) if cloud else (), want.bare_tenants))


class _Kinds(dict[type[Intent], Kind]):
    """Mappings by their intent model. Those of objects of any type are made when they are first asked for."""

    make: Callable[[type[Intent]], Kind | None] = staticmethod(lambda _intent: None)

    def __init__(self) -> None:
        super().__init__()
        self.words: dict[str, type[Intent]] = {}

    def __missing__(self, intent: type[Intent]) -> Kind:
        if (kind := self.make(intent)) is None:
            raise KeyError(intent)
        return kind  # it has registered itself

    def __contains__(self, intent: object) -> bool:
        return super().__contains__(intent) or (isinstance(intent, type) and self.make(intent) is not None)

    def get(self, intent: Any, default: Any = None) -> Any:
        """The mapping of a kind, `default` where it has none."""
        return self[intent] if intent in self else default  # noqa: SIM401 -- it is `get` itself

    def by_word(self, word: str) -> Kind | None:
        """The mapping of a kind's word, which is what a Key carries; None for one that is on no Controller."""
        intent = self.words.get(word) or kind_of_word(word)
        return self[intent] if intent else None


KINDS = _Kinds()
"""Every kind that has a counterpart on the Controller, by its intent model."""


def value_at(part: Any, path: str) -> Any:
    """The value at a path of nested models; None where one of them is unset."""
    for name in path.split("."):
        part = getattr(part, name, None)
    return part


@dataclass(frozen=True)
class _Elements:
    """The elements of a declared list, what tells them apart, and the member by which they name objects of a type."""

    declared: tuple[Any, ...]
    by: str
    member: str
    api: str

    def spelled(self, live: Any, names: Names, home: Home) -> Any:
        """A live element; what it names bears the name by which its declared element means that very object."""
        name = getattr(live, self.member, None)
        if not isinstance(name, str | ScopedName) or len(target := names.meant(self.api, name, home)) != 1:
            return live
        same = [each for each in self.declared if getattr(each, self.by) == getattr(live, self.by)]
        for each in same or self.declared:
            declared = getattr(each, self.member)
            meant = names.meant(self.api, declared, home) if declared is not None else ()
            if len(meant) == 1 and meant[0] is target[0]:
                return live.model_copy(update={self.member: declared})
        return live


def _keyed_by(want: Intent, path: str) -> str:
    """The member that tells the elements of a declared list apart."""
    above, _, name = path.rpartition(".")
    marker = (value_at(want, above) if above else want).marker(name)
    assert isinstance(marker, Keyed)
    return marker.by


def _with(part: Any, path: list[str], value: Any) -> Any:
    """A model with another value at a path."""
    inner = _with(getattr(part, path[0]), path[1:], value) if path[1:] else value
    return part.model_copy(update={path[0]: inner})


def _set(values: dict[str, Any], path: list[str], value: Any) -> None:
    for part in path[:-1]:
        values = values.setdefault(part, {})
    values[path[-1]] = value


def _construct(model: type[Any], values: dict[str, Any]) -> Any:
    """A model from values that a Controller gave: not validated, since what is live need not be valid for us."""
    members = {}
    for name, value in values.items():
        inner = part_of(model.model_fields[name].annotation) if isinstance(value, dict) else None
        members[name] = _construct(inner, value) if inner else value
    return model.model_construct(**members)


def type_of_cloud(obj: Json, names: Names) -> CloudType | None:
    """The type of the cloud that an object lives in; None for one that nothing here knows. Raises NotResolved."""
    cloud = names.resolve(obj.get("cloud_ref"))
    if cloud is None or not isinstance(cloud.get("vtype"), str):
        raise NotResolved(f"of which type the cloud of {obj.get('name', 'an object')} is was not read")
    return BY_API.get(cloud["vtype"])
