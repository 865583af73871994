"""The mapping between declarations and the Controller's objects, as laws: over every kind, in an old and a new model.

What is only said differently is no drift; what is declared differently always is; and writing what is declared makes
the drift go away and nothing else.
"""

import copy
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from avi_schema import load
from intent import ConfigObject, Unknown, compare, every_path, field_of
from live.kinds import KINDS
from remediate.plan.request import NoCounterpart, merged
from tests import lengths
from tests.live import world

pytestmark = pytest.mark.parametrize("version", world.VERSIONS)
SEEDS = st.integers(0, 2**32)
"""A seed: drawing every choice from Hypothesis would be ten times slower, and a site does not shrink."""
LAW = settings(
    max_examples=lengths.of(10, 60),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def test_a_kind_names_its_type_where_it_is_declared(version):
    """By it a member that is declared under two sections is told, and an object that has both is one."""
    del version
    assert {kind.intent.__name__: kind.intent.api for kind in KINDS.values()} == {
        kind.intent.__name__: kind.api for kind in KINDS.values()
    }


def test_what_a_tenant_can_own_has_a_tenant(version):
    """By the Controller's model; that clouds and what they discover are admin's is ours."""
    for intent, kind in KINDS.items():
        if issubclass(intent, ConfigObject):
            continue  # has one whatever its type, and says at loading where it means nothing
        owned = load().types[kind.api].has_tenant and not kind.singleton  # what there is one of is admin's
        assert ("tenant" in intent.model_fields) == owned, intent
    own = {intent: kind for intent, kind in KINDS.items() if not issubclass(intent, ConfigObject)}
    assert {kind.api: intent.tenancy for intent, kind in own.items() if intent.tenancy != "own"} == {
        "cloud": "provider",
        "network": "discovered",
        "vcenterserver": "provider",
        "vrfcontext": "discovered",
    }


def test_the_conforming_site_conforms(version):
    live = world.live(world.objects(version), version)
    for want in world.declared():
        assert compare(want, live[want]) == (), want


@LAW
@given(seed=SEEDS)
def test_what_is_said_differently_is_no_drift(version, seed):
    random = Random(seed)
    live = world.live(world.respell(world.objects(version), random), version)
    for want in world.declared():
        assert compare(want, live[want]) == (), want


@LAW
@given(seed=SEEDS)
def test_what_is_declared_differently_is_drift(version, seed):
    random = Random(seed)
    live = world.live(world.respell(world.objects(version), random), version)
    for want in world.declared():
        for path in world.leaves(want):
            changed = world.other(want, path, random)
            drifts = compare(changed, live[want])
            assert path in {drift.field for drift in drifts} | {
                field_of(drift.path).rpartition(".")[0] for drift in drifts
            }, (want, path, drifts)


@LAW
@given(seed=SEEDS)
def test_one_path_is_compared_by_itself(version, seed):
    """The sum over the paths is the whole: a check of one field misses nothing that the whole comparison sees."""
    random = Random(seed)
    found = world.objects(version)
    for rows in found.values():
        rows[:] = [world.spoil(row, random, found) for row in rows]
    live = world.live(found, version)
    for want in world.declared():
        if len(live.found(want)) == 1:
            have = live[want]
            whole = compare(want, have)
            parts = [
                drift for path in every_path(type(want)) for drift in compare_or_nothing(want, have, path)
            ]
            assert sorted(map(str, parts)) == sorted(map(str, whole))


def compare_or_nothing(want, have, path):
    from intent import Blocked

    try:
        return compare(want, have, path)
    except Blocked:
        return ()


@LAW
@example(seed=46_042)  # two filters of one label, one of which compares in a way of which we have no word
@given(seed=SEEDS)
def test_writing_what_is_declared_ends_the_drift_and_touches_nothing_else(version, seed):
    random = Random(seed)
    found = world.objects(version)
    spoilt = {}
    for want in world.declared():
        api = KINDS[type(want)].api
        if api not in spoilt:
            spoilt[api] = [world.spoil(row, random, found) for row in found[api]]
    found |= spoilt
    live = world.live(found, version)
    for want in world.declared():
        kind = KINDS[type(want)]
        if len(live.found(want)) != 1:
            continue
        raw = live.raw(want)
        before = copy.deepcopy(raw)
        drifts = [d for d in compare(want, live[want]) if kind.leaf(d.field)[1].put is not None]
        written = merged(kind, raw, want, drifts, live.names)
        assert raw == before
        after = compare(want, kind.decode(written, live.names))
        assert [d for d in after if kind.leaf(d.field)[1].put is not None] == [], (want, drifts, raw, written)
        untouched(kind, drifts, raw, written, live.names)
        assert merged(kind, written, want, drifts, live.names) == written


def untouched(kind, drifts, raw, written, names):
    leaves = {kind.leaf(drift.field)[0] for drift in drifts}
    roots = {
        word.partition("[")[0].partition(".")[0]
        for leaf in leaves
        for word in kind.leaves[leaf].api.split(" and ")
    }
    for member in raw.keys() | written.keys():
        if member not in roots:
            assert raw.get(member) == written.get(member), member
    members = {kind.leaves[leaf].api for leaf in leaves}
    for path, leaf in kind.leaves.items():
        if leaf.api not in members and "network_profile_ref" not in roots:
            assert leaf.get(raw, names) == leaf.get(written, names), path
    kept = world.marks(written)
    for mark, place in world.marks(raw).items():
        # Only exact lists lose elements: services, pools and a record's values that are not declared.
        if mark not in kept:
            exact = {
                "services",
                "static_ip_ranges",
                "static_ranges",
                "static_ips",
                "ip_address",
                "ip6_address",
                *("mx_records", "txt_records", "ns", "service_locator"),
                "server_list",
                "ntp_servers",  # one that is declared, and stood there twice
                "vcenter_datastores",
            }
            assert exact & set(place), place


@LAW
@example(seed=12_426_490)  # a range whose use has no word of ours stays beside one that is written
@given(seed=SEEDS)
def test_a_path_that_did_not_drift_is_not_written(version, seed):
    """Grafting some of the drifts leaves the others as they are."""
    random = Random(seed)
    found = world.objects(version)
    for want in world.declared():
        kind = KINDS[type(want)]
        rows = found[kind.api]
        at = next(i for i, row in enumerate(rows) if row.get("name") == want.name or kind.singleton)
        rows[at] = world.spoil(rows[at], random, found)
    live = world.live(found, version)
    for want in world.declared():
        kind = KINDS[type(want)]
        if len(live.found(want)) != 1:
            continue
        drifts = [d for d in compare(want, live[want]) if kind.leaf(d.field)[1].put is not None]
        some = [drift for drift in drifts if random.random() < 0.5]
        written = merged(kind, live.raw(want), want, some, live.names)
        fields = {drift.path for drift in some}
        after = {drift.path for drift in compare(want, kind.decode(written, live.names))}
        assert not fields & after
        left = {d.path for d in drifts if not any(d.path.startswith(p) for p in fields)}
        # A message that is made for one member brings the defaults of its others.
        assert left - after <= {"ttl", "realtime_metrics.duration", "vcenter.access"}, (
            want,
            some,
            left - after,
        )


def test_a_field_without_a_counterpart_is_not_written(version):
    live = world.live(world.objects(version), version)
    (service,) = world.environment().dns_services
    (drift,) = compare(service.model_copy(update={"fqdn": "other.avi.iberia.local"}), live[service])
    with pytest.raises(NoCounterpart):
        merged(KINDS[type(service)], live.raw(service), service, [drift], live.names)


def test_a_port_that_stands_twice_is_drift_and_is_written_once(version):
    objects = world.objects(version)
    (service,) = world.environment().dns_services
    row = next(row for row in objects["virtualservice"] if row["name"] == service.name)
    once = copy.deepcopy(row["services"])
    row["services"] = [*row["services"], {**row["services"][0], "x_ours": 1}]
    live = world.live(objects, version)
    kind = KINDS[type(service)]
    (drift,) = compare(service, live[service])
    assert drift.path == "services"
    written = merged(kind, live.raw(service), service, [drift], live.names)
    assert written["services"] == once
    assert compare(service, kind.decode(written, live.names)) == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=8), inner, max_size=2),
    max_leaves=4,
)


@LAW
@given(seed=SEEDS, junk=st.lists(JSON, min_size=3, max_size=3))
def test_an_answer_of_another_shape_is_unknown_and_no_crash(version, seed, junk):
    random = Random(seed)
    found = world.objects(version)

    def corrupt(value):
        if isinstance(value, dict):
            return {
                k: v if k in world.NAMING else random.choice(junk) if random.random() < 0.1 else corrupt(v)
                for k, v in value.items()
            }
        if isinstance(value, list):
            return [random.choice(junk) if random.random() < 0.1 else corrupt(element) for element in value]
        return value

    live = world.live({api: [corrupt(row) for row in rows] for api, rows in found.items()}, version)
    for want in world.declared():
        try:
            compare(want, live[want])
        except Unknown:
            continue  # what it is that was not understood stands in the sentence
