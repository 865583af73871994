"""Ailments of virtual services, of their VIPs and pools, and what each of them stands on.

A service that somebody has disabled is not ill; one that is enabled and stands on it is. Nor is a pool ill that no
enabled service uses, or a VIP of none. States are [SCHEMA].
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace

from intent import Unknown
from live.avi.identity import Json, maker, split_ref, uuid_of
from live.facts.runtime import UP, carrier_ref, carriers, operation, texts
from live.illness import engines
from live.illness.addresses import address_cause, without_address
from live.illness.ailments import NOT_UNDERSTOOD, Ailment, Diagnosis, Ref
from live.illness.controller import CLUSTER
from live.illness.controller import serves as cluster_serves
from live.illness.engines import WAITING
from live.kinds.codecs import dig
from live.kinds.dns import vsvip_of
from live.undeclared import label

CHILD = "VS_TYPE_VH_CHILD"
IDLE = frozenset({UP, "OPER_UNUSED"})
"""States that are no illness: the last one says that nobody uses it."""


def services(diagnosis: Diagnosis) -> None:
    """Each enabled virtual service that is not up, with its VIP and pools where these are to blame."""
    down = {}
    for row in diagnosis.rows("virtualservice-inventory"):
        with diagnosis.reading("virtualservice-inventory"):
            service = diagnosis.configured("virtualservice", row)
            if service.get("enabled") is not False and _state(row) not in IDLE:
                ref = diagnosis.add(_service_ailment(diagnosis, service, row))
                down[ref] = service, row
    _pools(diagnosis)
    for ref, (service, row) in down.items():
        with suppress(*NOT_UNDERSTOOD):
            _set_cause(diagnosis, ref, *_service_cause(diagnosis, service, row))


def _state(row: Json) -> str:
    """The state of operation in an entry of an inventory. Raises Unknown where it does not say."""
    state, _ = operation(row)
    if not state or state == "OPER_UNKNOWN":
        raise Unknown("the Controller does not say in which state of operation it is")
    return state


def _words(how: str, row: Json) -> str:
    """`it waits (OPER_RESOURCES: no Service Engine)`: how something is, with the Controller's state and reasons."""
    state, reasons = operation(row)
    reason = "; ".join(dict.fromkeys(reasons))
    return f"{how} ({state}: {reason})" if reason else f"{how} ({state})"


def _service_ailment(diagnosis: Diagnosis, service: Json, row: Json) -> Ailment:
    words = _words("it waits" if _state(row) in WAITING else "it does not serve", row)
    ref, name = ("virtualservice", str(service["uuid"])), label(diagnosis.live, service)
    return Ailment(*ref, name, "critical", words, creator=maker(service))


def is_placed(row: Json) -> bool:
    """Whether an entry of the inventory names a Service Engine that carries the service."""
    return bool(carriers(row))


def _set_cause(diagnosis: Diagnosis, ref: Ref, cause: Ref | None, unread: str) -> None:
    ailment = diagnosis.ailments[ref]
    if cause is not None and cause != ref:
        diagnosis.ailments[ref] = replace(ailment, cause=cause)
    elif unread:
        diagnosis.ailments[ref] = replace(ailment, unread=unread)


def _service_cause(diagnosis: Diagnosis, service: Json, row: Json) -> tuple[Ref | None, str]:
    """What lies beneath a service that is not up; and, where nothing does, what was not read of it.

    In this order: its parent, its VIP, the cluster, its cloud, its SE group with the licences, its pools.
    """
    waits = operation(row).state in WAITING and not is_placed(row)
    looks: tuple[Callable[[], Ref | None], ...] = (
        lambda: _parent(diagnosis, service),
        lambda: _vip(diagnosis, service),
        lambda: CLUSTER if waits and not cluster_serves(diagnosis) else None,
        lambda: _cloud(diagnosis, service) if waits else None,
        lambda: engines.placement_cause(diagnosis, str(service.get("se_group_ref") or ""), waits=waits),
        lambda: _carriers(diagnosis, row),
        lambda: _pool(diagnosis, row),
    )
    try:
        return next((cause for look in looks if (cause := look()) is not None), None), ""
    except NOT_UNDERSTOOD as why:  # it might lie there: then nothing that comes after it is called the cause
        return None, str(why) if isinstance(why, Unknown) else "something of it was not understood"


def _parent(diagnosis: Diagnosis, service: Json) -> Ref | None:
    """The parent where it is ill, or disabled: then it is a root although nobody is ill but its children."""
    diagnosis.need("virtualservice")
    if not (uuid := uuid_of(str(service.get("vh_parent_vs_ref") or ""))):
        return None
    ref = ("virtualservice", uuid)
    parent = diagnosis.live.names.resolve(f"/api/virtualservice/{uuid}")
    if parent is not None and parent.get("enabled") is False:
        name, reason = label(diagnosis.live, parent), "it is disabled, and what stands on it is not"
        diagnosis.add(Ailment(*ref, name, "minor", reason, creator=maker(parent)))
    return ref if ref in diagnosis.ailments else None


