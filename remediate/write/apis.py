"""APIs of writes: vCenter beside the Controller, and the Controller in the model of its own version.

Folders and machines of vCenter are objects that are read and written like the Controller's. One manner for both gives
vCenter's writes what the Controller's have: a precondition read just before, the journal around them, the truth about a
lost answer, and the undo.

    vcenter-folder   {"uuid", "url", "name"}             name: the folder's path, `AVI K8S/Site1 AZ1`
    vcenter-vm       {"uuid", "url", "name", "folder"}   folder: the path

Where a file declares several vCenters, each object says in `vcenter` in which it is, and its uuid too: `group-7@west`.

An older model of the Controller shows defaults for members that are unset in the newer one, and does not show members
that it does not know. Who reads an object in it and sends it back whole (PUT) writes those defaults and may delete
those members. So every PUT is made from the object as the newer model shows it, with only the planned members changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any, Self

from intent import Unknown
from live.avi.gateway import Gateway
from live.avi.identity import Json
from live.errors import FateUnknown, NotFound, Refused
from live.vcenter.inventory import Folder, Machine, Vsphere
from remediate.plan.model import FOLDER, VM, Request
from remediate.plan.payload import canonical, owned_by_server
from remediate.write.results import ObjectChanged, RunStopped
from remediate.write.writer import read_object

if TYPE_CHECKING:
    from live.vcenter.gateway import VcenterGateway


class TwoApis:
    """The Controller and vCenter behind one gateway: paths of vCenter's objects go there, all others to the Controller.

    `vcenters`: by the name of each, what opens a session, which lasts for one read or write.
    """

    def __init__(self, controller: Gateway, vcenters: Mapping[str, Callable[[], VcenterGateway]]) -> None:
        self.controller = controller
        self._vcenters = vcenters

    @property
    def name(self) -> str:
        """The Controller's address and port."""
        return self.controller.name

    @property
    def api_version(self) -> str:
        """The model in which the Controller is spoken to, once connected."""
        return self.controller.api_version

    def connect(self) -> None:
        """Log in to the Controller; vCenter's session is opened when it is needed. Raises Unreachable."""
        self.controller.connect()

    def read(self, path: str, params: Mapping[str, str] | None = None, *, tenant: str | None = None) -> Json:
        """One read; `tenant` is for the Controller. Raises NotFound, Unknown."""
        params = params or {}
        if not path.startswith((FOLDER, VM)):
            return self.controller.read(path, params, tenant=tenant)
        path, at = self._at(path, params.get("vcenter", ""))
        if at or "/" in path or len(self._vcenters) == 1:
            return self._read(at, path, params)
        rows = [row for name in self._vcenters for row in self._read(name, path, params)["results"]]
        return {"count": len(rows), "results": rows}

    def write(self, method: str, path: str, body: Json | None = None, *, tenant: str | None = None) -> Json:
        """One write. Raises Conflict, Refused, FateUnknown, ReadOnly, Unknown."""
        if not path.startswith((FOLDER, VM)):
            return self.controller.write(method, path, body, tenant=tenant)
        return self._write(method, path, body)

    def _write(self, method: str, path: str, body: Json | None) -> Json:
        body = body or {}
        path, at = self._at(path, str(body.get("vcenter", "")))
        with closing(self._open(at)) as gateway:
            return _placed(_write(gateway, method, path, body), at)

    def _at(self, path: str, vcenter: str) -> tuple[str, str]:
        """(a path as the vCenter knows it, the name of that vCenter, "" for the only one)."""
        plain, _, named = path.partition("@")
        return plain, named or vcenter

    def _open(self, vcenter: str) -> VcenterGateway:
        if not vcenter and len(self._vcenters) == 1:
            (vcenter,) = self._vcenters
        if vcenter not in self._vcenters:
            raise Unknown(
                f"the environment declares no vCenter {vcenter}"
                if vcenter
                else "the environment declares several vCenters, and this is from a time when it declared one"
            )
        return self._vcenters[vcenter]()

    def _read(self, vcenter: str, path: str, params: Mapping[str, str]) -> Json:
        with closing(self._open(vcenter)) as gateway:
            answer = _read(_datacenter(gateway), path, params)
        if "results" in answer:
            return {**answer, "results": [_placed(row, vcenter) for row in answer["results"]]}
        return _placed(answer, vcenter)


def _placed(row: Json, vcenter: str) -> Json:
    """An object of one of several vCenters, which its uuid says too."""
    if not vcenter or not row:
        return row
    return {**row, "uuid": f"{row['uuid']}@{vcenter}", "url": f"{row['url']}@{vcenter}", "vcenter": vcenter}


def _datacenter(gateway: VcenterGateway) -> Vsphere:
    return Vsphere(gateway.read(), gateway.vcenter.datacenter)


def _read(vsphere: Vsphere, path: str, params: Mapping[str, str]) -> Json:
    api, _, uuid = path.partition("/")
    if api == FOLDER and not uuid:
        rows = [_shown(folder) for folder in vsphere.every_folder()]
    else:
        rows = [_shown(each) for each in (vsphere.folders if api == FOLDER else vsphere.machines)]
    if uuid:
        for row in rows:
            if row["uuid"] == uuid:
                return row
        raise NotFound(f"vCenter has no {path} any more")
    named = params.get("name")
    results = [row for row in rows if row["name"] and named in (None, row["name"])]  # the root has no name
    return {"count": len(results), "results": results}


