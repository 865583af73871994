"""Runtime facts out of inventories, in every shape that was seen, and nothing guessed where they say nothing."""
# ruff: noqa: RUF043 -- sentences are matched as they stand

import pytest

from intent import Blocked, Cloud, DnsService, Network, ServiceEngineGroup, Unknown
from live import runtime
from live.runtime import Addresses, Engine
from live.snapshot import Live, Snapshot

HOST = "https://10.10.20.10/api"
CLOUD = Cloud(name="Default-Cloud")
NETWORK = Network(name="front")
SERVICE = DnsService(name="dns")
GROUP = ServiceEngineGroup(name="DNS-SE-Group")


def common(kind, uuid, name):
    return {
        "uuid": uuid,
        "name": name,
        "url": f"{HOST}/{kind}/{uuid}#{name}",
        "cloud_ref": f"{HOST}/cloud/c1#Default-Cloud",
        "tenant_ref": f"{HOST}/tenant/admin#admin",
    }


def site(**changes):
    """A Live of one cloud, one network, one DNS virtual service on one Service Engine; `changes` by collection."""
    cloud = common("cloud", "c1", "Default-Cloud")
    del cloud["cloud_ref"]
    objects = {
        "cloud": [cloud],
        "tenant": [{"uuid": "admin", "name": "admin"}],
        "network": [common("network", "n1", "front")],
        "serviceenginegroup": [
            common("serviceenginegroup", "g1", "DNS-SE-Group") | {"se_name_prefix": "dns"}
        ],
        "virtualservice": [
            common("virtualservice", "v1", "dns")
            | {"se_group_ref": f"{HOST}/serviceenginegroup/g1", "vsvip_ref": f"{HOST}/vsvip/p1"}
        ],
        "vsvip": [common("vsvip", "p1", "dns")],
        "cloud-inventory": [{"uuid": "c1", "status": {"state": "CLOUD_STATE_PLACEMENT_READY"}}],
        "cluster/runtime": [
            {
                "cluster_state": {"state": "CLUSTER_UP_NO_HA"},
                "node_states": [{"name": "node1", "state": "CLUSTER_ACTIVE"}],
            }
        ],
        "network-inventory": [counted([])],
        "virtualservice-inventory": [placed([assigned()])],
        "serviceengine-inventory": [engine()],
    }
    for api in ("vrfcontext", "applicationprofile", "networkprofile", "ipamdnsproviderprofile"):
        objects[api] = []
    objects |= {name.replace("_", "-"): rows for name, rows in changes.items()}
    return Live(
        Snapshot("c", api_version="30.2.1", objects={k: v for k, v in objects.items() if v is not None})
    )


def counted(subnets, runtime=True):
    return {"uuid": "n1", "config": common("network", "n1", "front")} | (
        {"runtime": {"subnet_runtime": subnets}} if runtime else {}
    )


def subnet(**more):
    return {"prefix": {"ip_addr": {"addr": "10.10.25.0", "type": "V4"}, "mask": 24}, **more}


def assigned(uuid="se1", **more):
    return {"ref": f"{HOST}/serviceengine/{uuid}", **more}


def placed(engines, state="OPER_UP", summary=list, **status):
    vip = {"vip_id": "1", "service_engine": engines}
    return {
        "uuid": "v1",
        "runtime": {
            "oper_status": {"state": state, **status},
            "vip_summary": [vip] if summary is list else vip,
        },
    }


def engine(name="dns-se-abcde", state="OPER_UP", uuid="se1", group="g1", connected=True):
    status = {"state": state} if state else {}
    return {
        "uuid": uuid,
        "config": {
            "name": name,
            "uuid": uuid,
            "se_group_ref": f"{HOST}/serviceenginegroup/{group}#DNS-SE-Group",
        },
        "runtime": {"oper_status": status, "se_connected": connected},
    }


