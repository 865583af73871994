"""State `fresh`: the setup wizard has just run; vCenter is integrated, every port group discovered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.cloud.common import ip_json
from lab.seeds.datacenter import CONTROLLER, DATACENTER, build
from lab.seeds.writing import change, default_cloud, named, prefix, subnet

if TYPE_CHECKING:
    from lab.site import Site

MANAGEMENT = "REGIONB_MGMT_3020"


def fresh(site: Site) -> None:
    """Build the site as the wizard of the blog leaves it: system settings, then vCenter step by step."""
    site.memory["vcenter"] = build()
    system_settings(site)
    login = {
        "username": "svc-avi@vsphere.local",
        "password": "never-shown",
        "vcenter_url": "vcenter.iberia.local",
        "privilege": "WRITE_ACCESS",
    }
    change(site, default_cloud(site), vtype="CLOUD_VCENTER", dhcp_enabled=False, vcenter_configuration=login)
    change(site, default_cloud(site), vcenter_configuration={**login, "datacenter": DATACENTER})
    network = named(site, "network", MANAGEMENT)
    # The wizard asks for the management subnet, a pool of it for Service Engines, and the gateway.
    pool = subnet("10.10.20.0/24", "10.10.20.40", "10.10.20.45")
    change(site, network, configured_subnets=[pool])
    route = {"route_id": "1", "prefix": prefix("0.0.0.0/0"), "next_hop": ip_json("10.10.20.1")}
    change(site, named(site, "vrfcontext", "management"), static_routes=[route])
    management = {
        "datacenter": DATACENTER,
        "management_network": f"/api/vimgrnwruntime/{network.uuid}",
        "management_ip_subnet": prefix("10.10.20.0/24"),
    }
    change(site, default_cloud(site), vcenter_configuration={**login, **management})


def system_settings(site: Site) -> None:
    """Name server, search domain, NTP, and the end of the wizard."""
    system = next(site.store.all("systemconfiguration"))
    change(
        site,
        system,
        dns_configuration={"server_list": [ip_json("10.10.20.2")], "search_domain": "iberia.local"},
        ntp_configuration={"ntp_servers": [{"server": ip_json("10.10.20.2")}]},
        welcome_workflow_complete=True,
    )
    cluster = next(site.store.all("cluster"), None)
    if cluster is not None:
        change(site, cluster, nodes=[{"name": "avi-controller-1", "ip": ip_json(CONTROLLER)}])
