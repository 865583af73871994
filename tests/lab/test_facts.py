"""Spot facts: what the table says, beside what was recorded from real Controllers."""

import json

import pytest

from lab.facts import (
    MISSING,
    SENSITIVE,
    Facts,
    Invalid,
    accept,
    fill,
    minimal,
    parse_version,
    scrub,
    skip_defaults,
    view,
    walk_refs,
)

V = parse_version
NEW = V("30.2.1")


@pytest.fixture(scope="module")
def facts():
    return Facts.load()


def stored(facts, type_name, body, own=NEW):
    return fill(facts, type_name, accept(facts, type_name, body, own, own), own)


def refusal(facts, type_name, body, version=NEW):
    with pytest.raises(Invalid) as caught:
        accept(facts, type_name, body, version, NEW)
    assert caught.value.status == 400
    return caught.value.error


# --- types and fields


def test_types_cover_collections_singletons_and_runtime(facts):
    assert len(facts.types) == 157
    for name in (
        "virtualservice",
        "vsvip-inventory",
        "vimgrnwruntime",
        "jobs",
        "webapput",
        "systemconfiguration",
    ):
        assert name in facts.types
    assert facts.types["vsvip"].model == "VsVip"
    assert facts.types["virtualservice-inventory"].model == "VsInventory"
    assert {name for name, each in facts.types.items() if each.singleton} == {
        "cluster",
        "controllerproperties",
        "inventoryfaultconfig",
        "seproperties",
        "systemconfiguration",
    }


def test_scope_and_methods(facts):
    network, tenant, profile = (facts.types[name] for name in ("network", "tenant", "ipamdnsproviderprofile"))
    assert (network.has_name, network.has_cloud, network.has_tenant) == (True, True, True)
    assert (tenant.has_cloud, tenant.has_tenant) == (False, False)
    assert (profile.has_cloud, profile.has_tenant) == (False, True)
    assert set(network.methods) == {"GET", "POST"}
    assert set(network.object_methods) == {"GET", "PUT", "PATCH", "DELETE"}
    assert set(facts.types["systemconfiguration"].methods) == {"GET", "PUT", "PATCH"}
    assert facts.types["vimgrnwruntime"].methods == ("GET",)
    assert {"runtime", "runtime/detail"} <= set(facts.types["virtualservice"].subresources)
    assert {"cloud_ref.name", "page_size"} <= set(network.queries)


def test_types_live_with_the_controller(facts):
    assert not facts.types["vcenterserver"].lives(V("18.2.13"))
    assert facts.types["vcenterserver"].lives(V("20.1.1"))
    assert facts.types["vimgrvcenterruntime"].lives(V("21.1.7"))
    assert not facts.types["vimgrvcenterruntime"].lives(V("22.1.1"))
    assert facts.types["virtualservice-inventory"].lives(V("18.2.8"))


def test_field_facts(facts):
    ttl = facts.message("IpamDnsInternalProfile").fields["ttl"]
    assert (ttl.kind, ttl.low, ttl.high, ttl.default) == ("integer", 1, 604800, 30)
    seg = facts.message("ServiceEngineGroup").fields
    assert seg["ha_mode"].enum == (
        "HA_MODE_SHARED_PAIR",
        "HA_MODE_SHARED",
        "HA_MODE_LEGACY_ACTIVE_STANDBY",
    )
    assert seg["num_dispatcher_cores"].choices == (0, 1, 2, 4, 8, 16)
    assert seg["realtime_se_metrics"].message == "MetricsRealTimeUpdate"
    assert seg["se_lro"].default is MISSING
    assert facts.message("MetricsRealTimeUpdate").fields["duration"].special == (0,)
    assert facts.message("Pool").fields["graceful_disable_timeout"].special == (0, -1)
    management = facts.message("vCenterConfiguration").fields["management_network"]
    assert (management.kind, management.ref) == ("ref", "vimgrnwruntime")
    assert facts.message("SystemConfiguration").fields["dns_virtualservice_refs"].many
    assert facts.message("Network").fields["vimgrnw_ref"].read_only
    assert facts.message("ServiceEngineGroup").fields["labels"].max_items == 1
    assert facts.message("VHMatch").fields["rules"].min_items == 1


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
def test_field_lifetimes(facts, message, field, alive, dead):
    found = facts.message(message).fields[field]
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
        ("vCenterConfiguration", "use_content_lib", {"21.1.6": MISSING, "21.1.7": False, "22.1.1": True}),
        ("DnsInfo", "num_records_in_response", {"20.1.1": 1, "20.1.6": MISSING}),
        (
            "SystemConfiguration",
            "default_license_tier",
            {"18.2.13": "ENTERPRISE_18", "20.1.1": "ENTERPRISE", "30.2.1": "ENTERPRISE_WITH_CLOUD_SERVICES"},
        ),
    ],
)
def test_defaults_change_with_the_version(facts, message, field, defaults):
    found = facts.message(message).fields[field]
    assert {version: found.default_at(V(version)) for version in defaults} == defaults


