"""Illness of a site: one root for what hangs on it, never a wrong one, and nothing about what is meant to be so."""

from __future__ import annotations

import pytest

from intent.notice import Sort
from live.avi.snapshot import Live, Snapshot
from live.illness.notices import notices, unseen
from tests.live import ill_site as ill
from tests.live.ill_site import (
    BROKEN,
    bare,
    engine,
    obj,
    on,
    pool,
    ref,
    root,
    roots,
    service,
    site,
    state,
    vip,
    waiting,
)


def test_a_healthy_site_has_none():
    assert notices(site()) == ()
    assert list(unseen(site())) == []


class TestOneRoot:
    def test_a_broken_vcenter_connection_of_two_hundred_services(self):
        live = site(cloud_inventory=BROKEN, serviceengine_inventory=[], **waiting(200))
        told = notices(live)
        only = root(live)
        assert (only.sort, only.type, only.name, only.topic) == (Sort.ILL, "cloud", "west", "cloud")
        assert only.reason == (
            "it places nothing: CLOUD_STATE_FAILED, vCenter: cannot complete login due to an incorrect password; "
            "200 virtual services stand on it"
        )
        assert only.severity == "critical"
        assert len(told) == 201
        assert {each.cause for each in told[1:]} == {only.subject + ": " + only.reason.partition("; 200")[0]}

    def test_parents_in_a_circle(self):
        circle = [
            service(
                f"s{number}",
                type="VS_TYPE_VH_CHILD",
                vh_parent_vs_ref=ref("virtualservice", f"virtualservice-s{(number + 1) % 3}"),
            )
            for number in range(3)
        ]
        hanging = service(
            "s3", type="VS_TYPE_VH_CHILD", vh_parent_vs_ref=ref("virtualservice", "virtualservice-s2")
        )
        rows = [hanging, *circle]
        states = [state(row, "OPER_DOWN", "parent is down") for row in rows]
        live = site(virtualservice=rows, virtualservice_inventory=states)
        assert sorted(each.name for each in notices(live)) == ["s0", "s1", "s2", "s3"], "each is told once"
        assert (root(live).name, "3 virtual services stand on it" in root(live).reason) == ("s0", True)

    def test_a_dead_group(self):
        rows = [service(f"s{number}") for number in range(200)]
        down = [state(row, "OPER_DOWN", "All Service Engines are down", runtime=on("se-1")) for row in rows]
        engines = [engine("se-1", "OPER_DOWN", "heartbeats are missed"), engine("se-2", "OPER_DOWN")]
        live = site(services=200, virtualservice_inventory=down, serviceengine_inventory=engines)
        only = root(live)
        assert only.type == "serviceenginegroup"
        assert only.reason == (
            "none of its Service Engines is up: se-1 (OPER_DOWN: heartbeats are missed), se-2 (OPER_DOWN); "
            "200 virtual services and 2 Service Engines stand on it"
        )
        assert only.severity == "critical"

    def test_a_group_without_an_engine_or_with_all_it_may_have(self):
        assert root(site(serviceengine_inventory=[], **waiting(9))).reason == (
            "it has no Service Engine; 9 virtual services stand on it"
        )
        full = root(site(serviceengine_inventory=[engine("a"), engine("b")], **waiting(9)))
        assert (full.type, full.reason.partition(";")[0]) == (
            "serviceenginegroup",
            "it has all of its 2 Service Engines",
        )

    def test_a_cluster_that_does_not_serve(self):
        live = site(
            cluster_runtime=None, **waiting(9), **{"cluster/runtime": ill.cluster("CLUSTER_DOWN", "node2")}
        )
        only = root(live)
        assert (only.type, only.severity) == ("cluster", "blocker")
        assert only.reason.startswith(
            "its state is CLUSTER_DOWN, not active: node2 (CLUSTER_FAILED); 9 virtual"
        )

    def test_a_node_that_is_down_is_one(self):
        only = root(site(**{"cluster/runtime": ill.cluster("CLUSTER_UP_HA_COMPROMISED", "node3")}))
        assert (only.type, only.severity) == ("cluster", "critical")
        assert "node3 (CLUSTER_FAILED)" in only.reason

    @pytest.mark.parametrize(
        ("licence", "words"),
        [
            ({"cores": 1}, "no licensed core is left for another Service Engine (0 of 1 needed)"),
            ({"cores": 40, "valid_until": "2026-11-01T00:00:00"}, "Eval has expired on 2026-11-01"),
            ({"licenses": [{"license_name": "A", "service_cores": 1.0}, {"license_name": "B", "expired": True}]}, "B has expired"),
        ],
    )  # fmt: skip
    def test_licences_that_are_used_up(self, licence, words):
        row = {"uuid": "l1", "name": "Eval", "valid_until": "2099-12-31T23:59:59", **licence}
        only = root(site(license=[row], serviceengine_inventory=[], **waiting(9)))
        assert (only.type, only.severity) == ("license", "critical")
        assert words in only.reason
        assert only.reason.endswith("9 virtual services stand on it")

    @pytest.mark.parametrize(
        ("objects", "kind", "words"),
        [
            (
                {"network_inventory": [ill.counted("front", 0)]},
                "network",
                "no address for VIPs is left in it",
            ),
            ({"cloud": [ill.cloud(ipam_provider_ref=None)]}, "cloud", "it has no IPAM profile"),
            ({"ipamdnsproviderprofile": [ill.profile("dns")]}, "cloud", "its IPAM profile ipam is not there"),
        ],
    )
    def test_no_address_for_a_vip(self, objects, kind, words):
        only = root(site(**{**bare(9), **objects}))
        assert (only.type, only.reason) == (kind, f"{words}; 9 virtual services and 9 VIPs stand on it")

    @pytest.mark.parametrize("api", ["network", "vimgrnwruntime"])
    def test_no_address_for_a_service_engine(self, api):
        management = {"management_network": ref(api, "network-mgmt", "mgmt")}
        clouds = [ill.cloud(vcenter_configuration=management)]
        full = [ill.counted("mgmt", 0, "STATIC_IPS_FOR_VIP_AND_SE"), ill.counted("front", 5)]
        only = root(site(cloud=clouds, network_inventory=full, **waiting(9)))
        assert (only.type, only.name) == ("network", "mgmt")
        assert only.reason == "no address for Service Engines is left in it; 9 virtual services stand on it"
        only = root(site(cloud=clouds, network_inventory=full, serviceengine_inventory=[], **waiting(9)))
        assert only.type == "network"
        own = obj(
            "serviceenginegroup", "seg", max_se=2, mgmt_network_ref=ref("network", "network-own", "own")
        )
        free = [*full, ill.counted("own", 5, "STATIC_IPS_FOR_SE")]
        told = roots(site(cloud=clouds, network_inventory=free, serviceenginegroup=[own], **waiting(2)))
        assert {each.type for each in told} == {"virtualservice"}, (
            "a group may have a management network of its own"
        )
        for asked in (
            {"cloud": [ill.cloud(vcenter_configuration=management, dhcp_enabled=True)]},
            {"cloud": clouds, "network": [obj("network", "mgmt", dhcp_enabled=True)]},
            {"cloud": clouds, "network_inventory": [ill.counted("mgmt", 0) | {"runtime": {}}]},
        ):
            told = roots(site(**{"network_inventory": full, **asked}, **waiting(2)))
            assert {each.type for each in told} == {"virtualservice"}
        told = roots(site(cloud=clouds, network_inventory=None, **waiting(2)))
        assert ["not read" in each.reason for each in told] == [True, True]
        assert notices(site(cloud=clouds, network_inventory=full)) == (), "nothing waits for one"

    def test_every_usable_network_is_full(self):
        two = [ill.profile("ipam", "front", "back"), ill.profile("dns")]
        networks = [ill.counted("front", 0), ill.counted("back", 0)]
        only = root(site(ipamdnsproviderprofile=two, network_inventory=networks, **bare(2)))
        assert only.reason.startswith("no address is left in any of its 2 usable networks")
        networks[1] = ill.counted("back", 3)
        told = roots(site(ipamdnsproviderprofile=two, network_inventory=networks, **bare(2)))
        assert {each.type for each in told} == {"vsvip"}, (
            "there are addresses: why none was given is not known"
        )

    @pytest.mark.parametrize("cloud", [{"dns_provider_ref": None}, {"dns_provider_ref": ref("ipamdnsproviderprofile", "gone", "gone")}])  # fmt: skip
    def test_a_missing_dns_profile(self, cloud):
        named = [vip(f"s{number}", dns_info=[{"fqdn": f"s{number}.x"}]) for number in range(3)]
        only = root(site(cloud=[ill.cloud(**cloud)], vsvip=named))
        assert only.type == "cloud"
        assert only.reason.endswith("the names of 3 virtual services are registered nowhere")

    def test_a_disabled_parent(self):
        parent = service("shared", enabled=False, type="VS_TYPE_VH_PARENT")
        above = ref("virtualservice", parent["uuid"], "shared")
        rows = [parent] + [
            service(f"c{n}", type="VS_TYPE_VH_CHILD", vh_parent_vs_ref=above, vsvip_ref=None)
            for n in range(5)
        ]
        states = [state(row, "OPER_DISABLED") for row in rows]
        only = root(site(virtualservice=rows, virtualservice_inventory=states, vsvip=[vip("shared")]))
        assert (only.name, only.reason) == (
            "shared",
            "it is disabled, and what stands on it is not; 5 virtual services stand on it",
        )

    def test_a_pool_that_is_down_is_beneath_its_service(self):
        row = service("s0")
        down = pool("p0", servers=[])
        states = [
            state(row, "OPER_DOWN", "Pool is down", runtime=on("se-1"), pools=[ref("pool", down["uuid"])])
        ]
        counts = {"num_servers": 3, "num_servers_enabled": 3, "num_servers_up": 0}
        users = [ref("virtualservice", row["uuid"])]
        entry = state(down, "OPER_DOWN", runtime=counts, virtualservices=users)
        only = root(site(services=1, virtualservice_inventory=states, pool=[down], pool_inventory=[entry]))
        assert (only.type, only.severity) == ("pool", "critical")
        assert only.reason == "0 of its 3 servers are up (OPER_DOWN); 1 virtual service stands on it"

    def test_pools_of_services_that_are_placed_nowhere_stand_on_the_same_root(self):
        down = pool("p0")
        entry = state(down, "OPER_DOWN", runtime={"num_servers": 1, "num_servers_enabled": 1, "num_servers_up": 0},
                      virtualservices=[ref("virtualservice", "virtualservice-s0")])  # fmt: skip
        objects = waiting(1)
        objects["virtualservice_inventory"][0]["pools"] = [ref("pool", down["uuid"])]
        only = root(
            site(
                cloud_inventory=BROKEN,
                serviceengine_inventory=[],
                pool=[down],
                pool_inventory=[entry],
                **objects,
            )
        )
        assert only.type == "cloud"
        assert only.reason.endswith("1 virtual service and 1 pool stand on it")

    def test_an_upgrade_half_done(self):
        rows = [
            ill.upgraded("cluster", "30.2.2", kind="NODE_CONTROLLER_CLUSTER"),
            ill.upgraded("seg", "30.2.1", "UPGRADE_FSM_PAUSED"),
        ]
        live = site(upgradestatusinfo=rows, serviceengine_inventory=[engine("se-1", version="30.2.0")])
        only = root(live)
        assert (only.type, only.severity) == ("upgradestatusinfo", "critical")
        assert only.reason == (
            "the Controller is on 30.2.2, SE group seg on 30.2.1 (UPGRADE_FSM_PAUSED); 1 Service Engine stands on it"
        )


