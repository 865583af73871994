"""Causes by their names: what somebody has disabled, emptied, wiped or left behind is told as that."""

from dataclasses import replace
from inspect import getmembers, isfunction, signature

import pytest

import remediate.remedies  # noqa: F401 -- registers them
from checks import test_cloud as cloud_checks
from checks import test_dns_services as dns_services
from checks import test_nsxt as nsxt_checks
from intent import Blocked, Cloud, Drifted, Environment, Network, Unknown, require_once
from intent.paths import every_path
from live.avi.shapes import admitted
from live.avi.snapshot import Live
from live.avi.versions import is_newer
from live.facts import placement, runtime
from live.kinds import KINDS
from live.kinds.cloud import VTYPES
from remediate.plan.judge import answer
from tests.live.inventories import CLOUD, SERVICE, common, engine, placed, site
from tests.remediate.inprocess import APIS, Bench

CONFIG = {"vcenter_url": "vcenter.iberia.local", "datacenter": "REGIONB"}


EVERYTHING = {
    "vcenter": {
        "url": "vc.example",
        "datacenter": "DC",
        "access": "write",
        "content_library": {"id": "l1", "name": "images"},
    },
    "nsxt": {
        "url": "nsx.example",
        "credentials": "nsx-user",
        "dhcp": True,
        "firewall_rules": True,
        "vpc_mode": False,
        "management": {"zone_type": "overlay", "transport_zone": "/z1", "tier1": "/t1", "segment": "/s1"},
        "data": {
            "zone_type": "overlay",
            "transport_zone": "/z2",
            "tier1s": [{"tier1": "/t1", "segment": "/s2"}],
        },
    },
}
CLOUD_CHECKS = {
    name: check
    for module in (cloud_checks, nsxt_checks)
    for name, check in getmembers(module, isfunction)
    if list(signature(check).parameters) == ["cloud", "live"] and name != "test_placement_ready"
}


def raised(check, *arguments):
    """What a check raises; None where it passes."""
    try:
        check(*arguments)
    except (Blocked, Drifted, Unknown) as why:
        return why
    return None


def network(moid, *, ghost=False):
    uuid = f"{moid}-cloud-c1"
    linked = {} if ghost else {"vimgrnw_ref": f"https://10.10.20.10/api/vimgrnwruntime/{uuid}"}
    return common("network", uuid, "front") | linked


class TestDisabledEngines:
    def live(self, **changes):
        row = engine(state="OPER_DISABLED")
        row["config"] |= changes
        down = placed([], "OPER_DOWN", reason=["All Service Engines are down"])
        return site(virtualservice_inventory=[down], serviceengine_inventory=[row])

    @pytest.mark.parametrize(
        "state", ["SE_STATE_DISABLED", "SE_STATE_DISABLED_FOR_PLACEMENT", "SE_STATE_DISABLED_FORCE"]
    )
    def test_they_are_named_before_what_follows(self, state):
        _, (first, second) = runtime.service_state(self.live(enable_state=state), SERVICE)
        assert first == f"Service Engine dns-se-abcde was disabled by somebody ({state})"
        assert second == "All Service Engines are down"

    @pytest.mark.parametrize(
        "changes",
        [{"enable_state": "SE_STATE_ENABLED"}, {}, {"enable_state": "SE_STATE_DISABLED", "se_group_ref": "/api/serviceenginegroup/g2"}],
    )  # fmt: skip
    def test_one_that_is_down_by_itself_or_of_another_group_is_not(self, changes):
        _, reasons = runtime.service_state(self.live(**changes), SERVICE)
        assert reasons == ("All Service Engines are down",)

    def test_nothing_is_lost_where_they_were_not_read(self):
        down = placed([], "OPER_DOWN", reason=["no SE"])
        live = site(virtualservice_inventory=[down], serviceengine_inventory=None)
        assert runtime.service_state(live, SERVICE) == ("OPER_DOWN", ("no SE",))


