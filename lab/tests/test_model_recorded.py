"""Stored and rendered: objects as recorded from real Controllers, references, secrets, defaults."""

import json

import pytest

from avi_schema import parse_version
from lab.model import SENSITIVE, accept, fill, minimal, scrub, skip_defaults, view, walk_refs

V = parse_version
NEW = V("30.2.1")


def stored(schema, type_name, body, own=NEW):
    return fill(schema, type_name, accept(schema, type_name, body, own, own), own)


def test_static_vip_as_recorded_on_20_1_1(schema):
    own = V("20.1.1")
    posted = {"name": "basic_vs_vip", "vip": [{"ip_address": {"addr": "10.90.64.123", "type": "V4"}}]}
    assert stored(schema, "vsvip", posted, own)["vip"] == [
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


def test_vcenter_cloud_as_recorded_on_18_2_8(schema):
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
    seen = scrub(schema, "cloud", view(schema, "cloud", stored(schema, "cloud", posted, own), own))
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


def test_virtual_service_always_answers(schema):
    assert stored(schema, "virtualservice", {"name": "v"}) == {
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


def test_network_of_18_2(schema):
    assert stored(schema, "network", {"name": "n"}, V("18.2.8")) == {
        "name": "n",
        "dhcp_enabled": True,
        "exclude_discovered_subnets": False,
        "ip6_autocfg_enabled": True,
        "synced_from_se": False,
        "vcenter_dvs": True,
    }


def test_tenant_answers_its_settings_unasked(schema):
    assert stored(schema, "tenant", {"name": "test-tenant"}, V("20.1.1")) == {
        "name": "test-tenant",
        "local": True,
        "config_settings": {
            "tenant_vrf": False,
            "se_in_provider_context": True,
            "tenant_access_to_provider_se": True,
        },
    }


def test_service_engine_group_defaults(schema):
    group = stored(schema, "serviceenginegroup", {"name": "Default-Group"})
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


@pytest.mark.evidence("CLIENT", "§2.10")
@pytest.mark.parametrize(
    ("type_name", "zeros", "silent"),
    [
        (
            "pool",
            ("capacity_estimation_ttfb_thresh", "max_concurrent_connections_per_server", "server_timeout"),
            ("east_west",),
        ),
        ("poolgroup", ("min_servers",), ()),
        ("healthmonitor", (), ("monitor_port",)),
        ("gslbservice", ("min_members",), ("hm_off", "num_dns_ip", "ttl")),
        ("analyticsprofile", ("hs_performance_boost", "hs_security_encalgo_score_none"), ()),
        ("useraccountprofile", ("max_concurrent_sessions",), ()),
    ],
)
def test_zeros_that_swagger_leaves_out(schema, type_name, zeros, silent):
    """The documentation of the Ansible modules tells them: "interpreted by Avi Controller as 0"."""
    body = fill(schema, type_name, {"name": "n"}, V("20.1.6"))
    assert {name: body[name] for name in zeros} == dict.fromkeys(zeros, 0)
    assert not body.keys() & set(silent)


def test_an_old_service_engine_group_has_the_defaults_of_its_time(schema):
    old, new = ({}, {})
    for version, into in (("18.2.13", old), ("22.1.1", new)):
        into.update(
            view(schema, "serviceenginegroup", fill(schema, "serviceenginegroup", {}, V(version)), V(version))
        )
    gone = {"se_routing": True, "enable_vmac": False, "se_flow_probe_timer": 100, "waf_learning_interval": 10}
    assert gone.items() <= old.items()
    assert not gone.keys() & new.keys()
    assert (old["app_cache_percent"], new["app_cache_percent"]) == (0, 10)


def test_message_defaults_come_only_with_the_message(schema):
    body = {"name": "p", "type": "IPAMDNS_TYPE_INTERNAL_DNS"}
    assert "internal_profile" not in stored(schema, "ipamdnsproviderprofile", body)
    domain = body | {"internal_profile": {"dns_service_domain": [{"domain_name": "avi.iberia.local"}]}}
    profile = stored(schema, "ipamdnsproviderprofile", domain)
    assert profile["allocate_ip_in_vrf"] is False
    assert profile["internal_profile"]["ttl"] == 30
    assert profile["internal_profile"]["dns_service_domain"] == [
        {"domain_name": "avi.iberia.local", "pass_through": True}
    ]


def test_empty_message_is_kept_when_set(schema):
    written = {"dns_configuration": {"search_domain": ""}}
    assert accept(schema, "systemconfiguration", written, NEW, NEW) == written


def test_walk_refs_reaches_lists_and_nested_messages_and_rewrites(schema):
    body = {
        "name": "g",
        "cloud_ref": "cloud",
        "vcenter_clusters": {"cluster_refs": ["a", "b"], "include": True},
        "vcenters": [{"vcenter_ref": "v"}],
        "mgmt_network_ref": None,
    }
    found = {
        (key, container[key], field.ref)
        for container, key, field in walk_refs(schema, "serviceenginegroup", body)
    }
    assert found == {
        ("cloud_ref", "cloud", "cloud"),
        (0, "a", "vimgrclusterruntime"),
        (1, "b", "vimgrclusterruntime"),
        ("vcenter_ref", "v", "vcenterserver"),
    }
    for container, key, _ in walk_refs(schema, "serviceenginegroup", body):
        container[key] = container[key].upper()
    assert body["vcenter_clusters"]["cluster_refs"] == ["A", "B"]
    assert body["vcenters"][0]["vcenter_ref"] == "V"


def test_walk_refs_knows_old_spellings(schema):
    body = {"internal_profile": {"usable_network_refs": ["n"]}}
    assert [field.ref for _, _, field in walk_refs(schema, "ipamdnsproviderprofile", body)] == ["network"]


def test_rendering_never_touches_the_stored_object(schema):
    body = stored(
        schema, "vsvip", {"name": "v", "cloud_ref": "c", "vip": [{"network_ref": "n", "vip_id": "1"}]}
    )
    before = json.dumps(body)
    for render in (fill, view, skip_defaults):
        shown = render(schema, "vsvip", body, NEW)
        for container, key, _ in walk_refs(schema, "vsvip", shown):
            container[key] = "other"
        shown["vip"].append({})
    scrub(schema, "vsvip", body)["vip"].clear()
    assert json.dumps(body) == before


def test_secrets_are_covered_only_where_set(schema):
    pair = {"name": "c", "key": "-----BEGIN", "certificate": {"certificate": "pem"}}
    assert scrub(schema, "sslkeyandcertificate", pair) == pair | {"key": SENSITIVE}
    assert (
        "password"
        not in scrub(schema, "cloud", {"vcenter_configuration": {"username": "u"}})["vcenter_configuration"]
    )
    system = {"snmp_configuration": {"community": "public"}}
    assert scrub(schema, "systemconfiguration", system)["snmp_configuration"]["community"] == SENSITIVE


def test_skip_defaults_leaves_what_was_said(schema):
    said = {"name": "n", "dhcp_enabled": False}
    assert skip_defaults(schema, "network", stored(schema, "network", said), NEW) == said


def test_minimal_names_references_through_the_callback(schema):
    body = minimal(schema, "vcenterserver", V("22.1.1"), lambda field: f"/api/{field.ref}/x")
    assert body["vcenter_credentials_ref"] == "/api/cloudconnectoruser/x"
    assert "vcenter_credentials_ref" not in minimal(schema, "vcenterserver", NEW)
