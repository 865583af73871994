"""The smallest request, and never a secret in it."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from intent.plain_data import from_json, to_json
from remediate.plan.effect import effects, intended
from remediate.plan.model import Request
from remediate.plan.patch import CannotWrite
from remediate.plan.payload import canonical, contains, content, digest_of
from remediate.plan.request import amend, create, resolved

NETWORK = {
    "url": "https://c/api/network/n1#net",
    "uuid": "n1",
    "name": "net",
    "_last_modified": "17",
    "tenant_ref": "https://c/api/tenant/admin#admin",
    "vrf_context_ref": "https://c/api/vrfcontext/v1#global",
    "dhcp_enabled": True,
}
CLOUD = {
    "uuid": "c1",
    "name": "Default-Cloud",
    "dhcp_enabled": True,
    "vcenter_configuration": {
        "password": "<sensitive>",
        "datacenter": "dc",
        "management_network": "/api/x/1",
    },
    "list": [1],
}


def test_nothing_to_do_is_no_request():
    same = {**NETWORK, "vrf_context_ref": "/api/vrfcontext/v1", "_last_modified": "18"}
    assert amend("network", NETWORK, same) is None


def test_an_object_without_secrets_is_put_whole():
    request = amend("network", NETWORK, {**NETWORK, "dhcp_enabled": False})
    assert (request.method, request.path, request.changed) == ("PUT", "network/n1", ("dhcp_enabled",))
    assert request.body == {
        key: value
        for key, value in {**NETWORK, "dhcp_enabled": False}.items()
        if key not in ("url", "_last_modified")
    }
    assert request.shown == {"dhcp_enabled": False}


def test_an_object_with_a_secret_is_patched():
    request = amend("cloud", CLOUD, {**CLOUD, "dhcp_enabled": False})
    assert (request.method, request.body) == ("PATCH", {"replace": {"dhcp_enabled": False}})


def test_beside_a_secret_only_what_changes_is_sent():
    settings = {**CLOUD["vcenter_configuration"], "management_network": "/api/x/2"}
    request = amend("cloud", CLOUD, {**CLOUD, "dhcp_enabled": False, "vcenter_configuration": settings})
    assert request.body == {
        "add": {"dhcp_enabled": False, "vcenter_configuration": {"management_network": "/api/x/2"}}
    }


@pytest.mark.parametrize(
    "settings",
    [
        {"datacenter": "dc", "management_network": "/api/x/1"},
        None,
        [],
    ],
)
def test_what_cannot_be_sent_without_the_secret_is_not_sent(settings):
    with pytest.raises(CannotWrite, match="secret"):
        amend("cloud", CLOUD, {**CLOUD, "vcenter_configuration": settings})


def test_a_message_goes_whole_and_a_member_beside_a_secret_alone():
    before = {"uuid": "default", "linux_configuration": {"banner": "b", "cis_mode": False}, "fips_mode": True}
    after = {"uuid": "default", "fips_mode": False}
    request = amend("systemconfiguration", before, after)
    steps = [{"op": "remove", "path": "/linux_configuration"}]
    assert request.body == {"replace": {"fips_mode": False}, "json_patch": steps}
    assert intended(request, after)
    assert not intended(request, {**after, "linux_configuration": {"cis_mode": False}}), "its defaults stay"
    assert [effect.path for effect in effects(request, {})] == ["linux_configuration", "fips_mode"]
    beside = amend(
        "cloud", CLOUD, {**CLOUD, "vcenter_configuration": {"password": "<sensitive>", "datacenter": "dc"}}
    )
    steps = [{"op": "remove", "path": "/vcenter_configuration/management_network"}]
    assert beside.body == {"json_patch": steps}
    assert not intended(beside, CLOUD)
    nested = {"uuid": "1", "a": {"password": "<sensitive>", "inner": {"kept": 1, "gone": 2}}}
    request = amend("cloud", nested, {"uuid": "1", "a": {"password": "<sensitive>", "inner": {"kept": 1}}})
    assert request.body == {"json_patch": [{"op": "remove", "path": "/a/inner/gone"}]}
    assert [effect.path for effect in effects(beside, {})] == ["vcenter_configuration.management_network"]


def test_a_list_that_grows_is_appended_to():
    before = {"uuid": "default", "dns_virtualservice_refs": ["https://c/api/virtualservice/a#corp"]}
    after = {**before, "dns_virtualservice_refs": ["/api/virtualservice/a", "/api/virtualservice/b"]}
    request = amend("systemconfiguration", before, after)
    assert request.path == "systemconfiguration"
    assert request.body == {"add": {"dns_virtualservice_refs": ["/api/virtualservice/b"]}}
    shrunk = amend("systemconfiguration", after, before)
    assert shrunk.body == {"replace": {"dns_virtualservice_refs": before["dns_virtualservice_refs"]}}
    gone = amend("systemconfiguration", before, {"uuid": "default"})
    assert gone.body == {"delete": {"dns_virtualservice_refs": before["dns_virtualservice_refs"]}}


values = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["a", "<sensitive>", "/api/x/1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
    max_leaves=12,
)
objects = st.dictionaries(st.sampled_from("abcdefg"), values, max_size=6)


@given(objects, objects)
@example({"a": True, "b": "<sensitive>"}, {"a": []})
def test_no_request_ever_sends_a_blanked_secret_back(before, changes):
    changed = {key: value for key, value in changes.items() if "<sensitive>" not in json.dumps(value)}
    before = {**before, "uuid": "1"}
    try:
        request = amend("cloud", before, {**before, **changed})
    except CannotWrite:
        return
    if request is not None:
        body = {k: v for k, v in request.body.items() if k != "delete"}
        assert "<sensitive>" not in json.dumps(body)


@given(objects)
def test_content_is_contained_in_itself(value):
    assert contains(value, value)
    same = json.loads(json.dumps(value))
    assert digest_of(content("cloud", value)) == digest_of(content("cloud", same))


def test_references_are_the_same_in_every_spelling():
    refs = ["https://c/api/x/1#n", "https://other:444/api/x/1", "/api/x/1"]
    assert {canonical(ref) for ref in refs} == {"/api/x/1"}
    assert canonical("see /api/ docs#x") == "see /api/ docs#x"


def test_what_was_asked_is_recognised_when_read_back():
    before = {"uuid": "1", "a": 1, "list": ["/api/x/1"]}
    for after in (
        {**before, "a": 2},
        {**before, "list": ["/api/x/1", "/api/x/2"]},
        {"uuid": "1", "list": ["/api/x/1"]},
    ):
        for api, blind in (("network", {}), ("cloud", {"s": {"p": "<sensitive>"}})):
            request = amend(api, {**before, **blind}, {**after, **blind})
            assert intended(request, {**after, **blind, "more": 1})
            assert not intended(request, {**before, **blind}) or (api == "network" and "a" not in after)


def test_symbols_are_resolved_wherever_they_stand():
    symbol = "/api/vrfcontext?name=A"
    body = {"a": symbol, "b": [{"c": symbol}], "d": f"{symbol}B"}
    assert resolved(body, {symbol: "/api/vrfcontext/1"}) == {
        "a": "/api/vrfcontext/1",
        "b": [{"c": "/api/vrfcontext/1"}],
        "d": f"{symbol}B",
    }


def test_json_round_trip():
    for request in (
        create("vrfcontext", "A", {"name": "A"}, tenant="admin", cloud="C", makes="/api/vrfcontext?name=A"),
        amend("network", NETWORK, {**NETWORK, "dhcp_enabled": False}),
    ):
        assert from_json(Request, json.loads(json.dumps(to_json(request)))) == request


LABELS = [{"key": "clustername", "value": f"c{number}"} for number in range(3)]
FILTERS = [{"name": f"filter-{number}", "match_operation": "ROLE_FILTER_EQUALS"} for number in range(6)]


@pytest.mark.parametrize(
    ("api", "member", "had", "has", "most"),
    [
        ("serviceenginegroup", "labels", LABELS[:1], LABELS[:2], 1),
        ("serviceenginegroup", "labels", None, LABELS[:2], 1),
        ("serviceenginegroup", "labels", LABELS[:1], LABELS[1:2], None),
        ("serviceenginegroup", "labels", LABELS[:3], LABELS[:2], None),
        ("serviceenginegroup", "labels", LABELS[:1], None, None),
        ("role", "filters", FILTERS[:4], FILTERS[:5], 4),
        ("role", "filters", FILTERS[:3], FILTERS[:4], None),
    ],
)
def test_a_list_does_not_grow_beyond_what_a_controller_takes(api, member, had, has, most):
    """The element was added to what somebody else had put there, and the Controller refused the write."""
    before = {"uuid": "u1", "name": "n", **({member: had} if had else {})}
    after = {"uuid": "u1", "name": "n", **({member: has} if has else {})}
    if most is None:
        assert amend(api, before, after).changed == (member,)
        return
    with pytest.raises(CannotWrite, match=f"{member} would hold {len(has)} elements, and .* takes {most} at"):
        amend(api, before, after)


def test_a_list_within_a_message_does_not_grow_beyond_it_either():
    peers = [
        {"remote_as": 65000, "peer_ip": {"addr": f"10.0.0.{number}", "type": "V4"}} for number in range(129)
    ]
    profile = {"local_as": 65000, "ibgp": True}
    before = {"uuid": "v1", "name": "VRF", "bgp_profile": {**profile, "peers": peers[:128]}}
    after = {**before, "bgp_profile": {**profile, "peers": peers}}
    with pytest.raises(CannotWrite, match=r"bgp_profile\.peers would hold 129 elements"):
        amend("vrfcontext", before, after)
    assert amend("vrfcontext", after, {**after, "bgp_profile": {**after["bgp_profile"], "ibgp": False}})


@pytest.mark.parametrize(
    ("ref", "why"),
    [
        ("https://c/api/vrfcontext/v1#VRF", ""),
        ("/api/vrfcontext/v1", ""),
        ("https://C/api/vrfcontext?name=VRF", ""),
        (
            "https://other/api/vrfcontext/v1#VRF",
            "vrf_context_ref leads to another host than the object's, https://other",
        ),
        ("https://c/api/network/v1#VRF", "vrf_context_ref leads to network, where a vrfcontext belongs"),
    ],
)
def test_a_reference_that_leads_astray_is_not_put_back(ref, why):
    """Damaged on its way, it was put back with what is declared, and would have moved the network."""
    before = {
        "url": "https://c/api/network/n1",
        "uuid": "n1",
        "name": "n",
        "vrf_context_ref": ref,
        "dhcp_enabled": True,
    }
    after = {**before, "dhcp_enabled": False}
    if not why:
        assert amend("network", before, after).body["vrf_context_ref"] == ref
        return
    with pytest.raises(CannotWrite, match=why):
        amend("network", before, after)
    right = amend("network", before, {**after, "vrf_context_ref": "https://c/api/vrfcontext/v2"})
    assert right.changed == ("dhcp_enabled", "vrf_context_ref")


LDAP = {"admin_bind_dn": "cn=a", "user_id_attribute": "uid"}
WHOLE = {**LDAP, "password": "<sensitive>"}


def test_a_message_is_not_set_again_without_the_secret_that_it_needs():
    """It was planned, sent and refused."""
    before, after = ({"uuid": "a1", "name": "a", "ldap": {"base_dn": dn}} for dn in ("dc=a", "dc=b"))
    with pytest.raises(CannotWrite) as refused:
        amend("authprofile", before, {**after, "ldap": {**after["ldap"], "settings": LDAP}})
    assert str(refused.value) == (
        "ldap.settings needs its password, a secret, which stands in no file; set ldap.settings by hand"
    )
    before["ldap"]["settings"] = after["ldap"]["settings"] = WHOLE
    assert amend("authprofile", before, after).body == {"add": {"ldap": {"base_dn": "dc=b"}}}
