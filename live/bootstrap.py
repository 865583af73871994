"""Bootstrap: the text of an environment file that declares a live site as it is now.

Objects are read through the same mapping (`live.kinds`) as by the checks, so that these find as declared what is
written here. Left out, with a reason, is what no declaration can hold, and what is nobody's to declare.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

import avi_schema
from avi_schema import Version
from intent import Declared, DnsService, Environment, Intent, Network, Unknown
from intent.base import Keyed, LivesIn
from intent.drift import Unread, plain
from intent.environment import DECLARED
from intent.graph import Reference, meant, references
from intent.objects import validation
from intent.objects.canonical import NEWEST
from intent.objects.overlap import MemberPath, member_path
from intent.relations import pool_problems
from intent.source import Place
from intent.values import Unresolved
from intent.words import counted
from live import undeclared
from live.avi.identity import Json, uuid_of
from live.avi.snapshot import Live
from live.entries import Entries, uuid_in
from live.facts.factory import is_factory, says_nothing_at
from live.kinds import KINDS, Kind
from live.section_data import Sections, drop, in_order, part_at, part_label, without_empty
from live.undeclared import denied, other_types, some_of

BUILT_IN_VRF = "global"
MOST_FAULTS = 200
"""Times that a part of one object is taken out, before the object as a whole is."""

Part = TypeVar("Part", bound=Declared)
Row = tuple[Json, Any]
"""A live object as the Controller has it, and as the intent model."""


def collections(api_version: str, tenants: Collection[str] = (), types: Collection[str] = ()) -> set[str]:
    """The collections that must be read for a bootstrap: what can be declared, and what else people configure.

    `tenants`: those in which the user has a role, where that is known. `types`: those of which every object is written.
    """
    declared = {api for kind in KINDS.values() for api in (*kind.reads, *kind.optional.values())}
    return declared | {"tenant"} | other_types(api_version, tenants) | set(types) - denied(tenants)


def writable_types(api_version: str) -> frozenset[str]:
    """The types of which an object can be declared by the Controller's own names, in a model version."""
    version = avi_schema.parse_version(api_version)
    return frozenset(
        name
        for name, kind in avi_schema.load().types.items()
        if not validation.type_problem(name, NEWEST) and kind.lives(version) and "GET" in kind.methods
    )


def declared_paths(mapping: Kind, want: Intent) -> frozenset[MemberPath]:
    """The members of the Controller's object that a declaration of a section holds."""
    return frozenset(member_path(leaf.api) for path, leaf in mapping.leaves.items() if want.declares(path))


