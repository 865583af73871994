"""Roots of illness that a declared object has a check of its own for: what stands on one waits for it.

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
from intent.words import counted
from live.avi.snapshot import Live
from live.illness.ailments import Ailment, Ref
from live.illness.controller import CLUSTER, LICENCE, UPGRADE
from live.illness.diagnosis import illness
from live.kinds import KINDS

RUNTIME = frozenset({"virtualservice", "pool", "vsvip", "serviceengine"})
"""Types of which a declared object has a check of how it is; see `checks/test_services.py`."""
OF_CLUSTER = frozenset({"virtualservice", "pool", "vsvip"})
"""Types of which a declared cluster's checks tell how those are that its AKO has made."""
OF_SITE: Mapping[Ref, type[Intent]] = {
    CLUSTER: Controller,
    LICENCE: SystemSettings,
    UPGRADE: SystemSettings,
}


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
    for want in live.once(declared).get(root.ref, ()):
        if want.declares(root.field) if root.field else _tells(want):
            return want.key
    of_cluster = root.type in OF_CLUSTER and root.creator
    clusters = (want for want in live.declared if of_cluster and isinstance(want, Cluster))
    return next((cluster.key for cluster in clusters if cluster.owns(root.creator)), None)


def _tells(want: Intent) -> bool:
    """Whether a check tells how a declared object is at runtime."""
    match want:
        case Cloud():
            return want.declares("placement_ready")
        case Network():
            return want.min_free is not None or want.declares("subnets.pools")
        case DnsService():
            return want.enabled is not False and bool(want.enabled or want.fqdn or want.records)
        case ConfigObject():
            return not want.absent and want.api in RUNTIME
    return isinstance(want, Controller | SystemSettings | ServiceEngineGroup)


def standing_on(group: Iterable[Ailment]) -> str:
    """How many objects stand on a root, by their types: `12 virtual services and 3 pools stand on it`."""
    counts = Counter(each.word for each in group)
    texts = [counted(count, word) for word, count in counts.most_common()]
    verb = "stands" if counts.total() == 1 else "stand"
    return f"{' and '.join(filter(None, (', '.join(texts[:-1]), texts[-1])))} {verb} on it" if texts else ""


@dataclass(frozen=True)
class Beneath:
    """What an ill object waits for: a root with a check of its own, which is that of `key`."""

    root: Ailment
    key: Key
    reason: str

    @property
    def blocked(self) -> Blocked:
        """Why the check of what stands on it is not asked."""
        return Blocked(self.reason, on=self.key)


def beneath(live: Live, ref: Ref) -> Beneath | None:
    """What an ill object waits for; None where it is to be told itself."""
    known = live.once(illness)
    root = known.root(ref)
    if root is None or root.ref == ref or (key := tested(live, root)) is None:
        return None
    return Beneath(
        root, key, "; ".join(filter(None, (root.text, standing_on(known.by_root.get(root.ref, ())))))
    )


def require_no_root(live: Live, ref: Ref) -> None:
    """Raise Blocked where an object is ill, and what lies beneath it is another one that a check tells of."""
    if waits := beneath(live, ref):
        raise waits.blocked
