"""REST resources of every type: GET, POST, PUT, PATCH and DELETE on collections and objects, and inventory lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from avi_schema import ONLY_ONE, Type
from lab import hooks
from lab.controller import errors, query
from lab.controller.call import Call
from lab.controller.messages import Response
from lab.controller.render import Look, dump, listed, settle
from lab.controller.routing import parts_of
from lab.controller.tenancy import EVERY
from lab.hooks import Moment
from lab.lazy_rows import Rows
from lab.objects import Json, Object, Refused

COLLECTION = "HEAD, POST, GET, OPTIONS"
SINGLE = "HEAD, GET, PUT, PATCH, OPTIONS, DELETE"
LONE = "HEAD, GET, PUT, PATCH, OPTIONS"
READ = "HEAD, GET, OPTIONS"
WRITING = frozenset({"PUT", "PATCH", "DELETE"})


def allowed(call: Call, kind: Type, *, one: bool) -> str:
    """The Allow header of a type's collection, or of one object of it [REC]; what is only observed is only read."""
    if kind.name in call.controller.read_only:
        return READ
    return LONE if kind.singleton else SINGLE if one else COLLECTION


def look(call: Call, *, reading: bool = True, single: bool = False) -> Look:
    """How this request wants objects shown: names in answers to writes and where asked for [REC]."""
    request = call.request
    fields = request.asked.get("fields", "")
    return Look(
        version=call.version,
        names=not reading or request.flag("include_name") or request.flag("include_refs"),
        fields=tuple(name for part in fields.split(",") if (name := part.strip().partition(".")[0])),
        skip_default=request.flag("skip_default"),
        secrets=request.flag("export_key") and call.scope.caller.superuser,
        reading=reading,
        single=single,
    )


def collection(call: Call, kind: Type) -> Response:
    """GET and POST on `/api/<type>`."""
    if call.request.method == "POST":
        return create(call, kind)
    if kind.name in ONLY_ONE and call.site.store.count(kind.name) == 1 and "uuid" not in call.request.asked:
        return _only(call, kind, next(call.site.store.all(kind.name)))
    if call.request.method not in ("GET", "HEAD"):
        raise errors.not_allowed(call.request.method)
    visible = call.scope.visible(kind, _candidates(call, kind))
    found = query.objects(call.site.store, kind, call.request, visible)
    shown, following = query.page(call.request, found)
    wanted, renderer = look(call), call.controller.renderer
    if joined := call.request.asked.get("join_subresources"):
        bodies = [_joined(call, each, renderer.body(each, wanted), joined) for each in shown]
        data = dump(_envelope(bodies, len(found), following), call.request.base)
    else:
        fragments = [renderer.fragment(each, wanted) for each in shown]
        data = listed(fragments, len(found), following, call.request.base)
    return Response(200, data, [("Allow", allowed(call, kind, one=False))])


def _only(call: Call, kind: Type, obj: Object) -> Response:
    """What there is one of, at the type's path: its members [REC, EXP] and a list's envelope [SCHEMA; INF both]."""
    allow = allowed(call, kind, one=True)
    if call.request.method not in ("GET", "HEAD"):
        return act(call, kind, obj, allow)
    body = call.controller.renderer.body(obj, look(call))
    return Response(200, dump({**body, **_envelope([body], 1, None)}, call.request.base), [("Allow", allow)])


def _candidates(call: Call, kind: Type) -> Iterable[Object]:
    """The objects a list can consist of: those of the name or uuid asked for, else all."""
    asked, store = call.request.asked, call.site.store
    if kind.has_name and "name" in asked and "exclude" not in asked:
        return store.named(kind.name, asked["name"])
    if "uuid" in asked and "exclude" not in asked:
        return [found] if (found := store.get(kind.name, asked["uuid"])) else []
    return store.all(kind.name)


def create(call: Call, kind: Type) -> Response:
    """POST: 201 with the whole object and its Location [REC]."""
    if "POST" not in kind.methods or kind.name in call.controller.read_only:
        raise errors.not_allowed("POST")
    call.scope.check_right(call.site, kind, writing=True)
    write = call.write(slug=call.request.headers.get("slug", "").strip())
    new = call.controller.writer.create(kind.name, call.request.object(), write)
    if kind.name == "tenant" and call.site.version < (19,) and call.scope.caller.session is not None:
        call.controller.sessions.live.pop(
            call.scope.caller.session.key, None
        )  # [REC 18.2]: the next GET meets 419
    headers = [
        ("Allow", COLLECTION),
        ("Location", settle(_url(call, new).encode(), call.request.base).decode()),
    ]
    if kind.name == "tenant":
        headers.append(("Reload-Permissions", str(new.body.get("_last_modified", ""))))
    return Response(201, _created(call, new), headers)


def single(call: Call, kind: Type, uuid: str) -> Response:
    """GET, PUT, PATCH and DELETE on `/api/<type>/<uuid>`."""
    if call.request.method in WRITING and kind.name not in call.controller.read_only:
        # Before it is told whether there is such an object.
        call.scope.check_right(call.site, kind, writing=True)
    obj = call.site.store.get(kind.name, uuid)
    if obj is None or not call.scope.sees(kind, obj):
        raise errors.not_found(kind.model)
    return act(call, kind, obj, allowed(call, kind, one=True))