@pytest.fixture(scope="module")
def conforming():
    bench = Bench("conforming")
    return bench, bench.lab.snapshot()


class TestDisabledOnASite:
    """The same on the simulated site, in all three ways in which an operator can disable a Service Engine."""

    COLLECTIONS = (*APIS, "virtualservice-inventory", "serviceengine-inventory", "cloud-inventory")

    @pytest.fixture
    def asked(self, conforming):
        """(state of its Service Engine -> what the two checks of the DNS service come to)."""
        bench, state = conforming
        bench.lab.restore(state)

        def ask(enabled):
            (engine,) = bench.gateway.read("serviceengine")["results"]
            bench.gateway.write("PUT", f"serviceengine/{engine['uuid']}", {**engine, "enable_state": enabled})
            live = Live(bench.gateway.snapshot(self.COLLECTIONS))
            (service,) = bench.environment.dns_services
            return engine["name"], [
                outcome(check, service, live)
                for check in (dns_services.test_up, dns_services.test_on_its_engines)
            ]

        return ask

    @pytest.mark.parametrize("enabled", ["SE_STATE_DISABLED", "SE_STATE_DISABLED_FORCE"])
    def test_the_service_is_down_because_of_it(self, asked, enabled):
        name, (up, engines) = asked(enabled)
        assert up.startswith(
            f"its state is OPER_DOWN: Service Engine {name} was disabled by somebody ({enabled}); "
        )
        assert engines == "DNS service local-dns-site1 is not up (OPER_DOWN)", "one cause is told once"

    @pytest.mark.parametrize("enabled", ["SE_STATE_ENABLED", "SE_STATE_DISABLED_FOR_PLACEMENT"])
    def test_one_that_only_takes_no_more_services_serves(self, asked, enabled):
        assert asked(enabled)[1] == ["", ""]


def outcome(check, *values):
    """What a check says; "" where it passes."""
    try:
        check(*values)
    except (AssertionError, Blocked) as why:
        return str(why)
    return ""


class TestEmptiedVip:
    @pytest.mark.parametrize("vips", [{}, {"vip": []}])
    def test_it_blocks_whatever_is_asked_of_the_service(self, vips):
        live = site(vsvip=[common("vsvip", "p1", "dns") | vips])
        assert runtime.without_vip(live, SERVICE)
        with pytest.raises(Blocked, match="DNS service dns has no VIP") as cause:
            runtime.service_state(live, SERVICE)
        assert cause.value.on == SERVICE.key

    def test_one_that_was_not_read_is_unknown(self):
        live = site(vsvip=[])
        with pytest.raises(Unknown, match="its VIP is vsvip p1, which does not exist"):
            runtime.without_vip(live, SERVICE)
        assert runtime.service_state(live, SERVICE)[0] == "OPER_UP", "its state is known all the same"


def without_vip_member(row):
    return {member: value for member, value in row.items() if member != "vip"}


OF_A_SERVICE = {
    name: check
    for name, check in getmembers(dns_services, isfunction)
    if list(signature(check).parameters) == ["service", "live"]
}


