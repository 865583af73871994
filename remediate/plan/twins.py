"""Twins of an absent object: others that bear its name, or almost, so that making it may be a mistake."""

from __future__ import annotations

import re
import unicodedata

from intent import Intent
from live.kinds import KINDS
from remediate.plan.view import View

_ALIKE = str.maketrans("авекмнорстухіјѕαβεζηικμνορτυχ", "abekmhopctyxijsabezhikmnoptyx")
"""Letters of other alphabets that look like Latin ones, in lower case."""


def near_twins(want: Intent, view: View) -> list[str]:
    """The names in a declared object's cloud and tenant that look almost like its own, and that nobody declares."""
    kind, key = KINDS[type(want)], want.key
    there = [kind.key(row, view.live.names) for row in view.live.rows(kind.api)]
    declared, place = {other.key for other in view.environment}, (key.cloud, key.tenant, _looks(key.name))
    return [
        near.name
        for near in there
        if near not in declared and (near.cloud, near.tenant, _looks(near.name)) == place
    ]


def _looks(name: str) -> str:
    """What a person tells a name by: not its case, accents, kind of dash or space, or what is not printed."""
    letters = unicodedata.normalize("NFKD", name).casefold().translate(_ALIKE)
    seen = (
        "-" if unicodedata.category(letter) in ("Zs", "Zl", "Zp", "Pd", "Pc") else letter
        for letter in letters
        if letter.isspace() or unicodedata.category(letter) not in ("Mn", "Me", "Cf", "Cc")
    )
    return re.sub(r"[\s\u2212-]+", "-", "".join(seen)).strip("-")


def in_other_tenants(want: Intent, view: View) -> list[str]:
    """The other tenants that hold an object of a declared object's name and cloud, which nobody declares there.

    Raises Unknown.
    """
    live, kind = view.live, KINDS[type(want)]
    tenants = set(live.elsewhere(want))
    if not live.snapshot.every_tenant:  # what was read shows the declared tenant alone
        rows = view.rows(kind.api, name=want.name)
        keys = [kind.key(row, live.names) for row in rows if row.get("name") == want.name]
        tenants |= {key.tenant for key in keys if key.cloud == want.key.cloud} - {want.key.tenant}
    declared = {other.key for other in view.environment}
    return sorted(tenant for tenant in tenants if want.key._replace(tenant=tenant) not in declared)
