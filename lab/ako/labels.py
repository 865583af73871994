"""Labels of Service Engine groups: AKO marks its group with its cluster's name, and takes no other's [CLIENT]."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote_plus

from lab.ako.api import Api, ApiError
from lab.ako.settings import Settings
from lab.objects import Json


class Hangs(Exception):
    """AKO repeats a request for ever, or waits for what never comes: it is never ready."""


def groups(api: Api, settings: Settings, names: list[str]) -> list[Json]:
    """The groups of these names in AKO's cloud, of one page of 100; asked again in tenant admin. Raises ApiError."""
    rows: list[Json] = api.or_admin("GET", group_uri(settings, names), after=(403,))["results"]
    return rows


def group_uri(settings: Settings, names: list[str]) -> str:
    """How AKO asks for these groups."""
    uri = "/api/serviceenginegroup/?include_name&page_size=100"
    return (
        f"{uri}&cloud_ref.name={quote_plus(settings.cloud)}&name.in={quote_plus(','.join(names), safe=',')}"
    )


def go_json(value: Any) -> str:
    """JSON as Go writes it: compact, with what HTML knows escaped."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return text.translate({60: "\\u003c", 62: "\\u003e", 38: "\\u0026"})


def label_group(api: Api, settings: Settings, group: Json) -> tuple[str, str] | None:
    """Label a Service Engine group, or hold its labels against the cluster: None, or the step and text of why not.

    Raises Hangs where the write is forbidden.
    """
    expected = f"Expected Labels: {go_json(settings.mark)}"
    if group.get("labels"):
        return _mislabelled(settings, group, expected)
    path = f"/api/serviceenginegroup/{group['uuid']}"
    error = _put_label(api, path, group | {"labels": settings.mark})
    if error is None:
        return None
    if error.status == 403:
        raise Hangs(f"PUT of Service Engine Group {group['name']} is repeated: {error}")
    why = str(error)
    if error.status == 412 and settings.version >= (1, 13, 2):
        if settings.version < (1, 14, 1):
            return None  # the second look of these versions always passes
        problem = _mislabelled(settings, api.get(path), expected)
        if problem is None:
            return None
        why = problem[1]
    refusal = f"Setting labels on Service Engine Group :{group['name']} failed with error :{why}"
    return "V5b", f"{refusal}. {expected}"


def _put_label(api: Api, path: str, body: Json) -> ApiError | None:
    try:
        api.or_admin("PUT", path, body, after=(400,))
    except ApiError as error:
        return error
    return None


def _mislabelled(settings: Settings, group: Json, expected: str) -> tuple[str, str] | None:
    labels = [{"key": each.get("key"), "value": each.get("value", "")} for each in group.get("labels", [])]
    loose = settings.version >= (1, 14, 1)
    if labels == settings.mark or (loose and settings.mark[0] in labels):
        return None
    do = "do" if loose else "does"
    return "V5c", f"Labels {do} not match with cluster name for SE group :{group['name']}. {expected}"
