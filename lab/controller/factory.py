"""Factory objects of a Controller that was just installed: tenant and user admin, Default-Cloud, system profiles.

Names and contents are those of a 20.1.6 Controller's configuration export [EXP] as far as it tells: programs, pages and
certificates are the lab's own. In other versions the same, with the defaults of their model, is [INF]; `since` marks
what is known of newer ones [CLIENT].
"""

from __future__ import annotations

import copy
import hashlib
import re
import uuid
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson

from avi_schema import FACTORY, parse_version, privileges
from lab.controller.passwords import CONSTRAINED, constrained
from lab.controller.versions import NEWEST
from lab.objects import Json, Object
from lab.site import Site

if TYPE_CHECKING:
    from lab.controller.writes import Writer

ADMIN = "/api/tenant/admin"
FURTHER, SETTINGS = "further", "singletons"
"""The parts of the factory objects that are made last, in the order of their references, and what there is one of."""
SINGLETONS = {
    "systemconfiguration": "default",
    "controllerproperties": "global",
    "seproperties": "global",
    "inventoryfaultconfig": "default",
    "cloudproperties": "default",
}
"""What there is one of, by uuid: systemconfiguration's [REC], the others' [INF]."""
LATE_SETTINGS = {"systemlimits": "default", "albservicesconfig": "default"}
"""The same, made after the objects that get their uuids by number."""
REFERRING = ("portal_configuration", "secure_channel_configuration")
"""Parts of the system configuration that refer to certificates and profiles, which are made after it."""


def build(site: Site, writer: Writer) -> None:
    """Write the factory objects into an empty store, marked as nobody's to delete."""
    _put(writer, "tenant", {"name": "admin", "local": True}, "admin")
    _only(site, writer, SINGLETONS)
    for kind, bodies in _profiles().items():
        if kind not in (FURTHER, SETTINGS) and _has(site, kind):
            for body in bodies:
                if _known_at(site, body):
                    _put(writer, kind, _fitting(site, kind, _body(body) | _rights(kind, body)))
    _put(writer, "user", _admin(site), "user-1")
    _put(writer, "cluster", _cluster(), f"cluster-{_uuid(site)}")
    _put(writer, "cloud", _default_cloud(site))
    for each in _profiles()[FURTHER]:
        if _known_at(site, each) and all(
            _has(site, kind) for kind in (each["type"], *_referred(each["body"]))
        ):
            _put(writer, each["type"], dict(each["body"]), _stable(each["type"], each["body"]["name"]))
    _only(site, writer, LATE_SETTINGS)
    _portal(site, writer)


def _only(site: Site, writer: Writer, uuids: dict[str, str]) -> None:
    """Make what there is one of."""
    for name, uid in uuids.items():
        if _has(site, name):
            _put(writer, name, _settings(site, name), uid)


def _known_at(site: Site, body: Json) -> bool:
    """Whether a Controller of this version has the object."""
    return "since" not in body or site.version >= parse_version(body["since"])


def _referred(body: Json) -> set[str]:
    """The types that a factory object refers to."""
    return {*re.findall(r'"/api/(\w+)', orjson.dumps(body).decode())}


def _rights(kind: str, body: Json) -> Json:
    return {"privileges": privileges(body["privileges"])} if kind == "role" else {}


def _body(entry: Json) -> Json:
    return {member: value for member, value in entry.items() if member != "since"}


def _fitting(site: Site, kind: str, body: Json) -> Json:
    """A body as the Controller's model has it: limits of an account profile in constraints from 32.1.1 on."""
    return constrained(body) if kind == "useraccountprofile" and site.version >= CONSTRAINED else body


def _has(site: Site, kind: str) -> bool:
    """Whether this Controller's version knows a type."""
    return kind in site.schema.types and site.schema.types[kind].lives(site.version)


def _put(writer: Writer, kind: str, body: Json, uid: str | None = None) -> Object:
    made = writer.write(kind, body, uuid=uid)
    made.system, site = True, writer.site
    for member, field in site.schema.types[kind].message.fields.items():
        if member in body and not field.lives(NEWEST) and field.lives(site.version):
            made.body.setdefault(
                member, body[member]
            )  # the newest model, in which they are written, has dropped it
    return made


def _default_cloud(site: Site) -> Json:
    """The cloud there is from the start: DHCP (not before 20) and licence [REC], the tier the system's own [INF]."""
    licence = {"license_type": "LIC_CORES", "license_tier": _tier(site)}
    dhcp = site.version >= (20,)
    return {"name": "Default-Cloud", "vtype": "CLOUD_NONE", "dhcp_enabled": dhcp, **licence}


def _settings(site: Site, name: str) -> Json:
    if name == "seproperties":
        # Its parts are messages, shown with the defaults of each [INF]: a client reads them to set one member.
        parts = site.schema.types[name].message.fields.values()
        return {part.name: {} for part in parts if part.name.startswith("se_")}
    own: Json = copy.deepcopy(_profiles()[SETTINGS].get(name, {}))
    if name == "systemconfiguration":
        own |= {"welcome_workflow_complete": False, "default_license_tier": _tier(site)}
        own = {member: value for member, value in own.items() if member not in REFERRING}
        own["portal_configuration"] = {}
    # Parts that newer models require have the defaults of each [INF].
    needed = [part for part in site.schema.types[name].message.fields.values() if part.required]
    return {part.name: {} for part in needed if part.kind == "message"} | own


def _tier(site: Site) -> str:
    """The default tier by version [SCHEMA]."""
    if site.version >= (21, 1, 3):
        return "ENTERPRISE_WITH_CLOUD_SERVICES"
    return "ENTERPRISE" if site.version >= (20, 1, 1) else "ENTERPRISE_18"


def _admin(site: Site) -> Json:
    return {
        "name": "admin",
        "username": "admin",
        "full_name": "System Administrator",
        "email": "",
        "password": site.password,
        "is_superuser": True,
        "is_active": True,
        "local": True,
        "default_tenant_ref": ADMIN,
        "user_profile_ref": "/api/useraccountprofile/?name=No-Lockout-User-Account-Profile",
        "access": [{"role_ref": "/api/role/?name=System-Admin", "all_tenants": True, "tenant_ref": ADMIN}],
        "ui_property": "{}",
    }


def _cluster() -> Json:
    node = {
        "name": "node1",
        "ip": {"addr": "10.10.20.10", "type": "V4"},
        "vm_hostname": "node1.controller.local",
    }
    return {"name": "cluster-0-1", "nodes": [node]}


def _portal(site: Site, writer: Writer) -> None:
    """The portal's and the secure channel's certificates and profile, which are there now."""
    settings = _profiles()[SETTINGS]["systemconfiguration"]
    parts = {member: dict(settings[member]) for member in REFERRING}
    parts["portal_configuration"] = dict(site.system["portal_configuration"]) | parts["portal_configuration"]
    writer.write("systemconfiguration", site.system | parts, update=True)


@cache
def _profiles() -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(FACTORY.read_bytes())
    return found


def _stable(kind: str, name: str) -> str:
    """The uuid of a further object, made of its name: it takes none of the numbers that others get theirs from."""
    digest = hashlib.sha256(f"{kind} {name}".encode()).digest()
    return f"{kind}-{uuid.UUID(bytes=digest[:16], version=4)}"


def _uuid(site: Site) -> uuid.UUID:
    return uuid.UUID(int=site.random.getrandbits(128), version=4)
