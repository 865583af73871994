"""Mapping of objects of any type <-> the Controller's JSON: references by name, and only what can be declared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import avi_schema
from avi_schema import Field, Type
from avi_schema.semantics import meaning
from intent import Blocked, ConfigObject, Drift, Intent, Key, Unknown
from intent.kinds.objects import kind_of_type
from intent.objects import comparison, references
from intent.objects.canonical import Members
from intent.objects.comparison import MemberDrift, same
from intent.objects.edits import edited, with_ids
from intent.objects.validation import IDENTITY
from intent.sensitive import SENSITIVE
from intent.values import ScopedName, Unresolved
from live.avi.identity import Home, Json, Names, split_ref, uuid_of
from live.kinds.base import KINDS, Kind, Leaf, Wanted

Change = Callable[[Field, Any], Any]


def object_kind(intent: type[Intent]) -> ObjectKind | None:
    """The mapping of a type's objects, made when it is first needed; None for a kind that has one of its own."""
    api = intent.api if issubclass(intent, ConfigObject) else ""
    return ObjectKind(intent, api, {}) if api else None


@dataclass(frozen=True)
class ObjectKind(Kind):
    """The objects of one type of the Controller's model. Each top-level member is a leaf."""

    @cached_property
    def type(self) -> Type:
        """The type in the Controller's model."""
        return avi_schema.load().types[self.api]

    @property
    def singleton(self) -> bool:
        """Whether a Controller has exactly one of it."""
        return self.type.singleton

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """Its own collection, and the clouds in which its objects live."""
        return (self.api, "cloud") if self.scoped and self.api != "cloud" else (self.api,)

    def needed_by(self, want: Intent) -> frozenset[str]:
        """The collections of what one declared object names, and its own."""
        assert isinstance(want, ConfigObject)
        named = {api for _, api, _ in references.references(self.type.model, want.fields)}
        return frozenset({*self.reads, *named})

    def leaf(self, path: str) -> tuple[str, Leaf]:
        """The top-level member that a path begins with. Raises KeyError for none of the type's."""
        head = path.partition(".")[0].partition("[")[0]
        if head not in self.type.message.fields:
            raise KeyError(path)
        return head, Leaf(head, lambda obj, _names: obj.get(head), _merged_as_a_whole)

    @property
    def only_name(self) -> str:
        """What the one object of a type is called."""
        return self.api

    def decode(self, obj: Json, names: Names) -> Intent:
        """A live object with every member that could be declared; nothing judged."""
        key = self.key(obj, names)
        kind = kind_of_type(self.api)
        want = kind.model_construct(
            None, type=self.api, name=key.name, cloud=key.cloud or None, tenant=key.tenant, fields={}
        )
        declarable = tuple(name for name in self.type.message.fields if name not in IDENTITY)
        return self._with_live(want, obj, names, declarable)

    def counterpart(
        self, want: Wanted, obj: Json, names: Names, decoded: Callable[[], Intent] | None = None
    ) -> Wanted:
        """A live object with the declared members, references spelled as declared."""
        del decoded
        assert isinstance(want, ConfigObject)
        return self._with_live(want, obj, self.around(want, names), want.members)  # type: ignore[return-value]

    def _with_live(self, want: ConfigObject, obj: Json, names: Names, members: Iterable[str]) -> ConfigObject:
        declared = {name: want.fields[name] for name in members if name in want.fields}
        live = self.spelled(_Spelled(self.type.model, declared, names.home(obj), names), obj, members)
        return want.with_live(live, names.version, self.surroundings(obj, names))

    def spelled(self, spelling: _Spelled, obj: Json, members: Iterable[str]) -> Json:
        """These members of a live object, without what is the server's, and with references as names."""
        there = {name: obj[name] for name in members if name in obj}
        return references.mapped(
            self.type.model, _without_the_servers(self.type.model, there, (obj,)), spelling
        )

    def surroundings(self, obj: Json, names: Names) -> tuple[Json, ...]:
        """An object and its cloud: what its members mean may rest on what stands there."""
        cloud = names.resolve(obj.get("cloud_ref")) if self.scoped else None
        return (obj, cloud) if cloud else (obj,)

    def merged(self, want: ConfigObject, raw: Json, drifts: Iterable[Drift], names: Names) -> Json:
        """A copy of the raw object with only the drifted paths as declared.

        Raises Blocked where a name means not one object, Unknown.
        """
        wanted = {drift.path for drift in drifts}
        live = self.counterpart(want, raw, names)
        every = list(want.member_drifts(live))
        edits = [each.edit for each in every if each.path in wanted]
        return edited(raw, edits, self._encoder(want, raw, names), (each.edit for each in every))

    def new_object(self, want: ConfigObject, base: Json, names: Names) -> Json:
        """A new object with every declared member. Raises Blocked where a name means not one object."""
        fields = {name: value for name, value in want.fields.items() if value is not None}
        named = references.mapped(self.type.model, fields, self._encoder(want, base, names))
        return {**base, **with_ids(self.type.model, named)}

    def _encoder(self, want: ConfigObject, obj: Json, names: Names) -> Change:
        """What makes a declared reference one to write."""
        names = self.around(want, names)

        def encoded(field: Field, value: Any) -> Any:
            if isinstance(value, Unresolved):
                return value.ref
            api, named = references.target(field), references.named(value)
            if named is None:
                return f"/api/{api or field.ref}/{references.uuid_in(value)}"
            if not names.read(api):
                return f"/api/{api or field.ref}?name={named}"
            return names.ref(api, named, names.home(obj))

        return encoded


def _merged_as_a_whole(obj: Json, value: Any, names: Names) -> None:
    raise TypeError("objects of any type are merged by ObjectKind.merged")


