"""Laws over the registry: every declared field has a remedy or a stated reason for having none."""

import pytest

from intent import EXISTENCE, Drift, Key, every_path
from live.kinds import KINDS
from remediate.planner import order
from remediate.registry import REGISTRY, Remedy, answer, remedy, unanswered
from remediate.remedies.vcenter import ELSEWHERE
from tests.remediate.inprocess import environment

FIELDS = [(kind, path) for kind in (*KINDS, *ELSEWHERE) for path in (EXISTENCE, *every_path(kind))]


@pytest.mark.parametrize(
    ("kind", "path"), FIELDS, ids=[f"{k.__name__}.{p or 'existence'}" for k, p in FIELDS]
)
def test_answered(kind, path):
    found = answer(Drift(Key(kind.kind, "x"), path, 1, 2))
    if isinstance(found, Remedy):
        assert found.judge.__doc__, "a remedy says what it does"
    else:
        assert (kind.kind, path) in REGISTRY.reasons
        assert len(found) > 40, "a reason says why, and what a person can do"


def test_nothing_is_answered_that_is_not_declared():
    known = {(kind.kind, path) for kind, path in FIELDS}
    assert {*REGISTRY.remedies, *REGISTRY.reasons} == known


def test_a_field_is_answered_once():
    kind, path = FIELDS[0]
    with pytest.raises(ValueError, match="twice"):
        remedy(kind, path, risk="safe")(lambda _case: None)
    with pytest.raises(ValueError, match="twice"):
        unanswered(kind, path, "a reason")


def test_a_leaf_without_a_way_to_write_it_has_a_reason_or_a_drawn_remedy():
    for kind, mapping in KINDS.items():
        for path, leaf in mapping.leaves.items():
            found = answer(Drift(Key(kind.kind, "x"), path, 1, 2))
            if leaf.put is None and isinstance(found, Remedy):
                assert found.draw is not None, f"{kind.__name__}.{path}"


def test_what_an_object_needs_comes_first():
    site = environment()
    place = {key: at for at, key in enumerate(order(site))}
    for want in site:
        for need in want.needs():
            found = site.find(need)
            if found is not None:
                assert place[found.key] < place[want.key], f"{want.key} needs {found.key}"


def test_a_circle_gives_way_where_the_object_exists():
    site = environment()
    profile = site.ipam_profiles[0].model_copy(update={"usable_networks": ("AVI_FRONTEND_3025",)})
    circle = site.model_copy(update={"ipam_profiles": (profile,)})
    circle._index = {}
    keys = order(circle, absent=[profile.key])
    cloud = circle.clouds[0].key
    assert keys.index(profile.key) < keys.index(cloud), "the profile is made before it is attached"
    assert sorted(keys) == sorted({want.key for want in circle})


def test_in_a_circle_whatever_is_absent_comes_first():
    site = environment()
    profile = site.ipam_profiles[0].model_copy(update={"usable_networks": ("AVI_FRONTEND_3025",)})
    circle = site.model_copy(update={"ipam_profiles": (profile,)})
    circle._index = {}
    vrf, network = circle.vrfs[0].key, circle.networks[1].key
    keys = order(circle, absent=[profile.key, vrf])
    assert keys.index(vrf) < keys.index(network)
    assert keys.index(profile.key) < keys.index(circle.clouds[0].key)