class TestEveryCheckOfAServiceWithoutItsVip:
    """What has become of the VIP, and what each check of the service comes to: one cause, and nothing called right by it."""

    NEEDS_ONE = frozenset(
        {"test_vip_allocation", "test_vip_network", "test_vip_in_pool", "test_up", "test_on_its_engines"}
    )

    @pytest.fixture
    def outcomes(self, conforming):
        """(what becomes of the VIP -> by check, the type of what it raises and its words; None where it passes)."""
        bench, state = conforming
        bench.lab.restore(state)
        snapshot = bench.gateway.snapshot(TestDisabledOnASite.COLLECTIONS)
        (service,) = bench.environment.dns_services

        def ask(become):
            rows = [become(row) for row in snapshot.objects["vsvip"]]
            page = {"count": len(rows), "results": [row for row in rows if row]}
            objects = {**snapshot.objects, "vsvip": admitted("vsvip", page)["results"]}
            live = Live(replace(snapshot, objects=objects), bench.environment)
            found = {name: raised(check, service, live) for name, check in OF_A_SERVICE.items()}
            return {
                name: why and (type(why), str(why), getattr(why, "on", None)) for name, why in found.items()
            }

        return ask, service.key

    def test_as_it_is_all_pass(self, outcomes):
        ask, _ = outcomes
        assert OF_A_SERVICE.keys() > self.NEEDS_ONE | {"test_vip"}
        assert set(ask(lambda row: row).values()) == {None}

    @pytest.mark.parametrize(
        "become", [without_vip_member, lambda row: {**row, "vip": []}], ids=["left out", "empty"]
    )
    def test_one_that_was_emptied_is_one_drift_that_blocks_what_needs_it(self, outcomes, become):
        ask, key = outcomes
        found = ask(become)
        assert {name for name, why in found.items() if why} == self.NEEDS_ONE | {"test_vip"}
        assert found["test_vip"][0] is Drifted
        for name in self.NEEDS_ONE:
            assert found[name] == (Blocked, f"{key} has no VIP", key), name

    @pytest.mark.parametrize(
        ("become", "why"),
        [
            (lambda _row: None, "which does not exist on this Controller as far as this user sees"),
            (lambda row: {**row, "vip": None}, "was not understood: vip is null"),
            (lambda row: {**row, "vip": {}}, "was not understood: vip is an object"),
            (lambda row: {**row, "vip": [None]}, "was not understood: vip[0] is null"),
        ],
        ids=["gone", "null", "an object", "null in it"],
    )
    def test_one_that_cannot_be_told_is_unknown_and_never_drift(self, outcomes, become, why):
        ask, _ = outcomes
        found = ask(become)
        assert all(issubclass(outcome[0], Unknown) for outcome in found.values() if outcome)
        assert all(why in outcome[1] for outcome in found.values() if outcome)
        assert found["test_vip"]
        # Of its own accord, the Controller says how the service works.
        assert not found["test_up"]
        assert not found["test_on_its_engines"]

    @pytest.mark.parametrize("vip", [{"vip_id": "0"}, {"vip_id": "0", "auto_allocate_ip": True}])
    def test_one_without_an_address_is_there_and_of_what_it_says_the_drift_is_told(self, outcomes, vip):
        ask, key = outcomes
        found = ask(lambda row: {**row, "vip": [vip]})
        assert found["test_vip"] is None
        assert found["test_vip_network"][0] is Drifted
        assert found["test_vip_in_pool"] == (Blocked, f"{key} has no VIP address", key)
        assert (found["test_vip_allocation"] is None) is vip.get("auto_allocate_ip", False)


