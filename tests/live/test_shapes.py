"""The door through which a Controller's JSON comes in: what is not of the schema's shape is unknown, with its place."""

import copy
import json
import math
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intent import Blocked, ServiceEngineGroup, Unknown
from intent.sensitive import scrub
from live.avi.http_answers import HttpAnswer, flaws, parsed
from live.avi.reader import read_snapshot
from live.avi.shapes import NotUnderstood, Unclear, admitted
from live.avi.snapshot import Live, NotASnapshot, Snapshot
from tests import lengths
from tests.live import world
from tests.live.stub import Fault, status, whole

VERSION = "30.2.1"
FRONT = "AVI_FRONTEND_3025"


def page(*rows, **more):
    return {"count": len(rows), "results": list(rows), **more}


def network(**more):
    prefix = {"ip_addr": {"addr": "10.1.0.0", "type": "V4"}, "mask": 24}
    return whole(uuid=more.get("uuid", "n1"), configured_subnets=[{"prefix": prefix}]) | more


def without(row, *names):
    return {name: value for name, value in row.items() if name not in names}


def subnet(**more):
    return network(configured_subnets=[network()["configured_subnets"][0] | more])


def prefix(**more):
    return subnet(prefix=network()["configured_subnets"][0]["prefix"] | more)


def pool(begin, end, **more):
    address = {"begin": {"addr": begin, "type": "V4"}, "end": {"addr": end, "type": "V4"}}
    return subnet(static_ip_ranges=[{"range": address, **more}])


def group(**more):
    return whole(uuid="g1", **more)


def test_an_object_may_have_a_member_that_is_called_error():
    """An upload bears the reason for which it failed; of any other type it is an error in place of the object."""
    upload = whole(uuid="u1", status="FAILED", error="no space left")
    assert admitted("portalfileupload/u1", upload)["error"] == "no space left"
    with pytest.raises(NotUnderstood, match="an error in place of the object"):
        admitted("pool/p1", whole(uuid="p1", error="busy"))


