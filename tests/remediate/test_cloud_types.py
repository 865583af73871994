"""Clouds of other types than vCenter's: what is compared and written there, and what is left to a person, and why."""

import pytest

from intent import Blocked, Cloud, Key, Network, ServiceEngineGroup, VrfContext, load_environment
from live.avi.identity import Names
from live.kinds.service_engines import put_folder
from remediate.plan.planner import build
from remediate.write.applier import Applier
from remediate.write.journal import Journal
from remediate.write.writer import Writer
from tests import lengths
from tests.remediate.inprocess import Bench

pytestmark = lengths.WHOLE_SITE

SITE = """\
name: site
controller: {address: 127.0.0.1}
"""


@pytest.fixture
def bench():
    return Bench("conforming")


@pytest.fixture
def plan(bench, tmp_path):
    """The plan for a file of these sections."""

    def of(sections):
        path = tmp_path / "site.yaml"
        path.write_text(SITE + sections, encoding="utf-8")
        bench.environment = load_environment(path)
        site = bench.site()
        return build(site, bench.drifts(site.live))

    return of


def post(bench, api, **body):
    return bench.gateway.write("POST", api, body)


def nsxt(bench, zone="OVERLAY"):
    """A cloud of type NSX-T with one vCenter server, `vc1`."""
    user = post(
        bench, "cloudconnectoruser", name="nsx-user", nsxt_credentials={"username": "u", "password": "p"}
    )
    ref = user["url"].partition("#")[0]
    data = {"tz_type": zone, "transport_zone": "/infra/tz/data"}
    if zone == "VLAN":
        data["vlan_segments"] = ["/infra/segments/web"]
    else:
        lr = {"tier1_lr_id": "/infra/tier-1s/T1", "segment_id": "/infra/segments/web"}
        data["tier1_segment_config"] = {
            "segment_config_mode": "TIER1_SEGMENT_MANUAL", "manual": {"tier1_lrs": [lr]},
        }  # fmt: skip
    config = {
        "nsxt_url": "nsx.example", "nsxt_credentials_ref": ref, "data_network_config": data,
        "management_network_config": {
            "tz_type": "OVERLAY", "transport_zone": "/infra/tz/mgmt",
            "overlay_segment": {"tier1_lr_id": "/infra/tier-1s/M", "segment_id": "/infra/segments/m"},
        },
    }  # fmt: skip
    cloud = post(bench, "cloud", name="west", vtype="CLOUD_NSXT", nsxt_configuration=config)
    server = post(
        bench, "vcenterserver", name="vc1", cloud_ref=cloud["url"], vcenter_url="vc.example",
        vcenter_credentials_ref=ref, content_lib={"id": "lib-1", "name": "avi"},
    )  # fmt: skip
    return cloud, server


def applied(bench, folder, plan):
    """The words of what became of the steps of a plan."""
    journal = Journal.begin(folder / "journals", "site", "c", "d")
    writer = Writer(bench.gateway, journal, sleep=lambda _seconds: None)
    return {result.status for result in Applier(writer, bench.site(), say=print).apply(plan)}


def reasons(plan, kind):
    return [left.reason for left in plan.unanswered if left.key.kind == kind.kind]


def written(plan):
    return [(request.method, request.path, request.body) for step in plan.steps for request in step.requests]


