"""Coverage of a site: what was read and what is listed besides, held against what is declared, and counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import fields
from functools import cache
from typing import Any

import avi_schema
from avi_schema import MISSING, Version
from intent import Blocked, ConfigObject, Environment, Intent, Unknown
from intent.coverage import Coverage, TypeCoverage, Uncovered
from intent.objects.elements import owned_by_ako
from intent.objects.overlap import leaf_paths, member_path, overlap
from live.avi.identity import Json, uuid_of
from live.avi.snapshot import Live
from live.facts.factory import FILLED, OWN, is_factory
from live.kinds import KINDS
from live.undeclared import denied, label, made_by_ako

Take = Callable[[str, list[Json]], None]
"""Given a type and some of its objects."""
Paths = frozenset[tuple[str, ...]]
_OBJECTS, _DECLARED, _MEMBERS, _THERE, _AKO, _FACTORY = range(len(fields(TypeCoverage)))
_Plan = dict[str, tuple[Any, str | None]]
"""By member: its default, and the message that stands in it alone. Read-only members and secrets are not in it."""


def observed(environment: Environment, api_version: str) -> frozenset[str]:
    """The types that a whole run looks at, as far as the Controller's model has them."""
    version = avi_schema.parse_version(api_version)
    every = {
        name
        for name, kind in avi_schema.load().types.items()
        if kind.configurable and kind.lives(version) and "GET" in kind.methods
    }
    if environment.observe == "all":
        return frozenset(every)
    if environment.observe == "declared":
        return frozenset(every & {KINDS[type(want)].api for want in environment if type(want) in KINDS})
    return frozenset(every & {*environment.observe})


class Counting:
    """Counts objects and members by type, as they come. `named`: what is not declared is kept by name too."""

    def __init__(self, live: Live, environment: Environment, *, named: bool = False) -> None:
        self.live = live
        self.named = named
        self.version = avi_schema.parse_version(live.snapshot.api_version)
        self.tenants = live.snapshot.tenants
        self._declared = _declared(live, environment)
        self._counts: dict[str, list[int]] = defaultdict(lambda: [0] * len(fields(TypeCoverage)))
        self._uncovered: list[Uncovered] = []
        self._seen: set[tuple[str, str]] = set()

    def take(self, api: str, rows: Iterable[Json]) -> None:
        """Count some objects of a type, each once."""
        kind = avi_schema.load().types[api]
        for row in rows:
            uuid = "" if kind.singleton else str(row.get("uuid"))
            if (api, uuid) not in self._seen:
                self._seen.add((api, uuid))
                counts = self._counts[api]
                for at, more in self._count(api, row, self._declared.get((api, uuid), frozenset())):
                    counts[at] += more

    def _count(self, api: str, row: Json, declared: Paths) -> Iterable[tuple[int, int]]:
        """(which number of a TypeCoverage, by how much it grows) for one object."""
        try:
            if not declared and made_by_ako(row):
                return ((_AKO, 1),)
            if not declared and is_factory(api, row, self.version):
                return ((_FACTORY, 1),)
            members = list(set_members(api, row, self.version))
        except Unknown:  # it is there, and nothing can be said of what is in it
            members = []
        there = (
            [path for path in members if any(overlap(path, other) for other in declared)] if declared else []
        )
        if self.named and (not declared or len(there) < len(members)):
            missing = (".".join(path) for path in members if path not in there) if declared else ()
            name = label(self.live, row) if "name" in row else ""
            self._uncovered.append(Uncovered(api, name, tuple(missing)))
        return ((_OBJECTS, 1), (_DECLARED, bool(declared)), (_MEMBERS, len(members)), (_THERE, len(there)))

    def coverage(self, failures: Mapping[str, str]) -> Coverage:
        """What was counted; a type that could not be listed whole is not in it."""
        types = {
            api: TypeCoverage(*counts) for api, counts in sorted(self._counts.items()) if api not in failures
        }
        uncovered = sorted(
            (each for each in self._uncovered if each.type in types), key=lambda each: (each.type, each.name)
        )
        return Coverage(types, dict(failures), tuple(uncovered))


def _declared(live: Live, environment: Environment) -> Mapping[tuple[str, str], Paths]:
    """The members of which something is declared, by type and uuid of the object."""
    paths: dict[tuple[str, str], set[tuple[str, ...]]] = defaultdict(set)
    for want in environment.every():
        if type(want) not in KINDS:
            continue
        with suppress(Unknown, Blocked):
            for row in live.found(want):
                for api, uuid, path in _paths(want, row):
                    paths[api, uuid].add(path)
    return {key: frozenset(each) for key, each in paths.items()}


def _paths(want: Intent, row: Json) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """(type, uuid, member) of everything that a declared object says; of one that says nothing, its name."""
    kind = KINDS[type(want)]
    uuid = "" if kind.singleton else str(row.get("uuid"))
    yield kind.api, uuid, ("name",)
    if isinstance(want, ConfigObject):
        yield from ((kind.api, uuid, path) for path in leaf_paths(want))
        return
    for declared, leaf in kind.leaves.items():
        if want.declares(declared):
            path = member_path(leaf.api)
            if path[0] in kind.reads and (ref := row.get(f"{path[0]}_ref")):  # `vsvip.vip`: in another object
                yield path[0], uuid_of(str(ref)), path[1:]
            else:
                yield kind.api, uuid, path


def set_members(api: str, row: Json, version: Version) -> Iterator[tuple[str, ...]]:
    """The members of an object that say something, through messages down to values and lists. Raises Unknown."""
    known = OWN | FILLED.get(api, frozenset())
    message = avi_schema.load().types[api].message.name
    return _set(message, row, version, known, ())


def _set(
    message: str, part: Mapping[str, Any], version: Version, known: Collection[str], at: tuple[str, ...]
) -> Iterator[tuple[str, ...]]:
    plan = _plan(message, version)
    for name, value in part.items():
        if value in (None, "", [], {}) or name in known or name not in plan:
            continue
        default, inner = plan[name]
        if value.__class__ is list and all(map(owned_by_ako, value)):
            continue
        if inner is not None and value.__class__ is dict:
            yield from _set(inner, value, version, (), (*at, name))
        elif default is MISSING or value != default:
            yield (*at, name)


@cache
def _plan(message: str, version: Version) -> _Plan:
    return {
        field.name: (field.default_at(version), None if field.many else field.message)
        for field in avi_schema.load().message(message).fields.values()
        if not (field.read_only or field.secret)
    }


def cover(
    live: Live,
    environment: Environment,
    more: Callable[[Collection[str], Take], Mapping[str, str]],
    *,
    named: bool = False,
    also: Take = lambda _api, _rows: None,
) -> Coverage:
    """The coverage of a site, from what was read of it and from `more`.

    `more` lists the types that it is given, hands their objects on, and gives why one could not be listed. `also` takes
    every object too.
    """
    counting = Counting(live, environment, named=named)

    def take(api: str, rows: list[Json]) -> None:
        counting.take(api, rows)
        also(api, rows)

    wanted = observed(environment, live.snapshot.api_version)
    failures = {api: why for api, why in live.snapshot.failures.items() if api in wanted}
    for api in wanted & live.snapshot.objects.keys():
        take(api, live.snapshot.objects[api])
    forbidden = denied(live.snapshot.tenants) & wanted
    failures |= dict.fromkeys(forbidden, "only users of tenant admin may read it")
    rest = wanted - live.snapshot.objects.keys() - failures.keys()
    return counting.coverage({**failures, **more(sorted(rest), take)})
