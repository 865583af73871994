"""The network of a VIP among those that the IPAM profile of its cloud offers."""

import pytest

from checks.test_ipam_profiles import test_vip_network_is_offered as offered
from intent.conditions import CONDITIONS
from tests.live import world

VERSION = "30.2.1"


def service():
    (only,) = world.environment().dns_services
    return only


def test_it_is_asked_only_where_both_are_declared():
    holds = CONDITIONS["takes its VIP from offered networks"]
    site = world.environment()
    assert holds(site, service())
    profile = site.ipam_profiles[0].model_copy(update={"usable_networks": None})
    assert not holds(site.replaced(ipam_profiles=(profile,)), service())


def test_a_network_that_is_not_offered_is_told():
    objects = world.objects(VERSION)
    offered(service(), world.live(objects, VERSION))
    (profile,) = [row for row in objects["ipamdnsproviderprofile"] if row["name"] == "IPAM_Default"]
    networks = profile["internal_profile"]["usable_networks"]
    networks[:] = [entry for entry in networks if "dvportgroup-36" not in entry["nw_ref"]]
    with pytest.raises(AssertionError, match="it offers AVI_FRONTEND_3026"):
        offered(service(), world.live(objects, VERSION))


def test_two_of_one_name_are_told_apart():
    """Another cloud's network of that name is offered, and that is not this one."""
    objects = world.objects(VERSION)
    (front,) = [row for row in objects["network"] if row["name"] == "AVI_FRONTEND_3025"]
    (cloud,) = [row for row in objects["cloud"] if row["name"] == "Default-Cloud"]
    base = front["url"].partition("/api/")[0]
    other = f"{base}/api/cloud/cloud-other"
    objects["cloud"].append({**cloud, "uuid": "cloud-other", "name": "other", "url": other})
    objects["network"].append(
        {**front, "uuid": "twin", "url": f"{base}/api/network/twin", "cloud_ref": other}
    )
    (profile,) = [row for row in objects["ipamdnsproviderprofile"] if row["name"] == "IPAM_Default"]
    profile["internal_profile"]["usable_networks"] = [{"nw_ref": f"{base}/api/network/twin"}]
    with pytest.raises(AssertionError, match="it offers AVI_FRONTEND_3025"):
        offered(service(), world.live(objects, VERSION))
