"""Undeclared parts of a site: objects of types that no environment file declares, and members that no field holds.

What a bootstrap writes is a part of what is there. This is the rest of it, counted and named, so that nobody takes the
file for the whole site. What a Controller is installed with, and what it sets by itself, does not count.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import avi_schema
from avi_schema import Message, Version
from intent import Blocked, ConfigObject, DnsService, Intent, Unknown
from intent.words import first_of, scoped
from live.avi.identity import Json, Names, maker, split_ref
from live.avi.snapshot import Live
from live.facts.factory import BY_THE_CONTROLLER, FILLED, OWN, is_factory, says_nothing
from live.kinds import KINDS
from live.kinds.base import value_at
from live.kinds.codecs import plain
from live.kinds.dns import vsvip_of

MOST_NAMED = 8
"""Names that stand in one line; how many more there are is said."""
FOR_ADMIN = frozenset({"PERMISSION_CONTROLLER", "PERMISSION_ROLE", "PERMISSION_TENANT", "PERMISSION_USER"})
"""Permissions that no role in another tenant than admin can have [PUBLIC]."""


def made_by_ako(row: Json) -> bool:
    """Whether AKO made an object, which is nobody else's to declare. Raises Unknown where it was not understood.

    A `vsvip` does not say who made it: AKO's bears its checksum [CLIENT].
    """
    return bool(maker(row) or row.get("vsvip_cloud_config_cksum"))


def other_types(api_version: str, tenants: Collection[str] = ()) -> set[str]:
    """The types that people configure in a model version, and that nothing here declares.

    `tenants`: those in which the user has a role; who has none in admin cannot read what is the whole Controller's.
    """
    version = avi_schema.parse_version(api_version)
    return {
        name
        for name, kind in avi_schema.load().types.items()
        if kind.configurable and not kind.singleton and kind.lives(version) and "GET" in kind.methods
    } - denied(tenants) - _declared() - BY_THE_CONTROLLER  # fmt: skip


def denied(tenants: Collection[str]) -> frozenset[str]:
    """The types that a user with a role in these tenants alone cannot read; none where they are not known."""
    if not tenants or "admin" in tenants:
        return frozenset()
    types = avi_schema.load().types
    return frozenset(n for n, kind in types.items() if kind.configurable and kind.permission in FOR_ADMIN)


def _declared() -> set[str]:
    """The types of which a section of its own declares something."""
    own = [kind for intent, kind in KINDS.items() if not issubclass(intent, ConfigObject)]
    return {api for kind in own for api in (kind.api, *kind.optional.values())} | {"vsvip"}


def some_of(names: Iterable[Any]) -> str:
    """`a, b, c and 4 more`."""
    return first_of(dict.fromkeys(map(str, names)), MOST_NAMED)


def label(live: Live, row: Json) -> str:
    """An object by its name, with where it lives where that may be elsewhere: `shop (cloud west, tenant blue)`."""
    cloud, tenant = live.names.cloud_of(row), live.names.tenant_of(row)
    several = len(list(live.names.objects("cloud"))) > 1
    return placed(str(row.get("name") or row.get("uuid")), cloud if several else "", tenant)


def placed(name: str, cloud: str, tenant: str) -> str:
    """A name with where its object lives: `shop (cloud west, tenant blue)`; without what is "", and without admin."""
    return scoped(name, cloud, "" if tenant == "admin" else tenant)


def objects(live: Live, written: Collection[str] = ()) -> Iterator[tuple[str, list[str]]]:
    """(type, names) of the objects that no section of an environment file is for.

    `written`: types whose objects are declared by the Controller's own names.
    """
    version = avi_schema.parse_version(live.snapshot.api_version)
    for api in sorted(live.snapshot.objects.keys() - _declared()):
        described = avi_schema.load().types.get(api)
        if described is None or not described.configurable or described.singleton or api in written:
            continue
        rows = [row for row in live.rows(api) if not is_factory(api, row, version)]
        if rows:
            yield described.model, [label(live, row) for row in rows]


def members(live: Live, row: Json, have: Intent) -> Iterator[str]:
    """The members of a live object that say something, and that `have`, what is written of it, does not hold."""
    kind = type(have)
    mapping = KINDS[kind]
    names = mapping.around(have, live.names)
    body: Json = {**mapping.fixed, **{name: row[name] for name in OWN & row.keys()}}
    shown: list[str] = []
    for path, leaf in sorted(mapping.leaves.items(), key=lambda each: each[1].put is not None):
        if (value := value_at(have, path)) is None:
            continue
        if leaf.put is None:  # what is only read tells others where they are written
            whole = plain(*leaf.api.split("."))
            whole.write(body, whole.get(row, names), names)
        else:
            with suppress(Blocked, Unknown, LookupError):
                leaf.put(body, value, names)
                continue
        shown.append(leaf.api.partition(" ")[0].replace("[]", ""))
    version = avi_schema.parse_version(live.snapshot.api_version)
    message = avi_schema.load().types[mapping.api].message
    known = OWN | FILLED.get(mapping.api, frozenset())
    outer = {name: value for name, value in row.items() if name not in known}
    for path in _extra(message, outer, body, version, names):
        if not any(f"{path.partition(' ')[0]}.".startswith(f"{each}.") for each in shown):
            yield path
    if kind is DnsService:
        yield from _extra_vip(row, names)


def _extra_vip(row: Json, names: Names) -> Iterator[str]:
    """What the VIP of a DNS service has besides one allocated address and one name."""
    vip = vsvip_of(row, names)
    if len(fqdns := [entry.get("fqdn") for entry in vip.get("dns_info") or ()]) > 1:
        yield f"vsvip.dns_info ({len(fqdns) - 1} of {len(fqdns)})"
    if len(addresses := vip.get("vip") or ()) > 1:
        yield f"vsvip.vip ({len(addresses) - 1} of {len(addresses)})"
    if any(not address.get("auto_allocate_ip") for address in addresses):
        yield "vsvip.vip.ip_address"


def _extra(
    message: Message, row: Mapping[str, Any], body: Mapping[str, Any], version: Version, names: Names
) -> Iterator[str]:
    """The paths of members that say something, and of which nothing stands in `body`."""
    for name, value, inner in _saying(message, row, version):
        there = body.get(name)
        if isinstance(value, dict) and inner is not None:
            below = _extra(inner, value, there if isinstance(there, dict) else {}, version, names)
            yield from (f"{name}.{path}" for path in below)
        elif isinstance(value, list) and inner is not None:
            known = there if isinstance(there, list) else []
            if more := sum(not _is_written(inner, each, known, version, names) for each in value):
                yield f"{name} ({more} of {len(value)})" if known else f"{name} ({more})"
        elif not _same(value, there, names):
            yield name


def _saying(
    message: Message, row: Mapping[str, Any], version: Version
) -> Iterator[tuple[str, Any, Message | None]]:
    """(name, value, the message that it is one of) of the members that say something."""
    for name, value in row.items():
        field = message.fields.get(name)
        no_range = name == "port_range_end" and value in (0, row.get("port"))  # filled in
        if no_range or value in (None, "", [], {}):
            continue
        if field is None:
            yield name, value, None
        elif not (field.read_only or says_nothing(field, value, version)):
            yield name, value, avi_schema.load().message(field.message) if field.message else None


def _is_written(message: Message, element: Any, known: list[Any], version: Version, names: Names) -> bool:
    """Whether what is written holds an element of a list."""
    if not isinstance(element, dict):
        return element in known
    return any(
        isinstance(other, dict) and not any(_extra(message, element, other, version, names))
        for other in known
    )


def _same(value: Any, there: Any, names: Names) -> bool:
    """Whether a plain member is written, or refers to what a Controller is installed with."""
    if isinstance(value, list):
        known = there if isinstance(there, list) else []
        return all(
            any(_same(each, other, names) for other in known) or _same(each, None, names) for each in value
        )
    if isinstance(value, str) and "/api/" in value:
        api, uuid, name = split_ref(value)
        if isinstance(there, str) and split_ref(there).uuid == uuid:
            return True
        target = names.resolve(value) or {"name": name}
        installed = avi_schema.factory_objects(api, names.version) if api in avi_schema.load().types else {}
        return bool(target.get("system_default")) or target.get("name") in installed
    return there is not None and str(value) == str(there)
