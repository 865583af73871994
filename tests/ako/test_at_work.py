"""AKO once it has started: whether a service gets a VIP, whose groups are labelled, and what deleteConfig removes."""

from __future__ import annotations

import pytest

from intent.ako.resources import InfraSetting, Resources
from intent.ako.settings import OWN_TYPES
from lab.tests.cloudsite import pool, prefix
from live.ako.seen import COLLECTIONS, seen
from tests.ako.breaking import GATEWAY, SERVICE, STATIC
from tests.ako.lab_ako import NEWEST, OLDER, lost_routes, restored, started, writes, written
from tests.ako.site import (
    FRONT,
    GROUP,
    NODE,
    OVERLAY,
    T1,
    VIP,
    VRF,
    judged,
    live_of,
    routes,
    verdict,
)
from tests.ako.variations import DELETE, NET, PASSWORD, TIER1, label, put, user

PROFILE = "IPAM_Default"
AS_AKO = {"avicredentials.username": "ako", "avicredentials.password": PASSWORD}
RANGE = ("10.10.25.0/24", "10.10.25.40", "10.10.25.59")
SIX = ("2001:db8::/64", "2001:db8::10", "2001:db8::20")
AT_WORK = {
    "right": ({}, None),
    "VIP network without subnets": ({}, put("network", NET, configured_subnets=[])),
    "pool for Service Engines": (
        {},
        put("network", NET, configured_subnets=[pool(*RANGE, "STATIC_IPS_FOR_SE")]),
    ),
    "pool for VIPs": ({}, put("network", NET, configured_subnets=[pool(*RANGE, "STATIC_IPS_FOR_VIP")])),
    "no pool": ({}, put("network", NET, configured_subnets=[{"prefix": prefix(RANGE[0])}])),
    "any network usable": (
        {},
        put("ipamdnsproviderprofile", PROFILE, internal_profile={"usable_networks": []}),
    ),
    "another network usable": (
        {},
        put(
            "ipamdnsproviderprofile",
            PROFILE,
            internal_profile={"usable_networks": [{"nw_ref": "/api/network?name=AVI_FRONTEND_3026"}]},
        ),
    ),
    "another range": ({VIP: [FRONT | {"cidr": "10.10.26.0/24"}]}, None),
    "half a range": ({VIP: [FRONT | {"cidr": "10.10.25.0/25"}]}, None),
    "range with host bits": ({VIP: [FRONT | {"cidr": "10.10.25.7/24"}]}, None),
    "range with an empty mask": ({VIP: [FRONT | {"cidr": "10.10.25.0/"}]}, None),
    "range without a mask": ({VIP: [FRONT | {"cidr": "10.10.25.0"}], VRF: "VRF_AZ1"}, None),
    "no range": ({VIP: [{"networkName": NET}]}, None),
    "range of a family that is not there": ({VIP: [FRONT | {"v6cidr": "2001:db8::/64"}]}, None),
    "ranges of two families": (
        {VIP: [FRONT | {"v6cidr": "2001:db8::/64"}]},
        put("network", NET, configured_subnets=[pool(*RANGE), pool(*SIX)]),
    ),
    "range of the other family alone": (
        {VIP: [{"networkName": NET, "v6cidr": "2001:db8::/64"}]},
        put("network", NET, configured_subnets=[pool(*RANGE), pool(*SIX)]),
    ),
    "range of the other family without a pool": (
        {VIP: [FRONT | {"v6cidr": "2001:db8::/64"}]},
        put("network", NET, configured_subnets=[pool(*RANGE), {"prefix": prefix(SIX[0])}]),
    ),
    "no such group": ({GROUP: "nosuch"}, None),
    "node port in VRF context global": ({SERVICE: "NodePort"}, None),
    "node port": ({SERVICE: "NodePort", VRF: "VRF_AZ1"}, None),
    "dedicated services": ({"L7Settings.shardVSSize": "DEDICATED"}, None),
    "node port and a uuid of nothing": ({SERVICE: "NodePort", VIP: [{"networkUUID": "zz"}]}, None),
    "user who only reads networks": (AS_AKO, user("admin", read_only=["NETWORK"])),
    "user who only reads VRF contexts, without routes": (
        AS_AKO | {STATIC: True},
        user("admin", read_only=["VRFCONTEXT"]),
    ),
    "user who only reads services": (AS_AKO, user("admin", read_only=["VIRTUALSERVICE"])),
    "overlay": (OVERLAY | T1, None),
    "overlay, T1 with a slash": (OVERLAY | {TIER1: "/infra/tier-1s/T1-prod/"}, None),
    "overlay, T1 of nothing": (OVERLAY | {TIER1: "/infra/tier-1s/nosuch"}, None),
    "overlay, node port": (OVERLAY | T1 | {SERVICE: "NodePort", VRF: "T1-prod"}, None),
    "overlay, node port and a network of nothing": (
        OVERLAY | T1 | {SERVICE: "NodePort", VIP: [{"networkName": "zz"}]},
        None,
    ),
    "overlay, node port and a range of nothing": (
        OVERLAY | T1 | {SERVICE: "NodePort", VIP: [{"networkName": "vip-prod", "cidr": "x"}]},
        None,
    ),
}


