"""Step 2: the cloud and its vCenter integration."""

from intent import Cloud, Drift, Drifted, plain, require, require_once
from live.avi.snapshot import Live
from live.facts import placement, runtime


def test_exists(cloud: Cloud, live: Live) -> None:
    """{cloud} exists.

    Severity: blocker
    Why: every network, VRF context and Service Engine group lives in its cloud.
    Do: create the cloud under Infrastructure > Clouds; it needs vCenter credentials, which are never in this project.
    Do in nsx-t: create it under Infrastructure > Clouds; it needs credentials of NSX-T, which stand in no file here.
    Do in no-orchestrator: create it under Infrastructure > Clouds; it needs no credentials.
    Do in linux-server: create it under Infrastructure > Clouds; it needs an SSH user for its hosts.
    Do in aws, azure, gcp, openstack: create it under Infrastructure > Clouds; it needs credentials of the provider.
    """
    require_once(cloud, live.found(cloud), live.elsewhere(cloud))


def test_type(cloud: Cloud, live: Live) -> None:
    """{cloud} is of the declared type.

    Field: type
    Severity: blocker
    Why: the type decides what the Controller discovers and which Service Engines it makes by itself.
    Do: convert the cloud under Infrastructure > Clouds; its objects are lost with the old type.
    """
    require(cloud, live[cloud], "type")


def test_vcenter_connection(cloud: Cloud, live: Live) -> None:
    """{cloud} has its connection to a vCenter.

    If: has a vCenter
    Where: cloud.vcenter_configuration
    Severity: blocker
    Why: without it nothing is discovered and no Service Engine is made; a write that left it out has wiped it.
    Do: enter address, user and password of the vCenter again under Infrastructure > Clouds.
    """
    if placement.lost_connection(live, cloud):
        raise Drifted([Drift(cloud.key, "vcenter", plain(cloud.vcenter or "a vCenter"), None)])


def test_access(cloud: Cloud, live: Live) -> None:
    """{cloud} may write to its vCenter.

    Field: vcenter.access
    Severity: blocker
    Why: without write access no Service Engine is created.
    Do: edit the cloud's vCenter access permission; the vCenter account must hold the privileges for it.
    """
    placement.connected(live, cloud)
    require(cloud, live[cloud], "vcenter.access")


def test_vcenter(cloud: Cloud, live: Live) -> None:
    """{cloud} is bound to the declared vCenter.

    Field: vcenter.url
    Severity: blocker
    Why: a cloud on another vCenter discovers other port groups and creates Service Engines elsewhere.
    Do: it cannot be changed in place; compare with the declaration, then rebuild the cloud or correct the file.
    """
    placement.connected(live, cloud)
    require(cloud, live[cloud], "vcenter.url")


def test_datacenter(cloud: Cloud, live: Live) -> None:
    """{cloud} is bound to the declared datacenter.

    Field: vcenter.datacenter
    Severity: blocker
    Why: port groups are discovered in one datacenter only.
    Do: it cannot be changed in place; compare with the declaration, then rebuild the cloud or correct the file.
    """
    placement.connected(live, cloud)
    require(cloud, live[cloud], "vcenter.datacenter")


def test_placement_ready(cloud: Cloud, live: Live) -> None:
    """{cloud} is ready for placement.

    Field: placement_ready
    Reads: cloud-inventory
    Severity: blocker
    Why: no virtual service is placed and no Service Engine created until the cloud is ready.
    Do: read the state's reason under Infrastructure > Clouds; usual causes are credentials and the management network.
    """
    state, reason = runtime.cloud_state(live, cloud)
    assert state == runtime.PLACEMENT_READY, f"the cloud's state is {state}" + (
        f": {reason}" if reason else ""
    )


def test_dns_profile(cloud: Cloud, live: Live) -> None:
    """{cloud} has its DNS profile attached.

    Field: dns_profile
    Severity: critical
    Why: without it no virtual service's name is registered.
    Do: edit the cloud and choose the DNS profile in its IPAM/DNS section.
    """
    require(cloud, live[cloud], "dns_profile")


def test_ipam_profile(cloud: Cloud, live: Live) -> None:
    """{cloud} has its IPAM profile attached.

    Field: ipam_profile
    Severity: blocker
    Why: without it no VIP is allocated, and AKO restarts over and over.
    Do: edit the cloud and choose the IPAM profile in its IPAM/DNS section.
    """
    require(cloud, live[cloud], "ipam_profile")


def test_state_based_dns(cloud: Cloud, live: Live) -> None:
    """{cloud} registers names by state as declared.

    Field: state_based_dns
    Why: with it on, a name is answered only while its virtual service is up.
    Do: edit the cloud and switch State Based DNS Registration to what is declared.
    """
    require(cloud, live[cloud], "state_based_dns")


