"""Renderer of stored objects: as a client of some model version reads them.

Stored references are canonical. In a rendered value they carry a marker of this process in front, and the bytes of
the answer have it replaced by the Controller's address as the client named it: no text a client stored can be taken
for a reference, and nothing has to be rendered anew per client.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from avi_schema import Version
from lab.hooks import Moment, Showing, run, steps
from lab.lazy_rows import KeptList
from lab.model import cover, secretive, skip_defaults, view, walk_refs
from lab.objects import Json, Object
from lab.site import Site

MARK = f"@{secrets.token_hex(8)}@"
_MARK = MARK.encode()
KEPT = ("url", "uuid", "name")
FIRST = ("url", "uuid", "name", "_last_modified")
CACHED = 64 * 1024 * 1024
"""How many bytes of rendered objects are kept at most."""
VERSIONED = (21, 1, 1)
"""From here on objects carry `configpb_attributes`, which Terraform reads back [CLIENT]; the number is [INF]."""
LOOSE = re.compile(rb'"(/api/[^"\\]*(?:\\.[^"\\]*)*)"')
"""What may be a reference in JSON."""
ESCAPE = ord("\\")
REFERS = (b'"url":', b'_ref":')
"""The end of what stands before it where the member's name says that it is one."""
BARE = frozenset(
    {"systemconfiguration", "cluster", "controllerproperties", "seproperties", "inventoryfaultconfig"}
)
"""Singletons, whose url has no uuid: systemconfiguration [REC], the others [INF]."""


@dataclass(frozen=True, slots=True)
class Look:
    """How objects are to be shown.

    `reading` is a GET, which shows what only the server knows besides, `single` a GET by uuid; `secrets` shows what
    is otherwise `<sensitive>` (export_key).
    """

    version: Version
    names: bool = False
    fields: tuple[str, ...] = ()
    skip_default: bool = False
    secrets: bool = False
    reading: bool = True
    single: bool = False

    @property
    def plain(self) -> bool:
        """Whether many ask for this look, so that its bytes are worth keeping."""
        return not (self.fields or self.secrets or self.single)


