"""Changes of a site between two runs: what was added, removed or changed and is not declared, as notices."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, islice
from typing import Any

import avi_schema
from intent.fingerprint import Fingerprint, SeenObject
from intent.notice import AKO, CLOUD_CONNECTOR, SYSTEM, Notice, Sort, only_counted, topic_of
from intent.object_changes import Around, MemberChange, member_changes
from intent.words import first_of

MOST = 2_000
"""Notices that name an object; of the rest it is told how many there are."""
MOST_COMPARED = 20_000
"""Objects that are compared member by member: those of which a check tells count too."""
MOST_TYPES = 6
"""Types that are named in a line; the others are counted."""
MOST_AGAIN = 50
"""Objects that are looked for again, one request each, before it is said that they are gone."""

_GRAVE = frozenset(
    {
        "authmappingprofile", "authprofile", "cluster", "role", "ssopolicy", "systemconfiguration", "tenant", "user",
        "useraccountprofile",
    }
)  # fmt: skip
"""Types that decide who may do what."""


def changes(before: Fingerprint, now: Fingerprint) -> list[Notice]:
    """What has changed between two runs of one source, the gravest kinds first, and never more than can be read.

    What a check of this run compares is left out: that is drift, or as declared. What could not be listed in both runs
    says nothing. To who may see more or less than before, what appears or vanishes need not be new or gone.
    """
    every, why = _every(before, now), doubt(before, now)
    if sees_otherwise(before, now):
        every = (each for each in every if each.sort is not Sort.ADDED)
    reason = f"gone, or hidden from {now.user}, {why}"
    return _bounded(
        replace(each, sort=Sort.NOT_SEEN, reason=reason) if why and each.sort is Sort.REMOVED else each
        for each in every
    )


def doubt(before: Fingerprint, now: Fingerprint) -> str:
    """Why what is not seen any more may be hidden from the run's user and not be gone; "" where it is gone.

    A superuser is shown everything. No other answer of a Controller is known to tell hidden from gone.
    """
    if sees_otherwise(before, now):
        return "whose roles are not what they were"
    own = _user(now, now.user)
    if not now.user or own.get("is_superuser") is True:
        return ""
    roles = {} if now.unlisted & {"user", "role"} else (_roles(now, now.user) or _NOBODY).roles
    if not roles or not all(roles.values()):
        return "whose roles could not be read"
    by_label = any((_members(body) or {}).get("filters") for body in roles.values())
    return "to whom a role shows objects by their labels" if by_label else ""


def completed(before: Fingerprint, now: Fingerprint) -> Fingerprint:
    """What a run saw, with what it missed: an object moves from page to page while others come and go.

    What it could not list, or not understand, is as the run before saw it: so the run that can tells what has changed.
    """
    gone = (each for key, each in before.objects.items() if key not in now.objects)
    of_people = (each for each in gone if each.type in now.types and not _theirs(each.owner))
    there = now.look_again(list(islice(of_people, MOST_AGAIN)))
    kept = now.unlisted & before.types
    unclear = {key for key, each in now.objects.items() if not each.body}
    known = {key: each for key, each in before.objects.items() if key in unclear or each.type in kept}
    objects = {**now.objects, **there, **known}
    return replace(now, types=now.types | kept, objects=objects) if there or known or kept else now


def sees_otherwise(before: Fingerprint, now: Fingerprint) -> bool:
    """Whether the roles of who has seen both are not as they were, so that he may see more, or less."""
    return bool(now.user) and _roles(before, now.user) != _roles(now, now.user)


def unlisted(before: Fingerprint, now: Fingerprint) -> str:
    """Of which types changes are not told, since one of two runs could not list them; "" where there are none.

    What neither run could list is not among them: that may never be listed.
    """
    parts = [(now.unlisted & before.types, "this one could not list")]
    parts += [(now.types - before.types, "the last one did not list")]
    texts = [f"{why} {first_of(sorted(types), MOST_TYPES)}" for types, why in parts if types]
    return "; ".join(texts) + "; of the others they are told" if texts else ""


def _user(seen: Fingerprint, name: str) -> Mapping[str, Any]:
    """The members of a user of this name; empty where a run did not see him."""
    users = (_members(each.body) or {} for each in seen.objects.values() if each.type == "user")
    return next((each for each in users if each.get("username") == name), {})


@dataclass(frozen=True)
class _Rights:
    """What a user may see: his access, and his roles as they are kept, "" where one was not seen."""

    superuser: bool
    access: Any
    roles: Mapping[str, str]


_NOBODY = _Rights(superuser=False, access=(), roles={})


def _roles(seen: Fingerprint, user: str) -> _Rights | None:
    """What a user may see, as a run saw it; None where it did not."""
    own = _user(seen, user)
    access = own.get("access")
    if not isinstance(access, list):
        return None
    uuids = {str(each.get("role_ref")) for each in access if isinstance(each, Mapping)}
    seen_roles = {uuid: seen.objects.get(("role", uuid)) for uuid in uuids}
    roles = {uuid: role.body if role else "" for uuid, role in seen_roles.items()}
    return _Rights(own.get("is_superuser") is True, access, roles)


@dataclass(frozen=True)
class _Differences:
    """The objects that are not the same in two runs; a pair is an object before and now.

    `replaced` are those that were made anew under their name; they are neither `gone` nor `new`.
    """

    replaced: list[tuple[SeenObject, SeenObject]]
    gone: list[SeenObject]
    new: list[SeenObject]
    changed: list[tuple[SeenObject, SeenObject]]

    @classmethod
    def between(cls, before: Fingerprint, now: Fingerprint) -> _Differences:
        """Of the types that both runs could list, or of which both have seen the object."""
        types = before.types & now.types
        gone = [each for key, each in before.objects.items() if key not in now.objects and each.type in types]
        new = [each for key, each in now.objects.items() if key not in before.objects and each.type in types]
        both = ((before.objects[key], each) for key, each in now.objects.items() if key in before.objects)
        replaced = _successors(gone, new)
        again = {each.key for pair in replaced for each in pair}
        return cls(
            replaced,
            [each for each in gone if each.key not in again],
            [each for each in new if each.key not in again],
            [(old, each) for old, each in both if old.body != each.body],
        )

    def of(self, *, theirs: bool) -> _Differences:
        """Those of AKO and the system, or all others; a pair is whose it is now."""
        return _Differences(
            [pair for pair in self.replaced if _theirs(pair[1].owner) is theirs],
            [each for each in self.gone if _theirs(each.owner) is theirs],
            [each for each in self.new if _theirs(each.owner) is theirs],
            [pair for pair in self.changed if _theirs(pair[1].owner) is theirs],
        )


def _every(before: Fingerprint, now: Fingerprint) -> Iterator[Notice]:
    """First what people do, so that it is named however much AKO and the system have done."""
    names, both = _NamesByUuid(before, now), _Differences.between(before, now)
    for each in (both.of(theirs=False), both.of(theirs=True)):
        yield from (_replaced(old, seen, now) for old, seen in each.replaced)
        yield from (_notice(Sort.REMOVED, seen) for seen in each.gone if now.declared(seen) is None)
        yield from (_notice(Sort.ADDED, seen) for seen in each.new if now.declared(seen) is None)
        for old, seen in each.changed[:MOST_COMPARED]:
            yield from _changed(old, seen, now, names)
        yield from (_notice(Sort.CHANGED, seen, unnamed=True) for _, seen in each.changed[MOST_COMPARED:])


def _theirs(owner: str) -> bool:
    """Whether what is somebody's is AKO's or the system's."""
    return owner in (AKO, SYSTEM)


