"""Checks of what is declared, on an ill site: the root is red, what stands on it is blocked by it and names it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from checks import test_cloud as clouds
from checks import test_clusters as clusters
from checks import test_controller as controllers
from checks import test_dns_services as dns_services
from checks import test_networks as networks
from checks import test_objects as objects
from checks import test_se_groups as groups
from checks import test_system as systems
from intent import (
    Blocked,
    Cloud,
    Cluster,
    ConfigObject,
    Controller,
    DnsService,
    Key,
    Network,
    ServiceEngineGroup,
    SystemSettings,
    Unknown,
    VrfContext,
)
from intent.kinds.objects import kind_of_type
from live.illness.notices import notices
from tests.live import ill_site as ill
from tests.live.ill_site import BROKEN, bare, engine, on, pool, ref, service, site, state, vip, waiting

CLOUD = Cloud(name="west", placement_ready=True)
GROUP = ServiceEngineGroup(name="seg", cloud="west")
CONTROLLER = Controller(address="10.0.0.1")
SYSTEM = SystemSettings()
NETWORK = Network(name="front", cloud="west", min_free=1)


def declared_services(count, api="virtualservice"):
    return [
        kind_of_type(api).model_construct(
            None, type=api, name=f"s{number}", cloud="west", tenant="admin", fields={}
        )
        for number in range(count)
    ]


@dataclass(frozen=True)
class Result:
    outcome: str
    text: str = ""
    on: Key | None = None


def ask(check, want, *more):
    try:
        check(want, *more)
    except Blocked as cause:
        return Result("blocked", str(cause), cause.on)
    except AssertionError as error:
        return Result("failed", str(error).partition("\nassert")[0])
    except Unknown as why:
        return Result("unknown", str(why))
    return Result("passed")


def outcomes(live, count):
    """Of the checks of a site of so many declared services, each by its subject."""
    wants = declared_services(count)
    asked = {("cloud",): ask(clouds.test_placement_ready, CLOUD, live)}
    asked |= {("group",): ask(groups.test_engines_serve, GROUP, live)}
    asked |= {("network",): ask(networks.test_free_addresses, NETWORK, live)}
    asked |= {("licences",): ask(systems.test_licences, SYSTEM, live)}
    asked |= {("cluster up",): ask(controllers.test_cluster_up, CONTROLLER, live)}
    return asked | {("service", want.name): ask(objects.test_serves, want, live) for want in wants}


DECLARED = (CONTROLLER, CLOUD, GROUP, NETWORK, SYSTEM)


def dead(count):
    rows = [service(f"s{number}") for number in range(count)]
    states = [state(row, "OPER_DOWN", "All Service Engines are down", runtime=on("se-1")) for row in rows]
    return {"virtualservice_inventory": states, "serviceengine_inventory": [engine("se-1", "OPER_DOWN")]}


USED_UP = [{"uuid": "l1", "name": "Eval", "valid_until": "2099-12-31T23:59:59", "cores": 1}]


@pytest.mark.parametrize(
    ("root", "key", "broken"),
    [
        ("cloud", CLOUD.key, {"cloud_inventory": BROKEN, "serviceengine_inventory": [], **waiting(200)}),
        ("group", GROUP.key, dead(200)),
        ("network", NETWORK.key, {"network_inventory": [ill.counted("front", 0)], **bare(200)}),
        ("licences", SYSTEM.key, {"license": USED_UP, "serviceengine_inventory": [], **waiting(200)}),
        (
            "cluster up",
            CONTROLLER.key,
            {"cluster/runtime": ill.cluster("CLUSTER_DOWN", "node2"), **waiting(200)},
        ),
    ],
)
def test_one_root_is_red_and_two_hundred_services_are_blocked_by_it(root, key, broken):
    live = site(*DECLARED, *declared_services(200), **{"services": 200, **broken})
    asked = outcomes(live, 200)
    assert [subject for subject, each in asked.items() if each.outcome == "failed"] == [(root,)]
    blocked = {each for each in asked.values() if each.outcome == "blocked"}
    (reason,) = {each.text for each in blocked if "service" in each.text}
    assert "200 virtual services" in reason
    assert {each.on for each in blocked} == {key}
    assert sum(each.outcome == "blocked" for each in asked.values()) >= 200
    assert notices(live) == (), "what checks tell is no notice"


def test_of_a_root_that_nobody_declares_each_symptom_is_red_and_names_it():
    live = site(
        CONTROLLER, *declared_services(3), cloud_inventory=BROKEN, serviceengine_inventory=[], **waiting(3)
    )
    told = [ask(objects.test_serves, want, live) for want in declared_services(3)]
    assert {each.outcome for each in told} == {"failed"}
    (root,) = notices(live)
    assert (root.type, root.declared) == ("cloud", False)


def test_what_nobody_declares_stands_in_a_notice_under_the_declared_root():
    live = site(*DECLARED, cloud_inventory=BROKEN, serviceengine_inventory=[], **waiting(9))
    root, *others = notices(live)
    assert (root.type, root.declared, root.cause) == ("cloud", True, "")
    assert {each.type for each in others} == {"virtualservice"}
    assert all(each.cause.startswith("cloud west: ") for each in others)


def test_a_declared_child_of_a_disabled_parent():
    parent = service("s0", enabled=False, type="VS_TYPE_VH_PARENT")
    child = service(
        "s1", type="VS_TYPE_VH_CHILD", vh_parent_vs_ref=ref("virtualservice", parent["uuid"]), vsvip_ref=None
    )
    states = [state(row, "OPER_DISABLED") for row in (parent, child)]
    wants = declared_services(2)
    live = site(*wants, virtualservice=[parent, child], virtualservice_inventory=states, vsvip=[vip("s0")])
    first, second = (ask(objects.test_serves, want, live) for want in wants)
    assert (first.outcome, second.outcome, second.on) == ("failed", "blocked", wants[0].key)
    assert "it is disabled, and what stands on it is not" in first.text


def test_a_dns_service_of_a_broken_cloud():
    wants = [DnsService(name="s0", cloud="west", enabled=True)]
    live = site(CLOUD, *wants, cloud_inventory=BROKEN, serviceengine_inventory=[], **waiting(1))
    for check in (dns_services.test_up, dns_services.test_on_its_engines):
        told = ask(check, wants[0], live)
        assert (told.outcome, told.on) == ("blocked", CLOUD.key)
    alone = site(*wants, cloud_inventory=BROKEN, serviceengine_inventory=[], **waiting(1))
    assert ask(dns_services.test_up, wants[0], alone).outcome == "failed"


class TestClusters:
    AZ1 = Cluster(name="az1")

    def test_a_cluster_waits_for_its_cloud(self):
        broken = waiting(200, created_by="ako-az1")
        live = site(CLOUD, self.AZ1, cloud_inventory=BROKEN, serviceengine_inventory=[], **broken)
        told = ask(clusters.test_services_up, self.AZ1, live)
        assert (told.outcome, told.on) == ("blocked", CLOUD.key)
        assert told.text.endswith("200 virtual services stand on it")
        assert notices(live) == ()

    def test_what_is_its_own_is_told_before_what_waits(self):
        rows = waiting(3, created_by="ako-az1")
        rows["virtualservice_inventory"][2] = state(
            rows["virtualservice"][2], "OPER_DOWN", "address in use", runtime=on("x")
        )
        live = site(CLOUD, self.AZ1, cloud_inventory=BROKEN, **rows)
        told = ask(clusters.test_services_up, self.AZ1, live)
        assert told.outcome == "failed"
        assert told.text.startswith("shared (1): virtualservice s2 does not serve")
        assert told.text.endswith("2 more wait for cloud west")

    def test_a_pool_scaled_to_zero_is_its_own_low_check(self):
        row, empty = service("s0", created_by="ako-az1"), pool("p0", created_by="ako-az1")
        states = [state(row, "OPER_DOWN", runtime=on("se-1"), pools=[ref("pool", empty["uuid"])])]
        entry = state(
            empty,
            "OPER_DOWN",
            runtime={"num_servers": 0},
            virtualservices=[ref("virtualservice", row["uuid"])],
        )
        live = site(
            self.AZ1, virtualservice=[row], virtualservice_inventory=states, vsvip=[vip("s0")], pool=[empty],
            pool_inventory=[entry],
        )  # fmt: skip
        assert ask(clusters.test_pools_have_servers, self.AZ1, live).outcome == "failed"
        assert ask(clusters.test_pools_up, self.AZ1, live).outcome == "passed"
        told = ask(clusters.test_services_up, self.AZ1, live)
        assert (told.outcome, told.on) == ("blocked", self.AZ1.key)


class TestServes:
    def test_one_that_is_up_or_disabled(self):
        (want,) = declared_services(1)
        assert ask(objects.test_serves, want, site(want)).outcome == "passed"
        row = service("s0", enabled=False)
        live = site(want, virtualservice=[row], virtualservice_inventory=[state(row, "OPER_DISABLED")])
        assert ask(objects.test_serves, want, live).outcome == "passed"

    def test_one_that_says_no_state_or_was_not_read(self):
        (want,) = declared_services(1)
        nothing = [{"uuid": "virtualservice-s0", "config": {}, "runtime": {}}]
        for rows in (nothing, [], None):
            assert (
                ask(objects.test_serves, want, site(want, virtualservice_inventory=rows)).outcome == "unknown"
            )

    @pytest.mark.parametrize(
        ("members", "serves"),
        [
            ({}, True),
            ({"absent": True}, False),
            ({"fields": {"enabled": False}}, False),
            ({"type": "healthmonitor"}, False),
        ],
    )
    def test_which_have_the_check(self, members, serves):
        want = ConfigObject.model_validate({"type": "virtualservice", "name": "a", **members})
        assert want.is_to_serve is serves


class TestEngines:
    @pytest.mark.parametrize(
        ("row", "words"),
        [
            (
                engine("b", "OPER_DOWN", "powered off"),
                "Service Engine b: it is not up (OPER_DOWN: powered off)",
            ),
            (engine("b", se_connected=False), "Service Engine b: it is not connected"),
            (engine("b", license_state="LICENSE_STATE_INSUFFICIENT_RESOURCES"), "no licence is left for it"),
            (engine("b", "OPER_DISABLED", enabled="SE_STATE_DISABLED"), ""),
            (engine("b", "OPER_CREATING"), ""),
        ],
    )
    def test_one_beside_one_that_serves(self, row, words):
        told = ask(groups.test_engines_serve, GROUP, site(GROUP, serviceengine_inventory=[engine("a"), row]))
        assert told.outcome == ("failed" if words else "passed")
        assert words in told.text

    @pytest.mark.parametrize("state", ["SE_STATE_DISABLED", "SE_STATE_DISABLED_FORCE"])
    @pytest.mark.parametrize("others", [(), ("c",)])
    def test_a_group_all_of_whose_engines_somebody_has_disabled(self, state, others):
        rows = [engine(name, "OPER_DISABLED", enabled=state) for name in ("b", *others)]
        told = ask(groups.test_engines_serve, GROUP, site(GROUP, serviceengine_inventory=rows))
        assert told.outcome == "failed"
        assert all(f"{name} (disabled by somebody: {state})" in told.text for name in ("b", *others))
        assert "not up (" not in told.text

    def test_another_version(self):
        live = site(GROUP, serviceengine_inventory=[engine("a", version="30.2.0(9001)")])
        told = ask(groups.test_engine_versions, GROUP, live)
        assert told.text == "a runs 30.2.0(9001); the Controller runs 30.2.1"
        rows = [ill.upgraded("c", "30.2.1", kind="NODE_CONTROLLER_CLUSTER"), ill.upgraded("seg", "30.2.0")]
        live = site(
            GROUP, SYSTEM, serviceengine_inventory=[engine("a", version="30.2.0")], upgradestatusinfo=rows
        )
        assert ask(groups.test_engine_versions, GROUP, live).on == SYSTEM.key
        assert ask(systems.test_upgrade_done, SYSTEM, live).outcome == "failed"

    def test_what_was_not_read(self):
        for check in (groups.test_engines_serve, groups.test_engine_versions):
            assert ask(check, GROUP, site(GROUP, serviceengine_inventory=None)).outcome == "unknown"


class TestSystem:
    def test_a_healthy_one(self):
        live = site(SYSTEM, systemconfiguration=[{"uuid": "d", "default_license_tier": "ENTERPRISE"}])
        for check in (systems.test_licences, systems.test_upgrade_done, systems.test_portal_certificate):
            assert ask(check, SYSTEM, live).outcome == "passed"
        assert ask(systems.test_licence_features, SYSTEM, live).outcome == "passed"

    @pytest.mark.parametrize(
        "missing", ["license", "upgradestatusinfo", "sslkeyandcertificate", "systemconfiguration"]
    )
    def test_what_was_not_read(self, missing):
        live = site(SYSTEM, **{missing: None})
        checks = (systems.test_licences, systems.test_upgrade_done, systems.test_portal_certificate)
        assert "unknown" in {ask(check, SYSTEM, live).outcome for check in checks}

    @pytest.mark.parametrize(
        ("until", "outcome"), [("2026-11-29 00:00:00", "failed"), ("2026-12-01 00:00:00", "passed")]
    )
    def test_the_portals_certificate(self, until, outcome):
        rows = [ill.certificate(until)]
        portal = {"sslkeyandcertificate_refs": [ref("sslkeyandcertificate", "sslkeyandcertificate-web")]}
        live = site(
            SYSTEM,
            sslkeyandcertificate=rows,
            systemconfiguration=[{"uuid": "d", "portal_configuration": portal}],
        )
        assert ask(systems.test_portal_certificate, SYSTEM, live).outcome == outcome

    @pytest.mark.parametrize(
        ("tier", "outcome"), [("BASIC", "failed"), ("ESSENTIALS", "failed"), ("ENTERPRISE", "passed")]
    )
    def test_a_tier_without_what_is_declared(self, tier, outcome):
        bgp = VrfContext.model_validate({"name": "blue", "cloud": "west", "bgp": {"local_as": 65000}})
        rhi = ConfigObject.model_validate(
            {"type": "virtualservice", "name": "a", "fields": {"enable_rhi": True}}
        )
        session = ConfigObject.model_validate(
            {
                "type": "virtualservice",
                "name": "b",
                "fields": {"enable_session": False, "bot_policy_ref": "bots"},
            }
        )
        live = site(
            SYSTEM,
            bgp,
            rhi,
            session,
            systemconfiguration=[{"uuid": "d", "default_license_tier": tier}],
            vrfcontext=[],
        )
        told = ask(systems.test_licence_features, SYSTEM, live)
        assert told.outcome == outcome
        if outcome == "failed":
            assert "bgp_profile of VRF context blue" in told.text
            assert "enable_rhi of virtualservice object a" in told.text
            assert "bot_policy_ref of virtualservice object b" in told.text
            assert "enable_session" not in told.text  # as every tier has it
