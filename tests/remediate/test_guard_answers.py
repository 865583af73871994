"""Answers on which guards rest: what is not understood is unknown, and the write is refused, whatever option is given."""

import copy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intent import Unknown
from live.avi.shapes import NotUnderstood, admitted
from remediate.plan.answers import NetworkRuntime, ServiceEngine, VsVip, understood
from remediate.plan.planner import build
from remediate.plan.view import View
from remediate.registry import Consent
from tests import lengths
from tests.remediate.breaking import Hand, ako_boots
from tests.remediate.inprocess import Bench, declared

pytestmark = lengths.WHOLE_SITE

RANGE = "10.10.25.40-10.10.25.59"
DHCP = (
    "vrf: VRF_AZ1\n    dhcp: false\n    subnets:\n      - prefix: 10.10.25.0/24",
    "vrf: VRF_AZ1\n    dhcp: true\n    subnets:\n      - prefix: 10.10.25.0/24",
)


class Damaged(Bench):
    """A bench whose Controller answers one question otherwise: `path` and what is made of its answer."""

    path = ""

    def ask(self, path, params, **where):
        answer = super().ask(path, params, **where)
        return self.harm(copy.deepcopy(answer)) if self.path and self.path in path else answer


def bench_with(folder, path, harm, *replaced):
    bench = Damaged("conforming", declared(folder, *replaced) if replaced else None)
    bench.path, bench.harm = path, harm
    return bench


def planned(bench, *fields, **options):
    site = bench.site()
    drifts = bench.drifts(site.live)
    return build(site, [one for one in drifts if one[0].field in fields], **options)


def refused(bench, field, place):
    """Hold that nothing is written, with the option and without, and that the reason names the place."""
    for allowed in (False, True):
        plan = planned(bench, field, consent=Consent(disruptive=allowed))
        assert plan.steps == (), "written"
        (left,) = plan.refused
        assert left.reason.startswith("who would be hit could not be read: ")
        assert place in left.reason, left.reason


def first_range(answer):
    return answer["subnet_runtime"][0]["ip_range_runtimes"][0]


def with_entries(change):
    def harm(answer):
        change(first_range(answer))
        return answer

    return harm


@pytest.mark.parametrize(
    ("harm", "place"),
    [
        (lambda _: {}, "name"),
        (lambda _: {"error": "busy"}, "it reports an error"),
        (lambda answer: {**answer, "error": "busy"}, "it reports an error"),
        (lambda answer: {**answer, "subnet_runtime": []}, "it has no subnet, and the network has"),
        (lambda _: {"subnet_runtime": []}, "name"),
        (lambda answer: {**answer, "subnet_runtime": {}}, "subnet_runtime: "),
        (lambda answer: {**answer, "subnet_runtime": None}, "subnet_runtime: "),
        (lambda answer: {**answer, "subnet_runtime": [{"prefix": answer["subnet_runtime"][0]["prefix"]}]},
         "it says nothing of the pools of 10.10.25.0/24"),
        (with_entries(lambda part: part.update(allocated_ips=[{}])), "allocated_ips[0].ip: "),
        (with_entries(lambda part: part.update(allocated_ips={})), "allocated_ips: "),
        (with_entries(lambda part: part["allocated_ips"][0].update(ip="10.10.25.40")), "allocated_ips[0].ip: "),
        (with_entries(lambda part: part["allocated_ips"][0]["ip"].update(addr="web")), "ip.addr: "),
        (with_entries(lambda part: part["allocated_ips"][0]["ip"].update(addr="10.99.25.40")),
         "10.99.25.40 was given out and does not lie in 10.10.25.0/24"),
        (with_entries(lambda part: part["allocated_ips"][0]["ip"].update(addr="::ffff:10.10.25.40")), "does not lie in"),
        (with_entries(lambda part: part["allocated_ips"][0].update(obj_uuid=7)), "obj_uuid: "),
        (with_entries(lambda part: part.pop("allocated_ips")), "2 addresses are taken and 0 are listed"),
        (with_entries(lambda part: part.update(free_ip_count="18")), "free_ip_count: "),
        (with_entries(lambda part: part.update(free_ip_count=999, allocated_ips=[])), "999 addresses are free, of 20"),
        (with_entries(lambda part: [part.pop(name) for name in ("allocated_ips", "free_ip_count")]),
         "it tells neither which addresses are taken nor how many"),
        (with_entries(lambda part: part.update(allocated_ips=part["allocated_ips"][:1] * 2)),
         "2 addresses are taken and 1 are listed"),
        (lambda answer: {**answer, "subnet_runtime": [{"prefix": answer["subnet_runtime"][0]["prefix"],
                                                       "total_ip_count": 20, "free_ip_count": 18}]},
         "2 addresses are taken and 0 are listed"),
        (lambda answer: {**answer, "subnet_runtime": [{"prefix": answer["subnet_runtime"][0]["prefix"],
                                                       "total_ip_count": 20}]},
         "it says nothing of the pools of 10.10.25.0/24"),
    ],
)  # fmt: skip
def test_pools_stay_while_it_is_not_understood_who_has_their_addresses(tmp_path, harm, place):
    bench = bench_with(tmp_path, "/runtime", harm, (RANGE, "10.10.25.50-10.10.25.59"))
    refused(bench, "subnets.pools", place)


