"""Step 2: how an NSX-T cloud is bound to its NSX manager, and on which segments its Service Engines stand."""

from intent import Cloud, Drift, Drifted, plain, require
from live.avi.snapshot import Live
from live.facts import placement


def test_nsxt_connection(cloud: Cloud, live: Live) -> None:
    """{cloud} has its connection to an NSX manager.

    If: has an NSX manager
    Where: cloud.nsxt_configuration
    Severity: blocker
    Why: without it nothing is discovered and no Service Engine is made; a write that left it out has wiped it.
    Do: enter the NSX manager and its credentials again under Infrastructure > Clouds.
    """
    if placement.lost_connection(live, cloud):
        raise Drifted([Drift(cloud.key, "nsxt", plain(cloud.nsxt), None)])


def test_manager(cloud: Cloud, live: Live) -> None:
    """{cloud} is bound to the declared NSX manager.

    Field: nsxt.url
    Severity: blocker
    Why: a cloud on another NSX manager discovers other segments and makes Service Engines elsewhere.
    Do: it cannot be changed in place; compare with the declaration, then rebuild the cloud or correct the file.
    """
    placement.connected(live, cloud)
    require(cloud, live[cloud], "nsxt.url")


def test_credentials(cloud: Cloud, live: Live) -> None:
    """{cloud} speaks to its NSX manager with the declared credentials.

    Field: nsxt.credentials
    Severity: critical
    Why: another account may have other rights, and expire at another time.
    Do: choose the credentials in the cloud's settings.
    """
    placement.connected(live, cloud)
    require(cloud, live[cloud], "nsxt.credentials")


def test_dhcp(cloud: Cloud, live: Live) -> None:
    """{cloud} gives its Service Engines addresses as declared.

    Field: nsxt.dhcp
    Severity: critical
    Why: with DHCP on, static pools are not used; with it off, segments without a pool have no addresses.
    Do: edit the cloud and switch DHCP to what is declared.
    """
    placement.connected(live, cloud)
    require(cloud, live[cloud], "nsxt.dhcp")


def test_management_zone_type(cloud: Cloud, live: Live) -> None:
    """{cloud} has a management transport zone of the declared kind.

    Field: nsxt.management.zone_type
    Severity: blocker
    Why: overlay segments stand behind T1 gateways with VRF contexts of their own, VLAN segments do not.
    Do: it cannot be changed in place; compare with the declaration, then rebuild the cloud or correct the file.
    """
    placement.connected(live, cloud)
    require(cloud, live[cloud], "nsxt.management.zone_type")


def test_management_transport_zone(cloud: Cloud, live: Live) -> None:
    """{cloud} has the declared management transport zone.

    Field: nsxt.management.transport_zone
    Severity: blocker
    Why: segments of another transport zone are not those that Service Engines can be plugged to.
    Do: it cannot be changed in place; compare with the declaration, then rebuild the cloud or correct the file.
    """
    placement.connected(live, cloud)
    require(cloud, live[cloud], "nsxt.management.transport_zone")


def test_data_zone_type(cloud: Cloud, live: Live) -> None:
    """{cloud} has a data transport zone of the declared kind.

    Field: nsxt.data.zone_type
    Severity: blocker
    Why: overlay segments stand behind T1 gateways with VRF contexts of their own, VLAN segments do not.
    Do: it cannot be changed in place; compare with the declaration, then rebuild the cloud or correct the file.
    """
    placement.connected(live, cloud)
    require(cloud, live[cloud], "nsxt.data.zone_type")


def test_data_transport_zone(cloud: Cloud, live: Live) -> None:
    """{cloud} has the declared data transport zone.

    Field: nsxt.data.transport_zone
    Severity: blocker
    Why: segments of another transport zone are not those that Service Engines can be plugged to.
    Do: it cannot be changed in place; compare with the declaration, then rebuild the cloud or correct the file.
    """
    placement.connected(live, cloud)
    require(cloud, live[cloud], "nsxt.data.transport_zone")


def test_management_tier1(cloud: Cloud, live: Live) -> None:
    """{cloud} has its management segment behind the declared T1 gateway.

    Field: nsxt.management.tier1
    Severity: critical
    Why: behind another T1 gateway a Service Engine may not reach the Controller.
    Do: edit the cloud's management network settings.
    """
    placement.connected(live, cloud)
    require(cloud, live[cloud], "nsxt.management.tier1")


def test_management_segment(cloud: Cloud, live: Live) -> None:
    """{cloud} manages its Service Engines over the declared segment.

    Field: nsxt.management.segment
    Severity: critical
    Why: a Service Engine on another segment may not reach the Controller.
    Do: edit the cloud's management network settings.
    """
    placement.connected(live, cloud)
    require(cloud, live[cloud], "nsxt.management.segment")


def test_tier1s(cloud: Cloud, live: Live) -> None:
    """{cloud} has the declared T1 gateways.

    Field: nsxt.data.tier1s
    Severity: critical
    Why: a T1 gateway that is missing has no VRF context, and nothing can be placed behind it.
    Do: add the T1 gateway with its segment to the cloud's data networks.
    """
    placement.connected(live, cloud)
    require(cloud, live[cloud], "nsxt.data.tier1s")


def test_tier1_segments(cloud: Cloud, live: Live) -> None:
    """{cloud} has its Service Engines on the declared segment of each T1 gateway.

    Field: nsxt.data.tier1s.segment
    Severity: critical
    Why: on another segment they have other addresses, and other firewall rules are theirs.
    Do: edit the cloud's data networks and choose the segment.
    """
    placement.connected(live, cloud)
    require(cloud, live[cloud], "nsxt.data.tier1s.segment")


def test_segments(cloud: Cloud, live: Live) -> None:
    """{cloud} has the declared data segments.

    Field: nsxt.data.segments
    Severity: critical
    Why: a segment that is missing is no network of the cloud, and nothing can be placed on it.
    Do: add the segment to the cloud's data networks.
    """
    placement.connected(live, cloud)
    require(cloud, live[cloud], "nsxt.data.segments")
