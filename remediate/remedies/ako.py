"""Remedies of what an AKO would stumble over: a VIP network that is not usable, a domain, a label left behind.

What is to be is not declared as such: it follows from the AKO's values and from the site, as it is at this moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy

from intent import Blocked, Cluster
from intent.ako import may_name_cluster, network_holes, site_holes
from intent.ako.holes import AkoCase
from intent.kinds.ako import AkoHole
from live.ako.verdicts import ako_case
from live.avi.identity import Json, own_ref
from live.kinds.profiles import put_usable, usable_refs
from remediate.registry import Case, Draft, Verdict, remedy


def _looked_at(case: Case) -> AkoCase:
    return ako_case(case.want.ako, case.view.environment, case.view.live)


def _row(case: Case, api: str, uuid: str) -> Json:
    """An object as it was read. Raises Blocked where it is gone."""
    for row in case.view.live.rows(api):
        if row.get("uuid") == uuid:
            return row
    raise Blocked(f"{api} {uuid} is not there any more")


def usable_networks(case: Case, _drafts: Sequence[Draft]) -> Sequence[Draft]:
    """The IPAM profile of the cloud, with the VIP networks that it lacks."""
    ako = _looked_at(case)
    if ako.ipam is None:
        return []
    before = _row(case, "ipamdnsproviderprofile", ako.ipam.uuid)
    after = deepcopy(before)
    missing = network_holes.unusable(ako)
    names = case.view.names
    refs = [own_ref(_row(case, "network", each.uuid)) for each in missing]
    put_usable(after, [*usable_refs(before, names), *refs], names)
    return [Draft("ipamdnsproviderprofile", before, after)] if missing else []


@remedy(AkoHole, "usable_networks", risk="safe", compose=usable_networks)
def make_usable(_case: Case) -> Verdict:
    """Say that VIPs may come from the network, too; VIPs that are there keep their addresses [SCHEMA]."""
    return Verdict()


def with_domain(case: Case, _drafts: Sequence[Draft]) -> Sequence[Draft]:
    """The DNS profile of the cloud, with the default domain."""
    ako = _looked_at(case)
    domain = ako.settings.text("defaultDomain")
    cloud = ako.boot.cloud
    if cloud is None or not cloud.dns or domain in network_holes.domains_of(ako):
        return []
    before = _row(case, "ipamdnsproviderprofile", cloud.dns)
    after = deepcopy(before)
    profile = after.setdefault("internal_profile", {})
    profile["dns_service_domain"] = [*profile.get("dns_service_domain", []), {"domain_name": domain}]
    return [Draft("ipamdnsproviderprofile", before, after)]


@remedy(AkoHole, "domains", risk="safe", compose=with_domain)
def add_domain(case: Case) -> Verdict:
    """Let the Controller register names in one domain more, where the profile is its own."""
    ako = _looked_at(case)
    cloud = ako.boot.cloud
    profile = ako.view.profile(cloud.dns) if cloud and cloud.dns else None
    if profile is None or profile.type != "IPAMDNS_TYPE_INTERNAL_DNS":
        return Verdict(withdrawn="the cloud has no DNS profile of the Controller's own to add the domain to")
    return Verdict()


def _left_labels(case: Case) -> dict[str, str]:
    """The groups of this AKO with a label that a failed start has left behind, uuid -> value."""
    ako = _looked_at(case)
    left = ((group.uuid, site_holes.left_behind(ako, group)) for group in ako.groups())
    return {uuid: value for uuid, value in left if value is not None and value != ako.settings.cluster}


def without_label(case: Case, _drafts: Sequence[Draft]) -> Sequence[Draft]:
    """The groups of this AKO without a label that a failed start has left behind."""
    rows = [_row(case, "serviceenginegroup", uuid) for uuid in _left_labels(case)]
    return [Draft("serviceenginegroup", before, {**before, "labels": []}) for before in rows]


@remedy(AkoHole, "labels", risk="guarded", compose=without_label)
def take_label_off(case: Case) -> Verdict:
    """Take the label off a group, while nothing is in it or of that name; `clusters` in the file says who there is."""
    left = _left_labels(case)
    labels = set(left.values())
    clusters = list(case.view.environment.each(Cluster))
    owners = [str(each) for each in clusters if each.name in labels]
    if not any(each.listed for each in clusters):
        # A cluster that has made nothing yet shows nowhere but in its label.
        names = sorted(name for name in labels if name and may_name_cluster(name))
        owners += [f"cluster {name}, if there is one" for name in names]
    services = [
        named for uuid in left for named in case.view.users("serviceenginegroup", uuid, "virtualservice")
    ]
    return Verdict(hit=(*owners, *services), effect="their AKO would not find its group labelled as its own")
