"""Endpoints about the Controller itself: initial data, version, licences, logs, alerts, metrics, export."""

from __future__ import annotations

import re
from typing import Any

import orjson

from avi_schema import Type
from lab import hooks
from lab.cloud import licences
from lab.controller import errors, events, objects, versions
from lab.controller.call import Call, Endpoint, Parts
from lab.controller.messages import Request, Response
from lab.controller.render import MARK, Look, dump
from lab.objects import Json

FORCED = ("serviceengine", "forcedelete")
"""Deletes an object whatever its machine says."""


def initial_data(controller: Parts, _request: Request) -> Response:
    """`GET /api/initial-data`, without login; members [REC 17.2.8], the newer ones [INF]."""
    site = controller.site
    system = site.system
    body = {
        "current_time": site.clock.utc().isoformat(timespec="microseconds"),
        "setup_failed": False,
        "email_configuration_is_set": "email_configuration" in system,
        "error_message": "",
        "user_initial_setup": False,
        "sso": False,
        "sso_logged_in": False,
        "banner": "",
        "version": versions.product(site.version),
        "welcome_workflow_complete": bool(system.get("welcome_workflow_complete", False)),
    }
    return Response(200, orjson.dumps(body), [("Allow", "GET, HEAD, OPTIONS")])


def cluster_version(call: Call, _params: dict[str, str]) -> Response:
    """The same object as in the login answer [INF]."""
    return Response(200, orjson.dumps(versions.product(call.site.version)))


def domains(call: Call, _params: dict[str, str]) -> Response:
    """The service domains of a cloud's DNS profile [REC]."""
    store, wanted = call.site.store, call.request.asked.get("cloud_uuid", "")
    cloud = store.get("cloud", wanted) if wanted else next(iter(store.named("cloud", "Default-Cloud")), None)
    if cloud is None:
        raise errors.not_found("Cloud")
    found: list[str] = []
    for member in ("dns_provider_ref", "ipam_provider_ref"):
        profile = store.at(str(cloud.body.get(member, "")))
        inner = profile.body.get("internal_profile", {}) if profile else {}
        names = [
            str(each["domain_name"]) for each in inner.get("dns_service_domain", []) if "domain_name" in each
        ]
        found += [name for name in names if name not in found]
    return Response(200, orjson.dumps({"domains": found}))


def logs(call: Call, _params: dict[str, str]) -> Response:
    """Config events of what clients wrote [CLIENT]."""
    return Response(200, orjson.dumps(events.logs(call.site, call.request, call.scope.tenant)))


def metrics(call: Call, params: dict[str, str]) -> Response:
    """Metrics of one object [CLIENT path]: every series asked for, without data, as no traffic flows [INF]."""
    kind, uuid = call.site.schema.types.get(params["entity"]), params.get("uuid", "*")
    if kind is not None and uuid != "*" and call.site.store.get(kind.name, uuid) is None:
        raise errors.not_found(kind.model)
    return Response(200, orjson.dumps(_series(uuid, dict(call.request.asked))))


def metrics_collection(call: Call, _params: dict[str, str]) -> Response:
    """Metrics of several requests at once, `{"metric_requests": [...]}` [CLIENT path]; no data, as above."""
    asked = call.request.object().get("metric_requests", []) if call.request.body.strip() else []
    found = {}
    for number, each in enumerate(asked if isinstance(asked, list) else []):
        if isinstance(each, dict):
            uuid = str(each.get("entity_uuid", "*"))
            found[str(each.get("id", number))] = _series(uuid, {k: str(v) for k, v in each.items()})
    return Response(200, orjson.dumps({"series": found}))


def _series(uuid: str, asked: dict[str, str]) -> Json:
    names = [name for name in asked.get("metric_id", "").split(",") if name]
    still = dict.fromkeys(("mean", "min", "max", "sum", "num_samples"), 0.0)
    series = [
        {"header": {"name": name, "entity_uuid": uuid, "statistics": still}, "data": []} for name in names
    ]
    metric = {"metric_id": asked.get("metric_id", ""), "entity_uuid": uuid, "series": series}
    return metric | {"count": 1, "results": [metric]}


def licensing_status(call: Call, _params: dict[str, str]) -> Response:
    """The state of the licensing service: not connected to any [SCHEMA members, INF values].

    From 32.1.1 on with the grace of expired licences [CLIENT members, INF what is in them].
    """
    saas = {"connected": False, "enabled": False, "expired": False}
    body: Json = {"uuid": "default", "url": f"{MARK}/api/licensing/status", "saas_status": saas}
    if call.site.version >= licences.GRACE_FROM:
        body |= {
            "cls_status": {"connected": False, "enabled": False},
            "legacy_license_grace_period": licences.grace(call.site).days,
            "license_state_info": licences.expiries(call.site),
        }
    return Response(200, dump(body, call.request.base))


def ledger(call: Call, _params: dict[str, str]) -> Response:
    """What licences are taken up, one entry a Service Engine [SCHEMA members, INF values]."""
    tier = call.site.system.get("default_license_tier", "ENTERPRISE")
    taken = [
        {
            "uuid": each.uuid,
            "tenant_uuid": each.tenant,
            "tier": tier,
            "service_cores": float(each.body.get("resources", {}).get("num_vcpus", 1)),
            "last_updated": int(each.body["_last_modified"]) // 1_000_000,
        }
        for each in call.site.store.all("serviceengine")
    ]
    body = {"uuid": "default", "url": f"{MARK}/api/licensing/ledger/details", "se_infos": taken}
    return Response(200, dump(body, call.request.base))