class TestController:
    def test_states(self):
        assert runtime.cluster_state(site()) == "CLUSTER_UP_NO_HA"
        assert runtime.inactive_nodes(site()) == []

    def test_a_node_that_is_down(self):
        rows = [
            {
                "cluster_state": {"state": "CLUSTER_UP_HA_COMPROMISED"},
                "node_states": [
                    {"name": "a", "state": "CLUSTER_ACTIVE"},
                    {"name": "b", "state": "CLUSTER_FAILED"},
                    {},
                ],
            }
        ]
        live = site(**{"cluster/runtime": rows})
        assert runtime.inactive_nodes(live) == ["b (CLUSTER_FAILED)", "a node (no state)"]
        assert runtime.cluster_state(live) in runtime.CLUSTER_UP

    @pytest.mark.parametrize("rows", [[], [{}], [{"cluster_state": {}, "node_states": []}], None])
    def test_nothing_said(self, rows):
        live = site(**{"cluster/runtime": rows})
        for fact in (runtime.cluster_state, runtime.inactive_nodes):
            with pytest.raises(Unknown):
                fact(live)

    @pytest.mark.parametrize(
        ("version", "supported"),
        [
            ("18.2.13", False),
            ("20.1.1", True),
            ("30.2.1-9024", True),
            ("32.1.4", True),
            ("", False),
            ("x", False),
        ],
    )
    def test_supported(self, version, supported):
        assert runtime.is_supported(version) is supported


class TestCloud:
    def test_ready(self):
        assert runtime.cloud_state(site(), CLOUD) == (runtime.PLACEMENT_READY, "")

    @pytest.mark.parametrize("reason", ["no route to vCenter", ["no route", "to vCenter"]])
    def test_failed(self, reason):
        rows = [{"uuid": "c1", "status": {"state": "CLOUD_STATE_FAILED", "reason": reason}}]
        assert runtime.cloud_state(site(cloud_inventory=rows), CLOUD) == (
            "CLOUD_STATE_FAILED",
            "no route to vCenter",
        )

    @pytest.mark.parametrize(
        "rows",
        [
            [],
            [{"uuid": "c1"}],
            [{"uuid": "c1", "status": {}}],
            [{"uuid": "c2", "status": {"state": "x"}}],
            None,
        ],
    )
    def test_nothing_said(self, rows):
        with pytest.raises(Unknown):
            runtime.cloud_state(site(cloud_inventory=rows), CLOUD)

    def test_absent(self):
        with pytest.raises(Blocked):
            runtime.cloud_state(site(), Cloud(name="other"))


class TestAddresses:
    def usage(self, *subnets):
        return runtime.pool_usage(site(network_inventory=[counted(list(subnets))]), NETWORK)

    def test_counted_by_use(self):
        found = self.usage(
            subnet(
                ip_range_runtimes=[
                    {"type": "STATIC_IPS_FOR_VIP", "total_ip_count": 20, "free_ip_count": 18},
                    {"type": "STATIC_IPS_FOR_SE", "total_ip_count": 6, "free_ip_count": 0},
                    {"total_ip_count": 2, "free_ip_count": 1},
                ]
            )
        )
        assert found == (
            Addresses("10.10.25.0/24", "vip", 20, 18),
            Addresses("10.10.25.0/24", "se", 6, 0),
            Addresses("10.10.25.0/24", "vip-and-se", 2, 1),
        )
        assert (runtime.left(found, "vip"), runtime.left(found, "se")) == (19, 1)

    @pytest.mark.parametrize(
        "counts",
        [
            {"total_ip_count": 20, "free_ip_count": 18, "used_ip_count": 2},
            {"total_ip_count": 20, "used_ip_count": 2},
        ],
    )
    def test_counted_by_subnet(self, counts):
        assert self.usage(subnet(**counts)) == (Addresses("10.10.25.0/24", "vip-and-se", 20, 18),)

    def test_the_finer_count_is_taken(self):
        ranges = [{"type": "STATIC_IPS_FOR_SE", "total_ip_count": 6, "free_ip_count": 5}]
        found = self.usage(subnet(total_ip_count=6, free_ip_count=4, ip_range_runtimes=ranges))
        assert found == (Addresses("10.10.25.0/24", "se", 6, 5),)

    def test_a_subnet_without_a_pool_is_not_counted(self):
        assert self.usage(subnet()) == ()
        assert self.usage() == ()

    @pytest.mark.parametrize(
        "counts",
        [
            {"total_ip_count": 20},
            {"free_ip_count": 3},
            {"total_ip_count": "20", "free_ip_count": "3"},
            {"ip_range_runtimes": [{"type": "STATIC_IPS_FOR_SE"}]},
        ],
    )
    def test_half_a_count_is_none(self, counts):
        with pytest.raises(Unknown, match="no address counts of network front in 10.10.25.0/24"):
            self.usage(subnet(**counts))

    @pytest.mark.parametrize("rows", [None, [], [counted([], runtime=False)]])
    def test_nothing_said(self, rows):
        for fact in (runtime.pool_usage, runtime.allocated):
            with pytest.raises(Unknown):
                fact(site(network_inventory=rows), NETWORK)

    def test_who_has_them(self):
        taken = [
            subnet(
                ip_range_runtimes=[
                    {
                        "allocated_ips": [
                            {"ip": {"addr": "10.10.25.40"}, "obj_info": "dns"},
                            {"ip": {"addr": "10.10.25.41"}, "obj_uuid": "se1"},
                        ]
                    }
                ]
            ),
            subnet(ip_alloced=[{"ip": {"addr": "10.10.25.42"}}]),
        ]
        live = site(network_inventory=[counted(taken)])
        assert runtime.allocated(live, NETWORK) == (
            ("10.10.25.40", "dns"),
            ("10.10.25.41", "se1"),
            ("10.10.25.42", ""),
        )


