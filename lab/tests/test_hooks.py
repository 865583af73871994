"""Registry of behaviours: every step is of a type there is, and none depends on the order within its moment."""

import re

import pytest

from lab import exchange, hooks
from lab.tests.behaviours import PAGE, page
from lab.tests.cloudsite import Client, ip, pool

STAMP = re.compile(r"1700000\d{9}")
NOON = 1_700_000_000.0


def test_the_page_is_current():
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m lab.tests.behaviours"


def test_every_step_is_for_a_type_there_is(schema):
    assert {kind for _, kind in hooks.STEPS} - {hooks.ANY} <= schema.types.keys()


def test_every_step_says_what_it_does():
    assert all(step.__doc__ for steps in hooks.STEPS.values() for step in steps)


def conversation(version):
    """What a site comes to by writes of every sort, without the times at which they were made."""
    client = Client("conforming", version)
    vrf = "/api/vrfcontext?name=VRF_AZ1"
    servers = client.post("pool", name="web", vrf_ref=vrf, servers=[{"ip": ip("10.10.24.161")}])
    for name, more in (("plain", {}), ("web", {"pool_ref": servers["url"]})):
        vip = {"vip_id": "0", "auto_allocate_ip": True}
        info = [{"fqdn": f"{name}.avi.iberia.local", "type": "DNS_RECORD_A"}]
        vsvip = client.post("vsvip", name=name, vrf_context_ref=vrf, vip=[vip], dns_info=info)
        group = client.one("serviceenginegroup", "S1-AZ1-SE-Group")["url"]
        placed = {"vsvip_ref": vsvip["url"], "vrf_context_ref": vrf, "se_group_ref": group}
        client.post("virtualservice", name=name, services=[{"port": 80}], **placed, **more)
    client.later(10)
    (servers,) = client.site.store.all("pool")
    (engine, *_) = client.site.store.all("serviceengine")
    assert client("DELETE", engine.ref)[0] == 204
    names = [obj.name for obj in client.site.store.all("virtualservice")]
    assert client.put(client.one("virtualservice", names[-1]), pool_ref=servers.ref)[0] == 200
    assert client.delete(client.one("virtualservice", names[-2]))[0] == 204
    network = client.list("/api/network?name=REGIONB_VMS_3024")[0]
    first, last = "10.10.24.164", "10.10.24.169"
    shared = pool("10.10.24.0/24", first, last)
    if version < (20, 1, 3):
        shared = {"prefix": shared["prefix"], "static_ranges": [{"begin": ip(first), "end": ip(last)}]}
    assert client.put(network, configured_subnets=[shared])[0] == 200
    moved = {"vip_id": "1", "auto_allocate_ip": True, "ipam_network_subnet": {"network_ref": network["url"]}}
    assert client.put(client.one("vsvip", "vsvip-local-dns-site1"), vip=[moved])[0] == 200
    vcenter = client.one("cloud", "Default-Cloud")["vcenter_configuration"] | {"password": "secret"}
    client.post("cloud", name="second", vtype="CLOUD_VCENTER", vcenter_configuration=vcenter)
    return STAMP.sub("", repr((exchange.exported(client.lab), client.site.memory["placements"])))


@pytest.mark.parametrize("version", [(18, 2, 13), (30, 2, 1)])
def test_steps_of_a_moment_run_in_any_order(version, monkeypatch):
    monkeypatch.setattr("time.time", lambda: NOON)
    before = conversation(version)
    for key, steps in hooks.STEPS.items():
        monkeypatch.setitem(hooks.STEPS, key, steps[::-1])
    assert conversation(version) == before