def engines(change):
    def harm(answer):
        for row in answer["results"]:
            change(row)
        return answer

    return harm


@pytest.mark.parametrize(
    ("harm", "place"),
    [
        (engines(lambda row: row.pop("data_vnics", None)), "shows no vNIC on it"),
        (engines(lambda row: row.update(data_vnics={})), "data_vnics: "),
        (engines(lambda row: row["data_vnics"][0]["vnic_networks"][0].pop("mode")), "vnic_networks[0].mode: "),
        (engines(lambda row: row["data_vnics"][0]["vnic_networks"][0].update(mode="static")), "mode: "),
        (engines(lambda row: row["data_vnics"][0].update(vnic_networks={})), "vnic_networks: "),
        (engines(lambda row: row["data_vnics"][0].update(vnic_networks=[])), "shows no address of its vNIC"),
        (lambda answer: {**answer, "error": "busy"}, "an error beside a list"),
        (lambda answer: {**answer, "count": 7}, "a count of 7"),
        (lambda answer: {**answer, "results": []}, "0 objects and a count of 1"),
        (lambda answer: {**answer, "results": [], "count": False}, "0 objects and a count of False"),
        (lambda answer: {**answer, "results": [], "count": 0.0}, "0 objects and a count of 0.0"),
        (lambda answer: {"results": answer["results"]}, "a count of None"),
        (lambda answer: {**answer, "results": [{}]}, "neither name nor uuid"),
    ],
)  # fmt: skip
def test_service_engines_keep_their_addresses_while_their_vnics_are_not_understood(tmp_path, harm, place):
    # Which Service Engines there are is asked first, by name alone.
    bench = bench_with(tmp_path, "serviceengine", harm, DHCP)
    bench.harm = lambda answer: harm(answer) if "mgmt_vnic" in answer["results"][0] else answer
    refused(bench, "dhcp", place)


@pytest.mark.parametrize("harm", [
    engines(lambda row: row.pop("vip")),
    engines(lambda row: row["vip"][0].update(auto_allocate_ip="yes")),
    engines(lambda row: row["vip"][0].pop("vip_id")),
    engines(lambda row: row.update(vip=[])),
])  # fmt: skip
def test_vips_keep_their_profile_while_they_are_not_understood(tmp_path, harm):
    bench = bench_with(tmp_path, "vsvip", harm)
    other = {"name": "IPAM_other", "type": "IPAMDNS_TYPE_INTERNAL"}
    bench.gateway.write("POST", "ipamdnsproviderprofile", other)
    hand = Hand(bench.gateway)
    ref = hand.ref("ipamdnsproviderprofile", "IPAM_other")
    hand.edit("cloud", "Default-Cloud", lambda body: body.update(ipam_provider_ref=ref))
    refused(bench, "ipam_profile", "vsvip[0] was not understood: vip")


def test_what_nobody_has_an_address_of_is_understood():
    """A Controller leaves out lists in which nothing stands; what is newer than this program is ignored."""
    prefix = {"ip_addr": {"addr": "10.1.0.0", "type": "V4"}, "mask": 24}
    free = {"type": "STATIC_IPS_FOR_SE", "total_ip_count": 6, "free_ip_count": 6, "new": [1]}
    runtime = {"name": "n", "subnet_runtime": [{"prefix": prefix, "ip_range_runtimes": [free]}], "newer": {}}
    (subnet,) = understood(NetworkRuntime, runtime, "runtime").subnet_runtime
    assert subnet.entries == []
    assert understood(NetworkRuntime, {"name": "n"}, "runtime").subnet_runtime == []
    assert understood(ServiceEngine, {"uuid": "se-1"}, "engine").data_vnics == []
    assert understood(VsVip, {"name": "v", "vip": [{"vip_id": "0"}]}, "vip").dns_info == []


# Any damage at all.

JUNK = [None, 7, "x", "\ud800", True, [], {}, [{}], [None], ["x"], {"error": "busy"}]


def places(value, path=()):
    """Every place in an answer, with what stands there."""
    yield path, value
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, inner in members:
        yield from places(inner, (*path, key))


def replaced(answer, path, junk):
    if not path:
        return junk
    harmed = copy.deepcopy(answer)
    at = harmed
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = junk
    return harmed


