"""Two clouds with networks of one name: a name means the one in the cloud that the profile is for."""

import pytest

from remediate.plan.planner import build
from tests.remediate.breaking import Hand
from tests.remediate.inprocess import Bench, declared

NAME = "AVI_FRONTEND_3025"
PROFILE = ("    allocate_in_vrf: true\n", f"    allocate_in_vrf: true\n    usable_networks: [{NAME}]\n")
IN_CLOUD = ("    allocate_in_vrf: true\n", PROFILE[1] + "    cloud: Default-Cloud\n")


@pytest.fixture
def bench():
    return Bench("conforming")


def twin(bench):
    """A second cloud with a network of the same name; the references of both networks, ours first."""
    ours = Hand(bench.gateway).ref("network", NAME)
    cloud = bench.gateway.write("POST", "cloud", {"name": "Other", "vtype": "CLOUD_NONE"})
    theirs = bench.gateway.write("POST", "network", {"name": NAME, "cloud_ref": cloud["url"]})
    return ours, theirs["url"].partition("#")[0]


def usable(bench, kind="IPAM profile"):
    """The networks that the plan makes usable, and the plan."""
    site = bench.site()
    plan = build(site, [one for one in bench.drifts(site.live) if one[0].key.kind == kind])
    bodies = [request.body for step in plan.steps for request in step.requests]
    return [
        one["nw_ref"].partition("#")[0]
        for body in bodies
        for one in body["internal_profile"]["usable_networks"]
    ], plan


def test_an_attached_profile_means_its_cloud_s_network(bench, tmp_path):
    ours, _ = twin(bench)
    bench.environment = declared(tmp_path, PROFILE)
    assert usable(bench)[0] == [ours]


def test_a_network_of_another_cloud_is_not_the_declared_one(bench, tmp_path):
    """It bears the name and gives nobody an address: that is drift, and ours is added beside it."""
    ours, theirs = twin(bench)
    Hand(bench.gateway).edit(
        "ipamdnsproviderprofile", "IPAM_Default",
        lambda body: body.setdefault("internal_profile", {}).update(usable_networks=[{"nw_ref": theirs}]),
    )  # fmt: skip
    bench.environment = declared(tmp_path, PROFILE)
    refs, plan = usable(bench)
    assert refs == [theirs, ours]
    (change,) = plan.steps[0].changes
    assert change.have == [{"name": NAME, "cloud": "Other"}]


def test_a_new_profile_means_the_cloud_that_it_names(bench, tmp_path):
    ours, _ = twin(bench)
    new = ("name: IPAM_Default\n    type", "name: IPAM_New\n    type")
    bench.environment = declared(
        tmp_path, new, ("ipam_profile: IPAM_Default", "ipam_profile: IPAM_New"), IN_CLOUD
    )
    assert usable(bench)[0] == [ours]


def test_a_new_profile_that_names_no_cloud_is_for_a_person(bench, tmp_path):
    twin(bench)
    new = ("name: IPAM_Default\n    type", "name: IPAM_New\n    type")
    bench.environment = declared(
        tmp_path, new, ("ipam_profile: IPAM_Default", "ipam_profile: IPAM_New"), PROFILE
    )
    refs, plan = usable(bench)
    assert refs == []
    assert any("there more than once" in left.reason for left in plan.unanswered)
