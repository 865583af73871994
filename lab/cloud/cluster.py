"""State of the Controller cluster and its nodes, which clients poll without a login while a Controller boots [CLIENT].

Shape from client parsers: `cluster_state.state`, `.progress`, `node_states[]`; nothing recorded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.cloud.common import date_text
from lab.hooks import Ask, view
from lab.objects import Json

if TYPE_CHECKING:
    from lab.site import Site


def nodes(site: Site) -> list[Json]:
    """The configured nodes of the cluster."""
    cluster = next(site.store.all("cluster"), None)
    return list(cluster.body.get("nodes", [])) if cluster else []


def state_of(site: Site) -> Json:
    """The cluster's state; `site.memory["cluster_state"]` overrides it (one that is still starting)."""
    members = nodes(site)
    state = site.memory.get("cluster_state") or (
        "CLUSTER_UP_HA_ACTIVE" if len(members) >= 3 else "CLUSTER_UP_NO_HA"
    )
    progress = 100 if state.startswith("CLUSTER_UP") else 50
    return {"state": state, "progress": progress, "up_since": date_text(_up_since(site))}


def _up_since(site: Site) -> float:
    """When the Controller came up: an hour before the lab first looked [INF]."""
    since: float = site.memory.setdefault("up_since", site.clock.now() - 3600.0)
    return since


@view("/api/cluster/runtime", open=True)
def cluster_runtime(site: Site, _ask: Ask) -> Json:
    """The state of the cluster and of each of its nodes."""
    up = date_text(_up_since(site))
    rows = [
        {
            "name": node.get("name", "node"),
            "role": "CLUSTER_FOLLOWER" if place else "CLUSTER_LEADER",
            "state": "CLUSTER_ACTIVE",
            "up_since": up,
            "mgmt_ip": node.get("ip", {}).get("addr", ""),
        }
        for place, node in enumerate(nodes(site) or [{"name": "node1"}])
    ]
    return {
        "cluster_state": state_of(site),
        "node_states": rows,
        "node_info": {
            "version": ".".join(map(str, site.version)),
            "mgmt_ip": rows[0]["mgmt_ip"],
            "cluster_uuid": next((each.uuid for each in site.store.all("cluster")), ""),
        },
    }


@view("/api/cluster/status", open=True)
def cluster_status(site: Site, _ask: Ask) -> Json:
    """The state of the cluster [CLIENT: polled while booting; INF: shape]."""
    body: Json = cluster_runtime(site, _ask)
    return body
