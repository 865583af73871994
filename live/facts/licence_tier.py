"""Licence tiers: what is declared that the lower ones do not have; a Controller refuses to write it there [SCHEMA]."""

from __future__ import annotations

from collections.abc import Iterator

from avi_schema import LOWER_TIERS, MISSING, load
from intent import ConfigObject, Intent, Unknown
from intent.objects.overlap import member_path
from live.avi.snapshot import Live
from live.kinds import KINDS


def beyond_tier(live: Live) -> tuple[str, list[str]]:
    """The Controller's default tier, and what is declared that it does not have. Raises Unknown."""
    for row in live.rows("systemconfiguration"):
        if tier := row.get("default_license_tier"):
            missing = [f"{member} of {want.key}" for want in live.declared for member in _beyond(want)]
            return str(tier), list(dict.fromkeys(missing)) if tier in LOWER_TIERS else []
    raise Unknown("the Controller does not say which licence tier it has by default")


def _beyond(want: Intent) -> Iterator[str]:
    """The declared members that the lower tiers do not have; what every tier has by default is left out."""
    kind = KINDS.get(type(want))
    described = load().types.get(kind.api) if kind is not None else None
    if kind is None or described is None:
        return
    fields = described.message.fields
    if isinstance(want, ConfigObject):
        given = ((name, value) for name, value in want.fields.items() if name in described.enterprise)
        yield from (name for name, value in given if value and value != fields[name].default)
        return
    for declared, leaf in kind.leaves.items():
        name = member_path(leaf.api)[0]
        if name in described.enterprise and fields[name].default is MISSING and want.declares(declared):
            yield name