class TestLostConnection:
    def live(self, **cloud):
        row = common("cloud", "c1", "Default-Cloud") | cloud
        del row["cloud_ref"]
        return site(cloud=[row])

    @pytest.mark.parametrize(
        "settings",
        [{}, {"vcenter_configuration": {}}, {"vcenter_configuration": {"privilege": "WRITE_ACCESS"}}],
    )
    def test_it_blocks_what_was_set_in_it(self, settings):
        live = self.live(vtype="CLOUD_VCENTER", **settings)
        assert placement.lost_connection(live, CLOUD) == "vCenter"
        for ask in (placement.management_moid, placement.datacenter_name):
            with pytest.raises(Blocked, match="cloud Default-Cloud has lost its vCenter connection"):
                ask(live, CLOUD)

    @pytest.mark.parametrize("vtype", ["CLOUD_NONE", "CLOUD_AWS", "CLOUD_LINUXSERVER"])
    def test_a_cloud_of_another_type_never_had_one(self, vtype):
        assert not placement.lost_connection(self.live(vtype=vtype), CLOUD)

    def test_one_that_is_there(self):
        live = self.live(vtype="CLOUD_VCENTER", vcenter_configuration=CONFIG)
        assert not placement.lost_connection(live, CLOUD)
        assert placement.datacenter_name(live, CLOUD) == "REGIONB"
        there = self.live(vtype="CLOUD_NSXT", nsxt_configuration={"nsxt_url": "nsx.example"})
        assert not placement.lost_connection(there, CLOUD)

    @pytest.mark.parametrize(
        ("declared", "member", "called"),
        [
            ({"type": "vcenter", "vcenter": EVERYTHING["vcenter"], "management": {"network": "mgmt", "dhcp": True}}, "vcenter_configuration", "vCenter"),
            ({"type": "nsx-t", "nsxt": EVERYTHING["nsxt"]}, "nsxt_configuration", "NSX manager"),
        ],
        ids=["vcenter", "nsx-t"],
    )  # fmt: skip
    @pytest.mark.parametrize("left", [None, {}, {"vpc_mode": False, "privilege": "WRITE_ACCESS"}])
    def test_it_is_one_drift_and_blocks_each_fact_that_was_set_in_it(self, declared, member, called, left):
        """Whatever is declared of the connection, and in either type of cloud: one cause, and its own advice."""
        data = {"name": "Default-Cloud", "mtu": 1500, **declared}
        settings = {
            "name": "x",
            "controller": {"address": "c"},
            "clouds": [data],
            "networks": [{"name": "mgmt"}],
        }
        (cloud,) = Environment.model_validate(settings).each(Cloud)
        live = self.live(vtype=VTYPES[cloud.type], mtu=1500, **({} if left is None else {member: left}))
        other = {"vcenter": "test_nsxt_connection", "nsx-t": "test_vcenter_connection"}[cloud.type]
        came = {name: raised(check, cloud, live) for name, check in CLOUD_CHECKS.items() if name != other}
        drifts = [each for each in came.values() if isinstance(each, Drifted)]
        assert len(drifts) == 1, came
        (drift,) = drifts[0].drifts
        assert (drift.path, drift.have) == (cloud.type.replace("nsx-t", "nsxt"), None)
        blocked = {name for name, each in came.items() if isinstance(each, Blocked)}
        texts = {str(each) for each in came.values() if isinstance(each, Blocked)}
        assert texts == {f"cloud Default-Cloud has lost its {called} connection"}
        declared_facts = {path for path in every_path(Cloud) if cloud.declares(path)}
        of_it = {path for path in declared_facts if KINDS[Cloud].leaf(path)[1].api.startswith(member)}
        assert len(blocked) >= len(of_it) > 2
        assert "connection" in answer(drift, cloud.type, cloud)


class TestGhosts:
    def test_of_two_networks_the_ghost_is_named(self):
        rows = [network("dvportgroup-36", ghost=True), network("dvportgroup-99")]
        with pytest.raises(Drifted) as told:
            require_once(Network(name="front"), rows, described=placement.told_apart(rows))
        (drift,) = told.value.drifts
        assert drift.have == (
            "2 objects of this name: dvportgroup-36 is a ghost, whose port group is gone; dvportgroup-99 is there"
        )

    def test_of_two_ghosts_none_is_called_there(self):
        rows = [network("dvportgroup-36", ghost=True), network("dvportgroup-37", ghost=True)]
        assert placement.told_apart(rows) == [
            "dvportgroup-36 has no link to a port group",
            "dvportgroup-37 has no link to a port group",
        ]

    def test_without_discovery_nobody_is_a_ghost(self):
        rows = [common("network", "network-1", "front"), common("network", "network-2", "front")]
        assert placement.told_apart(rows) == ["network-1 is there", "network-2 is there"]


@pytest.mark.parametrize(
    ("reported", "spoken", "newer"),
    [
        ("31.1.1", "30.2.1", True),
        ("30.2.2-9001", "30.2.1", True),
        ("30.2.1-9024", "30.2.1", False),
        ("22.1.4", "22.1.3", True),
        ("20.1.6", "20.1.6", False),
        ("", "30.2.1", False),
    ],
)
def test_a_controller_that_is_newer_than_its_model(reported, spoken, newer):
    assert is_newer(reported, spoken) == newer