@pytest.mark.parametrize("case", AT_WORK)
def test_what_works_when_a_service_comes(tmp_path, case):
    """What is said not to work is refused its service, has it down or crashes; what is said to start makes it."""
    changes, prepare = AT_WORK[case]
    client = restored("conforming+nsxt" if "overlay" in case else "conforming")
    if prepare:
        prepare(client)
    foretold = verdict(live_of(client), tmp_path, changes, nodes=(NODE,))
    real = started(client, changes, NEWEST, loads=[{"service": {"name": "web", "ports": [80]}}])
    client.login()
    services = client.list("/api/virtualservice-inventory?created_by=ako-s1az1&page_size=200")
    down = [each for each in services if each["runtime"]["oper_status"]["state"] == "OPER_DOWN"]
    works = real["verdict"] == "starts" and not real["refused"] and not down
    assert foretold.word == ("starts" if works else "starts but will not work"), (real["refused"], down)


def test_groups_of_infra_settings(tmp_path):
    """The groups of AviInfraSettings are labelled with the others; of one that is another's AKO fails, and has labelled."""
    client = restored("conforming")
    label("clustername", "other", "DNS-SE-Group")(client)
    names = ("Default-Group", "DNS-SE-Group", "nosuch")
    infra = Resources(tuple(InfraSetting(name, name) for name in names))
    foretold = verdict(live_of(client), tmp_path, {}, nodes=(NODE,), resources=infra)
    real = started(client, {}, "2.2.1", infra_settings=list(names))
    assert (foretold.word, foretold.logged) == (real["verdict"], real["logged"])
    assert writes(foretold) == written(real)


@pytest.mark.parametrize("version", [*OLDER, NEWEST])
def test_what_delete_config_removes(tmp_path, version):
    """Objects of its own, in its order, its routes and its label; those of another cluster stay."""
    client = restored("conforming")
    loads = [{"ingress": {"name": "web", "tls": True}}, {"service": {"name": "db", "ports": [5432]}}]
    started(client, {}, version, loads)
    client.login().post("pool", name="s1az1-b--web", created_by="ako-s1az1-b")
    live = live_of(client, OWN_TYPES)
    changes = {DELETE: "true", GATEWAY: False}
    site = seen(live, COLLECTIONS.union(OWN_TYPES))
    foretold = judged(site, tmp_path, changes, version, nodes=(NODE,))
    before = routes(client)
    real = started(client, changes, version)
    client.login()
    objects = [text for text in foretold.writes.removes if not text.startswith(("route ", "the label "))]
    assert len(objects) > 5
    deleted = [f"{write['ref'].split('/')[2]} {write['name']}" for write in real["deleted"]]
    assert sorted(objects) == sorted(deleted)
    assert writes(foretold) == written(real)
    assert lost_routes(foretold) == before - routes(client)
    assert client.one("pool", "s1az1-b--web")
