"""What the Terraform providers of ten releases know: members, defaults, and what a client may leave out."""

from pathlib import Path

import pytest

from avi_schema import MISSING, parse_version

V = parse_version
ROWS = Path(__file__).resolve().parents[3] / "shared" / "avi-api" / "provider-members.tsv"
RELEASES = (
    "20.1.4",
    "20.1.6",
    "20.1.9",
    "21.1.1",
    "21.1.6",
    "22.1.1",
    "22.1.3",
    "22.1.5",
    "22.1.6",
    "30.2.1",
)

needs_rows = pytest.mark.skipif(
    not ROWS.is_file(), reason="the comparison with the providers is not beside the project"
)

NO_MEMBERS = {
    "Cluster.cluster_state",  # its type changed with a release
    "Pool.ignore_servers",  # an option of the provider itself
    # the provider writes these in small letters only
    "LinuxServerConfiguration.se_log_disk_size_gb",
    "LinuxServerConfiguration.se_sys_disk_size_gb",
    "VIMgrNWRuntime.mgmtnw",
    "VIMgrSEVMRuntime.vcenter_vappname",
    "VIMgrSEVMRuntime.vcenter_vappvendor",
    "VIMgrVMRuntime.vcenter_vappname",
    "VIMgrVMRuntime.vcenter_vappvendor",
}
OTHER_DEFAULTS = {
    # the swagger of the same release says otherwise
    "BotConfigClientBehavior.enabled",
    "CSRFRule.action",
    # modules and recordings do not emit them
    "Image.progress",
    "UpgradeStatusInfo.progress",
    # reported: what is absent there was not reported
    "CloudRuntime.network_sync_complete",
    "GslbPerDnsState.valid_dns_vs",
    "GslbSiteRuntimeInfo.num_of_retries",
    "NsxtSegmentRuntime.security_only_nsxt",
    "ServerConfig.timer_exists",
    "UserActivity.concurrent_sessions",
    "UserActivity.failed_login_attempts",
    "VIMgrGuestNicRuntime.del_pending",
    "VIMgrVcenterRuntime.apic_mode",
    "VIMgrVcenterRuntime.vcenter_connected",
    "VipSeAssigned.admin_down_requested",
    "VipSeAssigned.scalein_in_progress",
}


def rows(what):
    """(message, member, what the provider says, the releases that do) of one part of the comparison."""
    for line in ROWS.read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{what}\t"):
            _, message, member, _, provider, _, releases = line.split("\t")
            yield message, member, provider, RELEASES if releases == "all ten" else tuple(releases.split())


@needs_rows
def test_the_members_of_every_release_are_there(schema):
    wrong = set()
    for message, member, _, releases in rows("member"):
        field = schema.message(message).fields.get(member)
        if field is None or not all(field.lives(V(release)) for release in releases):
            wrong.add(f"{message}.{member}")
    assert wrong == NO_MEMBERS


@needs_rows
def test_the_defaults_of_every_release_are_the_providers(schema):
    wrong = set()
    for message, member, provider, releases in rows("default"):
        field = schema.message(message).fields[member]
        wrong |= {
            f"{message}.{member}"
            for release in releases
            if field.lives(V(release)) and not same(field.default_at(V(release)), provider)
        }
    assert wrong == OTHER_DEFAULTS


def same(default, written):
    """Whether a default is what the provider writes as text."""
    if isinstance(default, bool) or default is MISSING:
        return str(default).lower() == written
    return float(default) == float(written) if isinstance(default, int | float) else default == written


@needs_rows
def test_what_has_a_default_may_be_left_out(schema):
    for message, member, provider, releases in rows("required"):
        field = schema.message(message).fields[member]
        if provider.startswith("optional, default"):
            assert not any(field.required_at(V(release)) for release in releases), (message, member)


@pytest.mark.parametrize(
    ("message", "member", "alive", "dead"),
    [
        ("Pool", "labels", ["20.1.4"], ["20.1.1", "20.1.5", "30.2.1"]),
        (
            "ControllerProperties",
            "cloud_discovery_interval",
            ["22.1.5", "22.1.7", "30.2.1"],
            ["22.1.3", "30.1.1"],
        ),
        ("HealthMonitor", "smtp_monitor", ["20.1.6", "21.1.1"], ["20.1.4"]),
        ("WafConfig", "allowed_request_content_types", ["18.2.13", "21.1.1"], ["21.1.6", "30.2.1"]),
        ("ServiceEngineGroup", "vcenter_parking_vnic_pg", ["21.1.6", "30.2.1"], ["21.1.5"]),
    ],
)
def test_lifetimes_of_older_members(schema, message, member, alive, dead):
    field = schema.message(message).fields[member]
    assert [release for release in alive + dead if field.lives(V(release))] == alive


@pytest.mark.parametrize(
    ("message", "member", "defaults"),
    [
        (
            "ControllerProperties",
            "controller_resource_info_collection_period",
            {"20.1.6": 30, "30.2.1": 525600},
        ),
        ("ServiceEngineGroup", "dedicated_dispatcher_core", {"20.1.6": False, "22.1.3": MISSING}),
        ("WafPolicy", "mode", {"20.1.6": "WAF_MODE_DETECTION_ONLY", "30.2.1": "WAF_MODE_DETECTION_ONLY"}),
        ("Image", "progress", {"30.2.1": MISSING}),
    ],
)
def test_defaults_of_older_releases(schema, message, member, defaults):
    field = schema.message(message).fields[member]
    assert {release: field.default_at(V(release)) for release in defaults} == defaults
    assert not field.required_at(V("30.2.1"))
