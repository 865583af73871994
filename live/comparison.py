"""Comparison of two sites, object by object: by type, tenant, cloud and name, each member by what it means.

Both sides are what was read of a Controller. Left out are secrets, what the Controller or AKO writes by itself, what
nobody has changed since the installation and stands on one side alone, and members that one of the models lacks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import avi_schema
from avi_schema import MISSING, ONLY_ONE, Field, Version
from avi_schema.semantics import meaning
from intent import Unknown
from intent.base import LeafDrift
from intent.objects import references
from intent.objects.canonical import says_default, unresolved
from intent.objects.comparison import ComparisonTerms, MemberDrift, member_drifts
from intent.objects.elements import owned_by_ako
from intent.sensitive import SENSITIVE
from intent.side_by_side import Comparison, DeclaredDifferences, MemberDifference, Named, Uncompared
from intent.values import Unresolved
from intent.words import scoped
from live.avi.identity import Json, split_ref
from live.avi.snapshot import Live
from live.entries import by_hand
from live.facts.factory import BY_THE_CONTROLLER, OWN, is_factory
from live.kinds.objects import to_twin
from live.undeclared import label, made_by_ako

Identity = tuple[str, str, str]
"""Name, cloud and tenant, as B names them."""
AKOS, INSTALLED, OF_ONE_MODEL = (
    "objects of AKO's",
    "objects as installed, on one site",
    "members of one model alone",
)


def compare(a: Live, b: Live, declared: DeclaredDifferences) -> Comparison:
    """Everything that people configure on two sites."""
    return _Comparing(_Side(a, declared), _Side(b, DeclaredDifferences()), declared).run()


def compared_types(version: Version) -> frozenset[str]:
    """The types that a comparison looks at, as far as the model of a version has them."""
    return frozenset(
        name
        for name, kind in avi_schema.load().types.items()
        if kind.configurable
        and kind.lives(version)
        and "GET" in kind.methods
        and name not in BY_THE_CONTROLLER
    )


@dataclass
class _Side:
    """One of the two sites. `names`: what its objects are named on B; `renamed`: which of them have meant an object."""

    live: Live
    names: DeclaredDifferences
    apart: Counter[str] = field(default_factory=Counter)
    renamed: set[str] = field(default_factory=set)

    @property
    def version(self) -> Version:
        """The model in which it was read."""
        return avi_schema.parse_version(self.live.snapshot.api_version)

    def why_not(self, api: str) -> str:
        """Why a type cannot be compared; "" where it was read."""
        if api in self.live.snapshot.failures:
            return self.live.snapshot.failures[api]
        return "" if api in self.live.snapshot.objects else f"{api} was not read"

    def identity(self, api: str, row: Json) -> Identity:
        """What names an object on B. Raises Unknown."""
        kind, names = avi_schema.load().types[api], self.live.names
        if _stands_alone(api):
            return "", "", ""
        cloud = names.cloud_of(row) if kind.has_cloud else ""
        tenant = names.tenant_of(row) if kind.has_tenant else ""
        return (
            self._on_b(api, str(row.get("name") or "")),
            self._on_b("cloud", cloud) if cloud else "",
            self._on_b("tenant", tenant) if tenant else "",
        )

    def _on_b(self, api: str, name: str) -> str:
        left, named = self.names.renaming(api, name)
        self.renamed.add(left)
        return named

    def objects(self, api: str) -> tuple[dict[Identity, list[Json]], list[tuple[str, str]]]:
        """(a type's objects by what names them on B, (name, why) of those that were not understood)."""
        objects: dict[Identity, list[Json]] = {}
        unclear: list[tuple[str, str]] = []
        for row in self.live.rows(api):
            try:
                if made_by_ako(row):
                    self.apart[AKOS] += 1
                    continue
                objects.setdefault(self.identity(api, row), []).append(row)
            except Unknown as why:
                unclear.append((str(row.get("uuid") or ""), str(why)))
        return objects, unclear

    def label(self, api: str, row: Json) -> str:
        """The object for people."""
        return "" if _stands_alone(api) else label(self.live, row)

    def members(self, api: str, row: Json, other: Version) -> Json:
        """What an object says that means something on both sites, with references as names of B. Raises Unknown."""
        body = {name: value for name, value in by_hand(api, row).items() if name not in OWN}
        model = avi_schema.load().types[api].model
        return self._message(model, body, (row,), _ReadObject(self.identity(api, row), other))

    def _message(
        self, message: str, members: Mapping[str, Any], scopes: tuple[Any, ...], owner: _ReadObject
    ) -> Json:
        fields = avi_schema.load().message(message).fields
        kept: Json = {}
        for name, value in members.items():
            described = fields.get(name)
            if described is None or value in (None, "", [], {}) or value == SENSITIVE:
                continue
            means = meaning(message, name, scopes)
            if means.mode in ("server", "secret"):
                continue
            if not (described.lives(owner.other) and described.lives(self.version)):
                self.apart[OF_ONE_MODEL] += not says_default(described, value, self.version, means)
                continue
            if described.message or described.many or not says_default(described, value, self.version, means):
                inner = self._value(described, value, scopes, owner)
                if inner not in (None, [], {}):
                    kept[name] = inner
        return kept

    def _value(self, described: Field, value: Any, scopes: tuple[Any, ...], owner: _ReadObject) -> Any:
        if isinstance(value, list):
            return [self._value(described, each, scopes, owner) for each in value if not owned_by_ako(each)]
        if described.kind == "ref":
            return self._reference(described, value, owner)
        if described.kind == "string" and described.ref and isinstance(value, str):
            return self._reference(described, f"/api/{described.ref}/{value}", owner)
        if described.message and isinstance(value, Mapping):
            return self._message(described.message, value, (value, *scopes), owner)
        return value

    def _reference(self, described: Field, ref: Any, owner: _ReadObject) -> Any:
        """What is referred to, by its name on B; with cloud and tenant where they are not its owner's."""
        if not isinstance(ref, str):
            raise Unknown(f"{described.name} came as {type(ref).__name__}, where a reference belongs")
        api = references.target(described)
        if not api:
            return split_ref(ref).label  # nobody configures it: the Controller names it
        target = self.live.names.resolve(to_twin(ref, api))
        if target is None:
            text = f"{split_ref(ref).api} {split_ref(ref).label}, which was not read"
            return Unresolved(ref=ref, text=text, unknown=True)
        name, cloud, tenant = self.identity(api, target)
        _, own_cloud, own_tenant = owner.identity
        return scoped(name, "" if cloud == own_cloud else cloud, "" if tenant == own_tenant else tenant)


def _stands_alone(api: str) -> bool:
    """Whether a Controller has one object of a type."""
    return avi_schema.load().types[api].singleton or api in ONLY_ONE


def _meant(each: MemberDrift, version: Version) -> Any:
    """What a member has that differs: where it is not set, the default of its site's model."""
    if each.have is None and each.edit.action == "set":
        default = each.edit.field.default_at(version)
        return None if default is MISSING else default
    return each.have


@dataclass(frozen=True)
class _ReadObject:
    """The object that is being read: what names it on B, and the model of the other site."""

    identity: Identity
    other: Version


class _Comparing:
    """A comparison under way."""

    def __init__(self, a: _Side, b: _Side, declared: DeclaredDifferences) -> None:
        self.a, self.b, self.declared = a, b, declared
        self.result = Comparison()
        self._needed: set[int] = set()

    def run(self) -> Comparison:
        for api in sorted(compared_types(self.a.version) | compared_types(self.b.version)):
            if not self.declared.ignored(api):
                self._type(api)
        for apart in (self.a.apart, self.b.apart):
            for what, number in (+apart).items():
                self.result.apart[what] = self.result.apart.get(what, 0) + number
        self.result.unused = [
            f"differ: {each.type} {each.name} {each.path}{each.slip}"
            for number, each in enumerate(self.declared.differ)
            if number not in self._needed
        ]
        self.result.unused += [
            f"names: {left}: {right}: no object of A is named so"
            for left, right in self.declared.names.items()
            if left not in self.a.renamed
        ]
        return self.result

    def _type(self, api: str) -> None:
        kind = avi_schema.load().types[api]
        for side in (self.a, self.b):
            if not kind.lives(side.version):
                self.result.one_model.append(api)
                return
        reasons = {name: why for name, side in (("A", self.a), ("B", self.b)) if (why := side.why_not(api))}
        if reasons:
            why = "; ".join(f"{name}: {why}" for name, why in reasons.items())
            self.result.unknown.append(Uncompared(Named(api, "", ""), "", why))
            return
        (ours, unclear), (theirs, unclear_there) = self.a.objects(api), self.b.objects(api)
        self.result.unknown += [Uncompared(Named(api, name, ""), "", why) for name, why in unclear]
        self.result.unknown += [Uncompared(Named(api, "", name), "", why) for name, why in unclear_there]
        for identity in sorted(ours.keys() | theirs.keys()):
            self._objects(api, ours.get(identity, []), theirs.get(identity, []))

    def _objects(self, api: str, ours: list[Json], theirs: list[Json]) -> None:
        a = self.a.label(api, ours[0]) if ours else ""
        b = self.b.label(api, theirs[0]) if theirs else ""
        named = Named(api, a, b)
        if len(ours) > 1 or len(theirs) > 1:
            why = f"{len(ours)} on A and {len(theirs)} on B bear this name, so that none can be meant"
            self.result.unknown.append(Uncompared(named, "", why))
        elif ours and theirs:
            self.result.objects += 1
            self._members(named, ours[0], theirs[0])
        elif ours:
            self._alone(named, self.a, ours[0], self.result.only_a)
        else:
            self._alone(named, self.b, theirs[0], self.result.only_b)

    def _alone(self, named: Named, side: _Side, row: Json, alone: list[Named]) -> None:
        try:
            if is_factory(named.type, row, side.version):
                self.result.apart[INSTALLED] = self.result.apart.get(INSTALLED, 0) + 1
                return
        except Unknown as why:
            self.result.unknown.append(Uncompared(named, "", str(why)))
            return
        if not self._accepted(named, ""):
            alone.append(named)

    def _accepted(self, named: Named, path: str) -> bool:
        a, b = (name.partition(" (")[0] for name in (named.a, named.b))
        for number, each in enumerate(self.declared.differ):
            if each.covers(named.type, (a, b), path) and (path or each.path == "*"):
                self._needed.add(number)
                self.result.accepted += 1
                return True
        return False

    def _members(self, named: Named, ours: Json, theirs: Json) -> None:
        try:
            a = self.a.members(named.type, ours, self.b.version)
            b = self.b.members(named.type, theirs, self.a.version)
        except Unknown as why:
            self.result.unknown.append(Uncompared(named, "", str(why)))
            return
        for name in sorted(a.keys() | b.keys()):
            pair = (a.get(name, MISSING), b.get(name, MISSING))
            if unread := next(unresolved(pair), None):
                if not self._accepted(named, name):
                    self.result.unknown.append(Uncompared(named, name, f"names {unread.text}"))
            elif pair[0] != pair[1]:
                self._member(named, name, (a, ours), (b, theirs))

    def _member(self, named: Named, name: str, ours: tuple[Json, Json], theirs: tuple[Json, Json]) -> None:
        """Both ways, since a comparison looks at what is declared alone."""
        try:
            there = list(self._one_way(named, name, ours[0], theirs, self.b))
            back = list(self._one_way(named, name, theirs[0], ours, self.a))
        except Unknown as why:
            if not self._accepted(named, name):
                self.result.unknown.append(Uncompared(named, name, str(why)))
            return
        by_path = {path: (a, b) for path, b, a in back} | {path: (a, b) for path, a, b in there}
        self.result.differences += [
            MemberDifference(named, path, a, b)
            for path, (a, b) in by_path.items()
            if not self._accepted(named, path)
        ]

    def _one_way(
        self, named: Named, name: str, want: Json, have: tuple[Json, Json], side: _Side
    ) -> Iterator[LeafDrift]:
        if name not in want:
            return
        members, row = have
        cloud = side.live.names.resolve(row.get("cloud_ref"))
        terms = ComparisonTerms(side.version, around=(row, cloud) if cloud else (row,))
        model = avi_schema.load().types[named.type].model
        for each in member_drifts(model, {name: want[name]}, members, terms):
            yield LeafDrift(each.path, each.want, _meant(each, side.version))
