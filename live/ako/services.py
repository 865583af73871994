"""AKO's services at work: each virtual service, VIP and pool that an AKO has made, how it is, and why.

A state is the Controller's word; the reason is the Controller's too; the cause is what lies beneath it, as the
diagnosis of the site has it. What was not read gives no cause.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from intent import Cluster, Unknown
from intent.words import first_of
from live.avi.identity import Json, maker, uuid_of
from live.avi.snapshot import Live
from live.facts.runtime import UP, Operation, messages, operation
from live.illness.addresses import without_address
from live.illness.ailments import NOT_READ, Ailment, Ref
from live.illness.diagnosis import illness
from live.illness.engines import WAITING
from live.illness.roots import beneath
from live.illness.services import CHILD
from live.kinds.codecs import dig
from live.kinds.dns import vsvip_of

MOST = 5
"""Objects that are named of one namespace."""


@dataclass(frozen=True)
class Object:
    """A virtual service, VIP or pool of an AKO's that does not serve. `namespace` is "" for what clusters share.

    `state` is the Controller's word, `cause` what lies beneath its `reason`, "" where nothing does.
    """

    api: str
    uuid: str
    name: str
    creator: str
    namespace: str
    state: str
    reason: str
    cause: str = ""

    @property
    def ref(self) -> Ref:
        """What names it."""
        return self.api, self.uuid

    @property
    def text(self) -> str:
        """`name waits for ...: cause (state: reason)`."""
        how = "waits" if self.state in WAITING else "does not serve"
        word = f"{self.state}: {self.reason}" if self.reason else self.state
        return f"{self.api} {self.name} {how}" + (f": {self.cause}" if self.cause else "") + f" ({word})"


def services(live: Live) -> tuple[Object, ...]:
    """The virtual services that some AKO has made and that are not up. Raises Unknown."""
    rows = _akos(live, "virtualservice")
    live.rows("virtualservice-inventory")
    states = [(row, _operation(live, "virtualservice-inventory", row)) for row in rows]
    return tuple(
        _object(live, "virtualservice", row, how, "it is disabled" if row.get("enabled") is False else "")
        for row, how in states
        if how.state != UP
    )


def pools(live: Live) -> tuple[Object, ...]:
    """The pools that some AKO has made and that have servers and are not up. Raises Unknown."""
    rows = _akos(live, "pool")
    live.rows("pool-inventory")
    down = []
    for row in rows:
        how = _operation(live, "pool-inventory", row)
        entry = live.row("pool-inventory", str(row["uuid"]))
        up, every = dig(entry, "runtime", "num_servers_up"), dig(entry, "runtime", "num_servers")
        if how.state != UP and every != 0:
            known = isinstance(up, int) and isinstance(every, int)
            down.append(_object(live, "pool", row, how, f"{up} of {every} servers are up" if known else ""))
    return tuple(down)


def empty_pools(live: Live) -> tuple[Object, ...]:
    """The same of those that have no server: their Deployment is scaled to zero, or nothing backs the Service."""
    empty = []
    for row in _akos(live, "pool"):
        entry = live.row("pool-inventory", str(row["uuid"]))
        if dig(entry, "runtime", "num_servers") == 0:
            how = _operation(live, "pool-inventory", row)
            empty.append(_object(live, "pool", row, how, "it has no server"))
    return tuple(empty)


def vips(live: Live) -> tuple[Object, ...]:
    """The VIPs of some AKO's virtual services that have no address. Raises Unknown."""
    live.rows("vsvip")
    bare = []
    for row in live.rows("virtualservice"):
        if not maker(row) or row.get("type") == CHILD:
            continue
        vip = vsvip_of(row, live.names)
        if why := without_address(vip):
            named = {
                **row,
                "name": vip.get("name", row["name"]),
                "uuid": uuid_of(str(row.get("vsvip_ref") or "")),
            }
            bare.append(_object(live, "vsvip", named, Operation("no address", ()), why))
    return tuple(bare)


def _akos(live: Live, api: str) -> list[Json]:
    """The objects of a type that some AKO has made. Raises Unknown."""
    return [row for row in live.rows(api) if maker(row)]


def _operation(live: Live, api: str, row: Json) -> Operation:
    how = operation(live.row(api, str(row["uuid"])))
    if not how.state:
        raise Unknown(f"the Controller does not say in which state of operation {row['name']} is")
    return how


def _object(live: Live, api: str, row: Json, how: Operation, cause: str) -> Object:
    """`cause`: what is known of the object itself; what lies beneath it comes first."""
    marks = {str(mark.get("key")): mark.get("values") for mark in messages(row.get("markers"))}
    values = marks.get("Namespace")
    namespace = str(values[0]) if isinstance(values, list) and values else ""
    reason = "; ".join(dict.fromkeys(how.reasons))
    ref = (api, str(row["uuid"]))
    root = live.once(illness).root(ref)
    cause = _beneath(root, ref) or cause
    return Object(*ref, str(row["name"]), maker(row), namespace, how.state, reason, cause)


def _beneath(root: Ailment | None, ref: Ref) -> str:
    if root is None:
        return ""
    return root.unread and f"{NOT_READ}: {root.unread}" if root.ref == ref else root.text


def require_serving(live: Live, cluster: Cluster, look: Callable[[Live], tuple[Object, ...]]) -> str:
    """What of a cluster does not serve, "" where all does; what waits for a root with a check of its own is counted.

    Raises Blocked where all of it waits for such roots, Unknown.
    """
    down = [each for each in live.once(look) if cluster.owns(each.creator)]
    waits = [(each, beneath(live, each.ref)) for each in down]
    own = _by_namespace(each for each, root in waits if root is None)
    roots = Counter(root for _, root in waits if root is not None)
    if roots and not own:
        raise roots.most_common(1)[0][0].blocked
    return "; ".join([*own, *(f"{count} more wait for {root.root.subject}" for root, count in roots.items())])


def _by_namespace(objects: Iterable[Object]) -> list[str]:
    """What does not serve, a line for each namespace."""
    groups: defaultdict[str, list[Object]] = defaultdict(list)
    for each in objects:
        groups[each.namespace].append(each)
    return [
        f"{f'namespace {namespace}' if namespace else 'shared'} ({len(group)}): "
        + first_of((each.text for each in group), MOST, "; ")
        for namespace, group in sorted(groups.items())
    ]