# --- recorded objects


def test_static_vip_as_recorded_on_20_1_1(facts):
    own = V("20.1.1")
    posted = {"name": "basic_vs_vip", "vip": [{"ip_address": {"addr": "10.90.64.123", "type": "V4"}}]}
    assert stored(facts, "vsvip", posted, own)["vip"] == [
        {
            "vip_id": "0",
            "ip_address": {"addr": "10.90.64.123", "type": "V4"},
            "enabled": True,
            "auto_allocate_ip": False,
            "auto_allocate_floating_ip": False,
            "avi_allocated_vip": False,
            "avi_allocated_fip": False,
            "auto_allocate_ip_type": "V4_ONLY",
            "prefix_length": 32,
        }
    ]


def test_vcenter_cloud_as_recorded_on_18_2_8(facts):
    own = V("18.2.8")
    subnet = {"ip_addr": {"type": "V4", "addr": "100.64.66.0"}, "mask": 24}
    access = {"username": "u", "datacenter": "d", "privilege": "WRITE_ACCESS", "vcenter_url": "v"}
    network = {"management_network": "dvportgroup-135", "management_ip_subnet": subnet}
    posted = {
        "name": "Default-Cloud",
        "vtype": "CLOUD_VCENTER",
        "license_type": "LIC_CORES",
        "license_tier": "ENTERPRISE_18",
        "vcenter_configuration": access | network | {"password": "p"},
    }
    seen = scrub(facts, "cloud", view(facts, "cloud", stored(facts, "cloud", posted, own), own))
    assert seen == posted | {
        "dhcp_enabled": False,
        "mtu": 1500,
        "state_based_dns_registration": True,
        "prefer_static_routes": False,
        "enable_vip_static_routes": False,
        "ip6_autocfg_enabled": False,
        "dns_resolution_on_se": False,
        "autoscale_polling_interval": 60,
        "apic_mode": False,
        "vcenter_configuration": access | network | {"password": SENSITIVE},
    }


def test_virtual_service_always_answers(facts):
    assert stored(facts, "virtualservice", {"name": "v"}) == {
        "name": "v",
        "active_standby_se_tag": "ACTIVE_STANDBY_SE_1",
        "advertise_down_vs": False,
        "allow_invalid_client_cert": False,
        "bulk_sync_kvcache": False,
        "close_client_conn_on_config_update": False,
        "cloud_type": "CLOUD_NONE",
        "delay_fairness": False,
        "east_west_placement": False,
        "enable_autogw": True,
        "enable_session": False,
        "enabled": True,
        "flow_dist": "LOAD_AWARE",
        "flow_label_type": "NO_LABEL",
        "ign_pool_net_reach": False,
        "limit_doser": False,
        "max_cps_per_client": 0,
        "remove_listening_port_on_vs_down": False,
        "revoke_vip_route": False,
        "scaleout_ecmp": False,
        "ssl_sess_cache_avg_size": 1024,
        "traffic_enabled": True,
        "type": "VS_TYPE_NORMAL",
        "use_bridge_ip_as_vip": False,
        "use_vip_as_snat": False,
        "vh_type": "VS_TYPE_VH_SNI",
        "weight": 1,
    }


def test_network_of_18_2(facts):
    assert stored(facts, "network", {"name": "n"}, V("18.2.8")) == {
        "name": "n",
        "dhcp_enabled": True,
        "exclude_discovered_subnets": False,
        "ip6_autocfg_enabled": True,
        "synced_from_se": False,
        "vcenter_dvs": True,
    }


def test_tenant_answers_its_settings_unasked(facts):
    assert stored(facts, "tenant", {"name": "test-tenant"}, V("20.1.1")) == {
        "name": "test-tenant",
        "local": True,
        "config_settings": {
            "tenant_vrf": False,
            "se_in_provider_context": True,
            "tenant_access_to_provider_se": True,
        },
    }