class TestFolder:
    """A6: the folder of an NSX-T cloud's SE group is a member of each of its vCenters."""

    FILE = "clouds: [{name: west, type: nsx-t}]\nse_groups: [{name: g, cloud: west, folder: AVI-WEST}]\n"

    def group(self, bench, cloud, server, **members):
        scope = {"vcenter_ref": server["url"], **({"vcenter_folder": "WRONG"} if not members else {})}
        return post(
            bench, "serviceenginegroup", name="g", cloud_ref=cloud["url"], vcenters=[scope],
            **{"vcenter_folder": "AVI-WEST", **members},
        )  # fmt: skip

    def test_the_member_of_the_vcenter_scope_is_compared_and_written_and_no_other(self, bench, plan):
        group = self.group(bench, *nsxt(bench))
        (step,) = plan(self.FILE).steps
        (change,) = step.changes
        assert (change.path, change.have, change.want) == ("folder", "WRONG", "AVI-WEST")
        (request,) = step.requests
        assert [scope["vcenter_folder"] for scope in request.body["vcenters"]] == ["AVI-WEST"]
        assert request.body["vcenter_folder"] == group["vcenter_folder"]

    def test_where_the_scope_is_right_the_other_member_does_not_count(self, bench, plan):
        cloud, server = nsxt(bench)
        scope = {"vcenter_ref": server["url"], "vcenter_folder": "AVI-WEST"}
        post(bench, "serviceenginegroup", name="g", cloud_ref=cloud["url"], vcenters=[scope],
             vcenter_folder="WRONG")  # fmt: skip
        assert written(plan(self.FILE)) == []

    def test_two_vcenters_with_two_folders_are_drift(self, bench, plan):
        cloud, server = nsxt(bench)
        user = bench.gateway.read("cloudconnectoruser", {"name": "nsx-user"})["results"][0]["url"]
        other = post(bench, "vcenterserver", name="vc2", cloud_ref=cloud["url"], vcenter_url="vc2.example",
                     vcenter_credentials_ref=user, content_lib={"id": "lib-2"})  # fmt: skip
        scopes = [
            {"vcenter_ref": server["url"], "vcenter_folder": "AVI-WEST"},
            {"vcenter_ref": other["url"], "vcenter_folder": "WRONG"},
        ]
        post(bench, "serviceenginegroup", name="g", cloud_ref=cloud["url"], vcenters=scopes)
        (step,) = plan(self.FILE).steps
        assert step.changes[0].have == ["AVI-WEST", "WRONG"]
        (request,) = step.requests
        assert {scope["vcenter_folder"] for scope in request.body["vcenters"]} == {"AVI-WEST"}

    def test_a_group_that_names_no_vcenter_has_no_place_for_a_folder(self, bench, plan):
        cloud, _ = nsxt(bench)
        post(bench, "serviceenginegroup", name="g", cloud_ref=cloud["url"], vcenter_folder="WRONG")
        made = plan(self.FILE)
        assert written(made) == []
        assert any("it names no vCenter server of its NSX-T cloud" in each.reason for each in made.left)

    @pytest.mark.parametrize("vtype", ["CLOUD_NONE", "CLOUD_AWS", "CLOUD_OF_TOMORROW"])
    def test_nor_has_one_in_a_cloud_whose_engines_are_in_no_vcenter(self, vtype):
        """Whatever lets it come that far."""
        cloud = {"uuid": "c", "name": "west", "vtype": vtype, "url": "https://c/api/cloud/c"}
        group = {"uuid": "g", "cloud_ref": cloud["url"]}
        with pytest.raises(Blocked, match="have no folder"):
            put_folder(group, "AVI", Names({"cloud": [cloud]}, (30, 2, 1)))
        assert group.keys() == {"uuid", "cloud_ref"}


class TestAnotherTypeThanDeclared:
    """A7: on the Controller the cloud is of another type; nothing of the declared type is written into it."""

    @pytest.mark.parametrize("word", ["CLOUD_NONE", "CLOUD_NSXT", "CLOUD_LINUXSERVER"])
    @pytest.mark.parametrize("declared", ["", "type: vcenter, "])
    def test_no_vcenter_member_is_written(self, bench, plan, word, declared):
        if word == "CLOUD_NSXT":
            nsxt(bench)
        else:
            post(bench, "cloud", name="west", vtype=word)
        proposal = plan(
            f"clouds: [{{name: west, {declared}vcenter: {{url: vc, datacenter: D, access: write}}, "
            "management: {subnet: 10.1.0.0/24, dhcp: true}}]\n"
        )
        assert written(proposal) == []
        left = {left.path: left.reason for left in proposal.unanswered}
        assert {"vcenter.url", "management.subnet", "management.dhcp"} <= left.keys()
        assert "management.subnet has no meaning in a cloud of type" in left["management.subnet"]

    def test_no_group_is_made_with_a_folder_where_none_can_be(self, bench, plan):
        post(bench, "cloud", name="west", vtype="CLOUD_NONE")
        proposal = plan("clouds: [{name: west}]\nse_groups: [{name: g, cloud: west, folder: F}]\n")
        assert written(proposal) == []
        assert (
            "folder has no meaning in a cloud of type no-orchestrator"
            in reasons(proposal, ServiceEngineGroup)[0]
        )


