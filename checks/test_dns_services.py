"""Step 5: the DNS virtual service."""

from intent import DnsService, Drift, Drifted, plain, require, require_once
from live.avi.snapshot import Live
from live.facts import runtime, usage
from live.illness import roots


def test_exists(service: DnsService, live: Live) -> None:
    """{service} exists.

    Severity: blocker
    Why: it answers every name that the Controller registers.
    Do: create it under Applications > Virtual Services, with the DNS application profile.
    """
    require_once(service, live.found(service), live.elsewhere(service))


def test_enabled(service: DnsService, live: Live) -> None:
    """{service} is enabled as declared.

    Field: enabled
    Severity: blocker
    Why: a disabled virtual service answers nothing.
    Do: enable it under Applications > Virtual Services.
    """
    require(service, live[service], "enabled")


def test_application_profile(service: DnsService, live: Live) -> None:
    """{service} has its application profile.

    Field: application_profile
    Severity: critical
    Why: only a DNS application profile makes a virtual service answer names by itself.
    Do: edit the virtual service and choose the application profile.
    """
    require(service, live[service], "application_profile")


def test_ports(service: DnsService, live: Live) -> None:
    """{service} listens on its ports.

    Field: services
    Severity: critical
    Why: DNS clients ask on port 53 and nowhere else.
    Do: edit the virtual service's service ports; the protocol comes from the network profile.
    """
    require(service, live[service], "services")


def test_vrf(service: DnsService, live: Live) -> None:
    """{service} is in its VRF context.

    Field: vrf
    Severity: critical
    Why: its VRF context decides from which networks it takes its VIP and who can reach it.
    Do: it cannot be changed in place; create the virtual service anew in the right VRF context.
    """
    require(service, live[service], "vrf")


def test_se_group(service: DnsService, live: Live) -> None:
    """{service} runs on its Service Engine group.

    Field: se_group
    Severity: critical
    Why: DNS on a cluster's group shares that cluster's load and its failures.
    Do: disable the virtual service, choose the group, enable it again.
    """
    require(service, live[service], "se_group")


def test_vip(service: DnsService, live: Live) -> None:
    """{service} has a VIP.

    If: needs a VIP
    Reads: virtualservice, vsvip
    Where: vsvip.vip
    Severity: blocker
    Why: without one it is placed nowhere, and everything that stands on it is down.
    Do: open its VIP under Applications > VS VIPs; somebody has taken its address, so add one again as it is declared.
    """
    if runtime.without_vip(live, service):
        raise Drifted([Drift(service.key, "vip", plain(service.vip or "a VIP"), None)])


def test_vip_allocation(service: DnsService, live: Live) -> None:
    """The VIP of {service} is allocated as declared.

    Field: vip.auto_allocate
    Severity: critical
    Why: an address that IPAM did not give out may be given out again.
    Do: create the VIP anew with automatic allocation; an existing VIP is never changed under a running service.
    """
    runtime.with_vip(live, service)
    require(service, live[service], "vip.auto_allocate")


def test_vip_network(service: DnsService, live: Live) -> None:
    """The VIP of {service} comes from its network.

    Field: vip.network
    Severity: critical
    Why: clients route to the DNS service by this network.
    Do: create the VIP anew on the right network; an existing VIP is never changed under a running service.
    """
    runtime.with_vip(live, service)
    require(service, live[service], "vip.network")


def test_vip_in_pool(service: DnsService, live: Live) -> None:
    """The VIP of {service} lies in a pool of its network.

    If: takes its VIP from IPAM
    Reads: virtualservice, vsvip, network
    Severity: critical
    Why: an address outside the pools is not kept free for it.
    Do: look at the VIP and at the network's static IP ranges; one of the two has been changed since.
    """
    outside = usage.vips_outside_pools(live, service)
    assert not outside, f"in no pool: {', '.join(outside)}"


def test_own_name(service: DnsService, live: Live) -> None:
    """{service} has its own name.

    Field: fqdn
    Why: the name is registered with the VIP's own address.
    Do: edit the VIP and set its DNS name.
    """
    require(service, live[service], "fqdn")


