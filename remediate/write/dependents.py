"""What a step that was not carried out holds back of those after it.

What was to be made, or is gone, holds back everything that refers to it. What is there and was only to be amended holds
back less: who merely lives in it, or refers to it already, goes its way.
"""

from __future__ import annotations

from intent import Drift
from remediate.plan.model import Step

LIVES_IN = ""

REFERS: dict[tuple[str, str], tuple[str, ...]] = {
    ("VRF context", "cloud"): (LIVES_IN,),
    ("SE group", "cloud"): (LIVES_IN,),
    ("network", "cloud"): (LIVES_IN,),
    ("network", "VRF context"): ("vrf",),
    ("IPAM profile", "network"): ("usable_networks",),
    ("cloud", "DNS profile"): ("dns_profile",),
    ("cloud", "IPAM profile"): ("ipam_profile",),
    ("virtual service", "cloud"): ("vip", "fqdn"),
    ("virtual service", "VRF context"): ("vrf",),
    ("virtual service", "SE group"): ("se_group",),
    ("virtual service", "network"): ("vip",),
    ("system configuration", "virtual service"): ("dns_services",),
}
"""(kind, kind that it needs) -> the fields by which it comes to stand on it."""

TAKES: dict[tuple[str, str], tuple[str, ...]] = {
    # Its address is allocated and its name registered through the profiles that the cloud has attached (blog, step 2).
    ("virtual service", "cloud"): ("dns_profile", "ipam_profile"),
}
"""Of what it needs, the fields that matter to it; all of them where nothing is said."""


def holds_back(undone: Step, step: Step, *, gone: bool = False) -> bool:
    """Whether a step must wait for one that it needs and that was not carried out. `gone`: its object is not there."""
    if undone.action == "create" or gone:
        return True
    pair = step.key.kind, undone.key.kind
    if (by := REFERS.get(pair)) is None:
        return True
    if by == (LIVES_IN,) or (step.action == "amend" and not _changes(step, by)):
        return False
    return pair not in TAKES or _changes(undone, TAKES[pair])


def _changes(step: Step, fields: tuple[str, ...]) -> bool:
    of_it = {Drift(step.key, change.path, None, None).field.partition(".")[0] for change in step.changes}
    return not of_it.isdisjoint(fields)