@pytest.mark.parametrize(
    ("api", "row", "why"),
    [
        ("network", network(configured_subnets={}), "configured_subnets is an object, a list is expected"),
        ("network", network(configured_subnets=None), "configured_subnets is null, a list is expected"),
        ("network", network(configured_subnets=["x"]), "configured_subnets[0] is 'x', an object is expected"),
        ("network", prefix(mask=None), "configured_subnets[0].prefix.mask is null, a whole number is expected"),
        ("network", prefix(mask="24"), "configured_subnets[0].prefix.mask is '24', a whole number is expected"),
        ("network", prefix(mask=40), "configured_subnets[0].prefix.mask is 40, a number from 0 to 32 is expected"),
        ("network", prefix(ip_addr={"addr": "web", "type": "V4"}),
         "configured_subnets[0].prefix.ip_addr.addr is 'web', an IPv4 address is expected"),
        ("network", subnet(prefix={}), "configured_subnets[0].prefix.ip_addr is missing"),
        ("network", pool("10.1.0.9", "10.1.0.2"),
         "configured_subnets[0].static_ip_ranges[0].range is from '10.1.0.9' to '10.1.0.2', which is no range"),
        ("network", pool("10.1.0.2", "10.1.0.9", type="FOR_ALL"),
         "configured_subnets[0].static_ip_ranges[0].type is 'FOR_ALL', which is none of the words that are known"),
        ("network", without(network(), "url"), "url is missing"),
        ("network", network(url=["x"]), "url is a list, a reference is expected"),
        ("network", network(url="https://x/api/network/n7"),
         "url is 'https://x/api/network/n7', which is another object's"),
        ("network", network(dhcp_enabled=0), "dhcp_enabled is 0, true or false is expected"),
        ("network", network(vrf_context_ref="global"), "vrf_context_ref is 'global', a reference is expected"),
        ("serviceenginegroup", group(ha_mode=None), "ha_mode is null, a word is expected"),
        ("serviceenginegroup", group(ha_mode="HA_MODE_X"),
         "ha_mode is 'HA_MODE_X', which is none of the words that are known"),
        ("serviceenginegroup", group(buffer_se=False), "buffer_se is false, a whole number is expected"),
        ("serviceenginegroup", group(buffer_se="0"), "buffer_se is '0', a whole number is expected"),
        ("serviceenginegroup", group(buffer_se=1 << 70), "buffer_se is 1180591620717411303424, a whole number"),
        ("serviceenginegroup", group(se_name_prefix=7), "se_name_prefix is 7, text is expected"),
        ("ipamdnsproviderprofile", whole(uuid="p", type="IPAMDNS_TYPE_INTERNAL_DNS", internal_profile={"ttl": None}),
         "internal_profile.ttl is null, a whole number is expected"),
        ("vsvip", whole(uuid="v", vip=[None]), "vip[0] is null, an object is expected"),
        ("virtualservice-inventory", {"uuid": "v", "runtime": {"oper_status": {"state": "OPER_ODD"}}},
         "runtime.oper_status.state is 'OPER_ODD', which is none of the words that are known"),
        ("virtualservice-inventory", {"uuid": "v", "runtime": {"vip_summary": [{"service_engine": [7]}]}},
         "runtime.vip_summary[0].service_engine[0] is 7, an object is expected"),
    ],
)  # fmt: skip
def test_an_object_of_another_shape_is_unclear_and_harms_no_other(api, row, why):
    good = whole(uuid="good", type="IPAMDNS_TYPE_INTERNAL_DNS")
    bad, sound = admitted(api, page(row, good))["results"]
    assert sound is good
    assert bad["uuid"] == row["uuid"]
    assert bad.get("name") == row.get("name")
    for look in (lambda: bad["vip"], lambda: bad.get("vip"), lambda: "vip" in bad, lambda: dict(bad),
                 lambda: {**bad}, lambda: list(bad), lambda: bad | {}, bad.items, bad.copy):  # fmt: skip
        with pytest.raises(Unknown) as unknown:
            look()
        assert str(unknown.value).startswith(
            f"{api} {row.get('name') or row['uuid']} was not understood: {why}"
        )
    with pytest.raises(Unknown, match="was not understood: "):
        admitted(f"{api}/{row['uuid']}", row)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (without(network(), "name"), "name is missing"),
        (without(network(), "uuid"), "uuid is missing"),
        (without(network(), "cloud_ref"), "cloud_ref is missing"),
        (without(network(), "tenant_ref"), "tenant_ref is missing"),
        (network(name=None), "name is null, text is expected"),
        (network(name=""), "name is '', text is expected"),
        (network(uuid=["n1"]), "uuid is a list, text is expected"),
        (network(tenant_ref={"name": "admin"}), "tenant_ref is an object, a reference is expected"),
        (network(cloud_ref="Default-Cloud"), "cloud_ref is 'Default-Cloud', a reference is expected"),
        (
            network(cloud_ref="https://y/api/cloud/cloud-1#Default-Cloud"),
            "cloud_ref is 'https://y/api/cloud/cloud-1#Default-Cloud', on another host than the object",
        ),
        (network(cloud_ref=""), "cloud_ref is '', a reference to a cloud is expected"),
        (
            network(tenant_ref="https://x/api/cloud/admin#admin"),
            "tenant_ref is 'https://x/api/cloud/admin#admin', a reference to a tenant is expected",
        ),
    ],
)
def test_a_row_that_may_be_any_object_makes_its_collection_unknown(row, why):
    with pytest.raises(NotUnderstood) as problem:
        admitted("network", page(whole(uuid="good"), row))
    assert str(problem.value) == f"network[1] was not understood: {why}"


def test_a_tenant_is_needed_only_where_every_model_of_the_type_has_it():
    settings = {
        "uuid": "default",
        "portal_url": "https://portal.example.com",
        "url": "https://x/api/albservicesconfig/default",
    }
    (row,) = admitted("albservicesconfig", page(settings))["results"]
    assert row == settings
    with pytest.raises(NotUnderstood, match="tenant_ref"):
        admitted("albservicesconfig", page(settings | {"tenant_ref": "admin"}))


@pytest.mark.parametrize("word", ["errors", "detail", "message", "reason"])
def test_a_list_beside_which_stands_what_went_wrong(word):
    page = {"count": 1, "results": [network()]}
    assert admitted("network", {**page, word: [], "newer": 1})["results"]
    with pytest.raises(NotUnderstood, match=f"{word}' beside a list"):
        admitted("network", {**page, word: "partial"})


def test_names_alone_are_enough_where_no_more_was_asked_for():
    rows = page({"uuid": "n1", "name": "n", "url": "https://x/api/network/n1"})
    assert admitted("network", rows, partial=True) == rows


