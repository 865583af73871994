"""A site of two NSX-T clouds, overlay and VLAN, and one of vCenter: declared as bootstrapped, checked, put right, undone."""

import pytest

from intent import Cloud, Network, ServiceEngineGroup, Unknown, VcenterServer, VrfContext, load_environment
from intent.drift import compare
from live.avi.snapshot import Live
from live.bootstrap import Bootstrap, collections
from live.environment_text import bootstrap_text
from live.kinds import named_by
from remediate.plan.planner import build
from remediate.registry import Consent
from remediate.write.applier import Applier
from remediate.write.journal import Journal
from remediate.write.record import load
from remediate.write.undo import undo_run
from remediate.write.writer import Writer
from tests import lengths
from tests.remediate.inprocess import Bench

pytestmark = lengths.WHOLE_SITE

PARTS = "conforming+nsxt"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The environment file that bootstrap writes of the site."""
    folder = tmp_path_factory.mktemp("site")
    start = folder / "start.yaml"
    start.write_text("name: mine\ncontroller: {address: c1}\n", encoding="utf-8")
    live = Live(Bench(PARTS).gateway.snapshot(sorted(collections("30.2.1"))))
    path = folder / "site.yaml"
    bootstrap = Bootstrap(live)
    assert bootstrap.unread == []
    path.write_text(bootstrap_text(load_environment(start), bootstrap, folder))
    return path


class Site:
    """The lab with the bootstrapped environment, or with some text of its file replaced."""

    def __init__(self, file, folder, *replaced):
        declared = file.read_text(encoding="utf-8")
        for old, new in replaced:
            assert old in declared, old
            declared = declared.replace(old, new)
        self.folder = folder
        path = folder / "site.yaml"
        path.write_text(declared, encoding="utf-8")
        self.bench = Bench(PARTS, load_environment(path))
        self.gateway = self.bench.gateway

    def drifts(self):
        return [(str(drift.key), drift.key.cloud, drift.path) for drift, _ in self.bench.drifts()]

    def plan(self, **options):
        view = self.bench.site()
        return build(view, self.bench.drifts(view.live), **options)

    def apply(self, **options):
        plan = self.plan(**options)
        journal = Journal.begin(self.folder / "journals", "mine", "c", "d")
        writer = Writer(self.gateway, journal, sleep=lambda _seconds: None)
        view = self.bench.site()
        results = Applier(writer, view, say=print, **options).apply(plan)
        journal.end("done")
        self.record = load(journal.path)
        return plan, {result.status for result in results}

    def undo(self, **options):
        journal = Journal.begin(self.folder / "journals", "mine", "c", "d", undoes=self.record.path.name)
        view = self.bench.site()
        results = undo_run(self.record, Writer(self.gateway, journal), view, say=print, **options)
        return [result.outcome for result in results]

    def row(self, api, name, cloud):
        rows = self.gateway.read(api, {"name": name, "cloud_ref.name": cloud} if cloud else {"name": name})
        (row,) = rows["results"]
        return row

    def edit(self, api, name, cloud, change):
        row = self.row(api, name, cloud)
        change(row)
        self.gateway.write("PUT", f"{api}/{row['uuid']}", row)


@pytest.fixture
def site(written, tmp_path):
    return lambda *replaced: Site(written, tmp_path, *replaced)


def left(plan, kind, path):
    return [each.reason for each in plan.unanswered if (each.key.kind, each.path) == (kind.kind, path)]


def test_what_is_written_declares_both_clouds_and_conforms(site):
    there = site()
    assert there.drifts() == []
    clouds = {cloud.name: cloud.nsxt for cloud in there.bench.environment.clouds}
    assert clouds["Default-Cloud"] is None
    overlay, vlan = clouds["nsxt-overlay"], clouds["nsxt-vlan"]
    assert (overlay.url, overlay.credentials, overlay.dhcp) == ("nsxt.iberia.local", "nsxt-west", True)
    assert overlay.management.segment == "/infra/segments/avi-mgmt"
    assert [each.tier1 for each in overlay.data.tier1s] == ["/infra/tier-1s/T1-prod", "/infra/tier-1s/T1-dev"]
    assert vlan.data.segments == ("/infra/segments/vlan-front", "/infra/segments/vlan-back")
    assert vlan.management.segment == "/infra/segments/vlan-mgmt"
    groups = [group for group in there.bench.environment.se_groups if group.vcenters]
    assert {(group.cloud, group.vcenters[0].vcenter, group.vcenters[0].folder) for group in groups} == {
        ("nsxt-overlay", "nsxt-overlay-vcenter", "AVI-WEST"), ("nsxt-vlan", "nsxt-vlan-vcenter", "AVI-WEST"),
    }  # fmt: skip


CHANGES = {
    "nsxt.dhcp": ("nsxt-vlan", lambda cloud: cloud.update(dhcp_enabled=True)),
    "nsxt.data.segments": ("nsxt-vlan", lambda cloud: data(cloud)["vlan_segments"].remove("/infra/segments/vlan-back")),
    "nsxt.data.tier1s": ("nsxt-overlay", lambda cloud: tier1s(cloud).pop()),
    "nsxt.data.tier1s.segment": (
        "nsxt-overlay", lambda cloud: tier1s(cloud)[1].update(segment_id="/infra/segments/web-dev"),
    ),
    "nsxt.management.segment": (
        "nsxt-overlay",
        lambda cloud: management(cloud)["overlay_segment"].update(segment_id="/infra/segments/avi-dev"),
    ),
}  # fmt: skip
"""By the declared field that drifts by it: the cloud, and what a person changes in it."""


def data(cloud):
    return cloud["nsxt_configuration"]["data_network_config"]


def management(cloud):
    return cloud["nsxt_configuration"]["management_network_config"]


def tier1s(cloud):
    return data(cloud)["tier1_segment_config"]["manual"]["tier1_lrs"]


@pytest.mark.parametrize("field", CHANGES)
def test_what_a_person_changes_is_drift_put_right_and_undone(site, field):
    there = site()
    name, change = CHANGES[field]
    there.edit("cloud", name, "", change)
    row = there.row("cloud", name, "")
    changed = row["nsxt_configuration"], row["dhcp_enabled"]
    (drift,) = [drift for drift, _ in there.bench.drifts() if drift.key.kind == "cloud"]
    assert drift.field == field
    plan, statuses = there.apply(consent=Consent(disruptive=True))
    assert [change.path for step in plan.steps for change in step.changes] == [drift.path]
    assert statuses == {"done"}
    assert there.drifts() == [], "what the cloud discovers comes with it"
    assert there.undo(consent=Consent(disruptive=True)) == ["undone"]
    after = there.row("cloud", name, "")
    assert (after["nsxt_configuration"], after["dhcp_enabled"]) == changed


def test_segments_with_service_engines_on_them_are_guarded(site):
    there = site()
    there.edit("cloud", "nsxt-overlay", "", CHANGES["nsxt.management.segment"][1])
    plan = there.plan()
    (refused,) = [each for each in plan.refused if each.path == "nsxt.management.segment"]
    assert any("Service Engine" in who for who in refused.hit)


def test_the_undo_of_an_added_t1_is_refused_while_something_stands_behind_it(site):
    there = site()
    there.edit("cloud", "nsxt-overlay", "", lambda cloud: tier1s(cloud).pop(0))
    there.apply()
    (outcome,) = there.undo()
    assert outcome == "kept"


def test_what_no_remedy_answers_is_left_with_a_reason(site):
    there = site()
    there.edit(
        "vcenterserver", "nsxt-vlan-vcenter", "nsxt-vlan", lambda row: row["content_lib"].update(name="other")
    )
    plan = there.plan()
    assert [step.key for step in plan.steps] == []
    assert "content library" in left(plan, VcenterServer, "content_library.name")[0]


def test_a_vcenter_server_a_vip_network_and_a_placement_are_made_and_undone(site, capsys):
    server = "- name: nsxt-vlan-vcenter\n"
    second = (
        "- {name: second, cloud: nsxt-vlan, url: vcenter.iberia.local, credentials: vcenter-west, "
        "content_library: {id: lib-2}}\n"
    )
    placement = "  - {vcenter: nsxt-vlan-vcenter, folder: AVI-WEST}\n"
    two = "  - {vcenter: second, folder: AVI-2, hosts: {include: true, ids: [host-7]}}\n"
    network = "- {name: vip-dev, cloud: nsxt-overlay, vrf: T1-dev, dhcp: false, vip_only: true}\n"
    there = site(
        (server, second + server), (placement, placement + two), ("networks:\n", "networks:\n" + network)
    )
    plan, statuses = there.apply()
    assert [(step.action, step.key.kind, step.key.name) for step in plan.steps] == [
        ("create", "vCenter server", "second"), ("create", "network", "vip-dev"), ("amend", "SE group", "seg-prod"),
    ]  # fmt: skip
    assert statuses == {"done"}
    assert there.drifts() == []
    capsys.readouterr()
    assert set(there.undo(consent=Consent(disruptive=True))) == {"undone"}
    assert "[2] POST network of network vip-dev (cloud nsxt-overlay): undone\n" in capsys.readouterr().out
    assert sorted(there.drifts()) == sorted(
        [
            ("vCenter server second", "nsxt-vlan", ""), ("network vip-dev", "nsxt-overlay", ""),
            ("SE group seg-prod", "nsxt-vlan", "vcenters[second]"),
        ]
    )  # fmt: skip


def test_an_absent_segment_is_not_made_and_a_moved_one_stays_with_its_t1(site):
    absent = "- {name: more, cloud: nsxt-overlay, segment: /infra/segments/more}\n"
    there = site(
        ("networks:\n", "networks:\n" + absent),
        (
            "{name: web-dev, cloud: nsxt-overlay, vrf: T1-dev",
            "{name: web-dev, cloud: nsxt-overlay, vrf: T1-prod",
        ),
    )
    plan = there.plan()
    assert plan.steps == ()
    assert "make the segment in NSX-T" in left(plan, Network, "")[0]
    assert "connect it to the other T1 in NSX-T" in left(plan, Network, "vrf")[0]


def test_a_missing_t1_brings_its_vrf_context_and_none_is_made(site):
    vrf = "- {name: T1-new, cloud: nsxt-overlay, tier1: /infra/tier-1s/T1-new}\n"
    there = site(("vrfs:\n", "vrfs:\n" + vrf))
    plan = there.plan()
    assert plan.steps == ()
    assert "comes with its T1 gateway" in left(plan, VrfContext, "")[0]


class TestWhatIsReadOnlyWhereItIsDeclared:
    """Credentials and vCenter servers need rights that a reader of vCenter clouds has no use for."""

    def test_a_site_without_nsx_t_needs_neither(self):
        assert named_by(Bench("fresh").environment) == frozenset()

    def test_a_site_with_it_needs_both(self, site):
        assert named_by(site().bench.environment) == {
            "cloudconnectoruser",
            "vcenterserver",
            "sslkeyandcertificate",
        }

    def test_where_they_cannot_be_read_only_what_names_them_is_unknown(self, site):
        there = site()
        environment = there.bench.environment
        snapshot = there.gateway.snapshot(
            sorted(collections("30.2.1") - {"cloudconnectoruser", "vcenterserver"})
        )
        live = Live(snapshot)
        cloud = next(cloud for cloud in environment.clouds if cloud.name == "nsxt-overlay")
        assert compare(cloud, live[cloud], "nsxt.url", "nsxt.data.tier1s", "ipam_profile") == ()
        with pytest.raises(Unknown, match=r"cloudconnectoruser.* was not read"):
            compare(cloud, live[cloud], "nsxt.credentials")
        group = next(group for group in environment.se_groups if group.cloud == "nsxt-overlay")
        assert compare(group, live[group], "ha_mode") == ()
        with pytest.raises(Unknown, match=r"vcenterserver.* was not read"):
            compare(group, live[group], "vcenters.folder")
        assert live[cloud].nsxt.credentials.unknown
        unread = Bootstrap(live).unread
        assert any("clouds.nsxt.credentials" in why for why in unread)
        assert any("se_groups.vcenters" in why for why in unread)


def test_an_older_model_holds_one_zone_for_both_networks():
    """Before 20.1.5 [SCHEMA]."""
    from live.kinds.cloud import CLOUD

    row = {
        "name": "old", "vtype": "CLOUD_NSXT",
        "nsxt_configuration": {
            "nsxt_url": "n", "transport_zone": "/tz",
            "management_segment": {"tier1_lr_id": "/infra/tier-1s/M", "segment_id": "/infra/segments/m"},
            "tier1_segment_config": {"manual": {"tier1_lrs": [{"tier1_lr_id": "/T", "segment_id": "/S"}]}},
        },
    }  # fmt: skip
    from live.avi.identity import Names

    cloud = CLOUD.decode(row, Names({}, (20, 1, 4)))
    assert isinstance(cloud, Cloud)
    assert cloud.nsxt.management.tier1 == "/infra/tier-1s/M"
    assert [(each.tier1, each.segment) for each in cloud.nsxt.data.tier1s] == [("/T", "/S")]
    assert (cloud.nsxt.data.zone_type, cloud.nsxt.data.transport_zone) == ("overlay", "/tz")


def test_folders_that_contradict_each_other_are_refused(site):
    from intent import Invalid

    with pytest.raises(Invalid, match="contradicts the group's folder"):
        site(("  vcenters:\n", "  folder: OTHER\n  vcenters:\n"))


def test_groups_are_of_their_own_cloud(site):
    there = site()
    there.edit("serviceenginegroup", "seg-prod", "nsxt-vlan",
               lambda row: row["vcenters"][0].update(vcenter_folder="WRONG"))  # fmt: skip
    assert there.drifts() == [("SE group seg-prod", "nsxt-vlan", "vcenters[nsxt-vlan-vcenter].folder")]
    assert left(there.plan(), ServiceEngineGroup, "") == []
