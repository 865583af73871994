"""Static routes of AKO in a VRF context: their ids, and the two rules by which it deletes those of others [CLIENT].

Up to 1.13.1 ids are `<cluster>-1`, `-2`, ..., the same at every start, and every route is deleted in whose id such a
pattern stands anywhere. From 1.13.2 on ids are `<cluster>-<uuid>-<n>`, new at every start, and every route is deleted
whose first label is not `clustername` of another cluster; those without label stay.
"""

from __future__ import annotations

import re
import uuid
from ipaddress import ip_network
from typing import TYPE_CHECKING

from lab.ako.api import Api, named
from lab.ako.settings import Settings
from lab.cloud.common import ip_json, prefix_json
from lab.objects import Json

if TYPE_CHECKING:
    from random import Random

LABELLED = (1, 13, 2)
"""The first version that tells its routes by their label."""


def own_routes(settings: Settings, random: Random) -> list[Json]:
    """The routes that this AKO wants: one for each pod network of each node."""
    wanted: list[Json] = []
    for node in settings.nodes:
        start = uuid.UUID(int=random.getrandbits(128), version=4)
        for number, pods in enumerate(node.pods):
            named_by = f"{start}-{number}" if settings.version >= LABELLED else str(len(wanted) + 1)
            wanted.append(
                {
                    "route_id": f"{settings.cluster}-{named_by}",
                    "prefix": prefix_json(ip_network(pods)),
                    "next_hop": ip_json(node.ip),
                    "labels": settings.mark,
                }
            )
    return wanted


def kept(settings: Settings, routes: list[Json]) -> list[Json]:
    """The routes of a VRF context that a write of this AKO leaves there."""
    if settings.version < LABELLED:
        own = re.compile(f"{re.escape(settings.cluster)}-[1-9]+")
        return [route for route in routes if not own.search(str(route.get("route_id", "")))]
    return [route for route in routes if _of_others(settings, route)]


def _of_others(settings: Settings, route: Json) -> bool:
    labels = route.get("labels")
    if not labels:
        return True
    first = labels[0]
    return bool(first.get("key") == "clustername" and first.get("value", "") != settings.cluster)


def write_routes(api: Api, settings: Settings, vrf: str, wanted: list[Json]) -> str:
    """Put the routes into the VRF context, next to those that stay; what the log says where nothing was written.

    Where the routes that count as its own are the wanted ones already, nothing is written: so for versions with stable
    ids, unless some other id begins with the cluster's name. Raises ApiError.
    """
    answer = api.get(named("vrfcontext", vrf, cloud_ref__name=settings.cloud))
    if not answer["count"]:
        return f"INFO\tvrf cache object NOT found for vrf name: {vrf}"
    context = answer["results"][0]
    routes: list[Json] = context.get("static_routes", [])
    if _counted(settings, routes) == _facts(wanted):
        return ""
    body = context | {"static_routes": [*kept(settings, routes), *wanted]}
    api.or_admin("PUT", f"/api/vrfcontext/{context['uuid']}", body, after=(400,))
    return ""


def _counted(settings: Settings, routes: list[Json]) -> list[tuple[object, ...]]:
    """The facts of the routes whose ids begin with the cluster's name, by which it knows its own."""
    return _facts([r for r in routes if str(r.get("route_id", "")).startswith(settings.cluster)])


def _facts(routes: list[Json]) -> list[tuple[object, ...]]:
    def flat(route: Json) -> tuple[str, ...]:
        prefix, hop = route.get("prefix", {}), route.get("next_hop", {})
        address = prefix.get("ip_addr", {}).get("addr", "")
        return str(route.get("route_id")), f"{address}/{prefix.get('mask')}", str(hop.get("addr", ""))

    return sorted(map(flat, routes))