def _severity(api: str, owner: str, *, added: bool = False) -> str:
    """How grave a change is, by what is changed and whose that is."""
    if _theirs(owner):
        return "trivial"
    return "critical" if api in _GRAVE else "minor" if added or owner else "normal"


def _bounded(notices: Iterable[Notice]) -> list[Notice]:
    """The first of them as they are; of the rest one for each sort, type and owner, with their number."""
    named: list[Notice] = []
    rest: Counter[tuple[Sort, str, str]] = Counter()
    for notice in notices:
        if notice.name and len(named) < MOST:
            named.append(notice)
        else:
            rest[notice.sort, notice.type, notice.owner] += 1
    return [*named, *only_counted(rest)]


def _successors(gone: list[SeenObject], new: list[SeenObject]) -> list[tuple[SeenObject, SeenObject]]:
    """(gone, new) of those that were made anew under their name: one of each."""
    places: defaultdict[tuple[str, ...], tuple[list[SeenObject], list[SeenObject]]] = defaultdict(
        lambda: ([], [])
    )
    for side, objects in enumerate((gone, new)):
        for each in objects:
            places[each.place][side].append(each)
    return [(a[0], b[0]) for a, b in places.values() if len(a) == len(b) == 1]


def _notice(sort: Sort, seen: SeenObject, *, unnamed: bool = False) -> Notice:
    severity = _severity(seen.type, seen.owner, added=sort is Sort.ADDED)
    return Notice(
        sort, seen.type, "" if unnamed else seen.label, seen.uuid, topic_of(seen.type), severity, seen.owner,
        cloud=seen.cloud, tenant=seen.tenant, bare=seen.name,
    )  # fmt: skip


