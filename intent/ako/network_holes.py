"""Holes in AKO's validation of networks, profiles and routes: where addresses, names and routes come from."""

from __future__ import annotations

from collections.abc import Iterator

from intent.ako import BY_LABEL, CLUSTER_LABEL, is_in_id
from intent.ako.case import AkoCase, AkoFinding, does_not_apply, doubtful, hole, unseen, wrong
from intent.ako.seen import Network, Profile, Route
from intent.ako.settings import CLUSTER_IP, NODE_PORT, NetworkGiven, Settings
from intent.ako.steps import NO_ACCESS, NSXT, PUBLIC, VCENTER
from intent.drift import Unknown

INTERNAL = "IPAMDNS_TYPE_INTERNAL"


# Networks.


@hole("H3", lambda settings, _resources: settings.static_routes and settings.service_type == CLUSTER_IP)
def node_networks_given(case: AkoCase) -> Iterator[AkoFinding]:
    """In a vCenter cloud, node networks are given."""
    if case.type != VCENTER:
        yield does_not_apply("the cloud is no vCenter cloud")
    elif not case.settings.node_networks.networks:
        yield doubtful(
            "values.yaml", "nodeNetworkList is empty: pools are given no networks to be reached over"
        )


@hole(
    "H4",
    lambda settings, _resources: settings.service_type != NODE_PORT and bool(settings.node_networks.networks),
)
def node_networks_in_vrf(case: AkoCase) -> Iterator[AkoFinding]:
    """Node networks are in the VRF context of AKO."""
    if case.type != VCENTER:
        yield does_not_apply("AKO does not look at node networks in this type of cloud")
        return
    for given in case.settings.node_networks.networks:
        network = _network(case, given)
        if network is not None and case.boot.vrf and network.vrf != case.boot.vrf:
            yield doubtful(
                f"network {given.label}",
                f"it is in VRF context {network.vrf or '(none)'}, and AKO works in {case.boot.vrf}",
            )


def _network(case: AkoCase, given: NetworkGiven) -> Network | None:
    if given.uuid:
        return case.view.network(given.uuid)
    return next(iter(case.view.networks(given.name, case.settings.cloud, case.settings.vrf)), None)


@hole("H5", lambda settings, _resources: not settings.vpc)
def vip_addresses(case: AkoCase) -> Iterator[AkoFinding]:
    """The VIP network gives addresses: it is usable, with a subnet and a pool for VIPs that has some left."""
    if case.type in PUBLIC:
        yield does_not_apply("a public cloud gives addresses itself")
        return
    if case.boot.cloud is not None and not case.boot.cloud.ipam:
        yield does_not_apply("the cloud has no IPAM profile, which V2c tells")
        return
    ipam = case.ipam
    if ipam is None:
        raise Unknown("the cloud's IPAM profile was not seen")
    if ipam.type != INTERNAL:
        yield unseen(f"IPAM profile {ipam.name}", f"addresses come from another system ({ipam.type})")
        return
    for given, network in case.boot.vip_networks:
        if network is not None:
            yield from _addresses(case, ipam, given, network)


def unusable(case: AkoCase) -> list[Network]:
    """The VIP networks that are not usable in the cloud's IPAM profile. Raises Unknown."""
    ipam = case.ipam
    if ipam is None or not ipam.usable:
        return []
    networks = (network for _, network in case.boot.vip_networks if network is not None)
    return [each for each in networks if each.uuid not in ipam.usable]


def _addresses(case: AkoCase, ipam: Profile, given: NetworkGiven, network: Network) -> Iterator[AkoFinding]:
    what = f"network {network.name}"
    vrf = case.vrf
    if ipam.usable and network.uuid not in ipam.usable:
        why = f"it is not among the usable networks of IPAM profile {ipam.name}"
        yield wrong(what, why, "usable_networks", network.name, None)
    elif ipam.in_vrf and vrf is not None and network.vrf_uuid != vrf.uuid:
        yield wrong(
            what,
            f"it is in VRF context {network.vrf or '(none)'}, AKO works in {vrf.name}, and IPAM profile {ipam.name} "
            "gives addresses within one VRF context only",
        )
    elif not network.subnets:
        yield wrong(what, "it has no configured subnet" + (": DHCP gives no VIPs" if network.dhcp else ""))
    elif given.cidr or given.cidr6:
        wanted = given.subnets()
        for subnet in network.subnets:
            if subnet.prefix in wanted and not any(pool.for_vips for pool in subnet.pools):
                yield wrong(what, f"its subnet {subnet.prefix} has no pool for VIPs")
    elif not any(pool.for_vips for subnet in network.subnets for pool in subnet.pools):
        yield wrong(what, "none of its subnets has a pool for VIPs")
    if network.free == 0:
        yield wrong(what, "its pools for VIPs have no free address")


