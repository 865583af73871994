"""Conditions of checks, by the word after `If:` in a docstring: what must be declared of an object for a check to run.

A field that is left out is not ours, and neither is what follows from it: no check judges it. A check of the runtime,
which compares no field, names its condition in its docstring (`If: answers`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from intent.base import Intent
from intent.environment import Environment
from intent.graph import referred
from intent.kinds.cloud import Cloud
from intent.kinds.clusters import Cluster
from intent.kinds.controller import Controller
from intent.kinds.dns import DnsService, Lookup
from intent.kinds.hosts import HostLookup
from intent.kinds.objects import ConfigObject
from intent.kinds.profiles import DnsProfile, IpamProfile
from intent.kinds.routing import Network, VrfContext
from intent.kinds.service_engines import ServiceEngineGroup
from intent.values import bare_name

Condition = Callable[[Environment, Intent], bool]
Kind = TypeVar("Kind", bound=Intent)
CONDITIONS: dict[str, Condition] = {}
"""Every condition, by its word."""


def _condition(
    word: str, kind: type[Kind]
) -> Callable[[Callable[[Environment, Kind], bool]], Callable[[Environment, Kind], bool]]:
    def register(holds: Callable[[Environment, Kind], bool]) -> Callable[[Environment, Kind], bool]:
        CONDITIONS[word] = lambda site, want: isinstance(want, kind) and holds(site, want)
        return holds

    return register


@_condition("has a vCenter", Cloud)
def has_a_vcenter(_site: Environment, cloud: Cloud) -> bool:
    """It is declared to be of that type, and something of its connection is."""
    return cloud.type in ("vcenter", None) and bool(cloud.vcenter or cloud.management)


@_condition("has an NSX manager", Cloud)
def has_an_nsx_manager(_site: Environment, cloud: Cloud) -> bool:
    """Something of its connection is declared, which a cloud of another type cannot have."""
    return cloud.nsxt is not None


@_condition("serves clusters", Controller)
def serves_clusters(site: Environment, _controller: Controller) -> bool:
    """Clusters are listed: then every trace of one is that of a declared one. An AKO alone makes no list."""
    return any(cluster.listed for cluster in site.each(Cluster))


@_condition("serves", DnsService)
def serves(_site: Environment, service: DnsService) -> bool:
    """It is declared enabled, or names are that it must answer."""
    return service.is_to_serve


@_condition("answers", DnsService)
def answers(site: Environment, service: DnsService) -> bool:
    """Names are declared that it must answer."""
    return serves(site, service) and bool(service.fqdn or service.records)


@_condition("runs in its group", DnsService)
def runs_in_its_group(site: Environment, service: DnsService) -> bool:
    """It serves, and its SE group is declared."""
    return serves(site, service) and service.se_group is not None


@_condition("takes its VIP from IPAM", DnsService)
def takes_its_vip(_site: Environment, service: DnsService) -> bool:
    """Its VIP is declared to be allocated. A static one may lie outside of every pool."""
    return service.vip is not None and service.vip.auto_allocate is True


@_condition("takes its VIP from offered networks", DnsService)
def takes_its_vip_from_offered(site: Environment, service: DnsService) -> bool:
    """The network of its VIP is declared, and so are the networks that its cloud's IPAM profile offers."""
    cloud = referred(site, service, "cloud")
    profile = cloud and referred(site, cloud, "ipam_profile")
    offered = isinstance(profile, IpamProfile) and profile.usable_networks is not None
    return offered and takes_its_vip(site, service) and bool(service.vip and service.vip.network)


@_condition("needs a VIP", DnsService)
def needs_a_vip(site: Environment, service: DnsService) -> bool:
    """It serves, or something of its VIP is declared."""
    return serves(site, service) or service.vip is not None


@_condition("is answered", Lookup)
def is_answered(_site: Environment, name: Lookup) -> bool:
    """Its service is not declared disabled."""
    return name.service.enabled is not False


@_condition("is answered on its host", HostLookup)
def is_answered_on_its_host(site: Environment, name: HostLookup) -> bool:
    """The same, for a name that a host must resolve."""
    return is_answered(site, name.lookup)


@_condition("has a TTL", Lookup)
def has_a_ttl(site: Environment, name: Lookup) -> bool:
    """Its record's TTL is declared; for the service's own name that of the DNS profile which registers it."""
    ttl = registered_ttl(site, name) if name.addresses is None else name.ttl
    return is_answered(site, name) and ttl is not None


def registered_ttl(site: Environment, name: Lookup) -> int | None:
    """The TTL that a declared DNS profile gives to a name it registers."""
    for profile in site.each(DnsProfile):
        for domain in profile.domains or ():
            if name.name.endswith("." + domain.name) and (ttl := domain.ttl or profile.ttl) is not None:
                return ttl
    return None


@_condition("has networks", VrfContext)
def has_networks(site: Environment, vrf: VrfContext) -> bool:
    """A network is declared to be in it: without any, which networks it holds is left open."""
    # By name first: what each network means, asked for each VRF context, would grow with the square of the site.
    vrfs = ((network, network.vrf) for network in site.each(Network) if network.vrf is not None)
    named = (network for network, name in vrfs if bare_name(name) == vrf.name)
    meant = (referred(site, network, "vrf") for network in named)
    return any(other is not None and other.key == vrf.key for other in meant)


@_condition("has pools", Network)
def has_pools(_site: Environment, network: Network) -> bool:
    """Its address pools are declared, or how many of their addresses must be free."""
    return network.has_pools


@_condition("names its machines", ServiceEngineGroup)
def names_its_machines(_site: Environment, group: ServiceEngineGroup) -> bool:
    """Its folder and its name prefix are declared, by which its machines can be told from others."""
    return bool(group.folder and group.name_prefix)


@_condition("is to be there", ConfigObject)
def is_to_be_there(_site: Environment, want: ConfigObject) -> bool:
    """It is not declared to be absent."""
    return not want.absent


@_condition("is to serve", ConfigObject)
def is_to_serve(_site: Environment, want: ConfigObject) -> bool:
    """It is a virtual service or a pool, and declared neither absent nor disabled."""
    return want.is_to_serve


@_condition("is to be absent", ConfigObject)
def is_to_be_absent(_site: Environment, want: ConfigObject) -> bool:
    """It is declared to be absent."""
    return want.absent
