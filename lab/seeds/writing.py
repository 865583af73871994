"""Writes of the seeds: by name, read-modify-write where the object is there."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

from lab.cloud.common import ip_json
from lab.objects import Json, Object

if TYPE_CHECKING:
    from lab.site import Site


def create(site: Site, kind: str, **body: object) -> Object:
    """POST an object."""
    return site.write(kind, dict(body))


def change(site: Site, obj: Object, **members: object) -> Object:
    """Read an object, set members (None takes one away), and PUT it back."""
    body = {k: v for k, v in {**deepcopy(obj.body), **members}.items() if v is not None}
    return site.write(obj.type, body, uuid=obj.uuid, tenant=obj.tenant, update=True)


def named(site: Site, kind: str, name: str) -> Object:
    """The object of that name in Default-Cloud or outside of clouds. Raises LookupError."""
    cloud = default_cloud(site).uuid
    found = [o for o in site.store.named(kind, name) if o.cloud in ("", cloud)]
    if len(found) != 1:
        raise LookupError(f"{len(found)} {kind} named {name!r}")
    return found[0]


def default_cloud(site: Site) -> Object:
    """The cloud the wizard has set up."""
    return site.one("cloud", "Default-Cloud")


def prefix(text: str) -> Json:
    """An `IpAddrPrefix` from `10.10.25.0/24`."""
    address, _, mask = text.partition("/")
    return {"ip_addr": ip_json(address), "mask": int(mask)}


def subnet(text: str, first: str, last: str, use: str = "STATIC_IPS_FOR_VIP_AND_SE") -> Json:
    """A configured subnet with one static range."""
    span = {"begin": ip_json(first), "end": ip_json(last)}
    return {"prefix": prefix(text), "static_ip_ranges": [{"range": span, "type": use}]}
