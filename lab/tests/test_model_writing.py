"""What a Controller takes of a written body, and how it refuses the rest."""

import pytest

from avi_schema import parse_version
from lab.model import Invalid, accept, fill, minimal

V = parse_version
NEW = V("30.2.1")


def refusal(schema, type_name, body, version=NEW):
    with pytest.raises(Invalid) as caught:
        accept(schema, type_name, body, version, NEW)
    assert caught.value.status == 400
    return caught.value.error


def test_newer_member_is_refused_wherever_it_is(schema):
    body = {"name": "v", "services": [{"port": 443, "enable_http2": False}]}
    assert (
        refusal(schema, "virtualservice", body, V("18.2.8"))
        == "Incoming request (v18_2_8) has field (enable_http2) introduced in later versions(v20_1_1)."
    )


def test_unknown_read_only_and_unset_members_vanish(schema):
    body = {
        "name": "n",
        "vrf_contxt_ref": "typo",
        "vimgrnw_ref": "x",
        "url": "x",
        "attrs": [],
        "configured_subnets": None,
        "vrf_context_ref": "",
    }
    assert accept(schema, "network", body, NEW, NEW) == {"name": "n"}


def test_strings_become_what_the_field_is(schema):
    assert accept(schema, "tenant", {"name": "t", "local": "true"}, NEW, NEW)["local"] is True
    group = accept(schema, "serviceenginegroup", {"name": "g", "buffer_se": "0", "max_se": 4.0}, NEW, NEW)
    assert (group["buffer_se"], group["max_se"]) == (0, 4)
    assert accept(schema, "tenant", {"name": 7}, NEW, NEW)["name"] == "7"


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
def test_what_is_refused(schema, type_name, body, text):
    assert text in refusal(schema, type_name, body)


def test_special_values_and_defaults_are_within_the_range(schema):
    metrics = {"enabled": True, "duration": 0}
    group = accept(schema, "serviceenginegroup", {"name": "g", "realtime_se_metrics": metrics}, NEW, NEW)
    assert group["realtime_se_metrics"] == metrics
    for name in schema.types:
        body = fill(schema, name, accept(schema, name, minimal(schema, name, NEW), NEW, NEW), NEW)
        accept(schema, name, body, NEW, NEW)


def test_nesting_without_end_is_refused(schema):
    deep = inner = {}
    for _ in range(5000):
        inner["a"] = inner = {}
    own = V("20.1.1")
    with pytest.raises(Invalid, match="nested too deeply"):
        accept(schema, "virtualservice", {"name": "v", "sso_policy": deep}, own, own)