class TestNeverAWrongRoot:
    """What would tell a cause and was not read: the symptom stands by itself, and says so."""

    @pytest.mark.parametrize(
        "missing",
        [
            "virtualservice",
            "vsvip",
            "cloud-inventory",
            "serviceenginegroup",
            "serviceengine-inventory",
            "license",
        ],
    )
    def test_of_what_was_not_read(self, missing):
        empty = {"serviceengine_inventory": [], **waiting(3)}
        live = site(**{**empty, missing.replace("-", "_"): None})
        told = roots(live)
        assert told
        assert all(f"not read, so that its cause is not known: {missing}" in each.reason for each in told)
        assert {each.type for each in told} <= {"virtualservice", "serviceenginegroup"}
        assert [line for line in unseen(live) if line.startswith(f"{missing}:")]

    def test_a_service_that_is_placed_does_not_wait_for_its_cloud(self):
        row = service("s0")
        states = [state(row, "OPER_DOWN", "address in use", runtime=on("se-1"))]
        told = roots(site(cloud_inventory=BROKEN, services=1, virtualservice_inventory=states))
        assert {each.type for each in told} == {"cloud", "virtualservice"}

    def test_a_group_with_room_is_no_cause(self):
        (each, *more) = roots(site(**waiting(1)))
        assert (each.type, more) == ("virtualservice", [])

    def test_what_says_no_state_is_not_seen(self):
        rows = [service("s0"), service("s1")]
        entries = [{"uuid": row["uuid"], "config": {"name": row["name"]}, "runtime": {}} for row in rows]
        live = site(virtualservice=rows, virtualservice_inventory=entries, vsvip=[])
        assert notices(live) == ()
        assert list(unseen(live)) == [
            "virtualservice-inventory: whether it is healthy is not known: 2 not understood"
        ]

    def test_what_was_not_read_at_all(self):
        live = site(**dict.fromkeys(("virtualservice_inventory", "pool_inventory", "alert"), None))
        assert notices(live) == ()
        assert [line.partition(":")[0] for line in unseen(live)] == [
            "alert", "pool-inventory", "virtualservice-inventory"
        ]  # fmt: skip