def _shown(obj: Folder | Machine) -> Json:
    if isinstance(obj, Folder):
        return {"uuid": obj.moid, "url": f"/api/{FOLDER}/{obj.moid}", "name": obj.path}
    return {
        "uuid": obj.moid,
        "url": f"/api/{VM}/{obj.moid}",
        "name": obj.name,
        "folder": obj.folder,
    }


def _write(gateway: VcenterGateway, method: str, path: str, body: Json) -> Json:
    api, _, uuid = path.partition("/")
    vsphere = _datacenter(gateway)
    if (api, method) == (FOLDER, "POST"):
        return _make(gateway, vsphere, str(body["name"]))
    if (api, method) == (FOLDER, "DELETE"):
        folder = next((each for each in vsphere.folders if each.moid == uuid), None)
        if folder is None:
            raise NotFound(f"vCenter has no {path} any more")
        gateway.remove_folder(folder.moid)
        return {}
    if (api, method) == (VM, "PUT"):
        wanted = str(body["folder"])
        there = next((each for each in vsphere.folders if each.path == wanted), None)
        if there is None:
            raise Refused(404, f"vCenter has no VM folder {wanted}")
        gateway.move_machine(uuid, there.moid)
        try:
            return _read(_datacenter(gateway), path, {})
        except Unknown as why:  # it was sent: a read that fails now must not make it one that was not
            raise FateUnknown(f"{method} {path} was done, and could not be read again: {why}") from why
    raise Unknown(f"nothing here knows how to {method} {path} in vCenter")


def _make(gateway: VcenterGateway, vsphere: Vsphere, path: str) -> Json:
    """A folder in one that is there. Raises Refused where none is."""
    above, _, name = path.rpartition("/")
    parent = next((folder.moid for folder in vsphere.folders if folder.path == above), "")
    if not parent:
        raise Refused(404, f"vCenter has no VM folder {above}")
    moid = gateway.create_folder(parent, name)
    return _shown(Folder(moid, path, vsphere.inventory.datacenter(vsphere.name)))


class ControllersModel:
    """The Controller, spoken to in the model of its own version."""

    def __init__(self, controller: Gateway, version: str) -> None:
        self.name = controller.name
        self.api_version = version
        self._controller = controller

    @classmethod
    def of(cls, controller: Gateway) -> Self | None:
        """None where it is the one that is spoken anyhow."""
        own = controller.own_version
        return cls(controller, own) if own and own != controller.api_version else None

    def read(self, path: str, params: Mapping[str, str] | None = None, *, tenant: str | None = None) -> Json:
        """One GET. Raises NotFound, Unknown."""
        return self._controller.read(path, params, tenant=tenant, model=self.api_version)

    def write(self, method: str, path: str, body: Json | None = None, *, tenant: str | None = None) -> Json:
        """One write. Raises Conflict, Refused, FateUnknown, ReadOnly, Unknown."""
        return self._controller.write(method, path, body, tenant=tenant, model=self.api_version)

    def body(self, request: Request, body: Json, before: Json | None) -> Json | None:
        """What is sent in this model for a body of the plan's; None where that is sent as it is.

        `before` is the object as just read in the plan's. Raises ObjectChanged, Unknown, and RunStopped where what is
        to change is not the same in both.
        """
        if before is None or request.method not in ("PUT", "PATCH") or request.api in (FOLDER, VM):
            return None
        now = read_object(self, request) or {}
        if now.get("_last_modified") != before.get("_last_modified"):
            raise ObjectChanged("somebody else has written it at this moment")
        after = body if request.method == "PUT" else before
        changed: Json = {}
        for name in request.changed:
            try:
                value = carried(now.get(name), before.get(name), after.get(name))
            except LookupError as why:
                raise RunStopped(
                    f"{name} of {request.path} is another in the model of the Controller's own version, "
                    f"{self.api_version}, than in {self._controller.api_version}, the newest known here: {why}. "
                    "Nothing is written, since what is not known might be lost; change it by hand"
                ) from why
            changed |= {name: value} if name in after else {}
        if request.method == "PATCH":
            return body
        hidden = owned_by_server(request.api) - {"_last_modified"}
        kept = {name: value for name, value in now.items() if name not in (*hidden, *request.changed)}
        return kept | changed


def carried(own: Any, was: Any, now: Any) -> Any:
    """What `now` changes in `was`, in a value `own` that says the same as `was` and more: that stays.

    Raises LookupError where `own` says something else, or where what is more cannot be told apart.
    """
    if canonical(own) == canonical(was):
        return now
    if isinstance(own, dict) and isinstance(was, dict) and isinstance(now, dict):
        more = {name: value for name, value in own.items() if name not in was}
        return more | {
            name: carried(own[name], was[name], value) if name in was and name in own else value
            for name, value in now.items()
        }
    if isinstance(own, list) and isinstance(was, list) and isinstance(now, list) and len(own) == len(was):
        former, latter = canonical(was), canonical(now)
        moved = any(b in former or a in latter for a, b in zip(former, latter, strict=False) if a != b)
        if len(now) >= len(was) and not moved:
            kept = [carried(*elements) for elements in zip(own, was, now, strict=False)]
            return [*kept, *now[len(was) :]]
    raise LookupError(f"{own!r:.60} there, and {was!r:.60} here")
