"""Holes in AKO's validation of its custom resources: what makes it reject one, and what they name on the Controller."""

from __future__ import annotations

from collections.abc import Iterator

from intent.ako.case import AkoCase, AkoFinding, doubtful, hole, unseen
from intent.ako.steps import AWS, AZURE


@hole("D1", lambda _settings, resources: any(each.bgp_labels for each in resources.infra))
def infra_bgp(case: AkoCase) -> Iterator[AkoFinding]:
    """AviInfraSettings with BGP labels have route health injection."""
    for each in case.resources.infra:
        if each.bgp_labels and not each.rhi:
            yield doubtful(f"AviInfraSetting {each.name}", "bgpPeerLabels without enableRhi: it is rejected")


@hole("D2", lambda _settings, resources: any(each.vip_networks for each in resources.infra))
def infra_ranges(case: AkoCase) -> Iterator[AkoFinding]:
    """Ranges of AviInfraSettings are ranges to AKO."""
    for each in case.resources.infra:
        for network in each.vip_networks:
            if bad := network.malformed():
                yield doubtful(
                    f"AviInfraSetting {each.name}",
                    f"{bad!r} of network {network.name} is no address range: it is rejected",
                )


@hole("D4", lambda _settings, resources: any(each.listeners is not None for each in resources.infra))
def infra_listeners(case: AkoCase) -> Iterator[AkoFinding]:
    """One listener of an AviInfraSetting has TLS."""
    for each in case.resources.infra:
        if each.listeners is not None and not any(each.listeners):
            yield doubtful(
                f"AviInfraSetting {each.name}", "none of its listeners has enableSSL: it is rejected"
            )


@hole("D5", lambda _settings, resources: bool(resources.references or resources.infra))
def references(case: AkoCase) -> Iterator[AkoFinding]:
    """What custom resources name is on the Controller."""
    for each in case.resources.references:
        if each.type in case.seen.unread_types:
            yield unseen(each.resource, f"{each.type} was not read")
        elif (each.type, each.name) not in case.seen.names:
            yield doubtful(each.resource, f'{each.type} "{each.name}" not found on controller ({each.field})')
    groups = {group.name for group in case.seen.of(case.seen.groups)}
    networks = {name for each in case.seen.of(case.seen.networks) for name in (each.name, each.uuid)}
    elsewhere = case.boot.cloud is not None and case.type in (AWS, AZURE)  # its networks are no objects
    for infra in case.resources.infra:
        what = f"AviInfraSetting {infra.name}"
        if infra.se_group and infra.se_group not in groups:
            yield doubtful(what, f'serviceenginegroup "{infra.se_group}" not found on controller')
        for given in () if elsewhere else (*infra.vip_networks, *infra.node_networks):
            if given.label and given.label not in networks:
                yield doubtful(what, f'network "{given.label}" not found on controller')


L4_SSL, TCP_PROXY = "APPLICATION_PROFILE_TYPE_SSL", "PROTOCOL_TYPE_TCP_PROXY"
PROFILES = {
    "HostRule": ("APPLICATION_PROFILE_TYPE_HTTP",),
    "L7Rule": ("APPLICATION_PROFILE_TYPE_HTTP",),
    "L4Rule": ("APPLICATION_PROFILE_TYPE_L4", L4_SSL),
}
"""The types of application profile that each kind takes."""
WITH_L4_SSL = ("ENTERPRISE", "ENTERPRISE_WITH_CLOUD_SERVICES")
"""The licence tiers with which AKO takes an L4Rule for SSL."""


@hole(
    "D6", lambda _settings, resources: any(each.type == "applicationprofile" for each in resources.references)
)
def profile_types(case: AkoCase) -> Iterator[AkoFinding]:
    """Application profiles that custom resources name are of a type that the resource takes."""
    for each in case.resources.references:
        kind = case.seen.kinds.get((each.type, each.name))
        wanted = PROFILES.get(each.resource.partition(" ")[0], ())
        if each.type == "applicationprofile" and kind and wanted and kind not in wanted:
            why = f"applicationprofile {each.name} is {kind}, and {' or '.join(wanted)} is wanted: it is rejected"
            yield doubtful(each.resource, why)
        if kind == L4_SSL and L4_SSL in wanted:
            yield from _needs_of_ssl(case, each.resource)


def _needs_of_ssl(case: AkoCase, resource: str) -> Iterator[AkoFinding]:
    """What an L4Rule with a profile for SSL needs beside it: a TCP proxy, and a licence of the enterprise tier."""
    for each in case.resources.references:
        kind = case.seen.kinds.get((each.type, each.name), TCP_PROXY)
        if (each.resource, each.type) == (resource, "networkprofile") and kind != TCP_PROXY:
            why = (
                f"networkprofile {each.name} is {kind}, and beside SSL {TCP_PROXY} is wanted: it is rejected"
            )
            yield doubtful(resource, why)
    if case.seen.licence and case.seen.licence not in WITH_L4_SSL:
        yield doubtful(
            resource, f"the licence tier {case.seen.licence} has no SSL for L4 services: it is rejected"
        )


@hole("D7", lambda _settings, resources: bool(resources.references))
def of_this_ako(case: AkoCase) -> Iterator[AkoFinding]:
    """Nothing that custom resources name was made by this AKO itself."""
    for each in case.resources.references:
        if case.seen.creators.get((each.type, each.name)) == case.settings.creator:
            yield doubtful(each.resource, f"this AKO itself has made {each.type} {each.name}: it is rejected")