def test_service_engine_group_defaults(facts):
    group = stored(facts, "serviceenginegroup", {"name": "Default-Group"})
    expected = {
        "ha_mode": "HA_MODE_SHARED",
        "algo": "PLACEMENT_ALGO_PACKED",
        "buffer_se": 1,
        "max_se": 10,
        "max_vs_per_se": 10,
        "max_scaleout_per_vs": 4,
        "memory_per_se": 2048,
        "disk_per_se": 15,
        "mem_reserve": True,
        "cpu_reserve": False,
        "se_name_prefix": "Avi",
        "vcenter_folder": "AviSeFolder",
        "se_deprovision_delay": 120,
        "objsync_port": 4001,
        "extra_config_multiplier": 0.0,
        "active_standby": False,
    }
    assert {name: group.get(name) for name in expected} == expected
    assert not group.keys() & {
        "realtime_se_metrics",
        "se_lro",
        "disable_gro",
        "accelerated_networking",
        "labels",
    }


def test_message_defaults_come_only_with_the_message(facts):
    body = {"name": "p", "type": "IPAMDNS_TYPE_INTERNAL_DNS"}
    assert "internal_profile" not in stored(facts, "ipamdnsproviderprofile", body)
    domain = body | {"internal_profile": {"dns_service_domain": [{"domain_name": "avi.iberia.local"}]}}
    profile = stored(facts, "ipamdnsproviderprofile", domain)
    assert profile["allocate_ip_in_vrf"] is False
    assert profile["internal_profile"]["ttl"] == 30
    assert profile["internal_profile"]["dns_service_domain"] == [
        {"domain_name": "avi.iberia.local", "pass_through": True}
    ]


def test_empty_message_is_kept_when_set(facts):
    written = {"dns_configuration": {"search_domain": ""}}
    assert accept(facts, "systemconfiguration", written, NEW, NEW) == written


# --- writing


def test_newer_member_is_refused_wherever_it_is(facts):
    body = {"name": "v", "services": [{"port": 443, "enable_http2": False}]}
    assert (
        refusal(facts, "virtualservice", body, V("18.2.8"))
        == "Incoming request (v18_2_8) has field (enable_http2) introduced in later versions(v20_1_1)."
    )


def test_unknown_read_only_and_unset_members_vanish(facts):
    body = {
        "name": "n",
        "vrf_contxt_ref": "typo",
        "vimgrnw_ref": "x",
        "url": "x",
        "attrs": [],
        "configured_subnets": None,
        "vrf_context_ref": "",
    }
    assert accept(facts, "network", body, NEW, NEW) == {"name": "n"}


def test_strings_become_what_the_field_is(facts):
    assert accept(facts, "tenant", {"name": "t", "local": "true"}, NEW, NEW)["local"] is True
    group = accept(facts, "serviceenginegroup", {"name": "g", "buffer_se": "0", "max_se": 4.0}, NEW, NEW)
    assert (group["buffer_se"], group["max_se"]) == (0, 4)
    assert accept(facts, "tenant", {"name": 7}, NEW, NEW)["name"] == "7"


@pytest.mark.parametrize(
    ("type_name", "body", "text"),
    [
        (
            "virtualservice",
            {"name": "v", "vh_matches": [{"host": "h", "rules": []}]},
            '{"vh_matches":"{"rules":"Field check for rules failed : There must be at least 1 rules"}"}',
        ),
        ("network", {}, '{"name":"Field check for name failed : It is required"}'),
        ("network", {"name": "n", "dhcp_enabled": 3}, '{"dhcp_enabled":"Field check for dhcp_enabled failed'),
        ("network", {"name": ["n"]}, '{"name":"Field check for name failed : It must be a string"}'),
        ("network", {"name": "n", "configured_subnets": {}}, "It must be a list"),
        ("network", {"name": "n", "configured_subnets": [7]}, "It must be an object"),
        ("serviceenginegroup", {"name": "g", "ha_mode": "HA_MODE"}, "It must be one of HA_MODE_SHARED_PAIR,"),
        ("serviceenginegroup", {"name": "g", "max_se": -1}, "It must be within"),
        (
            "serviceenginegroup",
            {"name": "g", "num_dispatcher_cores": 3},
            "It must be one of 0, 1, 2, 4, 8, 16",
        ),
        ("serviceenginegroup", {"name": "g", "labels": [{"key": "a"}, {"key": "b"}]}, "at most 1 labels"),
        ("serviceenginegroup", {"name": "g", "buffer_se": True}, "It must be an integer"),
        (
            "ipamdnsproviderprofile",
            {"name": "p", "type": "IPAMDNS_TYPE_INTERNAL", "internal_profile": {"ttl": 0}},
            "-604800",
        ),
        ("vsvip", [], "must be a JSON object"),
        ("vsvip", None, "must be a JSON object"),
    ],
)
def test_what_is_refused(facts, type_name, body, text):
    assert text in refusal(facts, type_name, body)