class Renderer:
    """Renders objects of one site, and keeps the bytes of those that were read as they are."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._size = 0
        self._kept: dict[tuple[str, str, Version, bool, bool], tuple[str, bytes]] = {}

    def forget(self) -> None:
        """Drop what was kept (another state was loaded)."""
        self._kept.clear()
        self._size = 0

    def fragment(self, obj: Object, look: Look) -> bytes:
        """One object as JSON, references still marked."""
        if not look.plain or not look.reading or steps(Moment.READ, obj.type):
            return orjson.dumps(self.body(obj, look))
        key = obj.type, obj.uuid, look.version, look.names, look.skip_default
        stamp = str(obj.body.get("_last_modified", ""))
        if look.names:
            # The names of others change without the object changing.
            stamp += f" {self.site.store.generation}"
        kept = self._kept.get(key)
        if kept is not None and kept[0] == stamp:
            return kept[1]
        data = orjson.dumps(self.body(obj, look))
        self._size += len(data) - (len(kept[1]) if kept else 0)
        if self._size > CACHED:
            self._kept.clear()
            self._size = len(data)
        self._kept[key] = stamp, data
        return data

    def body(self, obj: Object, look: Look) -> Json:
        """One object as a dict with marked references."""
        schema, version = self.site.schema, look.version
        showing = Showing(self.site, obj, obj.body, version, self.ref)
        run(Moment.VIEW, showing)
        body = view(schema, obj.type, showing.body, version)
        if look.skip_default:
            body = skip_defaults(schema, obj.type, body, version)
        if not look.secrets and secretive(schema, obj.type):
            cover(schema, obj.type, body)  # what was viewed shares nothing with the store
        if min(version, self.site.version) >= VERSIONED:
            field = schema.types[obj.type].message.fields.get("configpb_attributes")
            if field is not None and field.lives(version):
                body.setdefault("configpb_attributes", {"version": 1})
        for box, key, _ in walk_refs(schema, obj.type, body):
            box[key] = self.ref(str(box[key]), names=look.names)
        body["uuid"] = obj.uuid
        body["url"] = self.url(obj, names=look.names)
        if obj.type == "tenant" and obj.uuid == "admin":
            for absent in ("_last_modified", "config_settings"):
                body.pop(absent, None)  # [REC]
        showing.body = body
        run(Moment.RENDER, showing)
        if look.reading:
            self._add(showing, look)
        if look.fields:
            wanted = {*KEPT, *look.fields}
            body = {key: value for key, value in body.items() if key in wanted}
        return _in_order(obj, body, look)

    def url(self, obj: Object, *, names: bool = False) -> str:
        """The marked url of an object; with `#name` in answers to writes and with include_name [REC]."""
        path = f"/api/{obj.type}" if obj.type in BARE else obj.ref
        return f"{MARK}{path}#{obj.name}" if names and obj.name else MARK + path

    def ref(self, canonical: str, *, names: bool = False) -> str:
        """A marked reference."""
        if names and (target := self.site.store.at(canonical)) is not None and target.name:
            return f"{MARK}{canonical}#{target.name}"
        return MARK + canonical

    def loose(self, value: Any, *, names: bool) -> orjson.Fragment:
        """A value made by the server, such as a runtime, as a piece of JSON with its references marked."""
        return orjson.Fragment(self.marked(orjson.dumps(value), names=names))

    def marked(self, data: bytes, *, names: bool) -> bytes:
        """JSON made by the server (runtime views and inventories) with its canonical references marked.

        A text is a reference by its member's name, or as it names an object. It is sought in the bytes: to walk
        through the values of a page takes longer than to make them.
        """

        def mark(found: re.Match[bytes]) -> bytes:
            start, path = found.start(), found[1]
            if data[start - 1] == ESCAPE or data[found.end() : found.end() + 1] == b":":
                return found[0]  # within a text, or a member's name
            text = str(orjson.loads(found[0]))
            if not data.endswith(REFERS, 0, start) and self.site.store.at(text) is None:
                return found[0]
            name = orjson.dumps(f"#{named}")[1:-1] if names and (named := self._named_by(text)) else b""
            return b'"%b%b%b"' % (_MARK, path, name)

        return LOOSE.sub(mark, data)

    def _named_by(self, path: str) -> str:
        kind, _, uuid = path.removeprefix("/api/").partition("/")
        found = self.site.store.get(kind.removesuffix("-inventory"), uuid)
        return found.name if found else ""

    def _add(self, showing: Showing, look: Look) -> None:
        """What only the server knows, as a GET shows it."""
        body = showing.body
        showing.body = dict(body)
        run(Moment.READ, showing)
        if look.single:
            run(Moment.READ_ALONE, showing)
        for key, value in showing.body.items():
            if body.get(key) is not value:
                known = isinstance(value, KeptList)
                body[key] = value.json if known else self.loose(value, names=look.names)


def _in_order(obj: Object, body: Json, look: Look) -> Json:
    """Members in the order of the recordings.

    A GET of a virtual service has them by name, a tenant's POST and a login's system_config tell the object first
    [REC]; the others are taken to be like the latter [INF].
    """
    if obj.type == "virtualservice" and look.reading:
        return dict(sorted(body.items()))
    return {key: body[key] for key in FIRST if key in body} | body


def dump(value: Any, base: str) -> bytes:
    """A rendered value as the bytes of an answer to a client that calls the Controller `base`."""
    return settle(orjson.dumps(value), base)


def settle(data: bytes, base: str) -> bytes:
    """Put an address in front of every marked reference; "" leaves them relative."""
    return data.replace(_MARK, base.encode())


def listed(fragments: Sequence[bytes], count: int, following: str | None, base: str) -> bytes:
    """The envelope of a list: total count, results, and `next` unless this is the last page [REC]."""
    tail = b"" if following is None else b',"next":' + orjson.dumps(following)
    head = b'{"count":%d,"results":[' % count
    return settle(head + b",".join(fragments) + b"]" + tail + b"}", base)
