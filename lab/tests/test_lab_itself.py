"""The lab as a tool: its control plane says what is, and a large site costs what its page costs."""

from __future__ import annotations

import sys

import pytest

from lab import control, exchange
from lab.controller import Request
from lab.tests.controller_client import BASE, Client, make


def ask(lab, method, path, body=b""):
    return control.handle(lab, Request(method, path, (), {}, body, BASE)).json()


def test_the_state_told_is_the_present_one():
    lab = make()
    lab.endpoints = {"state": "conforming", "time": "never", "controller": {"port": 1}}
    ask(lab, "POST", "/lab/reset", b'{"state": "fresh"}')
    told = ask(lab, "GET", "/lab/state")
    assert told["state"] == "fresh"
    assert told["time"] != "never"
    assert told["controller"] == {"port": 1}


def _crowded(services):
    """The blog's site with so many services more, each registered by name."""
    lab = make("30.2.1", "conforming")
    given = exchange.exported(lab)
    one = lab.site.one
    here = {"tenant_ref": "/api/tenant/admin", "cloud_ref": one("cloud", "Default-Cloud").ref}
    here["vrf_context_ref"] = one("vrfcontext", "VRF_AZ2").ref
    group = one("serviceenginegroup", "S1-AZ2-SE-Group").ref
    next(each for each in given["serviceenginegroup"] if each["name"] == "S1-AZ2-SE-Group")[
        "max_vs_per_se"
    ] = 1000
    front = next(each for each in given["network"] if each["name"] == "AVI_FRONTEND_3026")
    wide = {"prefix": {"ip_addr": {"addr": "10.26.0.0", "type": "V4"}, "mask": 16}}
    front["configured_subnets"].append(wide)  # every service has an address of its own
    for n in range(services):
        vip = {"vip_id": "1", "ip_address": {"addr": f"10.26.{n // 250}.{n % 250 + 1}", "type": "V4"}}
        names = [{"fqdn": f"n{n}.avi.iberia.local"}]
        given["vsvip"].append(
            {"uuid": f"vsvip-{n}", "name": f"v{n}", "vip": [vip], "dns_info": names, **here}
        )
        service = {"uuid": f"virtualservice-{n}", "name": f"s{n}", "vsvip_ref": f"/api/vsvip/vsvip-{n}"}
        given["virtualservice"].append(
            service | {"se_group_ref": group, "services": [{"port": 80}], "description": "x", **here}
        )
    exchange.imported(lab, given)
    lab.site.clock.advance(60)
    return lab


@pytest.fixture(scope="module")
def crowded():
    return _crowded(1500)


def _names(client):
    return {
        record["fqdn"][0]: record
        for record in client.one("virtualservice", "local-dns-site1")["ipam_dns_records"]
    }


def test_names_registered_follow_what_is_written(crowded):
    client = Client(crowded)
    assert len(_names(client)) == 1501
    crowded.restore(crowded.snapshot())
    assert len(_names(client)) == 1501
    vsvip = client.get("/api/vsvip/vsvip-7")
    client.put(vsvip | {"dns_info": [{"fqdn": "other.avi.iberia.local"}]})
    found = _names(client)
    assert "other.avi.iberia.local" in found
    assert "n7.avi.iberia.local" not in found
    assert client("DELETE", "/api/virtualservice/virtualservice-7").status == 204
    assert "other.avi.iberia.local" not in _names(client)


def _work(call):
    """How many Python functions a call enters: its cost, whatever else the machine is doing."""
    entered = 0

    def count(_frame, event, _argument):
        nonlocal entered
        entered += event == "call"

    call()
    sys.setprofile(count)
    try:
        call()
    finally:
        sys.setprofile(None)
    return entered


def test_a_write_costs_what_it_touches(crowded):
    def costs(site):
        client = Client(site)
        group = client.one("serviceenginegroup", "S1-AZ2-SE-Group")
        network = client.one("network", "AVI_FRONTEND_3026")
        return (
            _work(lambda: client.put(client.get(f"/api/network/{network['uuid']}"))),
            _work(lambda: client.put(client.get(f"/api/serviceenginegroup/{group['uuid']}"))),
            _work(lambda: client("GET", "/api/virtualservice?page_size=1&name=local-dns-site1")),
        )

    for large, small in zip(costs(crowded), costs(make("30.2.1", "conforming")), strict=True):
        assert large < 5 * small  # settling every service takes hundreds of times that


def test_engines_of_an_import_stay():
    source = make("30.2.1", "conforming")
    given = exchange.exported(source)
    engines = given["serviceengine"]
    names = {each["name"] for each in engines} | {"spare-se-abcde"}
    engines.append(engines[0] | {"uuid": "se-005056999999", "name": "spare-se-abcde"})
    lab = make()
    exchange.imported(lab, given)
    lab.site.clock.advance(30 * 86400)
    client = Client(lab)
    assert {each["name"] for each in client.get("/api/serviceengine")["results"]} == names


def test_what_is_gone_with_all_else_is_told_as_changed():
    store = make("30.2.1").site.store
    before, tenants = store.generation, [each.uuid for each in store.all("tenant")]
    store.clear()
    assert (sorted(store.since("tenant", before)), store.changed(["tenant"])) == (
        sorted(tenants),
        (before + 1,),
    )
    assert (list(store.since("tenant", before + 1)), store.changed(["no-type"])) == ([], (0,))
