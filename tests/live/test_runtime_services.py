"""Runtime facts of virtual services and Service Engines, in every shape that was seen; nothing is guessed."""

import pytest

from intent import Blocked, Unknown
from live.facts import runtime, usage
from live.facts.runtime import EngineState
from tests.live.inventories import HOST, SERVICE, assigned, common, engine, placed, site, subnet


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
            EngineState("dns-se-abcde", "OPER_UP", connected=True),
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
        assert found == (EngineState("dns-se-zzzzz", "OPER_DOWN", connected=False, reasons=("gone",)),)

    def test_a_name_in_the_reference(self):
        named = {"url": f"{HOST}/serviceengine/se9#dns-se-zzzzz", "oper_status": {"state": "OPER_UP"}}
        live = site(virtualservice_inventory=[placed([named])])
        assert runtime.service_engines_of(live, SERVICE)[0].name == "dns-se-zzzzz"

    @pytest.mark.parametrize("row", [placed([assigned("se9")]), placed([{}]), {"uuid": "v1"}])
    def test_nothing_said(self, row):
        with pytest.raises(Unknown):
            runtime.service_engines_of(site(virtualservice_inventory=[row]), SERVICE)

    def test_an_engine_without_a_state(self):
        with pytest.raises(Unknown, match="dns-se-abcde"):
            runtime.service_engines_of(site(serviceengine_inventory=[engine(state="")]), SERVICE)

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
        with pytest.raises(Blocked, match=r"DNS service dns is not up \(OPER_DOWN\)"):
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
        assert usage.vips_outside_pools(self.vip(member=member, use=use), SERVICE) == []

    def test_outside(self):
        assert usage.vips_outside_pools(self.vip("10.10.25.60"), SERVICE) == ["10.10.25.60"]

    def test_a_pool_for_engines_is_none(self):
        assert usage.vips_outside_pools(self.vip(use="STATIC_IPS_FOR_SE"), SERVICE) == ["10.10.25.40"]

    def test_an_unknown_network(self):
        with pytest.raises(Unknown, match="which network the VIP of DNS service dns is from"):
            usage.vips_outside_pools(self.vip(network="n9"), SERVICE)

    def test_no_vip(self):
        with pytest.raises(Blocked, match="has no VIP"):
            usage.vips_outside_pools(site(), SERVICE)