def lone(call: Call, kind: Type) -> Response:
    """A singleton: a bare object without POST and DELETE [REC], [CLIENT]."""
    if call.request.method in ("POST", "DELETE"):
        raise errors.not_allowed(call.request.method)
    obj = next(call.site.store.all(kind.name), None)
    if obj is None:
        raise errors.not_found(kind.model)
    return act(call, kind, obj, allowed(call, kind, one=False))


def act(call: Call, kind: Type, obj: Object, allow: str) -> Response:
    """One object read or written."""
    method, writer = call.request.method, call.controller.writer
    if method in ("GET", "HEAD"):
        return _read(call, obj, allow)
    if method not in WRITING or kind.name in call.controller.read_only:
        raise errors.not_allowed(method)
    call.scope.check_right(call.site, kind, writing=True)
    call.scope.check_change(kind, obj)
    if method == "DELETE":
        writer.delete(obj, call.write())
        return Response(204, b"", [("Allow", allow), ("Content-Length", "0")])
    if method == "PUT" and kind.singleton and not call.request.body.strip():
        return _read(call, obj, allow)  # changes nothing [REC 20.1.1: 200]
    body = call.request.object()
    new = (
        writer.replace(obj, body, call.write()) if method == "PUT" else writer.patch(obj, body, call.write())
    )
    return Response(200, _answer(call, new), [("Allow", allow)])


def rows(call: Call, found: Sequence[Json]) -> Response:
    """A collection view (an inventory): filtered, paged and wrapped like any list."""
    described = call.site.schema.types.get(parts_of(call.request.path)[1].removesuffix("-inventory"))
    selected = query.bodies(call.site.store, described, call.request, _visible(call, found))
    shown, following = query.page(call.request, selected)
    if "metric_id" in call.request.asked:
        for each in shown:
            # Embedded on request [CLIENT]; empty, as no traffic flows [INF].
            each.setdefault("metrics", {})
    names = call.request.flag("include_name") or call.request.flag("include_refs")
    data = orjson.dumps(_envelope(shown, len(selected), following))
    data = settle(call.controller.renderer.marked(data, names=names), call.request.base)
    return Response(200, data, [("Allow", READ)])


def bare(call: Call, value: Any) -> Response:
    """A view's answer as it is, references made absolute."""
    names = call.request.flag("include_name") or call.request.flag("include_refs")
    data = settle(call.controller.renderer.marked(orjson.dumps(value), names=names), call.request.base)
    return Response(200, data, [("Allow", READ)])


def asked(call: Call, params: dict[str, str]) -> hooks.Ask:
    """The request as a view gets it."""
    return hooks.Ask(params, dict(call.request.asked), call.version, call.scope.tenant)


def _read(call: Call, obj: Object, allow: str) -> Response:
    wanted = look(call, single=True)
    body = call.controller.renderer.body(obj, wanted)
    if joined := call.request.asked.get("join_subresources"):
        body = _joined(call, obj, body, joined)
    return Response(200, dump(body, call.request.base), [("Allow", allow)])


def _answer(call: Call, obj: Object) -> bytes:
    return settle(call.controller.renderer.fragment(obj, look(call, reading=False)), call.request.base)


def _created(call: Call, obj: Object) -> bytes:
    """The answer to a POST, without what a type leaves out of it."""
    renderer, wanted = call.controller.renderer, look(call, reading=False)
    if not hooks.steps(Moment.CREATED, obj.type):
        return _answer(call, obj)
    showing = hooks.Showing(call.site, obj, renderer.body(obj, wanted), call.version, renderer.ref)
    hooks.run(Moment.CREATED, showing)
    return dump(showing.body, call.request.base)


def _url(call: Call, obj: Object) -> str:
    return call.controller.renderer.url(obj, names=True)


def _joined(call: Call, obj: Object, body: Json, joined: str) -> Json:
    """Embed sub-resources by name: `join_subresources=runtime` [SCHEMA]."""
    for name in joined.split(","):
        part = name.strip().strip("/")
        found = call.controller.views.find(f"/api/{obj.type}/{obj.uuid}/{part}")
        if found is None:
            continue
        route, params = found
        try:
            value = route.view(call.site, asked(call, params))
        except Refused:
            continue
        body[part.partition("/")[0]] = call.controller.renderer.loose(
            value, names=call.request.flag("include_name")
        )
    return body


def _visible(call: Call, found: Sequence[Json]) -> Sequence[Json]:
    """The rows this request sees: by their object, else by their tenant; without one they are everybody's."""
    if call.scope.tenant == EVERY and call.scope.everywhere:
        return found
    if isinstance(found, Rows):
        types = call.site.schema.types
        return found.of(each for each in found.objects if call.scope.sees(types[each.type], each))
    ours = (f"/{call.scope.tenant}", "/admin")
    return [
        each
        for each in found
        if call.scope.tenant == EVERY or not (at := each.get("tenant_ref")) or str(at).endswith(ours)
    ]


def _envelope(bodies: Sequence[Json], count: int, following: str | None) -> Json:
    envelope: Json = {"count": count, "results": bodies}
    return envelope if following is None else envelope | {"next": following}