def test_management_network(cloud: Cloud, live: Live) -> None:
    """{cloud} manages its Service Engines over the declared network.

    Field: management.network
    Severity: critical
    Why: a Service Engine on another network does not reach the Controller.
    Do: edit the cloud and choose the management network.
    """
    placement.connected(live, cloud)
    require(cloud, live[cloud], "management.network")


def test_management_subnet(cloud: Cloud, live: Live) -> None:
    """{cloud} has the declared management subnet.

    Field: management.subnet
    Severity: critical
    Why: management addresses are given out of this subnet.
    Do: edit the cloud's management network settings.
    """
    placement.connected(live, cloud)
    require(cloud, live[cloud], "management.subnet")


def test_management_dhcp(cloud: Cloud, live: Live) -> None:
    """{cloud} addresses its management network as declared.

    Field: management.dhcp
    Severity: critical
    Why: with DHCP on, the static management pool is not used.
    Do: edit the cloud's management network settings and switch DHCP to what is declared.
    """
    placement.connected(live, cloud)
    require(cloud, live[cloud], "management.dhcp")


def test_mtu(cloud: Cloud, live: Live) -> None:
    """{cloud} has its MTU.

    Field: mtu
    Severity: critical
    Why: a larger one than the virtual switch carries loses large packets alone, which is hard to find.
    Do: edit the cloud and set the MTU; compare it with that of the distributed switch.
    """
    require(cloud, live[cloud], "mtu")


def test_license_tier(cloud: Cloud, live: Live) -> None:
    """{cloud} has its licence tier.

    Field: license_tier
    Severity: critical
    Why: another tier takes features away, or takes licences that were not planned for it.
    Do: edit the cloud and choose the licence tier.
    """
    require(cloud, live[cloud], "license_tier")


def test_se_group_template(cloud: Cloud, live: Live) -> None:
    """{cloud} makes new SE groups after its template.

    Field: se_group_template
    Why: a group that AKO or a person makes later begins with the template's size and limits.
    Do: edit the cloud and choose the template Service Engine group.
    """
    require(cloud, live[cloud], "se_group_template")


def test_prefer_static_routes(cloud: Cloud, live: Live) -> None:
    """{cloud} places by static routes as declared.

    Field: prefer_static_routes
    Severity: critical
    Why: with it a Service Engine needs no leg in the servers' network; without it, it gets one, and an address.
    Do: edit the cloud and switch Prefer Static Routes to what is declared.
    """
    require(cloud, live[cloud], "prefer_static_routes")


def test_vip_static_routes(cloud: Cloud, live: Live) -> None:
    """{cloud} allows VIPs behind static routes as declared.

    Field: vip_static_routes
    Severity: critical
    Why: without it a VIP outside the networks of its VRF context is placed nowhere.
    Do: edit the cloud and switch the use of static routes for VIPs to what is declared.
    """
    require(cloud, live[cloud], "vip_static_routes")


def test_content_library_id(cloud: Cloud, live: Live) -> None:
    """{cloud} takes images from the declared content library.

    Field: vcenter.content_library.id
    Severity: critical
    Why: without the library, or in another one, no Service Engine can be made.
    Do: edit the cloud's vCenter settings and choose the content library.
    """
    placement.connected(live, cloud)
    require(cloud, live[cloud], "vcenter.content_library.id")


def test_content_library_name(cloud: Cloud, live: Live) -> None:
    """{cloud} takes images from the content library of the declared name.

    Field: vcenter.content_library.name
    Why: a library that was made anew under another name is another one.
    Do: edit the cloud's vCenter settings and choose the content library.
    """
    placement.connected(live, cloud)
    require(cloud, live[cloud], "vcenter.content_library.name")


def test_firewall_rules(cloud: Cloud, live: Live) -> None:
    """{cloud} makes rules of the distributed firewall as declared.

    Field: nsxt.firewall_rules
    Severity: critical
    Why: without them, or somebody who makes them, VIPs are reached by nobody.
    Do: edit the cloud's NSX-T settings and switch the automation of firewall rules to what is declared.
    """
    placement.connected(live, cloud)
    require(cloud, live[cloud], "nsxt.firewall_rules")


def test_vpc_mode(cloud: Cloud, live: Live) -> None:
    """{cloud} runs in VPCs of NSX as declared.

    Field: nsxt.vpc_mode
    Severity: critical
    Why: AKO asks of such a cloud neither a T1 gateway nor an IPAM profile.
    Do: look in NSX-T whether the project is one of VPCs, and correct the declaration or make another cloud.
    """
    placement.connected(live, cloud)
    require(cloud, live[cloud], "nsxt.vpc_mode")
