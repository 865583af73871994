"""Helpers of all behaviours: JSON of addresses, subnets and times, references, and objects the server makes itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Any, TypeVar

from lab.model import cover, fill, secretive, view
from lab.objects import Json, Object

if TYPE_CHECKING:
    from lab.site import Site

Address = IPv4Address | IPv6Address
Subnet = IPv4Network | IPv6Network
Derived = TypeVar("Derived")


@lru_cache(maxsize=1 << 16)
def as_address(text: str) -> Address:
    """An address, read once: the same few thousand are asked for again and again. Raises ValueError."""
    return ip_address(text)


@lru_cache(maxsize=1 << 16)
def _subnet(within: Address, mask: int) -> Subnet:
    return ip_network((str(within), mask), strict=False)


def uuid_of(ref: object) -> str:
    """The uuid a reference points at; "" for none."""
    return str(ref or "").partition("#")[0].rstrip("/").rpartition("/")[2]


def ip_json(written: Address | str) -> Json:
    """An `IpAddr`: `{"addr": ..., "type": "V4" | "V6"}`."""
    parsed = as_address(str(written))
    return {"addr": str(parsed), "type": f"V{parsed.version}"}


def prefix_json(subnet: Subnet) -> Json:
    """An `IpAddrPrefix`."""
    return {"ip_addr": ip_json(subnet.network_address), "mask": subnet.prefixlen}


def parse_ip(value: Any) -> Address | None:
    """The address an `IpAddr` carries; None when there is none or it is a name."""
    try:
        return as_address(str(value["addr"]))
    except (KeyError, TypeError, ValueError):
        return None


def parse_prefix(value: Any) -> Subnet | None:
    """The subnet an `IpAddrPrefix` carries, host bits ignored; None when it carries none."""
    address = parse_ip(value.get("ip_addr")) if isinstance(value, dict) else None
    if address is None:
        return None
    try:
        return _subnet(address, int(value.get("mask", address.max_prefixlen)))
    except (TypeError, ValueError):
        return None


def subnets_of(network: Json) -> Iterator[tuple[Subnet, Json]]:
    """The configured subnets of a network's body, parsed, each beside its JSON."""
    for entry in network.get("configured_subnets", []):
        if (subnet := parse_prefix(entry.get("prefix"))) is not None:
            yield subnet, entry


def remembered(site: Site, name: str, now: object, make: Callable[[], Derived]) -> Derived:
    """What is made of a site and remembered under a name, made anew once `now` is another than it was then."""
    kept: tuple[object, Derived] | None = site.memory.get(name)
    if kept is None or kept[0] != now:
        kept = site.memory[name] = (now, make())
    return kept[1]


def each_remembered(
    site: Site, name: str, kind: str, make: Callable[[Object], Derived]
) -> dict[str, Derived]:
    """What is made of each object of a type, by uuid in order of creation: made anew only of those that changed."""
    kept: dict[str, tuple[Object, Derived]] = site.memory.get(name, {})
    now: dict[str, tuple[Object, Derived]] = {}
    for obj in site.store.all(kind):
        known = kept.get(obj.uuid)
        now[obj.uuid] = known if known is not None and known[0] is obj else (obj, make(obj))
    site.memory[name] = now
    return {uuid: derived for uuid, (_, derived) in now.items()}


def timestamp(seconds: float) -> Json:
    """A `TimeStamp` as the Controller writes it: both numbers as strings [REC]."""
    whole = int(seconds)
    return {"secs": str(whole), "usecs": str(int((seconds - whole) * 1_000_000))}


def date_text(seconds: float) -> str:
    """`YYYY-MM-DD HH:MM:SS` without a zone, as in `up_since` [CLIENT]."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def store(  # noqa: PLR0913 -- the six facts of an object
    site: Site, kind: str, uuid: str, body: Json, *, tenant: str = "admin", cloud: str = ""
) -> Object:
    """Keep an object the Controller makes by itself: defaults filled, no rules applied."""
    own = {"uuid": uuid, "tenant_ref": f"/api/tenant/{tenant}", **body}
    if cloud:
        own.setdefault("cloud_ref", f"/api/cloud/{cloud}")
    return site.store.put(Object(kind, uuid, tenant, cloud, fill(site.schema, kind, own, site.version)))


def amend(site: Site, obj: Object, changes: Json, *, stamp: bool = True) -> Object:
    """Keep an object with some members changed by the Controller itself; a member set to None goes."""
    body = {key: value for key, value in {**obj.body, **changes}.items() if value is not None}
    return site.store.put(replace(obj, body=body), stamp=stamp)


def shown(site: Site, obj: Object, version: tuple[int, ...]) -> Json:
    """An object inside an inventory's row: in the reader's model version, secrets hidden, with its url."""
    body = view(site.schema, obj.type, obj.body, version)
    if secretive(site.schema, obj.type):
        cover(site.schema, obj.type, body)  # what was viewed shares nothing with the store
    return {**body, "uuid": obj.uuid, "url": obj.ref}


def cloud_of(site: Site, obj: Object) -> Object | None:
    """The cloud an object lives in."""
    return site.store.get("cloud", obj.cloud or uuid_of(obj.body.get("cloud_ref")))


def followed(site: Site, body: Json, member: str) -> Object | None:
    """The object a reference member of a body points at, or None."""
    ref = body.get(member)
    return site.store.at(str(ref).partition("#")[0]) if ref else None


def in_cloud(site: Site, kind: str, cloud: str) -> Iterator[Object]:
    """Every object of a type in a cloud, in order of creation."""
    return (obj for obj in site.store.all(kind) if obj.cloud == cloud)


def note_event(  # noqa: PLR0913, PLR0917 -- the facts of an event
    site: Site, event: str, kind: str, uuid: str, why: str, details: Json | None = None
) -> None:
    """Log a system event, beside the events of what clients wrote [INF: which members]."""
    obj = site.store.get(kind, uuid)
    site.events.append(
        {
            "event_id": event,
            "event_description": f"{obj.name if obj else uuid}: {why}",
            "obj_type": kind.upper(),
            "obj_uuid": uuid,
            "obj_name": obj.name if obj else "",
            "tenant": obj.tenant if obj else "admin",
            "module": "SE_MGR" if kind == "serviceengine" else "CLOUD_CONNECTOR",
            "internal": "EVENT_EXTERNAL",
            "context": "EVENT_CONTEXT_SYSTEM",
            "report_timestamp": int(site.clock.now() * 1_000_000),
            **({"event_details": details} if details else {}),
        }
    )


def health(*, up: bool) -> Json:
    """A `HealthScoreSummary`: full while up, none else [INF]; its members [SCHEMA]."""
    score = 100.0 if up else 0.0
    return {
        "health_score": score,
        "performance_score": {"reason": "Performance is good" if up else "Not up", "value": score},
        "resources_penalty": 0,
        "anomaly_penalty": 0,
        "security_penalty": 0,
    }


def oper(state: str, since: float, *reasons: str, code: int = 0) -> Json:
    """An `OperationalStatus`: state, since when, and the reasons if there are any [SCHEMA]."""
    status: Json = {"state": state, "last_changed_time": timestamp(since)}
    if reasons:
        status |= {"reason": list(reasons), "reason_code": code, "reason_code_string": "SYSERR_" + state[5:]}
    return status
