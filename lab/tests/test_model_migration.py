"""Older models: what their clients write, what they read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avi_schema import load, parse_version
from lab.model import Invalid, accept, fill, minimal, view
from lab.model.migrate import LABELLED
from lab.tests.suite import IN_CI

V = parse_version
SCHEMA = load()
NEW = SCHEMA.model
SPOKEN = "16.4.2 17.2.5 18.2.8 18.2.13 20.1.1 20.1.3 20.1.6 21.1.1 21.1.7 22.1.1 22.1.6 30.1.1 30.2.1"
VERSIONS = [V(text) for text in SPOKEN.split()]


def address(text):
    return {"addr": text, "type": "V4"}


def span(first, last):
    return {"begin": address(first), "end": address(last)}


PREFIX = {"ip_addr": address("10.0.0.0"), "mask": 24}


def written(type_name, body, version, own=NEW):
    return accept(SCHEMA, type_name, body, V(version), own)


def read(type_name, body, version, own=NEW):
    return view(SCHEMA, type_name, fill(SCHEMA, type_name, body, own), V(version))


@pytest.mark.parametrize("own", ["20.1.1", "21.1.3", "30.2.1"])
def test_static_ranges_are_stored_in_the_new_spelling_and_read_in_the_old(own):
    subnet = {
        "prefix": PREFIX,
        "static_ranges": [span("10.0.0.5", "10.0.0.9")],
        "static_ips": [address("10.0.0.3")],
    }
    body = written("network", {"name": "n", "configured_subnets": [subnet]}, "18.2.8", V(own))
    shared = "STATIC_IPS_FOR_VIP_AND_SE"
    assert body["configured_subnets"] == [
        {
            "prefix": PREFIX,
            "static_ip_ranges": [
                {"range": span("10.0.0.5", "10.0.0.9"), "type": shared},
                {"range": span("10.0.0.3", "10.0.0.3"), "type": shared},
            ],
        }
    ]
    assert read("network", body, "18.2.8", V(own))["configured_subnets"] == [
        {"prefix": PREFIX, "static_ranges": [span("10.0.0.5", "10.0.0.9"), span("10.0.0.3", "10.0.0.3")]}
    ]


def test_both_spellings_are_joined_while_both_live():
    ranges = [{"range": span("10.0.0.5", "10.0.0.9"), "type": "STATIC_IPS_FOR_SE"}]
    subnet = {"prefix": PREFIX, "static_ip_ranges": ranges, "static_ranges": [span("10.0.0.20", "10.0.0.21")]}
    body = written("network", {"name": "n", "configured_subnets": [subnet]}, "21.1.1")
    assert [each["type"] for each in body["configured_subnets"][0]["static_ip_ranges"]] == [
        "STATIC_IPS_FOR_SE",
        "STATIC_IPS_FOR_VIP_AND_SE",
    ]
    assert "static_ranges" not in read("network", body, "21.1.1")["configured_subnets"][0]


def test_old_spelling_means_nothing_to_the_newest_model():
    subnet = {"prefix": PREFIX, "static_ranges": [span("10.0.0.5", "10.0.0.9")]}
    body = written("network", {"name": "n", "configured_subnets": [subnet]}, "22.1.1")
    assert body["configured_subnets"] == [{"prefix": PREFIX}]


def test_usable_networks():
    profile = {
        "name": "p",
        "type": "IPAMDNS_TYPE_INTERNAL",
        "internal_profile": {"usable_network_refs": ["a", "b"]},
    }
    body = written("ipamdnsproviderprofile", profile, "20.1.1")
    assert body["internal_profile"] == {"usable_networks": [{"nw_ref": "a"}, {"nw_ref": "b"}]}
    old = read("ipamdnsproviderprofile", body, "20.1.1")["internal_profile"]
    assert old == {"ttl": 30, "usable_network_refs": ["a", "b"]}


def test_labels_became_markers_everywhere():
    schema = load()
    labelled = set()
    for name in schema.messages():
        fields = schema.message(name).fields
        if "markers" in fields and "labels" in fields and not fields["labels"].lives(NEW):
            labelled.add(name)
    assert labelled == set(LABELLED.split())
    body = written("pool", {"name": "p", "labels": [{"key": "k", "value": "v"}]}, "20.1.4")
    assert body["markers"] == [{"key": "k", "values": ["v"]}]
    assert read("pool", body, "20.1.4")["labels"] == [{"key": "k", "value": "v"}]
    assert read("pool", body, "20.1.6")["markers"] == body["markers"]


def test_parent_service_and_labels():
    service = {"name": "v", "vh_parent_vs_uuid": "p", "labels": [{"key": "k", "value": "v"}]}
    body = written("virtualservice", service, "20.1.3")
    assert body == {"name": "v", "vh_parent_vs_ref": "p", "markers": [{"key": "k", "values": ["v"]}]}
    assert service.items() <= read("virtualservice", body, "20.1.3").items()
    assert body.items() <= read("virtualservice", body, "21.1.5").items()


@pytest.mark.evidence("CLIENT", "§1.6")
@pytest.mark.parametrize("own", ["18.2.13", "20.1.6", "30.2.1"])
def test_what_older_models_disable_newer_ones_enable(own):
    body = written("analyticsprofile", {"name": "a", "disable_vs_analytics": True}, "18.2.8", V(own))
    old, new = (read("analyticsprofile", body, version, V(own)) for version in ("18.2.8", "20.1.3"))
    assert (old["disable_vs_analytics"], old["disable_se_analytics"]) == (True, False)
    assert new["enable_vs_analytics"] is False
    assert "enable_vs_analytics" not in old
    assert "disable_vs_analytics" not in new


def test_flat_vip_of_the_oldest_models():
    flat = {"ip_address": address("10.0.0.7"), "auto_allocate_ip": False}
    body = written("virtualservice", {"name": "v"} | flat, "16.4.2")
    assert body == {"name": "v", "vip": [flat]}
    seen = read("virtualservice", body, "16.4.2")
    assert seen["ip_address"] == address("10.0.0.7")
    assert seen["auto_allocate_ip"] is False
    assert "vip" not in seen


def test_echoed_flat_flags_make_no_vip():
    body = written("virtualservice", {"name": "v", "vsvip_ref": "x", "auto_allocate_ip": False}, "20.1.1")
    assert body == {"name": "v", "vsvip_ref": "x"}
    assert written("virtualservice", {"name": "v", "auto_allocate_ip": False}, "20.1.1") == {"name": "v"}


def test_inline_vip_stays():
    vip = {"vip_id": "1", "ip_address": address("10.0.0.7")}
    assert written("virtualservice", {"name": "v", "vip": [vip]}, "18.2.8")["vip"] == [vip]


def test_pool_counts_its_servers_for_the_oldest_reader():
    pool = {"name": "p", "servers": [{"ip": address("10.0.0.7")}]}
    assert read("pool", written("pool", pool, "30.2.1"), "16.4.2")["server_count"] == 1
    assert "server_count" not in read("pool", written("pool", pool, "30.2.1"), "18.2.8")


def test_defaults_only_older_models_emit_come_back():
    domain = {"domain_name": "avi.iberia.local"}
    profile = {
        "name": "p",
        "type": "IPAMDNS_TYPE_INTERNAL_DNS",
        "internal_profile": {"dns_service_domain": [domain]},
    }
    body = written("ipamdnsproviderprofile", profile, "30.2.1")
    for version, count in (("20.1.4", 1), ("20.1.6", None), ("30.2.1", None)):
        seen = read("ipamdnsproviderprofile", body, version)["internal_profile"]["dns_service_domain"][0]
        assert seen.get("num_dns_ip") == count
    group = written("serviceenginegroup", {"name": "g"}, "30.2.1")
    assert read("serviceenginegroup", group, "20.1.1")["se_lro"] is True
    assert "se_lro" not in read("serviceenginegroup", group, "30.2.1")


def test_a_member_without_successor_stays_while_the_controller_has_it():
    body = {"name": "g", "enable_routing": True}
    assert written("serviceenginegroup", body, "20.1.1", V("21.1.7")) == body
    assert written("serviceenginegroup", body, "20.1.1", V("22.1.1")) == {"name": "g"}


def test_newer_members_are_hidden():
    seen = read("cloud", written("cloud", {"name": "c", "vtype": "CLOUD_NONE"}, "30.2.1"), "16.4.2")
    assert "state_based_dns_registration" not in seen
    assert "mgmt_ip_v4_enabled" not in seen
    assert seen["mtu"] == 1500


def test_a_type_younger_than_the_reader_is_read_in_its_first_model():
    body = written("vsvip", {"name": "v", "vip": [{"vip_id": "1"}]}, "16.4.2")
    assert read("vsvip", body, "16.4.2")["name"] == "v"
    with pytest.raises(Invalid, match=r"field \(tier1_lr\) introduced in later versions\(v20_1_1\)"):
        written("vsvip", {"name": "v", "tier1_lr": "x"}, "16.4.2")


# --- properties

TYPES = st.sampled_from(sorted(SCHEMA.types))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.builds(lambda: 10**5000),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def bodies(draw, type_name):
    """Draw a body with members the type really has, nested ones too, some of their values fitting, some not."""

    def of_message(message, depth):
        names = draw(st.lists(st.sampled_from(sorted(message.fields)), max_size=5)) if message.fields else []
        return {name: of_field(message.fields[name], depth) for name in names}

    def of_field(field, depth):
        if draw(st.integers(0, 5)) == 0:
            return draw(JSON)
        if field.message and depth:
            one = of_message(SCHEMA.message(field.message), depth - 1)
        elif field.enum:
            one = draw(st.sampled_from(field.enum))
        else:
            fitting = {"boolean": st.booleans(), "integer": st.integers(-1, 100), "number": st.floats(0, 9)}
            one = draw(fitting.get(field.kind, st.text(max_size=5)))
        return [one] if field.many else one

    return minimal(SCHEMA, type_name, NEW) | of_message(SCHEMA.types[type_name].message, 2)


@settings(max_examples=150 if IN_CI else 50, deadline=None)
@given(st.data(), TYPES, st.sampled_from(VERSIONS), st.sampled_from(VERSIONS))
def test_whatever_is_written_is_accepted_or_refused_properly(data, type_name, version, own):
    body = data.draw(JSON | bodies(type_name))
    version = min(version, own)
    try:
        stored = fill(SCHEMA, type_name, accept(SCHEMA, type_name, body, version, own), own)
    except Invalid:
        return
    for reader in VERSIONS:
        view(SCHEMA, type_name, stored, reader)


@settings(max_examples=150 if IN_CI else 50, deadline=None)
@given(st.data(), TYPES, st.sampled_from(VERSIONS))
def test_get_put_get_changes_nothing(data, type_name, own):
    body = data.draw(st.just(minimal(SCHEMA, type_name, own)) | bodies(type_name))
    try:
        first = fill(SCHEMA, type_name, accept(SCHEMA, type_name, body, own, own), own)
    except Invalid:
        first = fill(
            SCHEMA, type_name, accept(SCHEMA, type_name, minimal(SCHEMA, type_name, own), own, own), own
        )
    shown = view(SCHEMA, type_name, first, own)
    again = fill(SCHEMA, type_name, accept(SCHEMA, type_name, shown, own, own), own)
    assert view(SCHEMA, type_name, again, own) == shown


@pytest.mark.parametrize("type_name", sorted(set(SCHEMA.types) - {"vcenterserver"}))
def test_what_an_old_client_reads_it_may_write_back(type_name):
    """All but vcenterserver, whose older models require what the newest does not: nothing can invent that."""
    body = accept(SCHEMA, type_name, minimal(SCHEMA, type_name, NEW), NEW, NEW)
    filled = fill(SCHEMA, type_name, body, NEW)
    for version in VERSIONS:
        shown = view(SCHEMA, type_name, filled, version)
        again = fill(SCHEMA, type_name, accept(SCHEMA, type_name, shown, version, NEW), NEW)
        assert view(SCHEMA, type_name, again, version) == shown
