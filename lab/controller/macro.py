"""Macro API, `/api/macro`: writes one object together with those it refers to."""

from __future__ import annotations

from typing import Any

from avi_schema import Field, Type
from lab.controller import errors
from lab.controller.call import Call, Endpoint
from lab.controller.messages import Response
from lab.controller.objects import look
from lab.controller.references import Place, locate
from lab.controller.render import settle
from lab.objects import Json, Object, Refused

DEEPEST = 8


def macro(call: Call, _params: dict[str, str]) -> Response:
    """`{"model_name": "VirtualService", "data": {...}}`, where a `*_ref_data` member holds a whole object [INF].

    All of it is written, or nothing. A nested object whose name is there already is updated. The answer is a list of
    what was written, in which AKO looks for a type [CLIENT]; those referred to come first [INF].
    """
    given = call.request.object()
    kind = _kind(call, given.get("model_name"))
    data = given.get("data")
    if not isinstance(data, dict):
        raise Refused(400, "macro takes model_name and data")
    if call.request.method == "DELETE":
        found = _known(call, kind, data)
        if found is None:
            raise errors.not_found(kind.model)
        call.scope.check_change(kind, found)
        call.controller.writer.delete(found, call.write())
        return Response(204, b"", [("Content-Length", "0")])
    with call.site.store.transaction():
        written: list[Object] = []
        new = _write(call, kind, data, 0, written)
    wanted = look(call, reading=False)
    shown = b",".join(call.controller.renderer.fragment(each, wanted) for each in written)
    return Response(201 if new else 200, settle(b"[" + shown + b"]", call.request.base))


def _write(call: Call, kind: Type, data: Json, depth: int, written: list[Object]) -> bool:
    """Write an object and those inside it, noting them in the order written; whether it is new."""
    if depth > DEEPEST:
        raise Refused(400, "macro data is nested too deeply")
    call.scope.check_right(call.site, kind, writing=True)
    body = _flat(call, kind, data, depth, written)
    writer, known = call.controller.writer, _known(call, kind, body)
    if known is None:
        written.append(writer.create(kind.name, body, call.write()))
        return True
    call.scope.check_change(kind, known)
    written.append(writer.replace(known, body, call.write()))
    return False


def _flat(call: Call, kind: Type, data: Json, depth: int, written: list[Object]) -> Json:
    """Write every `<member>_data` of the body first, and put the reference in its place."""
    body: Json = {}
    for key, value in data.items():
        member = key.removesuffix("_data")
        field = kind.message.fields.get(member)
        if key == member or field is None or field.kind != "ref":
            body[key] = value
        elif field.many:
            items = value if isinstance(value, list) else [value]
            body[member] = [_made(call, field, each, depth, written) for each in items]
        else:
            body[member] = _made(call, field, value, depth, written)
    return body


def _made(call: Call, field: Field, data: Any, depth: int, written: list[Object]) -> str:
    if not isinstance(data, dict):
        raise Refused(400, f"{field.name}_data takes an object")
    _write(call, _kind(call, field.ref), data, depth + 1, written)
    return written[-1].ref


def _kind(call: Call, name: Any) -> Type:
    found = call.site.schema.types.get(name.lower()) if isinstance(name, str) else None
    if found is None or found.name in call.controller.read_only or not found.lives(call.site.version):
        raise Refused(400, f"Unknown model_name {str(name)[:60]}")
    return found


def _known(call: Call, kind: Type, body: Json) -> Object | None:
    """The object a body means, by uuid, else by name in its tenant and cloud."""
    store = call.site.store
    if isinstance(uuid := body.get("uuid"), str) and (found := store.get(kind.name, uuid)) is not None:
        return found if call.scope.sees(kind, found) else None
    if not isinstance(name := body.get("name"), str):
        return None
    cloud = ""
    if kind.has_cloud:
        written = body.get("cloud_ref") or "/api/cloud/?name=Default-Cloud"
        at = locate(store, str(written), "cloud", Place())
        cloud = at.uuid if at else ""
    tenant = call.scope.writes_to if kind.has_tenant else None
    return next(iter(store.named(kind.name, name, tenant=tenant, cloud=cloud or None)), None)


ENDPOINTS = (Endpoint("/api/macro", macro, ("POST", "PUT", "DELETE")),)