@hole("H6", lambda settings, _resources: not settings.vpc)
def vip_ranges(case: AkoCase) -> Iterator[AkoFinding]:
    """What cidr and v6cidr give are configured subnets of the VIP network."""
    if case.type in PUBLIC:
        yield does_not_apply("networks of a public cloud are not configured on the Controller")
        return
    for given, network in case.boot.vip_networks:
        if network is None:
            continue
        configured = {subnet.prefix for subnet in network.subnets}
        readable = given.subnets()
        if len(readable) != bool(given.cidr) + bool(given.cidr6):
            text = given.malformed() or given.cidr
            yield wrong(f"network {network.name}", f"{text!r} has no mask, or is no address range")
        for subnet in readable:
            if subnet not in configured:
                known = ", ".join(sorted(map(str, configured))) or "none"
                yield wrong(
                    f"network {network.name}", f"{subnet} is not a configured subnet of it; it has {known}"
                )
        same = case.view.networks(given.name, case.settings.cloud, network.vrf) if given.name else []
        if len(same) > 1 and len(readable) > 1:
            yield doubtful(
                f"network {given.name}", f"of {len(same)} of this name two families tell none apart"
            )


@hole("H7", lambda settings, _resources: not settings.vpc)
def vip_list_is_tested(case: AkoCase) -> Iterator[AkoFinding]:
    """VIP networks are sound where AKO does not test them: with vrfName, NodePort, or in a public cloud."""
    tested = (
        not (case.type in PUBLIC or case.settings.service_type == NODE_PORT)
        and not (case.settings.vrf and case.type in (VCENTER, NO_ACCESS))
    )  # fmt: skip
    if tested:
        yield does_not_apply("AKO tests them itself")
        return
    by_name = case.type in (VCENTER, NO_ACCESS)
    for given, network in case.boot.vip_networks:
        if bad := given.malformed():
            end = ": AKO panics at the first VIP" if "/" not in bad else ""
            yield wrong(f"network {given.label}", f"{bad!r} is no address range{end}")
        looked_for = by_name and (not given.uuid or case.settings.vrf)  # V2i and V4 have told
        if network is None and case.type not in PUBLIC and not looked_for:
            yield wrong(f"network {given.label}", f"it is not in cloud {case.settings.cloud}")


@hole(
    "H8",
    lambda settings, _resources: (
        not settings.vrf and any(each.uuid for each in settings.vip_networks("CLOUD_AWS").networks)
    ),
)
def vip_network_by_uuid(case: AkoCase) -> Iterator[AkoFinding]:
    """A VIP network given by its uuid exists."""
    if case.type not in (VCENTER, NO_ACCESS):
        yield does_not_apply("AKO looks at it anyway in this type of cloud")
        return
    if case.settings.service_type == NODE_PORT:
        yield does_not_apply("no step looks at it: H7")
        return
    for given, network in case.boot.vip_networks:
        if given.uuid and network is None:
            yield doubtful(f"network {given.uuid}", "it is not there, which a later step finds (V9b)")


@hole("H12", lambda settings, _resources: bool(settings.tier1))
def tier1_has_vrf(case: AkoCase) -> Iterator[AkoFinding]:
    """The T1 gateway has a VRF context in the NSX-T cloud."""
    if case.type != NSXT:
        yield does_not_apply("the cloud is not NSX-T")
        return
    if all(each.tier1 != case.settings.tier1 for each in case.view.vrfs(case.settings.cloud)):
        yield wrong(
            f"T1 gateway {case.settings.tier1}",
            "no VRF context of the cloud is mapped to it: routes go elsewhere",
        )


# Profiles and domains.


@hole("H9", lambda settings, _resources: bool(settings.text("defaultDomain")))
def default_domain(case: AkoCase) -> Iterator[AkoFinding]:
    """The default domain is one of the cloud's DNS profile."""
    domain, known = case.settings.text("defaultDomain"), domains_of(case)
    if domain not in known:
        instead = f"AKO takes {known[0]}" if known else "services get no host name"
        why = f"it is not in the cloud's DNS profile: {instead}"
        yield doubtful(f"domain {domain}", why, "domains", domain, list(known))


