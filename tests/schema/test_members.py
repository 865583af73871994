"""Types, fields, lifetimes and defaults, beside what was recorded from real Controllers."""

import pytest

from avi_schema import MISSING, parse_version

V = parse_version


def test_types_cover_collections_singletons_and_runtime(schema):
    assert sum(kind.first < (31,) for kind in schema.types.values()) == 157
    for name in (
        "virtualservice",
        "vsvip-inventory",
        "vimgrnwruntime",
        "jobs",
        "webapput",
        "systemconfiguration",
    ):
        assert name in schema.types
    assert schema.types["vsvip"].model == "VsVip"
    assert schema.types["virtualservice-inventory"].model == "VsInventory"
    assert {name for name, each in schema.types.items() if each.singleton} == {
        "cluster",
        "controllerproperties",
        "inventoryfaultconfig",
        "seproperties",
        "systemconfiguration",
    }


def test_members_of_the_enterprise_tiers(schema):
    lacking = {
        "cloud": "dns_provider_ref",
        "gslb": "sites",
        "gslbservice": "groups",
        "role": "filters",
        "systemconfiguration": "dns_virtualservice_refs",
        "virtualservice": "bot_policy_ref",
        "vrfcontext": "bgp_profile",
    }
    assert [kind for kind, member in lacking.items() if member not in schema.types[kind].enterprise] == []
    assert not schema.types["cloud"].enterprise & {"ipam_provider_ref", "name", "vcenter_configuration"}
    assert not schema.types["network"].enterprise


def test_scope_and_methods(schema):
    network, tenant, profile = (
        schema.types[name] for name in ("network", "tenant", "ipamdnsproviderprofile")
    )
    assert (network.has_name, network.has_cloud, network.has_tenant) == (True, True, True)
    assert (tenant.has_cloud, tenant.has_tenant) == (False, False)
    assert (profile.has_cloud, profile.has_tenant) == (False, True)
    assert set(network.methods) == {"GET", "POST"}
    assert set(network.object_methods) == {"GET", "PUT", "PATCH", "DELETE"}
    assert set(schema.types["systemconfiguration"].methods) == {"GET", "PUT", "PATCH"}
    assert schema.types["vimgrnwruntime"].methods == ("GET",)
    assert {"runtime", "runtime/detail"} <= set(schema.types["virtualservice"].subresources)
    assert {"cloud_ref.name", "page_size"} <= set(network.queries)


def test_types_live_with_the_controller(schema):
    assert not schema.types["vcenterserver"].lives(V("18.2.13"))
    assert schema.types["vcenterserver"].lives(V("20.1.1"))
    assert schema.types["vimgrvcenterruntime"].lives(V("21.1.7"))
    assert not schema.types["vimgrvcenterruntime"].lives(V("22.1.1"))
    assert schema.types["virtualservice-inventory"].lives(V("18.2.8"))


def test_field_facts(schema):
    ttl = schema.message("IpamDnsInternalProfile").fields["ttl"]
    assert (ttl.kind, ttl.low, ttl.high, ttl.default) == ("integer", 1, 604800, 30)
    seg = schema.message("ServiceEngineGroup").fields
    assert seg["ha_mode"].enum == (
        "HA_MODE_SHARED_PAIR",
        "HA_MODE_SHARED",
        "HA_MODE_LEGACY_ACTIVE_STANDBY",
    )
    assert seg["num_dispatcher_cores"].choices == (0, 1, 2, 4, 8, 16)
    assert seg["realtime_se_metrics"].message == "MetricsRealTimeUpdate"
    assert seg["se_lro"].default is MISSING
    assert schema.message("MetricsRealTimeUpdate").fields["duration"].special == (0,)
    assert schema.message("Pool").fields["graceful_disable_timeout"].special == (0, -1)
    management = schema.message("vCenterConfiguration").fields["management_network"]
    assert (management.kind, management.ref) == ("ref", "vimgrnwruntime")
    assert schema.message("SystemConfiguration").fields["dns_virtualservice_refs"].many
    assert schema.message("Network").fields["vimgrnw_ref"].read_only
    assert schema.message("ServiceEngineGroup").fields["labels"].max_items == 1
    assert schema.message("VHMatch").fields["rules"].min_items == 1


