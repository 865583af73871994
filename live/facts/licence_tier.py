"""Licence tiers: what is declared that the lower ones do not have; a Controller refuses to write it there [SCHEMA]."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from avi_schema import LOWER_TIERS
from intent import ConfigObject, Intent, Unknown
from intent.objects.overlap import member_path
from live.avi.snapshot import Live
from live.kinds import KINDS

BEYOND: Mapping[str, frozenset[str]] = {
    "cloud": frozenset({"dns_provider_ref"}),
    "systemconfiguration": frozenset({"dns_virtualservice_refs"}),
    "virtualservice": frozenset({"enable_rhi", "static_dns_records", "waf_policy_ref"}),
    "vrfcontext": frozenset({"bgp_profile"}),
}
"""Members that only the enterprise tiers have, by type [SCHEMA]."""


def beyond_tier(live: Live) -> tuple[str, list[str]]:
    """The Controller's default tier, and what is declared that it does not have. Raises Unknown."""
    for row in live.rows("systemconfiguration"):
        if tier := row.get("default_license_tier"):
            missing = [f"{member} of {want.key}" for want in live.declared for member in _beyond(want)]
            return str(tier), list(dict.fromkeys(missing)) if tier in LOWER_TIERS else []
    raise Unknown("the Controller does not say which licence tier it has by default")


def _beyond(want: Intent) -> Iterator[str]:
    if (kind := KINDS.get(type(want))) is None:
        return
    members = BEYOND.get(kind.api, frozenset())
    if isinstance(want, ConfigObject):
        yield from (name for name, value in want.fields.items() if name in members and value)
        return
    for declared, leaf in kind.leaves.items():
        if (name := member_path(leaf.api)[0]) in members and want.declares(declared):
            yield name
