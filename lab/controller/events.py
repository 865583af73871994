"""Log of configuration changes, as `analytics/logs?type=2` shows it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import orjson

from lab.controller.messages import Request
from lab.model import scrub, secretive
from lab.objects import Json, Object
from lab.site import Site

DONE = {"CREATE": "config_create", "UPDATE": "config_update", "DELETE": "config_delete"}
LARGEST = 10_000
PARTS = frozenset({"add", "replace", "delete"})
"""The members of a PATCH, whose body is no object of its type."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Who wrote, from which address, with which program and by which request."""

    user: str
    client_ip: str = "127.0.0.1"
    user_agent: str = ""
    path: str = ""
    body: bytes = b""

    @classmethod
    def of(cls, user: str, request: Request | None) -> Origin:
        """The origin of a request by a user; of none, the Controller itself."""
        if request is None:
            return cls(user)
        agent = request.headers.get("user-agent", "")
        return cls(user, request.client, agent, request.path, request.body)


def record(site: Site, action: str, origin: Origin, new: Object | None, old: Object | None = None) -> None:
    """Log one change that a client made, with the object as it was and as it is, secrets covered.

    Members are those of the vendor's models of 30.2.1: of an update they have neither address nor program [CLIENT], so
    the description names the address [INF]. That `*_data` are texts holding JSON is [INF].
    """
    obj = new or old
    if obj is None:
        return
    details = _details(obj, origin)
    if action == "UPDATE":
        details |= {"old_resource_data": _data(site, old), "new_resource_data": _data(site, new)}
    else:
        details |= {
            "resource_data": _data(site, obj),
            "client_ip": origin.client_ip,
            "user_agent": origin.user_agent,
        }
    if action != "DELETE" and (sent := _sent(site, obj, origin)):
        details["request_data"] = sent
    summary = f"Config {obj.type} {obj.name} {action.lower()} by {origin.user} from {origin.client_ip}"
    _append(site, f"CONFIG_{action}", obj, {f"{DONE[action]}_details": details}, summary)


def record_action(site: Site, name: str, origin: Origin, obj: Object, parameters: Json) -> None:
    """Log what a client made an object do [CLIENT members]."""
    details = _details(obj, origin) | {
        "action_name": name,
        "parameter_data": orjson.dumps(parameters).decode(),
        "client_ip": origin.client_ip,
        "user_agent": origin.user_agent,
    }
    summary = f"Config {obj.type} {obj.name} {name} by {origin.user} from {origin.client_ip}"
    _append(site, "CONFIG_ACTION", obj, {"config_action_details": details}, summary)


def _details(obj: Object, origin: Origin) -> Json:
    return {
        "resource_type": obj.type,
        "resource_name": obj.name,
        "status": "Success",
        "user": origin.user,
        "path": origin.path,
    }


def _data(site: Site, obj: Object | None) -> str:
    """An object as text, its secrets covered."""
    if obj is None:
        return ""
    body = scrub(site.schema, obj.type, obj.body) if secretive(site.schema, obj.type) else obj.body
    return orjson.dumps(body).decode()


def _sent(site: Site, obj: Object, origin: Origin) -> str:
    """The body that was sent for an object, its secrets covered; "" for what is no object of the type."""
    try:
        body = orjson.loads(origin.body)
        kind, *rest = [part for part in origin.path.split("/") if part][1:]
        if not isinstance(body, dict) or kind != obj.type or len(rest) > 1 or PARTS & body.keys():
            return ""
        return orjson.dumps(scrub(site.schema, obj.type, body)).decode()
    except (orjson.JSONDecodeError, AttributeError, TypeError, ValueError):
        return ""


def _append(site: Site, event: str, obj: Object, details: Json, summary: str) -> None:
    tenant = site.store.get("tenant", obj.tenant)
    site.events.append(
        {
            "event_id": event,
            "module": "CONFIG",
            "report_timestamp": int(site.clock.now() * 1_000_000),
            "obj_type": obj.type.upper(),
            "obj_uuid": obj.uuid,
            "obj_name": obj.name,
            "related_uuids": [obj.uuid],
            "tenant": obj.tenant,
            "tenant_name": tenant.name if tenant else obj.tenant,
            "event_description": summary,
            "details_summary": summary,
            "event_details": details,
            "internal": "EVENT_EXTERNAL",
            "context": "EVENT_CONTEXT_CONFIG",
            "event_pages": ["EVENT_PAGE_AUDIT"],
        }
    )


def logs(site: Site, request: Request, tenant: str) -> Json:
    """Answer `analytics/logs`: newest first, filters `co(all,text)` and `eq(member,[values])` [CLIENT].

    page_size far above 200 is usual here [CLIENT]; without `more` nothing is left to fetch.
    """
    found = [each for each in reversed(site.events) if tenant in ("*", each["tenant"])]
    if request.asked.get("type", "2") != "2":
        found = []  # traffic logs: nothing flows through the lab
    for key, value in request.query:
        if key == "filter":
            found = [each for each in found if _passes(each, value)]
    size = request.asked.get("page_size", "10")
    limit = min(int(size), LARGEST) if size.isascii() and size.isdigit() and len(size) < 9 else 10
    number = request.asked.get("page", "1")
    start = (int(number) - 1) * limit if number.isascii() and number.isdigit() and len(number) < 9 else 0
    page = found[max(start, 0) : max(start, 0) + limit]
    return {"count": len(found), "results": page, "percent_remaining": 0.0}


def _passes(event: Json, asked: str) -> bool:
    match = re.fullmatch(r"(co|eq|ne)\(([\w.]+),(.*)\)", asked.strip(), re.DOTALL)
    if match is None:
        return True
    operator, member, value = match.groups()
    values = [each.strip().strip('"').lower() for each in value.strip("[]").split(",")]
    texts = [orjson.dumps(event).decode()] if member == "all" else [str(_member(event, member))]
    if operator == "co":
        return any(each in text.lower() for each in values for text in texts)
    return any(each == text.lower() for each in values for text in texts) is (operator == "eq")


def _member(event: Json, path: str) -> Any:
    found: Any = event
    for part in path.split("."):
        found = found.get(part, "") if isinstance(found, dict) else ""
    return found
