"""Licences: what a tier does not have, and Service Engines for which no core is left [DOC; INF words and lists].

From 32.1.1 on a licence that has expired counts for its time of grace; that there is one is in the vendor's models
[CLIENT], how long it is and which members tell it is [INF].
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from avi_schema import LOWER_TIERS
from lab.cloud.common import remembered
from lab.hooks import ANY, Change, Moment, on
from lab.objects import Json, Object, Refused

if TYPE_CHECKING:
    from lab.site import Site

GRACE_FROM = (32, 1, 1)


@on(Moment.CHECK, ANY)
def within_tier(change: Change) -> None:
    """Refuse (400) what the default licence tier does not have [SCHEMA]; defaults, and what was there before, stay."""
    tier = str(change.site.system.get("default_license_tier", ""))
    if tier not in LOWER_TIERS:
        return
    old, kind = change.old.body if change.old is not None else {}, change.site.schema.types[change.new.type]
    for member in sorted(kind.enterprise & change.new.body.keys()):
        value, default = change.new.body[member], kind.message.fields[member].default_at(change.site.version)
        if value and value not in (old.get(member), default):
            raise Refused(400, f"{member} of {change.new.name} is not allowed in license tier {tier}")


def grace(site: Site) -> timedelta:
    """For how long an expired licence still counts."""
    return timedelta(days=site.pace.licence_grace if site.version >= GRACE_FROM else 0)


def expiries(site: Site) -> list[Json]:
    """Every licence: its name, when it expires and its grace ends, and whether it is valid, in grace or expired."""
    now, listed = site.clock.utc(), []
    for licence in site.store.all("license"):
        for part in (licence.body, *licence.body.get("licenses", [])):
            if (end := _end(str(part.get("valid_until", "")), now)) is None:
                continue
            last = end + grace(site)
            state = "VALID" if now <= end else "GRACE" if now <= last else "EXPIRED"
            listed.append(
                {
                    "name": str(part.get("license_name") or licence.name),
                    "expiration": end.isoformat(timespec="seconds"),
                    "grace_until": last.isoformat(timespec="seconds"),
                    "state": state,
                }
            )
    return listed


def cores_left(site: Site) -> int | None:
    """How many cores are neither taken nor expired; None where no licence counts cores."""
    now, total, counted = site.clock.utc(), 0, False
    for licence in site.store.all("license"):
        for part in (licence.body, *licence.body.get("licenses", [])):
            if (cores := part.get("cores")) is None:
                continue
            counted = True
            end = _end(str(part.get("valid_until", "")), now)
            total += int(cores) if end is None or now <= end + grace(site) else 0
    if not counted:
        return None
    now_there = site.store.changed(("serviceengine",))
    return total - remembered(site, "cores_taken", now_there, lambda: _cores_taken(site))


def _cores_taken(site: Site) -> int:
    return sum(_cores(engine) for engine in site.store.all("serviceengine"))


def _cores(engine: Object) -> int:
    return int((engine.body.get("resources") or {}).get("num_vcpus", 1))


def _end(until: str, now: datetime) -> datetime | None:
    """When a licence expires; None where it does not say."""
    try:
        end = datetime.fromisoformat(until)
    except ValueError:
        return None
    return end if end.tzinfo else end.replace(tzinfo=now.tzinfo)