@pytest.mark.parametrize(
    ("message", "field", "version", "demanded"),
    [
        ("GslbPool", "members", (30, 2, 1), True),  # not required by name, and must hold one
        ("VHMatch", "rules", (20, 1, 6), False),  # not in that model
        ("Cloud", "vtype", (30, 2, 1), True),
        ("GslbPool", "algorithm", (30, 2, 1), False),  # required, with a default
        ("Cloud", "mtu", (30, 2, 1), False),
    ],
)
def test_what_a_client_has_to_send(schema, message, field, version, demanded):
    assert schema.message(message).fields[field].demanded_at(version) is demanded


@pytest.mark.parametrize(
    ("message", "field", "alive", "dead"),
    [
        ("Cloud", "maintenance_mode", ["20.1.7", "20.1.9", "21.1.3", "30.2.1"], ["20.1.6", "21.1.1"]),
        (
            "vCenterConfiguration",
            "deactivate_vm_discovery",
            ["20.1.6", "22.1.5", "30.2.1"],
            ["20.1.4", "30.1.2"],
        ),
        ("BackupConfiguration", "aws_bucket_region", ["21.1.5", "22.1.3", "30.2.1"], ["21.1.3", "22.1.1"]),
        ("SystemConfiguration", "sddcmanager_fqdn", ["22.1.6"], ["22.1.5", "30.1.1", "30.2.1"]),
        ("VsVip", "markers", ["20.1.6", "21.1.1"], ["20.1.4"]),  # measured, whatever the prose says
        ("ServiceEngineGroup", "labels", ["18.2.13", "30.2.1"], ["18.2.8"]),
        ("ServiceEngineGroup", "vcenter_parking_vnic_pg", ["21.1.7"], ["21.1.5"]),
        ("Cloud", "enable_vip_on_all_interfaces", ["18.2.9", "20.1.1"], ["18.2.8", "19.1.1"]),
        ("Subnet", "static_ranges", ["16.4.2", "21.1.7"], ["22.1.1"]),
        ("VirtualService", "vh_parent_vs_uuid", ["21.1.3"], ["21.1.5"]),
        ("VirtualService", "vh_parent_vs_ref", ["21.1.5"], ["21.1.3"]),
        ("Network", "name", ["16.4.2", "30.2.1"], []),
        ("VsInventory", "runtime", ["18.2.8"], []),
    ],
)
def test_field_lifetimes(schema, message, field, alive, dead):
    found = schema.message(message).fields[field]
    assert [version for version in alive + dead if found.lives(V(version))] == alive


@pytest.mark.parametrize(
    ("message", "field", "defaults"),
    [
        ("ServiceEngineGroup", "disk_per_se", {"18.2.8": 10, "20.1.1": 15, "30.2.1": 15}),
        (
            "ServiceEngineGroup",
            "objsync_port",
            {"20.1.1": MISSING, "20.1.3": 9001, "30.1.2": 9001, "30.2.1": 4001},
        ),
        ("ServiceEngineGroup", "se_lro", {"22.1.2": True, "22.1.3": MISSING}),
        ("ServiceEngineGroup", "disable_gro", {"21.1.7": True, "22.1.1": MISSING}),
        (
            "ServiceEngineGroup",
            "use_objsync",
            {"20.1.3": False, "20.1.4": True, "22.1.6": False, "30.1.1": True},
        ),
        ("vCenterConfiguration", "use_content_lib", {"21.1.5": MISSING, "21.1.6": False, "22.1.1": True}),
        ("DnsInfo", "num_records_in_response", {"20.1.1": 1, "20.1.6": MISSING}),
        (
            "SystemConfiguration",
            "default_license_tier",
            {"18.2.13": "ENTERPRISE_18", "20.1.1": "ENTERPRISE", "30.2.1": "ENTERPRISE_WITH_CLOUD_SERVICES"},
        ),
    ],
)
def test_defaults_change_with_the_version(schema, message, field, defaults):
    found = schema.message(message).fields[field]
    assert {version: found.default_at(V(version)) for version in defaults} == defaults
