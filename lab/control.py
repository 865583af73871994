"""Control plane of the lab under /lab/: state, clock, snapshots, faults, export; without login, apart from /api/."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import orjson

from lab import ako, cloud
from lab.assembly import Lab
from lab.cloud import cluster, handmade, nsxt_faults, reach, upgrades
from lab.controller.messages import Request, Response
from lab.objects import Refused
from lab.site import Heard

Action = Callable[[Lab, Request], Any]
ACTIONS: dict[tuple[str, str], Action] = {}


def action(method: str, path: str) -> Callable[[Action], Action]:
    """Register what answers a method at a path of the control plane."""

    def register(function: Action) -> Action:
        ACTIONS[method, path] = function
        return function

    return register


def handle(lab: Lab, request: Request) -> Response:
    """Answer one request of the control plane: JSON, or a page for people."""
    path = request.path if request.path == "/lab/" else request.path.rstrip("/")
    if path == "/lab":
        return Response(308, b"", [("Location", "/lab/")])
    if path == "/lab/" and request.method in ("GET", "HEAD"):
        from lab.web.pages import site_page  # noqa: PLC0415 -- only browsers ask for it

        html = site_page(lab.site, request.asked)
        return Response(200, html.encode(), [("Content-Type", "text/html; charset=utf-8")])
    try:
        answer = _found(request.method, path)(lab, request)
        cloud.settle(lab.site)  # what was changed by hand begins to have its effect now
        return _say(200, answer)
    except Refused as refused:
        return _say(refused.status, refused.body)
    except (LookupError, ValueError, TypeError) as error:
        return _say(400, {"error": str(error.args[0]) if error.args else repr(error)})


def _found(method: str, path: str) -> Action:
    """What answers a method at a path. Raises Refused (404, 405) saying what there is."""
    if (found := ACTIONS.get((method, path))) is not None:
        return found
    if methods := sorted(known for known, at in ACTIONS if at == path):
        raise Refused(405, f"{path} takes {', '.join(methods)}")
    raise Refused(404, f"no {path} here; known: {', '.join(sorted({at for _, at in ACTIONS}))}")


@action("GET", "/lab/state")
def state(lab: Lab, _request: Request) -> Any:
    """What is up."""
    return lab.described()


@action("POST", "/lab/reset")
def reset(lab: Lab, request: Request) -> Any:
    """Start over: `{"state": "fresh"}`; the present state's name when none is given."""
    lab.reset(str(_given(request, "state").get("state", lab.state)))
    return lab.described()


@action("POST", "/lab/extend")
def extend(lab: Lab, request: Request) -> Any:
    """Add a part to the site as it is: `{"part": "nsxt"}`; a vCenter that comes with it is served after a restart."""
    lab.extend(str(_given(request, "part").get("part", "")))
    return lab.described()


@action("GET", "/lab/clock")
def clock(lab: Lab, _request: Request) -> Any:
    """The time of the site, in seconds since the epoch."""
    return {"now": lab.site.clock.now()}


@action("POST", "/lab/clock")
def advance(lab: Lab, request: Request) -> Any:
    """Move the site's time forwards: `{"advance": seconds}`; with `"date": true` the dates of its answers too."""
    given = _given(request, "advance", "date")
    seconds, date = given.get("advance"), given.get("date", False)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise ValueError("advance is a number of seconds")  # noqa: TRY004 -- a client's mistake, answered 400
    if not isinstance(date, bool):
        raise ValueError("date is true or false")  # noqa: TRY004 -- a client's mistake, answered 400
    lab.site.clock.advance(seconds)
    lab.site.clock.dates_ahead += seconds * date
    return {"now": lab.site.clock.now()}


@action("GET", "/lab/requests")
def requests(lab: Lab, _request: Request) -> Any:
    """Every request to the Controller, how many of each method, and all that vCenters and DNS were asked.

    `writes` are all requests to the Controller but GET and logins.
    """
    heard = lab.site.requests
    made = [_timed(each) for each in heard]
    logins = sum(each.method == "POST" and each.path == "/login" for each in heard)
    reads = {"GET", "HEAD", "OPTIONS"}
    writes = [e for e in heard if e.method not in reads and e.path not in ("/login", "/logout")]
    return {
        "count": len(made),
        "logins": logins,
        "writes": len(writes),
        "counts": lab.site.counts,
        "requests": made,
        "vcenter": [_timed(each) for each in lab.site.calls],
        "dns": [asdict(each) for each in lab.site.queries],
    }


def _timed(heard: Heard) -> dict[str, Any]:
    return asdict(heard) | {"ms": round(heard.seconds * 1000, 3)}


@action("DELETE", "/lab/requests")
def forget_requests(lab: Lab, _request: Request) -> Any:
    """Forget the requests made so far."""
    lab.site.requests.clear()
    lab.site.counts.clear()
    lab.site.calls.clear()
    lab.site.queries.clear()
    return {"count": 0}


@action("POST", "/lab/snapshot")
def snapshot(lab: Lab, _request: Request) -> Any:
    """Remember the site as it is."""
    return {"id": lab.snapshot()}