class TestService:
    def test_up(self):
        assert runtime.service_state(site(), SERVICE) == ("OPER_UP", ())

    def test_reasons(self):
        live = site(virtualservice_inventory=[placed([], "OPER_DOWN", reason=["no SE", "no SE", "no IP"])])
        assert runtime.service_state(live, SERVICE) == ("OPER_DOWN", ("no SE", "no IP"))

    def test_reasons_of_its_vips(self):
        row = placed([], "OPER_DOWN")
        row["runtime"]["vip_summary"][0]["oper_status"] = {
            "state": "OPER_DOWN",
            "reason": "No network matched",
        }
        assert runtime.service_state(site(virtualservice_inventory=[row]), SERVICE) == (
            "OPER_DOWN",
            ("No network matched",),
        )

    @pytest.mark.parametrize("rows", [None, [], [{"uuid": "v1"}], [{"uuid": "v1", "runtime": {}}]])
    def test_nothing_said(self, rows):
        live = site(virtualservice_inventory=rows)
        with pytest.raises(Unknown):
            runtime.service_state(live, SERVICE)
        with pytest.raises(Unknown):
            runtime.engine_problem(live, SERVICE)


class TestEngines:
    @pytest.mark.parametrize("summary", [list, dict])
    def test_both_shapes_of_the_summary(self, summary):
        live = site(virtualservice_inventory=[placed([assigned(), assigned()], summary=summary)])
        assert runtime.service_engines_of(live, SERVICE) == (
            Engine("dns-se-abcde", "OPER_UP", connected=True),
        )

    def test_an_engine_that_only_the_service_knows(self):
        named = assigned(
            "se9",
            name="dns-se-zzzzz",
            oper_status={"state": "OPER_DOWN", "reason": ["gone"]},
            connected=False,
        )
        live = site(virtualservice_inventory=[placed([named])])
        found = runtime.service_engines_of(live, SERVICE)
        assert found == (Engine("dns-se-zzzzz", "OPER_DOWN", connected=False, reasons=("gone",)),)

    def test_a_name_in_the_reference(self):
        named = {"url": f"{HOST}/serviceengine/se9#dns-se-zzzzz", "oper_status": {"state": "OPER_UP"}}
        live = site(virtualservice_inventory=[placed([named])])
        assert runtime.service_engines_of(live, SERVICE)[0].name == "dns-se-zzzzz"

    @pytest.mark.parametrize("row", [placed([assigned("se9")]), placed([{}]), {"uuid": "v1"}])
    def test_nothing_said(self, row):
        with pytest.raises(Unknown):
            runtime.service_engines_of(site(virtualservice_inventory=[row]), SERVICE)

    def test_of_a_group(self):
        rows = [
            engine("dns-se-b", uuid="2"),
            engine("dns-se-a", uuid="1", state="OPER_DOWN"),
            engine("other", uuid="3", group="g2"),
        ]
        found = runtime.engines_in(site(serviceengine_inventory=rows), GROUP)
        assert [(one.name, one.up) for one in found] == [("dns-se-a", False), ("dns-se-b", True)]

    def test_an_engine_without_a_state(self):
        with pytest.raises(Unknown, match="dns-se-abcde"):
            runtime.engines_in(site(serviceengine_inventory=[engine(state="")]), GROUP)

    def test_no_problem(self):
        assert runtime.engine_problem(site(), SERVICE) == ""

    def test_one_of_two_is_enough(self):
        rows = [
            engine("old-se-a", uuid="a"),
            engine(uuid="b"),
            engine("dns-se-c", uuid="c", state="OPER_DOWN"),
        ]
        live = site(
            serviceengine_inventory=rows,
            virtualservice_inventory=[placed([assigned("a"), assigned("b"), assigned("c")])],
        )
        assert runtime.engine_problem(live, SERVICE) == ""

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"virtualservice_inventory": [placed([])]}, "it is placed on no Service Engine"),
            (
                {"serviceengine_inventory": [engine(state="OPER_DOWN")]},
                "none of its Service Engines is up: dns-se-abcde (OPER_DOWN)",
            ),
            (
                {"serviceengine_inventory": [engine(connected=False)]},
                "none of its Service Engines is up: dns-se-abcde (OPER_UP)",
            ),
            (
                {"serviceengine_inventory": [engine("Avi-se-abcde")]},
                "it runs on Avi-se-abcde, and none is named dns-se-*",
            ),
            (
                {"serviceengine_inventory": [engine("dnsx-se-abcde")]},
                "it runs on dnsx-se-abcde, and none is named dns-se-*",
            ),
        ],
    )
    def test_problems(self, changes, words):
        assert runtime.engine_problem(site(**changes), SERVICE) == words

    def test_the_prefix_of_the_cloud(self):
        cloud = common("cloud", "c1", "Default-Cloud") | {"obj_name_prefix": "AVICTRL"}
        del cloud["cloud_ref"]
        live = site(cloud=[cloud], serviceengine_inventory=[engine("AVICTRL_dns-se-abcde")])
        assert runtime.engine_problem(live, SERVICE) == ""

    def test_a_service_that_is_down_stands_in_the_way(self):
        with pytest.raises(Blocked, match=r"virtual service dns is not up \(OPER_DOWN\)"):
            runtime.engine_problem(
                site(virtualservice_inventory=[placed([assigned()], "OPER_DOWN")]), SERVICE
            )


