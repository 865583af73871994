"""vCenter's writes: folders and machines as objects that are read and written like the Controller's.

One manner for both APIs gives vCenter's writes what the Controller's have: a precondition read just before, the
journal around them, the truth about a lost answer, and the undo.

    vcenter-folder   {"uuid", "url", "name"}             name: the folder's path, `AVI K8S/Site1 AZ1`
    vcenter-vm       {"uuid", "url", "name", "folder"}   folder: the path

Where a file declares several vCenters, each object says in `vcenter` in which it is, and its uuid too: `group-7@west`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from typing import TYPE_CHECKING

from intent import Unknown
from live.avi.gateway import Gateway
from live.avi.identity import Json
from live.errors import FateUnknown, NotFound, Refused
from live.vcenter.inventory import Folder, Machine, Vsphere
from remediate.plan.request import FOLDER, VM

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
        path, at = self._at(path, str((body or {}).get("vcenter", "")))
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
    objects = vsphere.folders if api == FOLDER else vsphere.machines
    rows = [_shown(obj) for obj in objects]
    if uuid:
        for row in rows:
            if row["uuid"] == uuid:
                return row
        raise NotFound(f"vCenter has no {path} any more")
    named = params.get("name")
    results = [row for row in rows if named in (None, row["name"])]
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


def _write(gateway: VcenterGateway, method: str, path: str, body: Json | None) -> Json:
    api, _, uuid = path.partition("/")
    body = body or {}
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
    """A folder, and those it stands in where they are missing too."""
    by_path = {folder.path: folder.moid for folder in vsphere.folders}
    at, parent, created = "", by_path[""], ""
    for name in path.split("/"):
        at = f"{at}/{name}" if at else name
        if at in by_path:
            parent = by_path[at]
            continue
        try:
            parent = gateway.create_folder(parent, name)
        except Refused as why:
            if not created:
                raise
            raise Refused(
                why.status, f"{why.text}; VM folder {created} was made for it, and stays empty"
            ) from why
        except Unknown as why:
            if not created:
                raise
            raise FateUnknown(f"VM folder {created} was made, and {at} not yet: {why}") from why
        created = at
    return _shown(Folder(parent, path, vsphere.inventory.datacenter(vsphere.name)))
