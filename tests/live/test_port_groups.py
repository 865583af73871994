"""Port groups and the Controller's networks: which network a declared port group stands for, in whatever tenant."""

import pytest

from intent import Blocked, Controller, Environment, Key, Network, PortGroup, Vcenter
from intent.kinds.routing import PortGroupSettings
from live.avi.snapshot import Live, Snapshot
from live.facts.placement import discovered_from

PLACES = {
    "cloud": [
        {
            "name": "Default-Cloud",
            "uuid": "cloud-1",
            "url": "https://c/api/cloud/cloud-1",
            "vtype": "CLOUD_VCENTER",
        }
    ],
    "tenant": [
        {"name": name, "uuid": uuid, "url": f"https://c/api/tenant/{uuid}"}
        for name, uuid in (("admin", "admin"), ("blue", "tenant-2"))
    ],
    "vrfcontext": [],
}


def network(tenant, moid):
    return {
        "name": "N",
        "uuid": f"{moid}-cloud-1",
        "url": f"https://c/api/network/{moid}-cloud-1",
        "cloud_ref": "https://c/api/cloud/cloud-1",
        "tenant_ref": f"https://c/api/tenant/{tenant}",
        "vimgrnw_ref": f"https://c/api/vimgrnwruntime/{moid}-cloud-1",
    }


def group(**declared):
    environment = Environment(
        name="a",
        controller=Controller(address="c", tenant="blue"),
        vcenter=Vcenter(address="v", datacenter="d"),
        networks=(Network(name="N", port_group=PortGroupSettings(vlan=7), **declared),),
    )
    (only,) = environment.each(PortGroup)
    return only


@pytest.mark.parametrize(
    ("tenants", "known"),
    [(["admin"], ["g-admin"]), (["tenant-2"], ["g-tenant-2"]), (["admin", "tenant-2"], ["g-tenant-2"])],
)
def test_the_network_is_looked_for_in_the_tenant_of_the_file_and_in_admin(tenants, known):
    rows = [network(tenant, f"g-{tenant}") for tenant in tenants]
    live = Live(Snapshot("c", api_version="30.2.1", objects={**PLACES, "network": rows}))
    assert discovered_from(live, group()) == known


def test_one_with_a_tenant_of_its_own_is_looked_for_there_alone():
    live = Live(Snapshot("c", api_version="30.2.1", objects={**PLACES, "network": [network("admin", "g-1")]}))
    with pytest.raises(Blocked) as blocked:
        discovered_from(live, group(tenant="blue"))
    assert blocked.value.on == Key("network", "N", "Default-Cloud", "blue")
