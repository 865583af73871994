"""DNS registration: which names of virtual services appear as `ipam_dns_records` of which DNS service [REC: shape].

A name is registered when its cloud has a DNS profile that serves its domain [INF: the domain rule], on the
services the profile names in `dns_virtualservice_ref`, else on those of the system configuration. With
`state_based_dns_registration` it is there only while the service is up [SCHEMA text].
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from lab.cloud.clouds import profile
from lab.cloud.common import cloud_of, followed, parse_ip, remembered, uuid_of
from lab.cloud.engines import engine_state, engines, misplugged, placements
from lab.cloud.reach import contested, on_the_wire
from lab.cloud.services import services_on, standing, users_of, vips_of, vsvip_of
from lab.hooks import Moment, Showing, on
from lab.lazy_rows import KeptList
from lab.objects import Json, Object

if TYPE_CHECKING:
    from lab.site import Site

NAMING = ("virtualservice", "vsvip")
COMMON = ("cloud", "ipamdnsproviderprofile", "applicationprofile", "poolgroup", "tenant")
"""The types that the names of all services, and whether those are up, follow from, beside their own objects."""


@dataclass(slots=True)
class Register:
    """The records of every service (by uuid), and what they were made of.

    `common` is what all follow from, `generation` the store's then; `placed` tells where each service ran, `engines`
    the state of each Service Engine; `contested` are the vsvips whose address another has. `revisions` counts by cloud
    how often a record of its services has changed.
    """

    turn: object = None
    common: object = None
    generation: int = 0
    placed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    engines: dict[str, str] = field(default_factory=dict)
    contested: set[str] = field(default_factory=set)
    records: dict[str, list[Json]] = field(default_factory=dict)
    revisions: Counter[str] = field(default_factory=Counter)


def listed(site: Site) -> list[Object]:
    """The DNS services of the system configuration."""
    refs = site.system.get("dns_virtualservice_refs", [])
    return [service for ref in refs if (service := site.store.at(str(ref))) is not None]


def application_of(site: Site, service: Object) -> Json:
    """The DNS part of a service's application profile; {} when it is no DNS service."""
    application = followed(site, service.body, "application_profile_ref")
    if application is None or application.body.get("type") != "APPLICATION_PROFILE_TYPE_DNS":
        return {}
    return {"ttl": 30, **application.body.get("dns_service_profile", {})}


def dns_services(site: Site) -> list[Object]:
    """Every virtual service with a DNS application profile, by an index that is made anew after every change."""

    def answering() -> list[str]:
        return [vs.uuid for vs in site.store.all("virtualservice") if application_of(site, vs)]

    now = site.store.changed(("virtualservice", "applicationprofile"))
    uuids = remembered(site, "dns_services", now, answering)
    return [vs for uuid in uuids if (vs := site.store.get("virtualservice", uuid)) is not None]


def served_domains(dns: Object | None) -> list[str]:
    """The service domains of a DNS profile."""
    entries = dns.body.get("internal_profile", {}).get("dns_service_domain", []) if dns else []
    return [str(entry["domain_name"]).rstrip(".").lower() for entry in entries]


def within(name: str, domain: str) -> bool:
    """Whether a name is a domain or stands below it."""
    return name == domain or name.endswith("." + domain)


def names_of(site: Site, service: Object) -> list[Json]:
    """The names a service would register, as `DnsInfo`: its vsvip's, its own, or its one `fqdn`."""
    vsvip = vsvip_of(site, service)
    infos = [*(vsvip.body.get("dns_info", []) if vsvip else []), *service.body.get("dns_info", [])]
    return infos or ([{"fqdn": service.body["fqdn"]}] if service.body.get("fqdn") else [])


def records_of(site: Site, service: Object, name: str | None = None) -> list[Json]:
    """The records (of one name) a service has registered now; [] when it has none or its state forbids."""
    infos = [i for i in names_of(site, service) if name in (None, str(i.get("fqdn", "")).lower())]
    cloud = cloud_of(site, service) if infos else None
    dns = profile(site, cloud, "dns_provider_ref")
    if cloud is None or dns is None:
        return []
    if cloud.body.get("state_based_dns_registration", True) and not standing(site, service).up:
        return []
    domains, ttl = served_domains(dns), dns.body.get("internal_profile", {}).get("ttl", 30)
    vips, tenant = vips_of(site, service), site.store.get("tenant", service.tenant)
    owner = tenant.name if tenant is not None else service.tenant
    return [
        _record(owner, service, info, vips, ttl)
        for info in infos
        if any(within(str(info.get("fqdn", "")).lower(), domain) for domain in domains)
    ]


def _record(owner: str, service: Object, info: Json, vips: list[Json], ttl: int) -> Json:
    kind = info.get("type", "DNS_RECORD_A")
    record: Json = {
        "description": f"{owner}:{service.name}",
        "fqdn": [info["fqdn"]],
        "type": kind,
        "ttl": info.get("ttl", ttl),
        "algorithm": info.get("algorithm", "DNS_RECORD_RESPONSE_CONSISTENT_HASH"),
        "num_records_in_response": info.get("num_records_in_response", 1),
        "delegated": False,
        "wildcard_match": False,
        "metadata": sha256(f"{service.uuid}:{info['fqdn']}".encode()).hexdigest()[:8],
    }
    for member, inner in (("ip_address", "ip_address"), ("ip6_address", "ip6_address")):
        if addresses := [{inner: vip[member]} for vip in vips if parse_ip(vip.get(member)) is not None]:
            record[member] = addresses
    if kind == "DNS_RECORD_CNAME" and "cname" in info:
        record["cname"] = info["cname"]
    return record