def test_records(service: DnsService, live: Live) -> None:
    """{service} has its static records.

    Field: records
    Severity: critical
    Why: a name that is not there is answered with NXDOMAIN.
    Do: edit the virtual service's static DNS records.
    """
    require(service, live[service], "records")


def test_record_addresses(service: DnsService, live: Live) -> None:
    """The static records of {service} have their addresses.

    Field: records.addresses
    Severity: critical
    Why: clients are sent to whatever address the record holds.
    Do: edit the virtual service's static DNS records.
    """
    require(service, live[service], "records.addresses")


def test_record_ttl(service: DnsService, live: Live) -> None:
    """The static records of {service} have their TTL.

    Field: records.ttl
    Severity: minor
    Why: the TTL says how long resolvers keep an address after it has moved.
    Do: edit the virtual service's static DNS records.
    """
    require(service, live[service], "records.ttl")


def test_up(service: DnsService, live: Live) -> None:
    """{service} is operationally up.

    If: serves
    Reads: virtualservice-inventory, serviceengine-inventory, serviceenginegroup, cloud-inventory, vsvip
    Severity: blocker
    Why: no name is answered until it is up.
    Do: read the reason on the virtual service's page; a first Service Engine takes some minutes to come up.
    """
    state, reasons = runtime.service_state(live, service)
    roots.require_service(live, service)
    assert state == runtime.UP, f"its state is {state}" + (f": {'; '.join(reasons)}" if reasons else "")


def test_on_its_engines(service: DnsService, live: Live) -> None:
    """{service} runs on a Service Engine that is up and bears its group's prefix.

    If: runs in its group
    Reads: virtualservice-inventory, serviceengine-inventory, serviceenginegroup
    Severity: critical
    Why: a name with another prefix is a Service Engine of another group, or one made before the prefix was set.
    Do: look at the Service Engines of the virtual service; replace one that was made before the prefix was changed.
    """
    roots.require_service(live, service)
    problem = runtime.engine_problem(live, service)
    assert not problem, problem


def test_vip_address(service: DnsService, live: Live) -> None:
    """{service} has its static VIP.

    Field: vip.address
    Severity: critical
    Why: whoever delegates a domain or knows a name server by its address asks nobody.
    Do: open the VIP under Applications > VS VIPs; another address is another VIP.
    """
    require(service, live[service], "vip.address")


def test_vip_family(service: DnsService, live: Live) -> None:
    """The VIP of {service} has addresses of the declared families.

    Field: vip.family
    Severity: critical
    Why: clients of the other family do not reach it.
    Do: open the VIP under Applications > VS VIPs; another family is another VIP.
    """
    require(service, live[service], "vip.family")


def test_names(service: DnsService, live: Live) -> None:
    """{service} has its further names.

    Field: names
    Why: a name that is not registered is not found.
    Do: edit the VIP under Applications > VS VIPs and add the name to its DNS.
    """
    require(service, live[service], "names")


def test_tls(service: DnsService, live: Live) -> None:
    """The ports of {service} speak TLS as declared.

    Field: services.tls
    Severity: critical
    Why: DNS over TLS without TLS answers nobody, and plain DNS with it neither.
    Do: edit the virtual service's ports and switch SSL to what is declared.
    """
    require(service, live[service], "services.tls")


def test_record_values(service: DnsService, live: Live) -> None:
    """The static records of {service} have their values.

    Field: records.values
    Severity: critical
    Why: an alias, mail or service record that leads elsewhere takes its clients along.
    Do: edit the virtual service's static DNS records.
    """
    require(service, live[service], "records.values")


def test_record_wildcard(service: DnsService, live: Live) -> None:
    """The static records of {service} stand for all names below as declared.

    Field: records.wildcard
    Why: a wildcard answers for names that were never planned; without it those are not found.
    Do: edit the virtual service's static DNS records and switch the wildcard to what is declared.
    """
    require(service, live[service], "records.wildcard")
