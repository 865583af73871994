"""Factory objects among what was read: known by type, by name, and by members that nobody has changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import avi_schema
from avi_schema import MISSING, Field, Message, Version
from live.avi.identity import Json, split_ref

OWN = frozenset({"name", "uuid", "url", "tenant_ref", "cloud_ref", "_last_modified", "configpb_attributes"})
"""Members that name an object and say where it lives."""
FILLED: Mapping[str, frozenset[str]] = {
    "network": frozenset({"ip6_autocfg_enabled", "synced_from_se", "attrs"}),
    "virtualservice": frozenset(
        {"cloud_type", "ipam_dns_records", "vip_runtime", "version", "vsvip_ref", "self_se_election"}
    ),
    "vrfcontext": frozenset({"attrs"}),
}
"""Members that a Controller writes by itself, besides those that its model calls read-only [REC]."""
_OF_NO_ACCOUNT: Mapping[str, frozenset[str]] = {
    "network": frozenset({"vimgrnw_ref", "vcenter_dvs"}),
    "serviceenginegroup": frozenset({"license_tier"}),
    "vrfcontext": frozenset({"lldp_enable"}),
}
"""Members that differ from Controller to Controller in what each is installed with."""
_DISCOVERED: Mapping[str, Any] = {"vrf_context_ref": "/api/vrfcontext?name=global", "dhcp_enabled": True}
"""A network as its cloud has found it [REC]."""
BY_THE_CONTROLLER = frozenset({"cloudproperties", "serviceengine", "license", "backup", "image", "jobs"})
"""Types whose objects a Controller makes by itself: nobody declares them anywhere."""


def is_factory(api: str, row: Json, version: Version) -> bool:
    """Whether a Controller of this version was installed with an object, or makes such by itself, and it is unchanged.

    What is in doubt is not. Raises Unknown where the object was not understood.
    """
    if api in BY_THE_CONTROLLER:
        return True
    message = avi_schema.load().types[api].message
    installed = avi_schema.factory_objects(api, version)
    body = installed.get("") if "" in installed else installed.get(str(row.get("name")))
    if api == "network" and row.get("vimgrnw_ref"):
        body = _DISCOVERED
    known = OWN | FILLED.get(api, frozenset()) | _OF_NO_ACCOUNT.get(api, frozenset())
    return body is not None and _unchanged(message, row, body, version, known)


def _unchanged(
    message: Message,
    live: Mapping[str, Any],
    body: Mapping[str, Any],
    version: Version,
    known: frozenset[str] = frozenset(),
) -> bool:
    """Whether a live message says what a factory body says, and nothing else; secrets do not count."""
    for name in (live.keys() | body.keys()) - known:
        if (field := message.fields.get(name)) is None:
            return False
        if name not in live and not field.lives(version):
            continue
        if not (field.read_only or field.secret or _equal(field, live.get(name), body.get(name), version)):
            return False
    return True


def says_nothing_at(api: str, row: Json, place: tuple[str, ...], version: Version) -> bool:
    """Whether a member, at a path through messages, is not set, or holds its default."""
    message, part = avi_schema.load().types[api].message, row
    for name in place[:-1]:
        field = message.fields.get(name)
        part = part.get(name) or {}
        if field is None or field.message is None or not isinstance(part, dict):
            return False
        message = avi_schema.load().message(field.message)
    field = message.fields.get(place[-1])
    return field is not None and says_nothing(field, part.get(place[-1]), version)


def says_nothing(field: Field, value: Any, version: Version) -> bool:
    """Whether a member is not set, or holds what the model of a version gives it by default."""
    if value in (None, "", [], {}):
        return True
    default = field.default_at(version)
    return default is not MISSING and value == default


def _equal(field: Field, value: Any, wanted: Any, version: Version) -> bool:
    if says_nothing(field, value, version) and says_nothing(field, wanted, version):
        return True
    if not field.many:
        return _equal_one(field, value, wanted, version)
    elements, needed = value or [], wanted or []
    return (
        isinstance(elements, list)
        and len(elements) == len(needed)
        and all(
            # Most often in the same place: a role alone has some hundred privileges.
            _equal_one(field, elements[at], other, version)
            or any(_equal_one(field, each, other, version) for each in elements)
            for at, other in enumerate(needed)
        )
    )


def _equal_one(field: Field, value: Any, wanted: Any, version: Version) -> bool:
    if field.message is not None:
        inner, live = avi_schema.load().message(field.message), value or {}
        return isinstance(live, dict) and _unchanged(inner, live, wanted or {}, version)
    if field.ref is not None and value and wanted:
        api, uuid, name = split_ref(str(value))
        meant, _, of = str(wanted).partition("/api/")[2].partition("?name=")
        return api == meant.rstrip("/") and of in (name, uuid)
    return bool(value == wanted)