def _takes_from(site: Site, dns_service: Object) -> set[str]:
    """The clouds (uuids) whose names are registered on a DNS service."""
    system = dns_service in listed(site)
    clouds: set[str] = set()
    for cloud in site.store.all("cloud"):
        own = profile(site, cloud, "dns_provider_ref")
        named = own.body.get("internal_profile", {}).get("dns_virtualservice_ref") if own else None
        if own is not None and (uuid_of(named) == dns_service.uuid if named else system):
            clouds.add(cloud.uuid)
    return clouds


def registered(site: Site, dns_service: Object, name: str | None = None) -> list[Json]:
    """The records (of one name) that services, itself among them, have registered on a DNS service."""
    clouds = _takes_from(site, dns_service)
    if not clouds:
        return []
    if name is not None:
        return [r for vs in _named(site, name) if vs.cloud in clouds for r in records_of(site, vs, name)]
    register = _register(site)
    now = tuple((cloud, register.revisions[cloud]) for cloud in sorted(clouds))

    def listed_records() -> KeptList:
        services = (vs for vs in site.store.all("virtualservice") if vs.cloud in clouds)
        return KeptList(record for vs in services for record in register.records.get(vs.uuid, ()))

    return remembered(site, f"registered {dns_service.uuid}", now, listed_records)


def prepare(site: Site) -> None:
    """Make the records of all services once, so that the first reader of a large site does not wait for it."""
    _register(site)


def _register(site: Site) -> Register:
    """The records of all services as they are now: made anew only of those to which something has happened."""
    register: Register = site.memory.setdefault("register", Register())
    if site.turn and register.turn == (site.turn, site.store.generation):
        return register
    register.turn = site.turn, site.store.generation
    placed = {uuid: (at.reason, *at.engines) for uuid, at in placements(site).items()}
    states = {uuid: engine_state(site, engine)[0] for uuid, engine in engines(site).items()}
    fought = contested(site)
    troubles = (frozenset(site.memory.get(name, ())) for name in ("servers_down", "bgp_down"))
    astray = {uuid: {*networks} for uuid, networks in misplugged(site).items()}
    common = site.store.changed(COMMON), *troubles, astray, on_the_wire(site)
    if register.common == common:
        stirred = {uuid for uuid, state in states.items() if register.engines.get(uuid) != state}
        moved = {uuid for uuid, at in placed.items() if register.placed.get(uuid) != at or stirred & {*at}}
        affected = _affected(site, register, moved | (register.placed.keys() - placed.keys()), fought)
    else:
        affected = {service.uuid for service in site.store.all("virtualservice")} | register.records.keys()
    register.common, register.generation, register.placed = common, site.store.generation, placed
    register.engines, register.contested = states, fought
    for uuid in affected:
        service = site.store.get("virtualservice", uuid)
        before = register.records.pop(uuid, [])
        records = records_of(site, service) if service is not None else []
        if records:
            register.records[uuid] = records
        if records != before and service is not None:
            register.revisions[service.cloud] += 1
        elif before and service is None:
            register.revisions.update(cloud.uuid for cloud in site.store.all("cloud"))
    return register


def _affected(site: Site, register: Register, moved: set[str], fought: set[str]) -> set[str]:
    """The services whose records may have changed with them, their VIPs, pools and parents."""
    store, affected = site.store, {*moved, *site.store.since("virtualservice", register.generation)}
    for uuid in {*store.since("vsvip", register.generation), *register.contested, *fought}:
        if (vsvip := store.get("vsvip", uuid)) is not None:
            affected |= {service.uuid for service in services_on(site, vsvip)}
    for uuid in store.since("pool", register.generation):
        if (pool := store.get("pool", uuid)) is not None:
            affected |= {service.uuid for service in users_of(site, pool)}
    kinds = ("network", "vrfcontext")
    beneath = [store.get(kind, uuid) for kind in kinds for uuid in store.since(kind, register.generation)]
    if beneath:
        gone, clouds = None in beneath, {each.cloud for each in beneath if each is not None}
        affected |= {vs.uuid for vs in store.all("virtualservice") if gone or vs.cloud in clouds}
    carriers = [carrier for uuid in affected if (carrier := store.get("virtualservice", uuid)) is not None]
    children = (user for carrier in carriers for user in store.referrers(carrier))
    return affected | {child.uuid for child in children if child.type == "virtualservice"}


def _named(site: Site, name: str) -> list[Object]:
    """The services that would register a name, by an index that is made anew after every change."""

    def index() -> dict[str, list[str]]:
        bearers: dict[str, list[str]] = {}
        for service in site.store.all("virtualservice"):
            for info in names_of(site, service):
                bearers.setdefault(str(info.get("fqdn", "")).lower(), []).append(service.uuid)
        return bearers

    uuids = remembered(site, "names", site.store.changed(NAMING), index).get(name, ())
    return [vs for uuid in uuids if (vs := site.store.get("virtualservice", uuid)) is not None]


@on(Moment.READ, "virtualservice")
def show_records(showing: Showing) -> None:
    """Show the registered records in a GET of a DNS service [REC]."""
    site, service = showing.site, showing.obj
    if application_of(site, service) and (records := registered(site, service)):
        showing.body["ipam_dns_records"] = records