class TestVips:
    def vip(
        self, address="10.10.25.40", network="n1", member="ipam_network_subnet", use="STATIC_IPS_FOR_VIP"
    ):
        ref = {"network_ref": f"{HOST}/network/{network}"}
        vip = {
            "ip_address": {"addr": address, "type": "V4"},
            member: [ref] if member == "discovered_networks" else ref,
        }
        ends = {"begin": {"addr": "10.10.25.40", "type": "V4"}, "end": {"addr": "10.10.25.59", "type": "V4"}}
        pools = [{"range": ends, "type": use}]
        network = common("network", "n1", "front") | {"configured_subnets": [subnet(static_ip_ranges=pools)]}
        return site(vsvip=[common("vsvip", "p1", "dns") | {"vip": [vip]}], network=[network])

    @pytest.mark.parametrize("member", ["ipam_network_subnet", "discovered_networks"])
    @pytest.mark.parametrize("use", ["STATIC_IPS_FOR_VIP", "STATIC_IPS_FOR_VIP_AND_SE"])
    def test_inside(self, member, use):
        assert runtime.vips_outside_pools(self.vip(member=member, use=use), SERVICE) == []

    def test_outside(self):
        assert runtime.vips_outside_pools(self.vip("10.10.25.60"), SERVICE) == ["10.10.25.60"]

    def test_a_pool_for_engines_is_none(self):
        assert runtime.vips_outside_pools(self.vip(use="STATIC_IPS_FOR_SE"), SERVICE) == ["10.10.25.40"]

    def test_an_unknown_network(self):
        with pytest.raises(Unknown, match="which network the VIP of virtual service dns is from"):
            runtime.vips_outside_pools(self.vip(network="n9"), SERVICE)

    def test_no_vip(self):
        with pytest.raises(Blocked, match="has no VIP address"):
            runtime.vips_outside_pools(site(), SERVICE)
