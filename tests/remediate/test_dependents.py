"""What a step that was not carried out holds back, by what the later one takes from it."""

import pytest

from intent import Key
from intent.remediation import Change
from remediate.plan.model import Step
from remediate.plan.sequence import holds_back

CLOUD = Key("cloud", "Default-Cloud")
NETWORK = Key("network", "NET", "Default-Cloud")
VRF = Key("VRF context", "VRF", "Default-Cloud")
SERVICE = Key("DNS service", "DNS", "Default-Cloud")


def step(key, action, *paths):
    changes = tuple(Change(path, None, "x", "safe") for path in paths)
    return Step(key, action, changes, (), "")


@pytest.mark.parametrize(
    ("undone", "later", "held"),
    [
        (step(CLOUD, "amend", "ipam_profile"), step(VRF, "create", ""), False),
        (step(CLOUD, "create", ""), step(VRF, "create", ""), True),
        (step(CLOUD, "amend", "ipam_profile"), step(SERVICE, "create", "", "vip.network"), True),
        (step(CLOUD, "amend", "state_based_dns"), step(SERVICE, "create", "", "vip.network"), False),
        (step(CLOUD, "amend", "ipam_profile"), step(SERVICE, "amend", "records[a A].addresses"), False),
        (step(VRF, "amend", "routes"), step(NETWORK, "amend", "dhcp"), False),
        (step(VRF, "amend", "routes"), step(NETWORK, "amend", "dhcp", "vrf"), True),
        (step(VRF, "create", ""), step(NETWORK, "amend", "dhcp"), True),
        (step(NETWORK, "amend", "subnets[10.0.0.0/24].pools"), step(SERVICE, "create", ""), True),
        (step(NETWORK, "amend", "dhcp"), step(Key("something", "new"), "amend", "dhcp"), True),
    ],
)
def test_holds_back(undone, later, held):
    assert holds_back(undone, later) is held
    assert holds_back(undone, later, gone=True), "nothing can stand on what is not there"