def test_what_is_newer_or_not_read_is_kept():
    row = network(newer={"deep": [None, {"x": "HA_MODE_X"}]}, labels=None, ip6_autocfg_enabled="often")
    assert admitted("network", page(row))["results"] == [row]
    assert admitted("newertype", page({"x": None}))["results"] == [{"x": None}]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({}, "another object, or none"),
        (page(network()), "another object, or none"),
        (network(uuid="n2"), "another object, or none"),
        ({"error": "busy"}, "an error in place of the object"),
        (network(error="busy"), "an error in place of the object"),
        (without(network(), "name"), "name is missing"),
    ],
)
def test_an_object_that_was_not_asked_for(answer, why):
    with pytest.raises(NotUnderstood, match=why):
        admitted("network/n1", answer)


# What JSON can say and data cannot hold.

ODD = {
    '"\\ud800"': "holds half of a surrogate pair, which is no text",
    "NaN": "is NaN, which is no number",
    "-Infinity": "is -Infinity, which is no number",
    "1e999": "is a number beyond all bounds",
    "9" * 5000: "is a number of 5,000 digits",
    '{"a": 1, "a": 2}': ".a stands there twice",
    '{"\\udfff": 1}': "has half of a surrogate pair in its name",
}


@pytest.mark.parametrize(("odd", "why"), ODD.items(), ids=lambda text: text[:12])
@pytest.mark.parametrize("member", ["dhcp_enabled", "newer"])
def test_one_odd_value_costs_one_object(stub, gateway, tmp_path, odd, why, member):  # noqa: PLR0917 -- fixtures
    text = json.dumps(page(network(), whole(uuid="n2"))).replace("{", f'{{"{member}": {odd}, ', 2)
    text = text.replace(f'{{"{member}": {odd}, ', "{", 1)  # of the first row alone
    stub.faults.append(Fault("/api/network", status(200, text), times=9))
    snapshot = read_snapshot(gateway, ["network"])
    snapshot.save(tmp_path / "site.json")
    for read in (snapshot, Snapshot.load(tmp_path / "site.json")):
        bad, good = read.objects["network"]
        assert good == whole(uuid="n2")
        with pytest.raises(Unknown) as unknown:
            bad.get("dhcp_enabled")
        assert str(unknown.value).startswith(f"network n1 was not understood: {member}")
        assert why in str(unknown.value)


@pytest.mark.parametrize("odd", ['"\\ud800"', "NaN", '"n1", "name": "n2"'])
def test_an_odd_name_costs_the_collection(stub, gateway, odd):
    text = json.dumps(page(network())).replace('"name": "n1"', f'"name": {odd}')
    stub.faults.append(Fault("/api/network", status(200, text), times=9))
    (why,) = read_snapshot(gateway, ["network"]).failures.values()
    assert "network[0] was not understood: name " in why
    assert len(stub.calls("/api/network")) == 1, "asking again does not help"


def test_a_name_that_stands_twice_is_seen_whatever_stands_beside_it():
    for text in (
        *('{"a":1,"a":2}', '{"a": 1, "a" : 2}', r'{"a":1,"a":2,"x":"\u0022:"}', r'{"\u0061":1,"a":2}'),
        *(r'{"a":1,"a":2,"x":"\u003a"}', r'{"a":1,"a":2,"\u003A":3}', '{"a":{"b":":"},"a"\n:":"}'),
    ):
        data, flawed = parsed(text)
        assert flawed
        assert [why for _, why in flaws(data)] == ["stands there twice"], text
    assert parsed('{"a":"\\":"}') == ({"a": '":'}, False)
    assert parsed('{"a" : {"b"\n:"::"}}') == ({"a": {"b": "::"}}, False)


@settings(max_examples=lengths.of(40, 200), deadline=None)
@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(['":', '\\":', "\\"]), inner)
        ),
        max_leaves=20,
    ),
    st.sampled_from([None, 1]),
)
def test_sound_json_has_no_flaw(value, indent):
    for ascii_only in (True, False):
        data, _ = parsed(json.dumps(value, indent=indent, ensure_ascii=ascii_only))
        assert data == value


@pytest.mark.parametrize("depth", [191, 500, 5000])
@pytest.mark.parametrize("brackets", ["[]", '{"a":}'], ids=["lists", "objects"])
def test_what_is_nested_too_deeply(depth, brackets):
    begin, end = brackets[:-1], brackets[-1]
    with pytest.raises(ValueError, match="did not answer with whole JSON"):
        HttpAnswer(200, f'{{"x": {begin * depth}1{end * depth}, "odd": NaN}}').object()