def _replaced(old: SeenObject, new: SeenObject, now: Fingerprint) -> Notice:
    """An object that was deleted and made anew: no check sees that, since its name is what is declared."""
    notice = _notice(Sort.CHANGED, new)
    declared = now.declared(new) is not None
    return replace(notice, path="uuid", was=old.uuid, now=new.uuid, declared=declared)


@dataclass(frozen=True)
class _NamesByUuid:
    """Names of objects by their uuid, in either run."""

    before: Fingerprint
    now: Fingerprint

    @cached_property
    def clusters(self) -> frozenset[str]:
        """The clusters that have objects of AKO's, whose names begin with theirs."""
        every = chain(self.before.objects.values(), self.now.objects.values())
        return frozenset(each.name.partition("--")[0] for each in every if each.owner == AKO)

    def __call__(self, api: str, uuid: str) -> str:
        now = self.now.label(api, uuid)
        return now if now != uuid else self.before.label(api, uuid)


def _changed(old: SeenObject, new: SeenObject, now: Fingerprint, names: _NamesByUuid) -> Iterator[Notice]:
    notice = _notice(Sort.CHANGED, new)
    want = now.declared(new)
    notice = replace(notice, declared=want is not None)
    if not (old.body and new.body):
        return  # it was not understood in one of the runs, so nothing is known of what has changed
    version = avi_schema.parse_version(now.source.api_version)
    before, after = _members(old.body), _members(new.body)
    if before is None or after is None:
        return
    message = avi_schema.load().types[new.type].message.name
    for change in member_changes(message, before, after, Around(want, version, names, names.clusters)):
        yield _of_member(notice, change)


def _of_member(notice: Notice, change: MemberChange) -> Notice:
    """A notice of one member, by whose it is: few members of what is AKO's or the cloud's are set by a person."""
    owner = notice.owner if change.owner is None else change.owner
    off = change.path.rpartition(".")[2] == "enabled" and change.now is False
    by_hand = off if owner == AKO else owner == CLOUD_CONNECTOR or change.path != "name"
    if change.owner is None and by_hand:
        owner = ""
    grave = change.grave or (off and notice.owner == AKO)
    severity = "critical" if grave else _severity(notice.type, owner)
    return replace(notice, owner=owner, severity=severity, path=change.path, was=change.was, now=change.now)


def _members(body: str) -> Mapping[str, Any] | None:
    try:
        members = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return members if isinstance(members, dict) else None
