"""Inventories that say of an object what is configured, and no more: pool groups, GSLB, WAF groups [SCHEMA].

What runs of GSLB is not simulated, so that its rows have no `runtime`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lab.cloud.clouds import find
from lab.cloud.common import shown
from lab.hooks import Ask, view
from lab.lazy_rows import Rows
from lab.objects import Json, Object

if TYPE_CHECKING:
    from avi_schema import Version
    from lab.site import Site

KINDS = ("federationcheckpoint", "gslb", "gslbservice", "poolgroup", "wafpolicypsmgroup")


def _row(site: Site, version: Version, obj: Object) -> Json:
    """A row: of the object the members that the schema has in `config`."""
    path = f"{obj.type}-inventory"
    summary = site.schema.types[path].message.fields["config"].message or ""
    members = site.schema.message(summary).fields
    config = {name: value for name, value in shown(site, obj, version).items() if name in members}
    return {"uuid": obj.uuid, "url": f"/api/{path}/{obj.uuid}", "config": config}


def _register(kind: str) -> None:
    """The two views of a type's inventory."""

    @view(f"/api/{kind}-inventory", rows=True)
    def every(site: Site, ask: Ask) -> Rows:
        return Rows(site.store.all(kind), partial(_row, site, ask.version))

    @view(f"/api/{kind}-inventory/{{uuid}}")
    def alone(site: Site, ask: Ask) -> Json:
        model = site.schema.types[kind].model
        return _row(site, ask.version, find(site, kind, ask.params["uuid"], model))


for _kind in KINDS:
    _register(_kind)
