"""Actions on virtual services and Service Engines: scale-out, scale-in, migration, switchover, reboot.

Paths and the members of their bodies are the schema's; effects are what their names say on the placement that is
modelled here, and the wording of refusals is ours [INF].
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.cloud import engines
from lab.cloud.common import followed, uuid_of
from lab.cloud.engines import Engine, Placement, placements
from lab.cloud.machines import NoAddress
from lab.cloud.services import carrier, settle_service
from lab.hooks import action
from lab.objects import Json, Object, Refused

if TYPE_CHECKING:
    from lab.site import Site


def _placed(site: Site, service: Object) -> tuple[Object, Placement, Object]:
    """The service that is placed for this one, where it runs, and its group. Raises Refused when it runs nowhere."""
    host = carrier(site, service)
    placed, group = placements(site).get(host.uuid), followed(site, host.body, "se_group_ref")
    if placed is None or not placed.engines or group is None:
        raise Refused(400, f"Virtual service {service.name} is not placed")
    return host, placed, group


def _target(site: Site, placed: Placement, group: Object, body: Json) -> Engine:
    named, fresh = uuid_of(body.get("to_se_ref")), body.get("to_new_se") is True
    try:
        engine = engines.another(site, group, placed, named=named, fresh=fresh)
    except NoAddress as none:
        raise Refused(400, str(none)) from None
    if engine is None:
        raise Refused(400, f"No Service Engine of group {group.name} has room")
    return engine


def _source(placed: Placement, body: Json, member: str, otherwise: int) -> str:
    named = uuid_of(body.get(member))
    if named and named not in placed.engines:
        raise Refused(400, f"Service Engine {named} does not carry the virtual service")
    return named or placed.engines[otherwise]


@action("virtualservice", "scaleout")
def scale_out(site: Site, service: Object, body: Json) -> None:
    """One Service Engine more, up to the group's `max_scaleout_per_vs`."""
    host, placed, group = _placed(site, service)
    most = int(group.body.get("max_scaleout_per_vs", 4))
    if len(placed.engines) >= most:
        raise Refused(400, f"Virtual service {service.name} is scaled out to {most} Service Engines already")
    _join(site, host, placed, _target(site, placed, group, body))


@action("virtualservice", "scalein")
def scale_in(site: Site, service: Object, body: Json) -> None:
    """One Service Engine less: the named one or the last, the primary only where it is said; not below the least."""
    host, placed, group = _placed(site, service)
    if len(placed.engines) <= engines.wanted(group):
        raise Refused(400, f"Virtual service {service.name} needs its {len(placed.engines)} Service Engines")
    primary = body.get("scalein_primary") is True
    gone = _source(placed, body, "from_se_ref", 0 if primary else -1)
    if gone == placed.engines[0] and not primary:
        raise Refused(400, "The primary Service Engine is not scaled in unless scalein_primary is set")
    engines.leave(site, host.uuid, placed, gone)


@action("virtualservice", "migrate")
def migrate(site: Site, service: Object, body: Json) -> None:
    """From one Service Engine, the primary unless another is named, to another in its place."""
    host, placed, group = _placed(site, service)
    gone = _source(placed, body, "from_se_ref", 0)
    at, target = placed.engines.index(gone), _target(site, placed, group, body)
    _join(site, host, placed, target)
    engines.leave(site, host.uuid, placed, gone)
    placed.engines.remove(target.uuid)
    placed.engines.insert(at, target.uuid)


@action("virtualservice", "switchover")
def switch_over(site: Site, service: Object, body: Json) -> None:
    """Another of its Service Engines becomes the primary: the named one, or the next."""
    _, placed, _ = _placed(site, service)
    if len(placed.engines) < 2:
        raise Refused(400, f"Virtual service {service.name} has no other Service Engine")
    first = _source(placed, body, "se_uuid", 1)
    placed.engines.sort(key=lambda uuid: uuid != first)


@action("virtualservice", "retryplacement")
@action("virtualservice", "resync")
def try_again(site: Site, service: Object, _body: Json) -> None:
    """Placed anew where it runs nowhere, or on too few; its Service Engines know it already."""
    settle_service(site, carrier(site, service))


@action("serviceengine", "reboot")
def reboot(site: Site, engine: Object, _body: Json) -> None:
    """Away, and up again after the time it takes to initialize."""
    if (record := engines.engines(site).get(engine.uuid)) is not None:
        record.born = site.clock.now() - site.pace.se_creating


@action("serviceengine", "switchover")
def leave_first(site: Site, engine: Object, _body: Json) -> None:
    """No longer the primary of any service that others carry too."""
    for placed in placements(site).values():
        if placed.engines[:1] == [engine.uuid] and len(placed.engines) > 1:
            placed.engines.append(placed.engines.pop(0))


def _join(site: Site, host: Object, placed: Placement, engine: Engine) -> None:
    try:
        engines.join(site, host.uuid, placed, engine)
    except NoAddress as none:
        raise Refused(400, str(none)) from None