class _Spelled:
    """Spells live references as names: as the declaration does where they lead to what it names."""

    def __init__(self, model: str, declared: Members, home: Home, names: Names) -> None:
        self.names, self.home = names, home
        self._model, self._members = model, declared
        self._meant: dict[str, list[tuple[Any, list[Json]]]] = {}

    @cached_property
    def _declared(self) -> Mapping[str, list[Any]]:
        """What is declared as a reference, by the type that is named; most members hold none."""
        declared: dict[str, list[Any]] = {}
        for _, api, value in references.references(self._model, self._members):
            declared.setdefault(api, []).append(value)
        return declared

    def __call__(self, field: Field, ref: Any) -> Any:
        if not isinstance(ref, str):
            raise Unknown(f"{field.name} came as {type(ref).__name__}, where a reference belongs")
        api, uuid = references.target(field), uuid_of(ref)
        if not api:
            return split_ref(ref).label  # what nobody configures is not read: the Controller names it
        ref = to_twin(ref, api)
        for value in self._declared.get(api, ()):
            if uuid and references.uuid_in(value) == uuid and self._may_lead_to(api, ref):
                return value
        target = self.names.resolve(ref)
        for value, rows in self._named(api):
            if target is not None and any(row is target for row in rows):
                several = f"one of {len(rows)} objects named {value}, so that none can be meant"
                return value if len(rows) == 1 else Unresolved(ref=ref, text=several, unknown=True)
        live = self.names.name(ref, api, self.home)
        return live.model_dump() if isinstance(live, ScopedName) else live

    def _may_lead_to(self, api: str, ref: str) -> bool:
        """Whether a reference leads to an object of this type that is there, as far as that type was read."""
        there = (
            self.names.is_missing(ref) if not self.names.read(api) else self.names.resolve(ref) is not None
        )
        return there and split_ref(ref).api == api

    def _named(self, api: str) -> list[tuple[Any, list[Json]]]:
        """Each declared name of a type, and the objects that it means."""
        if api not in self._meant:
            self._meant[api] = []
            for value in self._declared.get(api, ()):
                with suppress(Unknown):
                    if (named := references.named(value)) is not None:
                        self._meant[api].append((value, self.names.meant(api, named, self.home)))
        return self._meant[api]


def to_twin(ref: str, api: str) -> str:
    """A live reference to what the Controller reports under an object's uuid, as one to the object of this type."""
    kind = split_ref(ref).api
    reported = avi_schema.load().types.get(kind)
    return ref.replace(f"/api/{kind}/", f"/api/{api}/", 1) if reported and reported.twin == api else ref


def _without_the_servers(message: str, members: Members, scopes: tuple[Mapping[str, Any], ...]) -> Json:
    """Live members without what is the server's, and without secrets; what was blanked beside them is unknown."""
    fields = avi_schema.load().message(message).fields
    kept: Json = {}
    for name, value in members.items():
        if name not in fields:
            continue
        if meaning(message, name, scopes).mode in ("server", "secret"):
            continue
        kept[name] = _shown(fields[name], value, scopes)
    return kept


def _shown(field: Field, value: Any, scopes: tuple[Mapping[str, Any], ...]) -> Any:
    if isinstance(value, list):
        return [_shown(field, element, scopes) for element in value]
    if isinstance(value, dict) and field.message:
        return _without_the_servers(field.message, value, (value, *scopes))
    if value == SENSITIVE:
        return Unresolved(ref="", text=f"{field.name} is shown as {SENSITIVE}", unknown=True)
    return value


class _LiveMembers:
    """Drifts of one object after the other, member by member: what all of its members share is worked out once."""

    def __init__(self, live: Any) -> None:
        self._live = live
        self._want: ConfigObject | None = None
        self._obj: Json = {}

    def drifts(self, want: ConfigObject, member: str) -> Iterator[MemberDrift]:
        """What of one member is not as declared. Raises Blocked where the object is absent, Unknown."""
        if self._want is not want:
            self._turn_to(want)
        if same(want.fields[member], self._obj.get(member)):
            return iter(())  # whatever it means: most members are, to the letter
        model, declared = self._kind.type.model, {member: want.fields[member]}
        spelling = _Spelled(model, declared, self._home, self._names)
        return comparison.member_drifts(
            model, declared, self._kind.spelled(spelling, self._obj, (member,)), self._terms
        )

    def _turn_to(self, want: ConfigObject) -> None:
        kind, obj, self._want = KINDS[type(want)], self._live.raw(want), None
        assert isinstance(kind, ObjectKind)
        names = kind.around(want, self._live.names)
        self._kind, self._obj, self._names, self._home = kind, obj, names, names.home(obj)
        self._terms = want.terms(names.version, kind.surroundings(obj, names))
        self._want = want


def member_drifts(live: Any, want: ConfigObject, member: str) -> tuple[Drift, ...]:
    """What of one declared member is not as declared. Raises Blocked where the object is absent, Unknown."""
    try:
        return tuple(
            Drift(want.key, each.path, each.want, each.have)
            for each in live.once(_LiveMembers).drifts(want, member)
        )
    except Unknown as why:
        raise Unknown(f"{want.key}: {why}") from None


def rows_left(live: Any, want: ConfigObject) -> list[Json]:
    """What is there of an object that is to be absent. Raises Blocked where its cloud is not there: it is mistyped."""
    rows: list[Json] = live.found(want)
    if not rows and want.cloud and not live.names.find("cloud", want.cloud):
        raise Blocked(f"cloud {want.cloud} is absent from the Controller", on=Key("cloud", want.cloud))
    return rows