def _vip(diagnosis: Diagnosis, service: Json) -> Ref | None:
    """The VIP where it is gone, or has no address."""
    if service.get("type") == CHILD:
        return None
    live = diagnosis.live
    diagnosis.need("vsvip")
    uuid = uuid_of(str(service.get("vsvip_ref") or ""))
    if uuid and live.names.is_missing(str(service["vsvip_ref"])):
        name = split_ref(str(service["vsvip_ref"])).label
        return diagnosis.add(_vip_ailment(service, uuid, name, "it is not there"))
    vip = vsvip_of(service, live.names)
    if not (why := without_address(vip)):
        return None
    if not uuid:  # an old model, in which the service holds its VIP itself
        return None
    cause = address_cause(diagnosis, vip)
    return diagnosis.add(replace(_vip_ailment(service, uuid, label(live, vip), why), cause=cause))


def _vip_ailment(service: Json, uuid: str, name: str, reason: str) -> Ailment:
    return Ailment("vsvip", uuid, name, "critical", reason, creator=maker(service))


def _cloud(diagnosis: Diagnosis, service: Json) -> Ref | None:
    """The cloud where it is not ready."""
    diagnosis.need("cloud-inventory")
    ref = ("cloud", uuid_of(str(service.get("cloud_ref") or "")))
    ailment = diagnosis.ailments.get(ref)
    return ref if ailment is not None and not ailment.field else None


def _carriers(diagnosis: Diagnosis, row: Json) -> Ref | None:
    """The Service Engine that carries a service where it is one, and ill."""
    refs = {("serviceengine", uuid_of(carrier_ref(each))) for each in carriers(row)}
    ill = [ref for ref in refs if ref in diagnosis.ailments and diagnosis.ailments[ref].severity != "minor"]
    return min(ill) if ill and len(ill) == len(refs) else None


# -- pools ---------------------------------------------------------------------------------


def _pools(diagnosis: Diagnosis) -> None:
    """Each pool that is not up and that an enabled service uses."""
    enabled = {}
    for row in diagnosis.live.snapshot.objects.get("virtualservice-inventory", ()):
        with suppress(*NOT_UNDERSTOOD):
            enabled[str(row.get("uuid") or dig(row, "config", "uuid"))] = (
                dig(row, "config", "enabled") is not False
            )
    for row in diagnosis.rows("pool-inventory"):
        with diagnosis.reading("pool-inventory"):
            config = diagnosis.configured("pool", row)
            users = [uuid_of(ref) for ref in texts(row.get("virtualservices"))]
            if config.get("enabled") is False or not any(enabled.get(user, True) for user in users):
                continue
            if _state(row) not in IDLE:
                diagnosis.add(_pool_ailment(diagnosis, config, row))


def _pool_ailment(diagnosis: Diagnosis, config: Json, row: Json) -> Ailment:
    total, able, up = (
        dig(row, "runtime", name) for name in ("num_servers", "num_servers_enabled", "num_servers_up")
    )
    servers, meant = "", False
    if total == 0:  # what its Deployment has scaled to zero is meant
        servers, meant = "it has no server", bool(maker(config))
    elif isinstance(total, int) and able == 0:
        servers, meant = f"all of its {total} servers were disabled by somebody", True
    elif isinstance(total, int) and isinstance(up, int):
        servers = f"{up} of its {total} servers are up"
    return Ailment(
        "pool",
        str(config["uuid"]),
        label(diagnosis.live, config),
        "minor" if meant else "normal",
        _words(servers, row).strip(),
        creator=maker(config),
        meant=meant,
    )


def _pool(diagnosis: Diagnosis, row: Json) -> Ref | None:
    """A pool of a service where all of its pools are ill."""
    refs = [("pool", uuid_of(ref)) for ref in texts(row.get("pools"))]
    single = uuid_of(str(dig(row, "config", "pool_ref") or ""))
    refs = refs or ([("pool", single)] if single else [])
    if not refs:
        return None
    diagnosis.need("pool-inventory")
    return refs[0] if all(ref in diagnosis.ailments for ref in refs) else None


def pools_beneath(diagnosis: Diagnosis) -> None:
    """A pool all of whose services are placed nowhere stands on what keeps them: nobody asks its servers."""
    for ref in [each for each in diagnosis.ailments if each[0] == "pool"]:
        row = diagnosis.inventory("pool-inventory", ref[1])
        users = [uuid_of(each) for each in texts((row or {}).get("virtualservices"))]
        if users and (cause := _unplaced(diagnosis, users, ref)):
            _set_cause(diagnosis, ref, cause, "")


def _unplaced(diagnosis: Diagnosis, users: list[str], pool: Ref) -> Ref | None:
    ailments: Mapping[Ref, Ailment] = diagnosis.ailments
    refs = [("virtualservice", uuid) for uuid in users]
    for ref in refs:
        row = diagnosis.inventory("virtualservice-inventory", ref[1])
        if ref not in ailments or row is None or is_placed(row) or ailments[ref].cause in (None, pool):
            return None
    return refs[0]
