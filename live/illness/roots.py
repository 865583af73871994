"""Roots of illness of which the check of a declared object tells: it blocks the checks of what stands on one.

Only then is a check of what stands on it blocked: else nothing would be red. The symptom names its cause all the same.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from intent import (
    Blocked,
    Cloud,
    Cluster,
    ConfigObject,
    Controller,
    DnsService,
    Intent,
    Key,
    Network,
    ServiceEngineGroup,
    SystemSettings,
    Unknown,
)
from intent.words import counted, together
from live.avi.reader import INVENTORY
from live.avi.snapshot import Live
from live.facts.runtime import engines_by_group, operation
from live.illness.ailments import Ailment, Ref
from live.illness.controller import CLUSTER, LICENCE, UPGRADE
from live.illness.diagnosis import illness
from live.illness.engines import group_by_engine, is_broken, name_of, other_version
from live.kinds import KINDS

OF_CLUSTER = frozenset({"virtualservice", "pool", "vsvip"})
"""Types of which a declared cluster's checks tell how those are that its AKO has made."""
OF_SITE: Mapping[Ref, type[Intent]] = {CLUSTER: Controller, LICENCE: SystemSettings, UPGRADE: SystemSettings}


def declared(live: Live) -> Mapping[Ref, tuple[Intent, ...]]:
    """What is declared, by what names its live counterpart."""
    wants: defaultdict[Ref, list[Intent]] = defaultdict(list)
    for want in live.declared:
        if type(want) in KINDS:
            with suppress(Blocked, Unknown):
                for row in live.found(want):
                    wants[KINDS[type(want)].api, str(row.get("uuid"))].append(want)
    for ref, kind in OF_SITE.items():
        wants[ref] += [want for want in live.declared if isinstance(want, kind)]
    return {ref: tuple(each) for ref, each in wants.items()}


def tested(live: Live, root: Ailment) -> Key | None:
    """The key of the declared object whose own check tells of a root; None where no check does."""
    ref = root.ref
    if root.type == "serviceengine":  # an engine is told by the check of its group
        ref = ("serviceenginegroup", live.once(group_by_engine).get(root.uuid, ""))
    for want in live.once(declared).get(ref, ()):
        if want.declares(root.field) if root.field else _tells(want):
            return want.key
    clusters = live.once(_clusters) if root.type in OF_CLUSTER and root.creator else ()
    return next((cluster.key for cluster in clusters if cluster.owns(root.creator)), None)


def _clusters(live: Live) -> tuple[Cluster, ...]:
    return tuple(want for want in live.declared if isinstance(want, Cluster))


def _tells(want: Intent) -> bool:
    """Whether a check tells how a declared object is at runtime."""
    match want:
        case Cloud():
            return want.declares("placement_ready")
        case Network():
            return want.has_pools
        case DnsService() | ConfigObject():
            return want.is_to_serve
    return isinstance(want, Controller | SystemSettings | ServiceEngineGroup)


def with_count(text: str, group: Iterable[Ailment]) -> str:
    """What is told of a root, and how many objects stand on it: `...; 12 virtual services and 3 pools stand on it`."""
    counts = Counter(each.word for each in group)
    texts = [counted(count, word) for word, count in counts.most_common()]
    verb = "stands" if counts.total() == 1 else "stand"
    return f"{text}; {together(texts)} {verb} on it" if texts else text


@dataclass(frozen=True)
class Beneath:
    """The root that an ill object waits for, and the key of the declared object whose own check tells of it."""

    root: Ailment
    key: Key
    reason: str

    @property
    def blocked(self) -> Blocked:
        """Why the check of what stands on it is not asked."""
        return Blocked(self.reason, on=self.key)


def waited_for(live: Live) -> Mapping[Ref, Beneath]:
    """Each root with a check of its own, by what names it."""
    known, waits = live.once(illness), {}
    for ref, group in known.by_root.items():
        root = known.ailments[ref]
        if (key := tested(live, root)) is not None:
            waits[ref] = Beneath(root, key, with_count(root.text, group))
    return waits


def beneath(live: Live, ref: Ref) -> Beneath | None:
    """What an ill object waits for; None where it is to be told itself."""
    root = live.once(illness).root(ref)
    return live.once(waited_for).get(root.ref) if root is not None and root.ref != ref else None


def require_no_root(live: Live, ref: Ref) -> None:
    """Raise Blocked where an object is ill, and what lies beneath it is another one that a check tells of."""
    if waits := beneath(live, ref):
        raise waits.blocked


def require_service(live: Live, service: DnsService) -> None:
    """The same of a declared DNS service. Raises Blocked, Unknown too where it is absent or not read."""
    require_no_root(live, ("virtualservice", str(live.raw(service)["uuid"])))


def problem(live: Live, want: Intent) -> str:
    """How a declared virtual service or pool is ill, "" where it is not, or where somebody has disabled it.

    Raises Blocked where it is absent, or stands on a root that a check of its own tells of; Unknown.
    """
    api, uuid = KINDS[type(want)].api, str(live.raw(want)["uuid"])
    if not operation(live.row(f"{api}{INVENTORY}", uuid)).state:
        raise Unknown(f"the Controller does not say in which state of operation {want.key} is")
    require_no_root(live, (api, uuid))
    ailment = live.once(illness).ailments.get((api, uuid))
    return ailment.known if ailment is not None else ""


def root_problem(live: Live, ref: Ref) -> str:
    """How something is ill that there is one of, with what stands on it; "" where it is not. Raises Unknown."""
    live.rows("cluster/runtime" if ref == CLUSTER else ref[0])
    known = live.once(illness)
    ailment = known.ailments.get(ref)
    return with_count(ailment.known, known.by_root.get(ref, ())) if ailment else ""


def group_problem(live: Live, group: ServiceEngineGroup) -> str:
    """What is wrong with the Service Engines of a group; "" where all serve that nobody has disabled.

    Raises Blocked where it is absent, or waits for a root that a check of its own tells of; Unknown.
    """
    ref = ("serviceenginegroup", str(live.raw(group)["uuid"]))
    rows = live.once(engines_by_group).get(ref[1], ())
    require_no_root(live, ref)
    if text := root_problem(live, ref):
        return text
    ailments = live.once(illness).ailments
    ill = [ailments.get(("serviceengine", str(row.get("uuid")))) for row in rows if is_broken(row)]
    return "; ".join(each.text for each in ill if each is not None)


def other_versions(live: Live, group: ServiceEngineGroup) -> list[str]:
    """The Service Engines of a group on another version than the Controller. Raises Blocked, Unknown."""
    rows = live.once(engines_by_group).get(str(live.raw(group)["uuid"]), ())
    listed = [f"{name_of(row)} runs {other}" for row in rows if (other := other_version(live, row))]
    upgrade = live.once(illness).ailments.get(UPGRADE)
    if listed and upgrade is not None and (key := tested(live, upgrade)) is not None:
        raise Blocked(upgrade.text, on=key)
    return listed
