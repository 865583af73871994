"""Contents of the page at /lab/: the running site at a glance, and any object in full."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from lab.cloud.clouds import integration
from lab.cloud.common import parse_ip, uuid_of
from lab.cloud.engines import engine_state, engines
from lab.cloud.machines import machine_of, machines
from lab.cloud.networks import usage
from lab.cloud.outages import settle
from lab.cloud.pools import leases, pools
from lab.cloud.services import engine_rows, standing, vips_of
from lab.datacenter.inventory import vcenters
from lab.datacenter.nsx import managers
from lab.model import scrub
from lab.objects import Object
from lab.web.html import Child, Html, document, el, table

if TYPE_CHECKING:
    from lab.site import Site

SHOWN = 200
"""Rows of a long table that are shown; the API has them all."""
SECTIONS = ("services", "engines", "networks", "faults", "objects", "requests")
REF = re.compile(r"/api/([a-z0-9]+)/([^\"/]+)")


def site_page(site: Site, query: dict[str, str]) -> str:
    """The site at a glance; `?type=T` lists objects, `?type=T&uuid=U` shows one."""
    settle(site)
    kind, uuid = query.get("type", ""), query.get("uuid", "")
    if kind and uuid:
        return document(f"{kind} – Avi lab", *_head(site), _object(site, kind, uuid))
    if kind:
        return document(f"{kind} – Avi lab", *_head(site), _listed(site, kind))
    parts = (_services(site), _engines(site), _networks(site), _planted(site), _types(site), _requests(site))
    menu = el("nav", [el("a", name, href=f"#{name}") for name in SECTIONS])
    sections = [el("div", part, id=name) for name, part in zip(SECTIONS, parts, strict=True)]
    return document("Avi lab", *_head(site), menu, sections)


def _head(site: Site) -> list[Child]:
    facts = [
        f"Controller {'.'.join(map(str, site.version))}",
        f"site time {site.clock.utc():%Y-%m-%d %H:%M:%S} UTC",
        *(f"{cloud.name}: {integration(site, cloud).state}" for cloud in site.store.all("cloud")),
        *(f"vCenter {address}" for address in vcenters(site)),
        *(f"NSX-T {address}" for address in managers(site)),
    ]
    items = [el("li", fact) for fact in facts]
    return [
        el("h1", el("a", "Avi lab", href="/lab/"), " – a simulated site"),
        el("ul", items, el("li", el("a", "state as JSON", href="/lab/state")), class_="facts"),
    ]


def _state(state: str) -> Html:
    mood = "up" if state == "OPER_UP" else "down" if state in ("OPER_DOWN", "OPER_RESOURCES") else ""
    return el("span", state, class_=f"state {mood}".strip())


def _link(obj: Object | None, fallback: str = "") -> Child:
    if obj is None:
        return fallback
    return el("a", obj.name or obj.uuid, href="/lab/?" + urlencode({"type": obj.type, "uuid": obj.uuid}))


def _linked(site: Site, ref: object) -> Child:
    return _link(site.store.at(str(ref or "")))


def _services(site: Site) -> Html:
    rows: list[list[Child]] = []
    for service in list(site.store.all("virtualservice"))[:SHOWN]:
        stands = standing(site, service)
        vips = [
            str(parse_ip(vip.get("ip_address")) or parse_ip(vip.get("ip6_address")))
            for vip in vips_of(site, service)
        ]
        carrying = [[_link(engine), " "] for _, engine in engine_rows(site, service)]
        where = _linked(site, service.body.get("vrf_context_ref"))
        rows.append([_link(service), _state(stands.state), stands.reason, ", ".join(vips), where, carrying])
    heads = ("name", "state", "reason", "VIP", "VRF context", "Service Engines")
    return table("Virtual services", heads, rows, empty="no virtual service")


def _engines(site: Site) -> Html:
    rows: list[list[Child]] = []
    known = machines(site)
    for record in list(engines(site).values())[:SHOWN]:
        engine = site.store.get("serviceengine", record.uuid)
        if engine is None:
            continue
        running = machine_of(known, engine)
        vnics = [engine.body.get("mgmt_vnic", {}), *engine.body.get("data_vnics", [])]
        addresses = [
            el("div", f"{vnic.get('network_name', '')} {item['ip']['ip_addr']['addr']} ({item['mode']})")
            for vnic in vnics
            for item in vnic.get("vnic_networks", [])
        ]
        group = _linked(site, engine.body.get("se_group_ref"))
        state = _state(engine_state(site, record)[0])
        folder = running[0].path(running[1]) if running else "no virtual machine"
        rows.append([_link(engine), state, group, folder, addresses, len(record.carries)])
    heads = ("name", "state", "group", "vCenter folder", "vNICs", "services")
    return table("Service Engines", heads, rows, empty="no Service Engine")


def _networks(site: Site) -> Html:
    rows: list[list[Child]] = []
    for network in list(site.store.all("network")):
        for pool in pools(network.body):
            taken = usage(site, network, pool)
            held = leases(site).on(network.uuid)
            holders = [
                el("div", f"{address} {held[address].kind} {held[address].name}") for address in taken[:20]
            ]
            use = [el("meter", min=0, max=pool.size or 1, value=len(taken)), f" {len(taken)} of {pool.size}"]
            runtime = site.store.get("vimgrnwruntime", network.uuid)
            vlan = runtime.body.get("vlan") if runtime else "ghost"
            vrf = _linked(site, network.body.get("vrf_context_ref"))
            span = f"{pool.first} – {pool.last}"
            rows.append([_link(network), vlan, vrf, str(pool.subnet), span, pool.type, use, holders])
    heads = ("network", "VLAN", "VRF context", "subnet", "pool", "for", "use", "held by")
    return table("Networks with address pools", heads, rows[:SHOWN], empty="no network has a pool")


def _planted(site: Site) -> Html:
    rows: list[list[Child]] = [
        [
            f["step"],
            f"{f['kind']} {f['name']}".strip(),
            f["field"],
            json.dumps(f["declared"]),
            json.dumps(f["found"]),
        ]
        for f in site.memory.get("planted", [])
    ]
    return table(
        "Planted faults", ("step", "object", "field", "declared", "found"), rows, empty="none planted"
    )


def _types(site: Site) -> Html:
    rows: list[list[Child]] = [
        [el("a", kind, href="/lab/?" + urlencode({"type": kind})), site.store.count(kind)]
        for kind in sorted(site.store.types())
    ]
    return table("Objects", ("type", "count"), rows)


def _requests(site: Site) -> Html:
    rows: list[list[Child]] = [
        [
            f"{datetime.fromtimestamp(heard.at, UTC):%H:%M:%S}",
            heard.method,
            heard.path,
            heard.status,
            f"{heard.seconds * 1000:.1f}",
            heard.agent,
        ]
        for heard in list(site.requests)[: -SHOWN - 1 : -1]
    ]
    heads = ("time", "method", "path", "status", "ms", "client")
    return table("Requests, latest first", heads, rows, empty="nobody has asked anything yet")


def _listed(site: Site, kind: str) -> Html:
    found = list(site.store.all(kind))[:SHOWN]
    rows: list[list[Child]] = [[_link(obj), obj.uuid, obj.body.get("_last_modified")] for obj in found]
    title = f"{kind}: {site.store.count(kind)}"
    return table(title, ("name", "uuid", "last modified"), rows, empty="no object of this type")


def _object(site: Site, kind: str, uuid: str) -> Html:
    obj = site.store.get(kind, uuid)
    if obj is None:
        return el("p", f"no {kind} {uuid}", class_="empty")
    body = json.dumps(scrub(site.schema, obj.type, obj.body), indent=2, ensure_ascii=False, sort_keys=True)
    pieces: list[Child] = []
    at = 0
    for found in REF.finditer(body):
        target = site.store.get(found[1], uuid_of(found[0]))
        if target is not None:
            pieces += [body[at : found.start()], el("a", found[0], href=_href(target)), f" ({target.name})"]
            at = found.end()
    users = [el("li", f"{user.type} ", _link(user)) for user in site.store.referrers(obj)[:SHOWN]]
    return el(
        "section",
        el("h2", f"{obj.type} {obj.name}"),
        el("pre", [*pieces, body[at:]]),
        el("h2", "Referred to by"),
        el("ul", users) if users else el("p", "nobody", class_="empty"),
    )


def _href(obj: Object) -> str:
    return "/lab/?" + urlencode({"type": obj.type, "uuid": obj.uuid})
