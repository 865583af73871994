"""Creation of an absent object: what stands against making it, such as a twin, and what it is made of."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from intent import Blocked, ConfigObject, Intent, Key
from intent.cloud_types import meaningless
from intent.plain_data import copied
from intent.words import tenants_named
from live.avi.identity import Home, Json, Names
from live.avi.snapshot import Live
from live.kinds import KINDS, Kind
from live.kinds.objects import ObjectKind
from remediate.plan.request import member_of
from remediate.plan.view import View

_ALIKE = str.maketrans(
    "авекмнорстухіјѕһӏԁԛԝѵүαβεζηικμνορτυχօıɡɑøđł\u2043\u02d7\u115f\u1160\u2800",
    "abekmhopctyxijshldqwvyabezhikmnoptyxoigaodl-----",
)
"""What looks like Latin letters, in lower case, or like a dash or a blank, and is none."""


def require_makeable(want: Intent, view: View, *, near_twins: bool) -> None:
    """Raise Blocked where an absent object may not be made as it is declared, and Unknown.

    A twin bears its name in another tenant, or almost its name beside it, so that to make it may be a mistake;
    `near_twins`: it is made all the same.
    """
    if why := meaningless(want, view.cloud_type(want)):
        raise Blocked(f"as the Controller has it, {why}")
    if len(want.tenants) > 1:
        raise Blocked(
            f"its cloud may discover it, as tenant admin's, or it may be made in tenant {want.tenants[0]}: declare "
            "the cloud's `type`, or the network's `tenant:`"
        )
    if near_twins:
        return
    if tenants := _in_other_tenants(want, view):
        raise Blocked(
            f"there is one of that name in {tenants_named(tenants)}: declare `tenant: {tenants[0]}`, on the object "
            "or under `controller` for the whole file; --create-near-twins makes another one in tenant "
            f"{want.key.tenant}"
        )
    if twins := _near_twins(want, view):
        raise Blocked(
            f"one of almost that name exists, {', '.join(map(_spelled, twins))}: correct the name in the environment "
            "file or on the Controller; --create-near-twins makes another one beside it"
        )


def new_body(want: Intent, view: View) -> Json:
    """The JSON of a new object, in its cloud and tenant. Raises as `new_object` does."""
    kind, base = KINDS[type(want)], Json(name=want.name)
    if kind.scoped:
        base["cloud_ref"] = view.names.ref("cloud", want.key.cloud, Home((), want.bare_tenants))
    if want.key.tenant != "admin":
        base["tenant_ref"] = view.names.ref("tenant", want.key.tenant)
    return new_object(kind, want, base, view.names)


def new_object(kind: Kind, want: Intent, base: Json, names: Names) -> Json:
    """A new object: the base with every declared field that is stored in it. Raises as `merged` does."""
    names = kind.around(want, names)
    if isinstance(kind, ObjectKind) and isinstance(want, ConfigObject):
        return kind.new_object(want, base, names)
    body = {**copied(dict(kind.fixed)), **base}
    for root, leaf in kind.leaves.items():
        if leaf.put is not None and (value := member_of(want, root)) is not None:
            leaf.put(body, value, names)
    return body


def _near_twins(want: Intent, view: View) -> list[str]:
    """The names in a declared object's cloud and tenant that look almost like its own, and that nobody declares."""
    alike = view.live.once(_by_looks(type(want)))
    beside = alike.get(want.key._replace(name=_looks(want.name)), ())
    return [near.name for near in beside if view.environment.find(near) is None]


@cache
def _by_looks(kind: type[Intent]) -> Callable[[Live], Mapping[Key, Sequence[Key]]]:
    """What tells the keys of a kind's live objects by a key whose name is what people tell the name by."""

    def by_looks(live: Live) -> Mapping[Key, Sequence[Key]]:
        alike: dict[Key, list[Key]] = {}
        for key in (live.key(kind, row) for row in live.rows(KINDS[kind].api)):
            alike.setdefault(key._replace(name=_looks(key.name)), []).append(key)
        return alike

    return by_looks


def _looks(name: str) -> str:
    """What a person tells a name by: not its case, accents, kind of dash or space, or what is not printed."""
    letters = unicodedata.normalize("NFKD", name).casefold().translate(_ALIKE)
    seen = (
        "-" if unicodedata.category(letter) in ("Zs", "Zl", "Zp", "Pd", "Pc") else letter
        for letter in letters
        if letter.isspace() or unicodedata.category(letter) not in ("Mn", "Me", "Cf", "Cc")
    )
    return re.sub(r"[\s\u2212-]+", "-", "".join(seen)).strip("-")


def _in_other_tenants(want: Intent, view: View) -> list[str]:
    """The other tenants that hold an object of a declared object's name and cloud, which nobody declares there.

    Raises Unknown.
    """
    live, kind = view.live, KINDS[type(want)]
    tenants = set(live.elsewhere(want))
    if not live.snapshot.every_tenant:  # what was read shows the declared tenant alone
        rows = view.rows(kind.api, name=want.name)
        keys = [kind.key(row, live.names) for row in rows if row.get("name") == want.name]
        tenants |= {key.tenant for key in keys if key.cloud == want.key.cloud} - {want.key.tenant}
    return sorted(
        tenant for tenant in tenants if view.environment.find(want.key._replace(tenant=tenant)) is None
    )


def _spelled(name: str) -> str:
    """A name in quotes; one that may look like another is written out besides."""
    return repr(name) if name.isascii() else f"{name!r} (in full {name!a})"
