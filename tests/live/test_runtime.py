"""Runtime facts of the Controller, its cloud and its addresses, in every shape that was seen; nothing is guessed."""
# ruff: noqa: RUF043 -- sentences are matched as they stand

import pytest

from intent import Blocked, Cloud, Unknown
from live.facts import runtime, usage
from live.facts.usage import PoolUsage
from tests.live.inventories import CLOUD, NETWORK, counted, site, subnet


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
        return usage.pool_usage(site(network_inventory=[counted(list(subnets))]), NETWORK)

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
            PoolUsage("10.10.25.0/24", "vip", 20, 18),
            PoolUsage("10.10.25.0/24", "se", 6, 0),
            PoolUsage("10.10.25.0/24", "vip-and-se", 2, 1),
        )

    @pytest.mark.parametrize(
        "counts",
        [
            {"total_ip_count": 20, "free_ip_count": 18, "used_ip_count": 2},
            {"total_ip_count": 20, "used_ip_count": 2},
        ],
    )
    def test_counted_by_subnet(self, counts):
        assert self.usage(subnet(**counts)) == (PoolUsage("10.10.25.0/24", "vip-and-se", 20, 18),)

    def test_the_finer_count_is_taken(self):
        ranges = [{"type": "STATIC_IPS_FOR_SE", "total_ip_count": 6, "free_ip_count": 5}]
        found = self.usage(subnet(total_ip_count=6, free_ip_count=4, ip_range_runtimes=ranges))
        assert found == (PoolUsage("10.10.25.0/24", "se", 6, 5),)

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
        with pytest.raises(Unknown):
            usage.pool_usage(site(network_inventory=rows), NETWORK)
