"""Notices of illness: each root of which no check tells, with how many objects stand on it, and then those objects.

What a declared object's own check tells, or that of a declared cluster, is no notice; such a root is named once more
where something that nobody declares stands on it.
"""

from __future__ import annotations

from collections.abc import Iterator

from intent.notice import Notice, Sort
from live.avi.snapshot import Live
from live.illness.ailments import NOT_UNDERSTOOD, Ailment
from live.illness.diagnosis import illness
from live.illness.roots import declared, tested, with_count


def notices(live: Live) -> tuple[Notice, ...]:
    """What is ill by what was read, and told by no check."""
    known = live.once(illness)
    told_by_check = {ref for ref, each in known.ailments.items() if tested(live, each) is not None}
    # What lies between something that a check tells and its root, such as its VIP, is no news.
    between = (known.ailments.get(known.ailments[ref].cause or ref) for ref in tuple(told_by_check))
    told_by_check |= {each.ref for each in between if each is not None and each.cause is not None}
    listed: list[Notice] = []
    for ref, group in known.by_root.items():
        root = known.ailments[ref]
        others = [each for each in group if each.ref not in told_by_check]
        if others or ref not in told_by_check:
            listed.append(_notice(live, root, with_count(root.known, group)))
        listed += [_notice(live, each, each.known, root.text) for each in others]
    return tuple(listed)


def _notice(live: Live, ailment: Ailment, reason: str, cause: str = "") -> Notice:
    row = live.names.resolve(f"/api/{ailment.type}/{ailment.uuid}") if ailment.uuid else None
    cloud = tenant = bare = ""
    if row is not None:
        try:
            cloud, tenant, bare = (
                live.names.cloud_of(row),
                live.names.tenant_of(row),
                str(row.get("name", "")),
            )
        except NOT_UNDERSTOOD:
            bare = ailment.name
    return Notice(
        Sort.ILL,
        ailment.type,
        ailment.name,
        ailment.uuid,
        ailment.topic,
        ailment.severity,
        ailment.owner,
        declared=ailment.ref in live.once(declared) or tested(live, ailment) is not None,
        reason=reason,
        cause=cause,
        cloud=cloud,
        tenant=tenant,
        bare=bare,
    )


def unseen(live: Live) -> Iterator[str]:
    """What nobody knows of how the site is: a line for each type that was not read, or not understood."""
    for api, why in sorted(live.once(illness).unseen.items()):
        yield f"{api}: whether it is healthy is not known: {why}"