@action("POST", "/lab/restore")
def restore(lab: Lab, request: Request) -> Any:
    """Bring a snapshot back: `{"id": ...}`."""
    name = str(_given(request, "id").get("id", ""))
    if name not in lab.snapshots:
        raise KeyError(f"no snapshot {name!r}; known: {', '.join(lab.snapshots) or 'none'}")
    lab.restore(name)
    return lab.described()


@action("GET", "/lab/export")
def export(lab: Lab, _request: Request) -> Any:
    """The whole configuration, `{type: [objects]}`, for `/lab/import` and `--import`."""
    from lab import exchange  # noqa: PLC0415 -- seldom asked for

    return exchange.exported(lab)


@action("POST", "/lab/import")
def load(lab: Lab, request: Request) -> Any:
    """Load what `/lab/export` or a Controller's own export gave."""
    from lab import exchange  # noqa: PLC0415 -- seldom asked for

    return {"objects": exchange.imported(lab, request.object())}


@action("GET", "/lab/faults")
def faults(lab: Lab, _request: Request) -> Any:
    """The faults in force."""
    return lab.faults.shown()


@action("PUT", "/lab/faults")
def put_faults(lab: Lab, request: Request) -> Any:
    """Put these faults in force, and no others."""
    lab.faults.replace(_known(request.json()))
    return lab.faults.shown()


@action("POST", "/lab/faults")
def add_faults(lab: Lab, request: Request) -> Any:
    """Put these faults in force besides."""
    lab.faults.add(_known(request.json()))
    return lab.faults.shown()


@action("DELETE", "/lab/faults")
def no_faults(lab: Lab, _request: Request) -> Any:
    """All well again."""
    lab.faults.replace([])
    return []


@action("POST", "/lab/vcenter/faults")
def vcenter_fault(lab: Lab, request: Request) -> Any:
    """Plant a fault in vCenter: `{"do": "set", "kind": "PortGroup", "name": ..., "member": "vlan", "value": 9}`."""
    from lab.vcenter import faults  # noqa: PLC0415 -- seldom asked for

    return faults.plant(lab.site, request.object())


@action("POST", "/lab/nsxt/faults")
def nsxt_fault(lab: Lab, request: Request) -> Any:
    """Change something in NSX-T: `{"do": "remove", "segment": "/infra/segments/web"}`."""
    return nsxt_faults.plant(lab.site, request.object())


@action("POST", "/lab/engines")
def register_engine(lab: Lab, request: Request) -> Any:
    """A Service Engine that was deployed by hand registers itself; with `up` it goes away or comes back."""
    given = _given(request)
    return (handmade.turn if "up" in given else handmade.register)(lab.site, **given)


@action("POST", "/lab/bgp")
def bgp_peer(lab: Lab, request: Request) -> Any:
    """A BGP peer goes down or comes back: `{"peer": "10.10.25.1", "up": false}`."""
    return reach.turn_peer(lab.site, **_given(request))


@action("POST", "/lab/cluster")
def cluster_node(lab: Lab, request: Request) -> Any:
    """A node of the Controller cluster goes down or comes back: `{"node": "avi-controller-2", "up": false}`."""
    return cluster.turn_node(lab.site, **_given(request))


@action("POST", "/lab/upgrade")
def upgrade(lab: Lab, request: Request) -> Any:
    """An upgrade that is half done: `{"to": "30.2.2", "groups": ["Default-Group"], "paused": true}`."""
    return upgrades.upgrade(lab.site, **_given(request))


@action("GET", "/lab/hosts")
def host_state(lab: Lab, request: Request) -> Any:
    """A host of the site: `?name=k8sopsbox`."""
    from lab import hosts  # noqa: PLC0415 -- seldom asked for

    return hosts.shown(lab.site, dict(request.query).get("name", ""))


@action("POST", "/lab/hosts")
def change_host(lab: Lab, request: Request) -> Any:
    """Change a host: `{"name": "k8sopsbox", "cut": ["controller"]}`."""
    from lab import hosts  # noqa: PLC0415 -- seldom asked for

    return hosts.change(lab.site, request.object())


@action("POST", "/lab/actors/ako")
def act_as_ako(lab: Lab, request: Request) -> Any:
    """AKO as a second writer: its start or single steps of it, as the body says."""
    return ako.take_steps(lab, **_given(request))


def _known(given: Any) -> Any:
    """Faults whose vSphere faults are ones. Raises ValueError for one that vSphere does not know."""
    for each in given if isinstance(given, list) else [given]:
        if isinstance(each, dict) and "soap" in each and isinstance(name := each.get("fault"), str) and name:
            from lab.vcenter.server import vsphere_fault  # noqa: PLC0415 -- seldom asked for

            vsphere_fault(name)
    return given


def _given(request: Request, *known: str) -> dict[str, Any]:
    """The members of a body; with `known`, no others than those. Raises ValueError for one that names nothing."""
    given = request.object() if request.body.strip() else {}
    if known and (unknown := sorted(set(given) - set(known))):
        raise ValueError(f"{request.path} has no member {unknown[0]!r}; known: {', '.join(known)}")
    return given


def _say(status: int, value: Any) -> Response:
    return Response(status, orjson.dumps(value), [("Content-Type", "application/json"), ("Date", _date())])


def _date() -> str:
    return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())
