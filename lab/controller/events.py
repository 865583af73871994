"""Log of configuration changes, as `analytics/logs?type=2` shows it."""

from __future__ import annotations

import re
from typing import Any

import orjson

from lab.controller.messages import Request
from lab.objects import Json, Object
from lab.site import Site

DONE = {"CREATE": "config_create", "UPDATE": "config_update", "DELETE": "config_delete"}
LARGEST = 10_000


def record(site: Site, action: str, obj: Object, user: str, old: Object | None = None) -> None:
    """Log one change a client made. Shape [CLIENT] for event_id and obj_uuid, the rest [INF]."""
    details: Json = {
        "resource_type": obj.type,
        "resource_name": obj.name,
        "status": "Success",
        "user": user,
    }
    if action == "CREATE":
        details["config_data"] = orjson.dumps(sorted(obj.body)).decode()
    elif old is not None:
        keys = sorted(obj.body.keys() | old.body.keys())
        changed = [key for key in keys if obj.body.get(key) != old.body.get(key) and key != "_last_modified"]
        details["changed_members"] = changed
    site.events.append(
        {
            "event_id": f"CONFIG_{action}",
            "event_description": f"Config {obj.type} {obj.name} {action.lower()} by {user}",
            "event_details": {f"{DONE[action]}_details": details},
            "obj_type": obj.type.upper(),
            "obj_uuid": obj.uuid,
            "obj_name": obj.name,
            "tenant": obj.tenant,
            "module": "CONFIG",
            "internal": "EVENT_EXTERNAL",
            "context": "EVENT_CONTEXT_CONFIG",
            "report_timestamp": site.clock.utc().isoformat(timespec="microseconds"),
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