def usage(call: Call, _params: dict[str, str]) -> Response:
    """Licences in use [CLIENT path and `licensed_cores`, INF the rest]."""
    engines = list(call.site.store.all("serviceengine"))
    cores = sum(int(each.body.get("resources", {}).get("num_vcpus", 1)) for each in engines)
    body = {"num_ses": len(engines), "max_ses": 400, "licensed_cores": cores}
    return Response(200, orjson.dumps(body))


def services_status(_call: Call, _params: dict[str, str]) -> Response:
    """How the Controller stands to the vendor's cloud services: registered with none [CLIENT path, INF body]."""
    body = {
        "registration_status": "ALBSERVICES_DEREGISTERED",
        "connectivity_status": "ALBSERVICES_DISCONNECTED",
    }
    return Response(200, orjson.dumps(body))


def files(call: Call, params: dict[str, str]) -> Response:
    """Uploaded files: POST takes one of any form, GET lists what was uploaded [CLIENT path, INF body]."""
    kept: dict[str, int] = call.site.memory.setdefault("files", {})
    uri = f"controller://{params.get('folder', 'uploads')}"
    if call.request.method == "POST":
        call.scope.check_right(call.site, call.site.schema.types["fileobject"], writing=True)
        named = re.search(rb'filename="([^"]*)"', call.request.body)
        name = f"{uri}/{named[1].decode('utf-8', 'replace') if named else 'file'}"
        kept[name] = len(call.request.body)
        return Response(201, orjson.dumps({"uri": name, "size": kept[name]}))
    rows = [{"uri": name, "size": size} for name, size in kept.items()]
    return Response(200, orjson.dumps({"count": len(rows), "results": rows}))


def alerts(call: Call, _params: dict[str, str]) -> Response:
    """Alerts raised: `site.memory["alerts"]`, members `state` and `level` [CLIENT]."""
    return objects.rows(call, list(call.site.memory.get("alerts", [])))


def export(call: Call, _params: dict[str, str]) -> Response:
    """The configuration as JSON by model name, references relative, secrets covered [CLIENT path, INF body]."""
    found: Json = {"META": {"version": versions.product(call.site.version)}}
    shown = Look(call.version, reading=False)
    for name in call.site.store.types():
        if name in call.controller.read_only:
            continue
        model = call.site.schema.types[name].model
        found[model] = [call.controller.renderer.body(each, shown) for each in call.site.store.all(name)]
    return Response(200, dump(found, ""))


def subresource(call: Call, kind: Type, uuid: str, path: str) -> Response:
    """What the schema lists below an object and the site has no view for.

    Diagnostics of the data plane are read as an empty list: no traffic flows through the lab; actions that only
    clear counters succeed, those that the site knows are done, all others are not allowed [INF]. What the schema does
    not list is no endpoint.
    """
    if path not in kind.subresources:
        raise errors.no_endpoint()
    obj = call.site.store.get(kind.name, uuid)
    if obj is None or not call.scope.sees(kind, obj):
        raise errors.not_found(kind.model)
    method = call.request.method
    if method in ("GET", "HEAD"):
        empty: list[Any] = []
        return Response(200, orjson.dumps(empty))
    if method != "POST" or allowed(kind, path) == objects.READ:
        raise errors.not_allowed(method)
    call.scope.check_right(call.site, kind, writing=True)
    call.scope.check_change(kind, obj)
    if (action := hooks.ACTIONS.get((kind.name, path))) is not None:
        asked = call.request.object() if call.request.body.strip() else {}
        action(call.site, obj, asked)
        events.record_action(call.site, path, call.write().origin, obj, asked)
    elif (kind.name, path) == FORCED:
        call.controller.writer.delete(obj, call.write())
    return Response(200, b"{}")


def allowed(kind: Type, path: str) -> str:
    """The Allow header below an object: of what is done, or of what is only read."""
    done = path.endswith("clear") or (kind.name, path) == FORCED or (kind.name, path) in hooks.ACTIONS
    return "POST, OPTIONS" if done else objects.READ


ENDPOINTS = (
    Endpoint("/api/cluster/version", cluster_version),
    Endpoint("/api/ipamdnsproviderprofiledomainlist", domains),
    Endpoint("/api/analytics/logs", logs),
    Endpoint("/api/analytics/metrics/{entity}", metrics),
    Endpoint("/api/analytics/metrics/{entity}/{uuid}", metrics),
    Endpoint("/api/analytics/metrics/collection", metrics_collection, ("GET", "POST")),
    Endpoint("/api/licensing/status", licensing_status),
    Endpoint("/api/licensing/ledger/details", ledger),
    Endpoint("/api/licenseusage", usage),
    Endpoint("/api/alert", alerts),
    Endpoint("/api/albservices/status", services_status),
    Endpoint("/api/fileservice", files, ("GET", "POST")),
    Endpoint("/api/fileservice/{folder}", files, ("GET", "POST")),
    Endpoint("/api/configuration/export", export, ("GET", "POST")),
)