class TestNoNoise:
    def test_what_somebody_disabled(self):
        row = service("s0", enabled=False)
        assert (
            notices(
                site(services=0, virtualservice=[row], virtualservice_inventory=[state(row, "OPER_DISABLED")])
            )
            == ()
        )

    @pytest.mark.parametrize("users", [[], [ref("virtualservice", "virtualservice-s0")]])
    def test_a_pool_that_no_enabled_service_uses(self, users):
        row, unused = service("s0", enabled=False), pool("p0")
        state_of = {**state(row, "OPER_DISABLED")}
        state_of["config"] |= {"enabled": False}
        entry = state(unused, "OPER_DOWN", runtime={"num_servers": 0}, virtualservices=users)
        live = site(
            services=0,
            virtualservice=[row],
            virtualservice_inventory=[state_of],
            pool=[unused],
            pool_inventory=[entry],
        )
        assert notices(live) == ()

    @pytest.mark.parametrize(
        ("members", "counts", "severity"),
        [
            ({"created_by": "ako-az1"}, {"num_servers": 0}, "minor"),
            ({}, {"num_servers": 0}, "critical"),
            ({}, {"num_servers": 2, "num_servers_enabled": 0, "num_servers_up": 0}, "minor"),
        ],
    )
    def test_a_pool_that_is_meant_to_serve_nobody_is_low(self, members, counts, severity):
        row, empty = service("s0", **members), pool("p0", **members)
        states = [state(row, "OPER_DOWN", runtime=on("se-1"), pools=[ref("pool", empty["uuid"])])]
        entry = state(
            empty, "OPER_DOWN", runtime=counts, virtualservices=[ref("virtualservice", row["uuid"])]
        )
        live = site(
            services=0, virtualservice=[row], virtualservice_inventory=states, vsvip=[vip("s0")], pool=[empty],
            pool_inventory=[entry],
        )  # fmt: skip
        assert {each.severity for each in notices(live)} == {severity}
        assert root(live).owner == ("AKO" if members else "")

    def test_a_new_engine_beside_one_that_serves(self):
        assert notices(site(serviceengine_inventory=[engine("a"), engine("b", "OPER_CREATING")])) == ()

    def test_a_disabled_engine_beside_one_that_serves_is_low(self):
        only = root(
            site(
                serviceengine_inventory=[
                    engine("a"),
                    engine("b", "OPER_DISABLED", enabled="SE_STATE_DISABLED"),
                ]
            )
        )
        assert (only.severity, only.reason) == ("minor", "it was disabled by somebody (SE_STATE_DISABLED)")