@hole("H10")
def domains(case: AkoCase) -> Iterator[AkoFinding]:
    """The cloud has a DNS profile, with one domain or with the one that defaultDomain names."""
    known = domains_of(case)
    if not known:
        yield doubtful(
            f"cloud {case.settings.cloud}", "it has no DNS profile with a domain: services get no host name"
        )
    elif len(known) > 1 and not case.settings.text("defaultDomain"):
        yield doubtful(
            f"cloud {case.settings.cloud}",
            f"{len(known)} domains and no defaultDomain: AKO takes {known[0]}, the first of them in order",
        )


def domains_of(case: AkoCase) -> tuple[str, ...]:
    """The domains of the cloud's DNS profile, in AKO's order. Raises Unknown."""
    _ = case.type
    cloud = case.boot.cloud
    profile = case.view.profile(cloud.dns) if cloud and cloud.dns else None
    return profile.domains if profile else ()


@hole("H21")
def one_profile(case: AkoCase) -> Iterator[AkoFinding]:
    """One IPAM profile alone bears the name of the cloud's."""
    _ = case.type
    name = case.boot.cloud.ipam_name if case.boot.cloud else ""
    if name and len(case.view.profiles(name)) > 1:
        yield doubtful(f"IPAM profile {name}", "there are several of this name, and AKO takes the first")


# Routes.


def own(route: Route, cluster: str) -> bool:
    """Whether a route is labelled as a cluster's."""
    return (CLUSTER_LABEL, cluster) in route.labels


def deletes(settings: Settings, route: Route) -> bool:
    """Whether AKO of this version takes a route away when it writes its VRF context."""
    if settings.version >= BY_LABEL:
        return bool(route.labels) and (
            route.labels[0][0] != CLUSTER_LABEL or route.labels[0][1] == settings.cluster
        )
    return is_in_id(settings.cluster, route.id)


@hole("H17", lambda settings, _resources: settings.version >= BY_LABEL)
def foreign_labels(case: AkoCase) -> Iterator[AkoFinding]:
    """No route in AKO's VRF context bears a label of anybody else's: AKO deletes it."""
    yield from _hit(case)


@hole("H17b", lambda settings, _resources: settings.version < BY_LABEL)
def overlapping_names(case: AkoCase) -> Iterator[AkoFinding]:
    """No route of others in AKO's VRF context has an id that AKO takes for its own: AKO deletes it."""
    yield from _hit(case)
    for other in case.others:
        pair = case.boot.vrf == other.vrf and other.version < BY_LABEL
        if pair and is_in_id(other.name, f"{case.settings.cluster}-1"):
            yield doubtful(f"cluster {other.name}", f"its AKO deletes the routes of {case.settings.cluster}")


def _hit(case: AkoCase) -> Iterator[AkoFinding]:
    if not case.settings.writes_routes:
        yield does_not_apply("AKO writes no routes with these settings")
        return
    _ = case.type
    for route in case.vrf.routes if case.vrf else ():
        if deletes(case.settings, route) and not own(route, case.settings.cluster):
            labels = ", ".join(f"{key}={value}" for key, value in route.labels)
            yield doubtful(
                f"VRF context {case.boot.vrf}",
                f"AKO deletes route {route.id} ({route.prefix} via {route.next_hop})"
                + (f", labelled {labels}" * bool(labels)),
            )


@hole("S3", lambda settings, _resources: not settings.switch("enableRHI"))
def default_route(case: AkoCase) -> Iterator[AkoFinding]:
    """AKO's VRF context has a default route. Where the clients of its services are, no Controller tells."""
    if case.type in PUBLIC or case.type == NSXT:
        yield does_not_apply("the cloud routes itself")
    elif case.vrf is not None and not any(
        route.prefix is not None and not route.prefix.prefixlen for route in case.vrf.routes
    ):
        yield unseen(
            f"VRF context {case.vrf.name}", "it has no default route: are all clients on its own networks?"
        )


@hole("H20")
def pod_networks(case: AkoCase) -> Iterator[AkoFinding]:
    """Pod networks of clusters in one VRF context do not overlap."""
    if case.nodes is None:
        yield unseen("nodes", "the cluster's nodes are not declared")
        return
    ours = [pods for node in case.nodes for pods in node.pods]
    taken = [
        (f"cluster {other.name}", pods)
        for other in case.others
        if other.vrf == case.boot.vrf
        for pods in other.pods
    ]
    taken += [
        (f"route {route.id}", route.prefix)
        for route in (case.vrf.routes if case.vrf else ())
        if not own(route, case.settings.cluster) and route.prefix is not None and route.prefix.prefixlen
    ]
    for pods in ours:
        for what, prefix in taken:
            if pods.version == prefix.version and pods.overlaps(prefix):
                yield doubtful(
                    f"VRF context {case.boot.vrf}", f"pod network {pods} overlaps {prefix} of {what}"
                )
