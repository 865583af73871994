"""Factory objects of a Controller that was just installed: tenant and user admin, Default-Cloud, system profiles.

Names are recorded or known from clients (§3.11); of the profiles' contents only what the names say is set, the rest
are the model's defaults [INF].
"""

from __future__ import annotations

import hashlib
import uuid
from functools import cache
from typing import TYPE_CHECKING

import orjson

from avi_schema import FACTORY
from lab.objects import Json, Object
from lab.site import Site

if TYPE_CHECKING:
    from lab.controller.writes import Writer

ADMIN = "/api/tenant/admin"
FURTHER = "further"
"""The part of the factory objects with what playbooks and Terraform's examples look up by name besides [INF].

Made last, in the order of their references; `CRS-VERSION-NOT-APPLICABLE` is [SCHEMA].
"""
SINGLETONS = {
    "systemconfiguration": "default",
    "controllerproperties": "global",
    "seproperties": "global",
    "inventoryfaultconfig": "default",
    "cloudproperties": "default",
}
"""What there is one of, by uuid: systemconfiguration's [REC], the others' [INF]."""


def build(site: Site, writer: Writer) -> None:
    """Write the factory objects into an empty store, marked as nobody's to delete."""
    _put(writer, "tenant", {"name": "admin", "local": True}, "admin")
    for name, uid in SINGLETONS.items():
        if _has(site, name):
            _put(writer, name, _settings(site, name), uid)
    for kind, bodies in _profiles().items():
        if kind != FURTHER and _has(site, kind):
            for body in bodies:
                _put(writer, kind, _role(site, body) if kind == "role" else dict(body))
    _put(writer, "user", _admin(site), "user-1")
    _put(writer, "cluster", _cluster(), f"cluster-{_uuid(site)}")
    _put(writer, "cloud", _default_cloud(site))
    _limits(site, writer)
    _portal(site, writer)
    for each in _profiles()[FURTHER]:
        if _has(site, each["type"]):
            _put(writer, each["type"], dict(each["body"]), _stable(each["type"], each["body"]["name"]))


def _has(site: Site, kind: str) -> bool:
    """Whether this Controller's version knows a type."""
    return kind in site.schema.types and site.schema.types[kind].lives(site.version)


def _put(writer: Writer, kind: str, body: Json, uid: str | None = None) -> Object:
    made = writer.write(kind, body, uuid=uid)
    made.system = True
    return made


def _default_cloud(site: Site) -> Json:
    """The cloud there is from the start: DHCP and licence as recorded [REC], the tier the system's own [INF]."""
    licence = {"license_type": "LIC_CORES", "license_tier": _tier(site)}
    return {"name": "Default-Cloud", "vtype": "CLOUD_NONE", "dhcp_enabled": True, **licence}


def _settings(site: Site, name: str) -> Json:
    if name == "inventoryfaultconfig":
        return {"name": "default"}
    if name != "systemconfiguration":
        # Their parts are messages, shown with the defaults of each [INF]: a client reads them to set one member.
        parts = site.schema.types[name].message.fields.values()
        return {part.name: {} for part in parts if name == "seproperties" and part.name.startswith("se_")}
    return {
        "dns_configuration": {"search_domain": ""},
        "ntp_configuration": {
            "ntp_servers": [{"server": {"addr": f"{n}.us.pool.ntp.org", "type": "DNS"}} for n in range(4)]
        },
        "portal_configuration": {},
        "global_tenant_config": {},
        "email_configuration": {"smtp_type": "SMTP_LOCAL_HOST"},
        "welcome_workflow_complete": False,
        "default_license_tier": _tier(site),
    }


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


def _role(site: Site, body: Json) -> Json:
    """A role with one right over every resource [SCHEMA names, INF rights]."""
    resources = site.schema.message("Permission").fields["resource"].enum or ()
    return body | {"privileges": [{"resource": name, "type": body["privileges"]} for name in resources]}


def _limits(site: Site, writer: Writer) -> None:
    """One object of limits, readable by everybody; the numbers are [INF]."""
    if not _has(site, "systemlimits"):
        return
    limits = {
        "vs_l2_scaleout": 4,
        "vs_l3_scaleout": 64,
        "num_virtualservices": 5000,
        "num_serviceengines": 400,
    }
    _put(writer, "systemlimits", {"controller_limits": limits}, "default")


def _portal(site: Site, writer: Writer) -> None:
    """The portal's own certificates and profile, which need the profiles to be there."""
    system = next(site.store.all("systemconfiguration"))
    portal = dict(system.body["portal_configuration"]) | {
        "sslprofile_ref": "/api/sslprofile/?name=System-Standard-Portal",
        "sslkeyandcertificate_refs": ["/api/sslkeyandcertificate/?name=System-Default-Portal-Cert"],
    }
    writer.write("systemconfiguration", system.body | {"portal_configuration": portal}, update=True)


@cache
def _profiles() -> dict[str, list[Json]]:
    found: dict[str, list[Json]] = orjson.loads(FACTORY.read_bytes())
    return found


def _stable(kind: str, name: str) -> str:
    """The uuid of a further object, made of its name: it takes none of the numbers that others get theirs from."""
    digest = hashlib.sha256(f"{kind} {name}".encode()).digest()
    return f"{kind}-{uuid.UUID(bytes=digest[:16], version=4)}"


def _uuid(site: Site) -> uuid.UUID:
    return uuid.UUID(int=site.random.getrandbits(128), version=4)