def writes(plan):
    return {(str(step.key), change.path) for step in plan.steps for change in step.changes}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """A site on which guarded changes are declared, some of which hit somebody: (view of an ask, drifts, answers)."""
    folder = tmp_path_factory.mktemp("site")
    bench = Bench("conforming", declared(folder, DHCP, (RANGE, "10.10.25.50-10.10.25.59")))
    hand = Hand(bench.gateway)
    ako_boots(hand, 1)
    hand.edit("cloud", "Default-Cloud", lambda body: body.update(state_based_dns_registration=False))
    hand.edit("ipamdnsproviderprofile", "IPAM_Default", lambda body: body.update(allocate_ip_in_vrf=False))
    for group in ("DNS-SE-Group", "S1-AZ2-SE-Group"):
        hand.edit("serviceenginegroup", group, lambda body: body.update(buffer_se=3))
    live = bench.live()
    drifts = bench.drifts(live)
    answers = {}

    def ask(path, params, **where):
        return answers.setdefault((path, str(sorted(params.items()))), bench.ask(path, params, **where))

    def planned_by(ask, **options):
        return writes(build(View(bench.environment, live, ask), drifts, **options))

    sound = planned_by(ask)
    assert sound, "something is written"
    allowed = planned_by(ask, consent=Consent(disruptive=True))
    assert allowed > sound, "somebody is in the way of something"
    return planned_by, ask, {False: sound, True: allowed}, dict(answers)


REQUIRED = {
    "uuid",
    "name",
    "prefix",
    "ip_addr",
    "addr",
    "mask",
    "ip",
    "mode",
    "vip_id",
    "range",
    "begin",
    "end",
}
"""Members that an object of the schema has wherever its message is, among those that guards read."""


@st.composite
def damages(draw, answer):
    """(what was done, an answer that is none by the schema)."""
    spots = list(places(answer))
    lists = [(path, value) for path, value in spots if isinstance(value, list) and path == ("results",)]
    required = [(path, value) for path, value in spots if path and path[-1] in REQUIRED]
    # An address that is a DHCP client's may have no mask of its own; all else that is asked for stands in `required`.
    kinds = ["type", "nesting", "error"] + ["missing"] * bool(required) + ["count"] * bool(lists)
    match draw(st.sampled_from(kinds)):
        case "type":
            path, stood = draw(st.sampled_from(spots))
            junk = draw(st.sampled_from([junk for junk in JUNK if type(junk) is not type(stood)]))
            return (path, junk), replaced(answer, path, junk)
        case "nesting":
            path, stood = draw(st.sampled_from(spots))
            deeper = draw(st.sampled_from([lambda value: [value], lambda value: {"value": value}]))
            if isinstance(stood, dict) and isinstance(deeper(stood), dict):
                deeper = lambda value: [value]  # noqa: E731 -- an object in an object may be one of another release
            return (path, "deeper"), replaced(
                answer, path, [stood, [stood]] if stood == [] else deeper(stood)
            )
        case "error":
            rows = [path for path, value in spots if isinstance(value, dict) and len(path) in (0, 2)]
            path = draw(st.sampled_from(rows))
            harmed = copy.deepcopy(answer)
            at = harmed
            for key in path:
                at = at[key]
            at["error"] = "busy"
            return (path, "error"), harmed
        case "missing":
            path, _ = draw(st.sampled_from(required))
            harmed = copy.deepcopy(answer)
            at = harmed
            for key in path[:-1]:
                at = at[key]
            del at[path[-1]]
            return (path, "missing"), harmed
        case _:
            rows = answer["results"]
            fewer = {**answer, "results": rows[:-1]} if rows else {**answer, "count": 3}
            others = [
                fewer,
                {**answer, "count": answer["count"] + 1},
                {**answer, "count": str(answer["count"])},
            ]
            return "count", draw(st.sampled_from(others))


@settings(max_examples=lengths.of(15, 100), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_damage_adds_no_write(guarded, data):
    """Whatever makes an answer that a guard reads none by the schema: what is planned was planned without it too."""
    planned_by, sound_ask, sound, answers = guarded
    at = data.draw(st.sampled_from(sorted(answers)))
    done, damage = data.draw(damages(answers[at]))

    def ask(path, params, **where):
        if (path, str(sorted(params.items()))) != at:
            return sound_ask(path, params, **where)
        if not isinstance(damage, dict):
            raise Unknown("no object")  # the gateway says so
        try:
            return admitted(path, copy.deepcopy(damage), partial="fields" in params)
        except NotUnderstood as why:
            raise Unknown(str(why)) from None

    for option, writes_of_sound in sound.items():
        assert planned_by(ask, consent=Consent(disruptive=option)) <= writes_of_sound, (at, done)