def test_special_values_and_defaults_are_within_the_range(facts):
    metrics = {"enabled": True, "duration": 0}
    group = accept(facts, "serviceenginegroup", {"name": "g", "realtime_se_metrics": metrics}, NEW, NEW)
    assert group["realtime_se_metrics"] == metrics
    for name in facts.types:
        body = fill(facts, name, accept(facts, name, minimal(facts, name, NEW), NEW, NEW), NEW)
        accept(facts, name, body, NEW, NEW)


def test_nesting_without_end_is_refused(facts):
    deep = inner = {}
    for _ in range(5000):
        inner["a"] = inner = {}
    own = V("20.1.1")
    with pytest.raises(Invalid, match="nested too deeply"):
        accept(facts, "virtualservice", {"name": "v", "sso_policy": deep}, own, own)


# --- references, secrets, defaults


def test_walk_refs_reaches_lists_and_nested_messages_and_rewrites(facts):
    body = {
        "name": "g",
        "cloud_ref": "cloud",
        "vcenter_clusters": {"cluster_refs": ["a", "b"], "include": True},
        "vcenters": [{"vcenter_ref": "v"}],
        "mgmt_network_ref": None,
    }
    found = {
        (key, container[key], field.ref)
        for container, key, field in walk_refs(facts, "serviceenginegroup", body)
    }
    assert found == {
        ("cloud_ref", "cloud", "cloud"),
        (0, "a", "vimgrclusterruntime"),
        (1, "b", "vimgrclusterruntime"),
        ("vcenter_ref", "v", "vcenterserver"),
    }
    for container, key, _ in walk_refs(facts, "serviceenginegroup", body):
        container[key] = container[key].upper()
    assert body["vcenter_clusters"]["cluster_refs"] == ["A", "B"]
    assert body["vcenters"][0]["vcenter_ref"] == "V"


def test_walk_refs_knows_old_spellings(facts):
    body = {"internal_profile": {"usable_network_refs": ["n"]}}
    assert [field.ref for _, _, field in walk_refs(facts, "ipamdnsproviderprofile", body)] == ["network"]


def test_rendering_never_touches_the_stored_object(facts):
    body = stored(
        facts, "vsvip", {"name": "v", "cloud_ref": "c", "vip": [{"network_ref": "n", "vip_id": "1"}]}
    )
    before = json.dumps(body)
    for render in (fill, view, skip_defaults):
        shown = render(facts, "vsvip", body, NEW)
        for container, key, _ in walk_refs(facts, "vsvip", shown):
            container[key] = "other"
        shown["vip"].append({})
    scrub(facts, "vsvip", body)["vip"].clear()
    assert json.dumps(body) == before


def test_secrets_are_covered_only_where_set(facts):
    pair = {"name": "c", "key": "-----BEGIN", "certificate": {"certificate": "pem"}}
    assert scrub(facts, "sslkeyandcertificate", pair) == pair | {"key": SENSITIVE}
    assert (
        "password"
        not in scrub(facts, "cloud", {"vcenter_configuration": {"username": "u"}})["vcenter_configuration"]
    )
    system = {"snmp_configuration": {"community": "public"}}
    assert scrub(facts, "systemconfiguration", system)["snmp_configuration"]["community"] == SENSITIVE


def test_skip_defaults_leaves_what_was_said(facts):
    said = {"name": "n", "dhcp_enabled": False}
    assert skip_defaults(facts, "network", stored(facts, "network", said), NEW) == said


def test_minimal_names_references_through_the_callback(facts):
    body = minimal(facts, "vcenterserver", V("22.1.1"), lambda field: f"/api/{field.ref}/x")
    assert body["vcenter_credentials_ref"] == "/api/cloudconnectoruser/x"
    assert "vcenter_credentials_ref" not in minimal(facts, "vcenterserver", NEW)