class TestNetworks:
    """C10: networks are made where nothing discovers them, and advice follows the type of cloud."""

    FILE = """\
clouds: [{name: bare, type: no-orchestrator}]
vrfs: [{name: blue, cloud: bare}]
networks:
- name: web
  cloud: bare
  vrf: blue
  dhcp: false
  subnets: [{prefix: 10.9.0.0/24, pools: [{range: 10.9.0.10-10.9.0.20, use: vip}]}]
ipam_profiles: [{name: ipam, type: internal, cloud: bare, usable_networks: [web]}]
"""

    @pytest.mark.parametrize(
        ("word", "vtype"), [("no-orchestrator", "CLOUD_NONE"), ("linux-server", "CLOUD_LINUXSERVER")]
    )
    def test_a_missing_network_is_made_after_its_vrf_and_before_the_profile_that_uses_it(
        self, bench, plan, tmp_path, word, vtype
    ):
        post(bench, "cloud", name="bare", vtype=vtype)
        file = self.FILE.replace("no-orchestrator", word)
        steps = plan(file).steps
        assert [(step.action, step.key.kind) for step in steps] == [
            ("create", "VRF context"), ("create", "network"), ("create", "IPAM profile"),
        ]  # fmt: skip
        (request,) = steps[1].requests
        assert (request.method, request.path) == ("POST", "network")
        assert request.body["dhcp_enabled"] is False
        assert request.body["configured_subnets"][0]["static_ip_ranges"][0]["type"] == "STATIC_IPS_FOR_VIP"
        assert applied(bench, tmp_path, plan(file)) == {"done"}
        assert written(plan(file)) == []
        (network,) = bench.environment.networks
        live = bench.live()
        assert live[network].subnets == network.subnets

    def test_a_discovered_network_is_not_made(self, bench, plan):
        nsxt(bench)
        proposal = plan("clouds: [{name: west, type: nsx-t}]\nnetworks: [{name: web2, cloud: west}]\n")
        assert written(proposal) == []
        (reason,) = reasons(proposal, Network)
        assert "make the segment in NSX-T" in reason
        proposal = plan("networks: [{name: web2}]\n")
        (reason,) = reasons(proposal, Network)
        assert "make the port group in vCenter" in reason

    def test_no_network_is_made_in_a_cloud_that_is_not_there(self, plan):
        proposal = plan("clouds: [{name: gone, type: no-orchestrator}]\nnetworks: [{name: n, cloud: gone}]\n")
        assert written(proposal) == []
        assert reasons(proposal, Network)


class TestVrfContexts:
    FILE = "clouds: [{name: west, type: nsx-t}]\nvrfs: [{name: blue, cloud: west}]\n"

    def test_one_of_a_t1_gateway_is_not_made(self, bench, plan):
        nsxt(bench)
        proposal = plan(self.FILE)
        assert written(proposal) == []
        (reason,) = reasons(proposal, VrfContext)
        assert "comes with its T1 gateway" in reason

    def test_one_in_a_vlan_transport_zone_is(self, bench, plan):
        nsxt(bench, "VLAN")
        ((method, path, _),) = written(plan(self.FILE))
        assert (method, path) == ("POST", "vrfcontext")

    def test_one_in_a_cloud_of_unknown_type_is_not(self, bench, plan):
        post(bench, "cloud", name="west", vtype="CLOUD_VCA")
        proposal = plan("clouds: [{name: west}]\nvrfs: [{name: blue, cloud: west}]\n")
        assert written(proposal) == []
        assert proposal.unanswered[0].key == Key(VrfContext.kind, "blue", "west")


def test_a_cloud_of_another_type_is_read_without_what_means_nothing_there(bench):
    nsxt(bench)
    post(bench, "cloud", name="bare", vtype="CLOUD_NONE", dhcp_enabled=True)
    clouds = {cloud.name: cloud for cloud in bench.live().all(Cloud)}
    assert clouds["Default-Cloud"].vcenter.url
    for name in ("west", "bare"):
        assert getattr(clouds[name], "vcenter", None) is None
        assert getattr(clouds[name], "management", None) is None