class Bootstrap:
    """What a live site holds of every kind that can be declared, and what was left out of it and why.

    `tenant`: that of the file, which an object of it need not repeat. `sections` is plain data in the shape of an
    environment file, `left_out` one sentence an omission; what it is about is counted and named. A collection that
    could not be read leaves its sections out, and its reason in `unread`. `types`: those of which every object that is
    not as installed is written, by the Controller's own names where no section is for it. `model`: the version that the
    file names, whose model it is held against; else the newest.
    """

    def __init__(
        self, live: Live, tenant: str = "admin", types: Collection[str] = (), model: Version = NEWEST
    ) -> None:
        self.live = live
        self.tenant = tenant
        self.model = model
        self.left_out: list[str] = []
        self.unread: list[str] = []
        self._omitted: dict[tuple[str, str], list[str]] = {}
        self._members: dict[str, dict[str, list[str]]] = {}
        self._types = frozenset(types)
        self._written: list[tuple[type[Intent], Json, Sections]] = []
        by_kind: dict[type[Intent], list[Row]] = {}
        forbidden = denied(live.snapshot.tenants)
        for kind in (kind for kind in DECLARED if kind in KINDS and KINDS[kind].api not in forbidden):
            try:
                by_kind[kind] = list(self._each(kind))
            except Unknown as why:
                self.unread.append(f"{kind.section}: {why}")
        by_kind[Network] = self._networks(by_kind)
        self.sections: Sections = {}
        for kind, objects in by_kind.items():
            written = [(row, data) for row, each in objects if (data := self._valid(row, each))]
            self._written += [(kind, row, data) for row, data in written]
            if declared := [data for _, data in written]:
                self.sections[kind.section] = declared[0] if kind.singleton else declared
        self._without_dangling()
        self._without_misplaced_pools()
        entries = self._entries()
        if written_out := list(entries.of(self._types, self._taken())):
            self.sections["objects"] = written_out
        self._rest(by_kind)
        self._say_what_is_left_out()
        self.unread += entries.unread
        for text in entries.left_out():
            self._leave(text)
        version, tenants = live.snapshot.api_version, live.snapshot.tenants
        if forbidden:
            self._leave(f"types that only users of tenant admin may read: {some_of(sorted(forbidden))}")
        for api in sorted((other_types(version, tenants) | self._types) & live.snapshot.failures.keys()):
            self.unread.append(live.snapshot.failures[api])

    def _entries(self) -> Entries:
        """What writes the objects that no section is for."""
        return Entries(self.live, self.tenant, model=self.model)

    def _taken(self) -> dict[tuple[str, str], frozenset[tuple[str, ...]]]:
        """The members that a section of its own declares, by type and uuid of the object."""
        taken: dict[tuple[str, str], frozenset[tuple[str, ...]]] = {}
        for kind, row, data in self._written:
            mapping, want = KINDS[kind], kind.model_validate(data)
            key = (mapping.api, uuid_in(mapping.api, row))
            taken[key] = taken.get(key, frozenset()) | declared_paths(mapping, want)
        return taken

    def _each(self, kind: type[Intent]) -> Iterator[Row]:
        """The live objects of a kind that somebody may declare, without those whose name is there more than once."""
        for api in KINDS[kind].reads:
            self.live.rows(api)
        rows = [row for row in self.live.rows(KINDS[kind].api) if self._may_declare(kind, row)]
        keys = [self.live.key(kind, row) for row in rows]
        times = Counter(keys)
        for key, row in zip(keys, rows, strict=True):
            if times[key] > 1:
                self._leave(f"{key}: there are {times[key]} of this name in one cloud, and none can be meant")
            else:
                yield row, self.live.decode(kind, row)

    def _may_declare(self, kind: type[Intent], row: Json) -> bool:
        """Whether an object is of this kind, and neither built in nor made by AKO."""
        mapping = KINDS[kind]
        if mapping.includes is not None and not mapping.includes(row, self.live.names):
            return False
        if undeclared.made_by_ako(row):
            self._omit(kind.kind, "AKO made them, and keeps them as it wants", row)
        elif mapping.api in self._types and is_factory(mapping.api, row, self.live.names.version):
            return False
        elif mapping.built_in(row):
            if mapping.api not in self._types:
                self._omit(kind.kind, "built in", row)
        elif why := mapping.without_place(row, self.live.names):
            if mapping.api not in self._types:  # else `objects:` holds it
                self._omit(kind.kind, why, row)
        else:
            return True
        return False

    def _networks(self, by_kind: Mapping[type[Intent], Iterable[Row]]) -> list[Row]:
        """The networks that somebody configured or refers to; a cloud discovers many more."""
        every = [
            reference for objects in by_kind.values() for _, each in objects for reference in references(each)
        ]
        used = {reference.key.name for reference in every if reference.kind is Network}
        kept: list[Row] = []
        for row, network in by_kind.get(Network, ()):
            if network.subnets or network.name in used or network.vrf not in (BUILT_IN_VRF, None):
                kept.append((row, network))
            else:
                self._omit(Network.kind, f"in VRF context {BUILT_IN_VRF} with no subnet, as discovered", row)
        return kept

    def _without_dangling(self) -> None:
        """Take out every name of what is not in the file: it could not be read back.

        What is not there since it could not be read has to be looked at by a person, and keeps its names.
        """
        environment = self._environment()
        unread = {reason.partition(":")[0] for reason in self.unread}
        for kind in DECLARED:
            for index, want in enumerate(environment.each(kind)):
                data = self.sections[kind.section] if kind.singleton else self.sections[kind.section][index]
                for reference in reversed(list(references(want))):
                    if reference.kind.section in unread or isinstance(reference.refers, LivesIn):
                        continue
                    twins = self._twins(reference)
                    is_here = reference.key.name in reference.refers.builtin or (
                        len(meant(environment, want, reference)) == 1
                    )
                    if twins > 1 or not is_here:
                        silent = KINDS[kind].api in self._types  # then `objects:` holds it
                        if twins > 1 and not silent:
                            self._omit_twin(want, reference, twins)
                        why = "" if silent or twins > 1 else "which is not in the file"
                        self._cut(want, data, reference.place, why)

    def _twins(self, reference: Reference) -> int:
        """How many of what is referred to there are in one place: none of several can be meant."""
        names, kind = self.live.names, KINDS.get(reference.kind)
        if kind is None or not names.read(kind.api):
            return 0
        rows = names.find(kind.api, reference.key.name, reference.key.cloud)
        return max(Counter((names.cloud_of(row), names.tenant_of(row)) for row in rows).values(), default=0)

    def _omit_twin(self, want: Intent, reference: Reference, twins: int) -> None:
        at = ".".join(part for part in reference.place if isinstance(part, str))
        which = f"one of {counted(twins, reference.kind.kind)} named {reference.key.name}"
        several = len(list(self.live.names.objects("cloud"))) > 1
        label = undeclared.placed(want.name, want.key.cloud if several else "", want.key.tenant)
        self._omitted.setdefault((want.kind, f"without {at}, {which}"), []).append(label)

    def _without_misplaced_pools(self) -> None:
        """Take out the pools of a subnet of which one cannot be declared: the others alone would say another thing."""
        environment = self._environment()
        for subnet, why in {place[1:4]: why for place, why in pool_problems(environment)}.items():
            index, *at = subnet
            assert isinstance(index, int)
            data = self.sections[Network.section][index]
            self._cut(environment.networks[index], data, (*at, "pools"), f"which cannot be declared: {why}")

    def _environment(self) -> Environment:
        """The file as it is by now."""
        head = {"name": "bootstrap", "controller": {"address": "bootstrap", "tenant": self.tenant}}
        return Environment.model_validate({**head, **self.sections})

    def _rest(self, by_kind: Mapping[type[Intent], Iterable[Row]]) -> None:
        """Everything else that is there, of the types that nothing declares or that no field holds."""
        written = [row for row, _ in by_kind.get(DnsService, ())]
        for row in self._not_written("virtualservice"):
            if not any(row is each for each in written) and not undeclared.made_by_ako(row):
                self._omit(
                    "virtual service", "only DNS services have a section; --objects writes the others", row
                )
        vips = {uuid_of(str(row.get("vsvip_ref") or "")) for row in written}
        for row in self._not_written("vsvip"):
            if row.get("uuid") not in vips:
                self._omit("VIP", "of services that are not in the file; --objects writes them", row)
        for word, names in undeclared.objects(self.live, self._types):
            self._omitted.setdefault((word, "this type has no section; --objects writes it"), []).extend(
                names
            )

    def _say_what_is_left_out(self) -> None:
        """A sentence for the objects of a type that have one reason, and one for those that lack the same members."""
        for (word, why), names in self._omitted.items():
            self._leave(f"{counted(len(names), word)} ({why}): {some_of(names)}")
        for word, by_member in self._members.items():
            together: dict[tuple[str, ...], list[str]] = {}
            for member, names in by_member.items():
                together.setdefault(tuple(names), []).append(member)
            for same, members in together.items():
                self._leave(f"no field holds {', '.join(members)} of {word} {some_of(same)}")

    def _own(self, kind: type[Intent], row: Json, data: Sections) -> Sections:
        """What of an object is to be declared: where all of its type is, no defaults."""
        mapping = KINDS[kind]
        for path, leaf in mapping.leaves.items() if mapping.api in self._types else ():
            place = member_path(leaf.api)
            if place[0] not in mapping.reads and says_nothing_at(
                mapping.api, row, place, self.live.names.version
            ):
                drop(data, path.split("."))
        return data

    def _not_written(self, api: str) -> list[Json]:
        """The objects of a type, unless they are written by the Controller's own names."""
        return [] if api in self._types else self.live.snapshot.objects.get(api, [])

    def _not_in_fields(self, row: Json, written: Intent) -> Iterator[str]:
        """The members of an object that no field holds; those that `objects:` will hold are not among them."""
        mapping = KINDS[type(written)]
        declared = declared_paths(mapping, written)
        for member in undeclared.members(self.live, row, written):
            path = member_path(member)
            if mapping.api not in self._types or any(path[: len(each)] == each for each in declared):
                yield member

    def _valid(self, row: Json, intent: Intent) -> Sections:
        """One object as an environment file declares it; without parts whose value cannot be declared."""
        kind = type(intent)
        data = self._tidy(kind, self._own(kind, row, plain(self._known(intent, kind.section))))
        for _ in range(MOST_FAULTS):
            try:
                written = kind.model_validate(data)
            except ValidationError as errors:
                places = {part_at(data, error["loc"]) for error in errors.errors()}
                outermost = [
                    place for place in places if not any(place[:at] in places for at in range(len(place)))
                ]
                # Last first, so that no cut moves what another one is about to cut.
                for place in sorted(outermost, key=in_order, reverse=True):
                    if not self._cut(intent, data, place):
                        return {}
            else:
                for member in self._not_in_fields(row, written):
                    by_member = self._members.setdefault(kind.kind, {})
                    by_member.setdefault(member, []).append(undeclared.label(self.live, row))
                return data
        self._leave(f"{intent.key}: cannot be declared")
        return {}

    def _cut(
        self, intent: Intent, data: Sections, place: Place, why: str = "which cannot be declared"
    ) -> bool:
        """Take a part that cannot be declared out of an object; whether the object can do without it."""
        if place == ("name",) or not place:
            self._leave(f"{intent.key}: its {'.'.join(map(str, place)) or 'shape'} cannot be declared")
            return False
        holders: list[Any] = [data]
        for part in place[:-1]:
            holders.append(holders[-1][part])
        value = holders[-1][place[-1]]
        at = ".".join(str(part) for part in place if isinstance(part, str))
        which = f"{at} of {part_label(value)}" if isinstance(value, dict) else f"{at} is {value!r}"
        if why:
            self._leave(f"{intent.key}: {which}, {why}")
        for holder, part in zip(reversed(holders), reversed(place), strict=True):
            del holder[part]
            if holder:
                break
        return True

    def _tidy(self, kind: type[Intent], data: Sections) -> Sections:
        """Without members that hold their default or nothing, and without the fixed name of a singleton."""
        kept = {
            name: value
            for name, value in ((name, without_empty(value)) for name, value in data.items())
            if value not in (None, [], {})
            and not (kind in KINDS and name in KINDS[kind].pins)
            and not data.get(kind.implied.get(name, ""))
            and value != kind.model_fields[name].default
        }
        if "tenant" in kind.model_fields and self.tenant != "admin":
            kept["tenant"] = data["tenant"]
            if kind.tenancy == "own" and data["tenant"] == self.tenant:
                del kept["tenant"]
        return kept if kind.singleton else {"name": data["name"], **kept}

    def _omit(self, word: str, why: str, row: Json) -> None:
        self._omitted.setdefault((word, why), []).append(undeclared.label(self.live, row))

    def _known(self, part: Part, where: str) -> Part:
        """A part of an object without what could not be told, which counts as unread."""
        known: dict[str, Any] = {}
        for name in type(part).model_fields:
            value = getattr(part, name, None)
            if isinstance(value, Unread):
                known[name] = None
                self._unread(f"{where}.{name}: {value.why}")
            elif (once := _each_once(part, name, value)) is not value:
                known[name] = once
                if once is None:
                    self._leave(
                        f"{where}.{name}: two of its elements bear one key, and a file holds one of them"
                    )
            elif unresolved := _unresolved(value):
                known[name] = None
                (self._unread if unresolved.unknown else self._leave)(f"{where}.{name}: {unresolved}")
            elif (
                isinstance(value, Declared) and (inner := self._known(value, f"{where}.{name}")) is not value
            ):
                known[name] = inner
        return part.model_copy(update=known) if known else part

    def _unread(self, text: str) -> None:
        if text not in self.unread:
            self.unread.append(text)

    def _leave(self, text: str) -> None:
        if text not in self.left_out:
            self.left_out.append(text)


def _each_once(part: Declared, name: str, value: Any) -> Any:
    """A list whose elements a key tells apart, each key once: a file cannot hold it twice. None where twins differ."""
    marker = part.marker(name)
    if not isinstance(marker, Keyed) or not isinstance(value, tuple):
        return value
    once: dict[str, Any] = {}
    for element in value:
        once.setdefault(str(getattr(element, marker.by)), element)
    if any(once[str(getattr(element, marker.by))] != element for element in value):
        return None
    return value if len(once) == len(value) else tuple(once.values())


def _unresolved(value: Any) -> Unresolved | None:
    """What a field refers to, where that has no name."""
    parts = value if isinstance(value, tuple) else (value,)
    return next((part for part in parts if isinstance(part, Unresolved)), None)
