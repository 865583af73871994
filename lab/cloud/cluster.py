"""State of the Controller cluster and its nodes, which clients poll without a login while a Controller boots [CLIENT].

Shape from client parsers: `cluster_state.state`, `.progress`, `node_states[]`; nothing recorded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from avi_schema import dotted
from lab.cloud.common import date_text, note_event
from lab.hooks import Ask, view
from lab.objects import Json, Refused

if TYPE_CHECKING:
    from lab.site import Site

HA = 3
"""A cluster of so many nodes is highly available."""


def nodes(site: Site) -> list[Json]:
    """The configured nodes of the cluster."""
    cluster = next(site.store.all("cluster"), None)
    return list(cluster.body.get("nodes", [])) if cluster else []


def state_of(site: Site) -> Json:
    """The cluster's state; `site.memory["cluster_state"]` overrides it (one that is still starting)."""
    state = site.memory.get("cluster_state") or _state(site)
    progress = 100 if state.startswith("CLUSTER_UP") else 50
    return {"state": state, "progress": progress, "up_since": date_text(_up_since(site))}


def _state(site: Site) -> str:
    """By how many nodes there are, and how many of them are up [CLIENT words; INF when it is down]."""
    if lacks_quorum(site):
        return "CLUSTER_DOWN"
    if len(nodes(site)) < HA:
        return "CLUSTER_UP_NO_HA"
    return "CLUSTER_UP_HA_COMPROMISED" if _down(site) else "CLUSTER_UP_HA_ACTIVE"


def _down(site: Site) -> dict[str, float]:
    """The nodes that are down, by name, and since when."""
    down: dict[str, float] = site.memory.setdefault("nodes_down", {})
    names = {str(node.get("name", "node")) for node in nodes(site)}
    return {name: since for name, since in down.items() if name in names}


def lacks_quorum(site: Site) -> bool:
    """Whether no more than half of the nodes are up: the Controller answers nothing but how its cluster is [INF]."""
    down = len(_down(site)) if site.memory.get("nodes_down") else 0
    return bool(down) and 2 * down >= len(nodes(site))


def turn_node(site: Site, *, node: Any = "", up: Any = None) -> Json:
    """Take a node of the cluster down, or bring it back. Raises Refused (400) for one that is not there."""
    known = [str(each.get("name", "node")) for each in nodes(site)]
    if node not in known:
        raise Refused(400, f"no node {node!r}; there are {', '.join(known) or 'none'}")
    if not isinstance(up, bool):
        raise Refused(400, "up is true or false")
    down: dict[str, float] = site.memory.setdefault("nodes_down", {})
    cluster = next(site.store.all("cluster"))
    if up and node in down:
        del down[node]
        note_event(site, "CONTROLLER_NODE_JOINED", "cluster", cluster.uuid, f"node {node} is back")
    elif not up and node not in down:
        down[node] = site.clock.now()
        note_event(site, "CONTROLLER_NODE_LEFT", "cluster", cluster.uuid, f"node {node} is down")
    return {"state": state_of(site)["state"], "down": sorted(down)}


def _up_since(site: Site) -> float:
    """When the Controller came up: an hour before the lab first looked [INF]."""
    since: float = site.memory.setdefault("up_since", site.clock.now() - 3600.0)
    return since


@view("/api/cluster/runtime", open=True)
def cluster_runtime(site: Site, _ask: Ask) -> Json:
    """The state of the cluster and of each of its nodes."""
    up, down = date_text(_up_since(site)), _down(site)
    members = nodes(site) or [{"name": "node1"}]
    names = [str(node.get("name", "node")) for node in members]
    leader = next((name for name in names if name not in down), "")
    rows = [
        {
            "name": name,
            "role": "CLUSTER_LEADER" if name == leader else "CLUSTER_FOLLOWER",
            "state": "CLUSTER_INACTIVE" if name in down else "CLUSTER_ACTIVE",
            "up_since": "" if name in down else up,
            "mgmt_ip": node.get("ip", {}).get("addr", ""),
        }
        for name, node in zip(names, members, strict=True)
    ]
    return {
        "cluster_state": state_of(site),
        "node_states": rows,
        "node_info": {
            "version": dotted(site.version),
            "mgmt_ip": rows[0]["mgmt_ip"],
            "cluster_uuid": next((each.uuid for each in site.store.all("cluster")), ""),
        },
    }


@view("/api/cluster/status", open=True)
def cluster_status(site: Site, _ask: Ask) -> Json:
    """The state of the cluster [CLIENT: polled while booting; INF: shape]."""
    body: Json = cluster_runtime(site, _ask)
    return body