def test_bytes_that_are_no_text_are_no_json():
    with pytest.raises(ValueError, match="did not answer with whole JSON"):
        HttpAnswer(200, b'{"name": "caf\xe9"}'.decode(errors="replace"), readable=False).object()


# A saved site.


def test_a_damaged_snapshot_is_read_as_the_site_would_be(tmp_path):
    good = Snapshot("c:443", VERSION, VERSION, objects={"network": [network(), network(uuid="n2", name="m")]})
    good.save(tmp_path / "site.json")
    text = (tmp_path / "site.json").read_text()
    (tmp_path / "bad.json").write_text(text.replace('"mask":24', '"mask":null', 1))
    bad, other = Snapshot.load(tmp_path / "bad.json").objects["network"]
    assert isinstance(bad, Unclear)
    assert not isinstance(other, Unclear)
    (tmp_path / "bad.json").write_text(text.replace('"name":"m"', '"name":["m"]'))
    with pytest.raises(NotASnapshot, match=r"network\[1\] was not understood: name is a list"):
        Snapshot.load(tmp_path / "bad.json")


@pytest.mark.parametrize("depth", range(180, 202))
def test_what_is_taken_from_an_answer_can_be_kept_and_read_again(tmp_path, depth):
    text = json.dumps(page(network(newer=None))).replace("null", "[" * depth + "]" * depth)
    try:
        body, _ = HttpAnswer(200, text).object()
    except ValueError:
        return
    rows = [scrub(row) for row in admitted("network", body)["results"]]
    Snapshot("c", VERSION, VERSION, objects={"network": rows}).save(tmp_path / "site.json")
    assert Snapshot.load(tmp_path / "site.json").objects["network"] == rows


def test_an_unclear_object_is_there_and_its_fields_are_unknown():
    rows = admitted("serviceenginegroup", page(group(name="g", buffer_se=None), whole(uuid="g2")))["results"]
    scopes = {
        "cloud": [
            {"uuid": "c0", "name": "Default-Cloud", "vtype": "CLOUD_VCENTER", "url": "https://x/api/cloud/c0"}
        ],
        "tenant": [{"uuid": "admin", "name": "admin", "url": "https://x/api/tenant/admin"}],
    }
    live = Live(Snapshot("c", VERSION, VERSION, objects={"serviceenginegroup": rows, **scopes}))
    assert len(live.found(ServiceEngineGroup(name="g"))) == 1
    with pytest.raises(Unknown, match="serviceenginegroup g was not understood: buffer_se is null"):
        live[ServiceEngineGroup(name="g")]
    assert live[ServiceEngineGroup(name="g2")].buffer == 1


# Any junk at all, in process.

JUNK = [None, 7, -1, 1 << 80, 1.5, math.inf, "x", "", True, [], {}, [{}], [None], ["x"], [[]], {"error": "busy"},
        {"addr": []}, json.loads("[" * 150 + "]" * 150)]  # fmt: skip


def places(value, path=()):
    yield path
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, inner in members:
        yield from places(inner, (*path, key))


def replaced(value, path, junk):
    if not path:
        return junk
    harmed = at = copy.deepcopy(value)
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = junk
    return harmed


@pytest.fixture(scope="module")
def sites():
    """The conforming site with all that the door sees, its declared objects, and where junk can stand."""
    objects = world.objects(VERSION)
    return objects, world.declared(), {api: list(places(rows)) for api, rows in objects.items()}


@settings(max_examples=lengths.of(50, 300), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_junk_never_passes_what_it_has_replaced(sites, data):
    """Whatever stands wherever: each field is as before, or unknown, or another; nothing raises, no object vanishes."""
    objects, declared, spots = sites
    api = data.draw(st.sampled_from(sorted(objects)))
    path = data.draw(st.sampled_from(spots[api]))
    harmed = replaced(objects[api], path, data.draw(st.sampled_from(JUNK)))
    text = json.dumps(page(*harmed) if isinstance(harmed, list) else {"count": 1, "results": harmed})
    body, flawed = HttpAnswer(200, text).object()
    try:
        rows = admitted(api, body, flawed=flawed)["results"]
    except (NotUnderstood, Unknown):
        return
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return  # the reader says so
    live = world.live({**objects, api: rows}, VERSION)
    for want in declared:
        with suppress(Unknown, Blocked):
            live.found(want)
            live[want]