ODD = (None, [], "\u00b2", 5, [{}], {"uuid": []})


def leaves(value):
    """Each place in plain data, as what puts another value there and back."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(parts):
        yield value, key
        yield from leaves(inner)


def sick():
    """A site in which each look finds something."""
    broken = {"license": [{"uuid": "l1", "name": "Eval", "valid_until": "2026-11-01T00:00:00", "cores": 40}]}
    down = pool("p0")
    counts = {"num_servers": 3, "num_servers_enabled": 3, "num_servers_up": 0}
    users = [ref("virtualservice", "virtualservice-s0")]
    objects = waiting(2) | broken
    objects["vsvip"][0]["vip"][0].pop("ip_address")
    objects["virtualservice_inventory"][1] |= {"pools": [ref("pool", down["uuid"])]}
    return site(
        cloud_inventory=BROKEN, serviceengine_inventory=[engine("se-1", "OPER_DOWN")], pool=[down],
        pool_inventory=[state(down, "OPER_DOWN", runtime=counts, virtualservices=users)],
        sslkeyandcertificate=[ill.certificate("2026-11-01 00:00:00")], scheduler=[ill.schedule()], backup=[obj("backup", "b", timestamp="2026-11-01")],
        upgradestatusinfo=[ill.upgraded("c", "30.2.2", kind="NODE_CONTROLLER_CLUSTER"), ill.upgraded("seg", "30.2.1")],
        alert=[{"uuid": "a", "name": "Disk", "state": "ALERT_STATE_ON", "level": "ALERT_HIGH", "obj_uuid": "x"}],
        **{"cluster/runtime": ill.cluster("CLUSTER_UP_HA_COMPROMISED", "node2"), **objects},
    )  # fmt: skip


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_odd_values_anywhere_end_nothing(odd):
    """Whatever stands in a place: what is not understood is not seen, and all else is told all the same."""
    objects = sick().snapshot.objects
    for rows in objects.values():
        for row in rows:
            for owner, key in list(leaves(row)):
                if key in ("uuid", "url") and owner is row:
                    continue  # without these the reader takes no object
                before, owner[key] = owner[key], odd
                live = Live(Snapshot("c", "30.2.1", "30.2.1", ill.NOW, objects=objects))
                notices(live)
                list(unseen(live))
                owner[key] = before
