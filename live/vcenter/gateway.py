"""The gateway to a vCenter: reads its whole inventory in a few calls, and carries out the writes that remedies need.

pyVmomi fetches an attribute of a managed object when it is touched, each by a call of its own. Here all are fetched in
bulk by the property collector and leave as plain data. Failures are raised as one of `live.errors` or Unknown.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from itertools import repeat
from pathlib import Path
from typing import Any, TypeVar

from pydantic import SecretStr
from pyVmomi import VmomiSupport, vim, vmodl

from intent import Unknown, Vcenter
from intent.retry import attempts
from live.deadlines import USUAL, Timeouts
from live.errors import FateUnknown, ReadOnly, Refused
from live.vcenter.decoding import ODD, Contents, decode
from live.vcenter.events import MOST, decode_events, wanted
from live.vcenter.inventory import Inventory, VcenterEvent
from live.vcenter.session import BROKEN, Garbled, VcenterSession, failure

Result = TypeVar("Result")

PC = vmodl.query.PropertyCollector
WANTED: dict[Any, tuple[str, ...]] = {
    vim.Datacenter: ("name", "parent", "vmFolder"),
    vim.Folder: ("name", "parent"),
    vim.Network: ("name", "parent"),
    vim.dvs.DistributedVirtualPortgroup: (
        "key",
        "config.defaultPortConfig",
        "config.backingType",
        "config.uplink",
    ),
    vim.HostSystem: ("name", "parent", "configManager.networkSystem"),
    vim.ComputeResource: ("name", "parent"),
    vim.VirtualMachine: (
        "name",
        "parent",
        "runtime.powerState",
        "runtime.connectionState",
        "config.template",
        "config.hardware.numCPU",
        "config.hardware.memoryMB",
        "config.hardware.device",
    ),
}
"""What is read of each type, and of its subtypes."""
PAGE = 1000
"""Objects asked for at once; a server may give fewer."""
PAGES_SECONDS = 300.0
"""Until when another page is asked for, counted from the first."""
LOOK_EVERY = 0.2
"""Seconds between two looks at a task that is under way."""


class VcenterGateway:
    """A vCenter, spoken to as one user. Not for several threads at once.

    `base` is the folder of the environment file, against which `ca_file` is resolved. `calls` counts SOAP calls.
    """

    def __init__(  # noqa: PLR0913 -- what a session is made of
        self,
        vcenter: Vcenter,
        username: str,
        password: SecretStr,
        *,
        base: Path,
        writable: bool = False,
        timeouts: Timeouts = USUAL,
    ) -> None:
        self.vcenter = vcenter
        self.writable = writable
        self._session = VcenterSession(vcenter, username, password, base=base, timeouts=timeouts)

    @property
    def name(self) -> str:
        """Address and port."""
        return self._session.name

    @property
    def calls(self) -> int:
        """How many SOAP calls were made."""
        return self._session.calls

    def connect(self) -> None:
        """Agree on a version and log in, once. Raises Unreachable."""
        self._session.connect()

    def close(self) -> None:
        """Log out, so that no session is left on vCenter. Never raises."""
        self._session.close()

    def __repr__(self) -> str:
        return f"VcenterGateway({self.name}, {self._session.username}, {'writable' if self.writable else 'read-only'})"

    # -- reading ---------------------------------------------------------------------------------------------------

    def read(
        self, accounts: tuple[str, ...] = (), folders: tuple[str, ...] = (), paths: tuple[str, ...] = ()
    ) -> Inventory:
        """The whole inventory, with what some accounts may do on the datacenter, these folders and inventory paths.

        Raises Unreachable, Unknown.
        """
        try:
            return self._read(accounts, (*folders, *paths))
        except ODD as error:
            # pyVmomi checks the types that an answer names, not that they are those of the API.
            text = f"sends an inventory that is not understood ({type(error).__name__})"
            raise Unknown(self._session.sentence(f"{text}; see what stands between")) from error

    def _read(self, accounts: tuple[str, ...], places: tuple[str, ...]) -> Inventory:
        before = self.calls
        contents = self._session.read(self._contents)
        unread: dict[str, str] = {}
        hosts, now = self._standard(contents, unread), self._now()
        inventory = decode(contents, hosts)
        privileges = self._privileges(inventory, accounts, places, unread)
        sent, answered, clock = now
        about = self._session.content.about
        return replace(
            inventory,
            address=self.name,
            version=str(about.version),
            user=self._session.username,
            privileges=privileges,
            skew=clock - (sent + answered) / 2,
            slack=(answered - sent) / 2,
            calls=self.calls - before,
            unread={**inventory.unread, **unread},
        )

    def _contents(self) -> Contents:
        """Every object of the wanted types: one view, and as many pages as vCenter makes of it."""
        content = self._session.content
        view = content.viewManager.CreateContainerView(content.rootFolder, list(WANTED), recursive=True)
        try:
            start = PC.TraversalSpec(name="view", type=vim.view.ContainerView, path="view", skip=False)
            contents = self._retrieve(
                PC.FilterSpec(
                    objectSet=[
                        PC.ObjectSpec(obj=content.rootFolder),
                        PC.ObjectSpec(obj=view, skip=True, selectSet=[start]),
                    ],
                    propSet=[
                        PC.PropertySpec(type=kind, pathSet=[p for p in paths if self._speaks(kind, p)])
                        for kind, paths in WANTED.items()
                    ],
                )
            )
            if content.rootFolder._moId not in contents.rows:  # noqa: SLF001 -- pyVmomi's only way to an id
                # An empty answer is well formed, and would make every object absent.
                raise Garbled("an inventory without its root")
            contents.root = content.rootFolder._moId  # noqa: SLF001
            return contents
        finally:
            view.DestroyView()

    def _speaks(self, kind: Any, path: str) -> bool:
        """Whether the version that was agreed on has a property: one unknown path would fail the whole read."""
        for part in path.split("."):
            info = VmomiSupport.GetPropertyInfo(kind, part)
            if not VmomiSupport.IsChildVersion(self._session.stub.version, info.version):  # type: ignore[attr-defined]
                return False
            kind = info.type
        return True

    def _retrieve(self, spec: Any) -> Contents:
        collector = self._session.content.propertyCollector
        contents = Contents()
        page = collector.RetrievePropertiesEx([spec], PC.RetrieveOptions(maxObjects=PAGE))
        last = time.monotonic() + PAGES_SECONDS
        while page is not None:
            before = len(contents.rows)
            for item in page.objects or ():
                contents.add(item)
            if page.token and (len(contents.rows) == before or time.monotonic() > last):
                raise Garbled(f"pages without end: {len(contents.rows)} objects came and there are more")
            page = collector.ContinueRetrievePropertiesEx(page.token) if page.token else None
        return contents

    def _standard(self, contents: Contents, unread: dict[str, str]) -> Contents:
        """The port groups of every host's standard switches: the only place that gives their VLAN ids."""
        systems = [obj for obj in contents.values("configManager.networkSystem") if obj is not None]
        if not systems:
            return Contents()
        spec = PC.FilterSpec(
            objectSet=[PC.ObjectSpec(obj=system, skip=False) for system in systems],
            propSet=[PC.PropertySpec(type=vim.host.NetworkSystem, pathSet=["networkInfo.portgroup"])],
        )
        try:
            return self._session.read(lambda: self._retrieve(spec))
        except Unknown as why:
            unread["standard switches"] = f"the standard switches of the hosts could not be read: {why}"
            return Contents()

    def _now(self) -> tuple[float, float, float]:
        """(when vCenter's clock was asked for, when the answer came, what it shows), in seconds since the epoch."""
        instance = vim.ServiceInstance("ServiceInstance", self._session.stub)
        sent = time.time()
        clock = self._session.read(instance.CurrentTime)
        return sent, time.time(), clock.timestamp()

    def _privileges(
        self,
        inventory: Inventory,
        accounts: tuple[str, ...],
        asked: tuple[str, ...],
        unread: dict[str, str],
    ) -> dict[str, dict[str, frozenset[str]]]:
        """What accounts may do on the datacenter and at places that are asked: by account, then by place.

        One call an account, and one for each inventory path. vCenter itself adds up what is given there, inherited, and
        given to groups.
        """
        datacenter = inventory.datacenters.get(self.vcenter.datacenter)
        if datacenter is None or not accounts:
            return {}
        stub = self._session.stub
        folders = [f for f in inventory.folders if f.datacenter == datacenter and f.path in asked]
        entities = {"": vim.Datacenter(datacenter, stub)} | {
            f.path: vim.Folder(f.moid, stub) for f in folders
        }
        by_path = {path: self._entity(path) for path in asked if path.startswith("/")}
        entities |= {path: entity for path, entity in by_path.items() if entity is not None}
        ids = {place: str(entity._moId) for place, entity in entities.items()}  # noqa: SLF001 -- the only way
        refs = list({ids[place]: entity for place, entity in entities.items()}.values())
        privileges: dict[str, dict[str, frozenset[str]]] = {}
        for account in accounts:
            try:
                granted = self._granted(account, refs)
            except Unknown as why:
                unread["privileges"] = f"the privileges of {account} could not be read: {why}"
                continue
            privileges[account.lower()] = {
                place: granted[moid] for place, moid in ids.items() if moid in granted
            }
        return privileges

    def _granted(self, account: str, entities: list[Any]) -> dict[str, frozenset[str]]:
        """What an account may do on each of these, by their ids. Raises Unknown."""
        rows = self._session.read(
            lambda: self._session.content.authorizationManager.FetchUserPrivilegeOnEntities(entities, account)
        )
        return {str(row.entity._moId): frozenset(row.privileges) for row in rows}  # noqa: SLF001 -- the only way

    def _entity(self, path: str) -> Any:
        """What stands at an inventory path; None where there is nothing, or nothing that this user is shown."""
        content = self._session.content
        if not path.strip("/"):
            return content.rootFolder
        return self._session.read(lambda: content.searchIndex.FindByInventoryPath(path.strip("/")))

    def events(self, *, power: bool = False) -> tuple[VcenterEvent, ...]:
        """The latest events of port groups, machines and folders, newest first: of `power`, or all others.

        Raises Unreachable, Unknown.
        """
        try:
            return decode_events(self._session.read(lambda: self._latest(wanted(power=power))))
        except ODD as error:
            text = f"sends events that are not understood ({type(error).__name__})"
            raise Unknown(self._session.sentence(f"{text}; see what stands between")) from error

    def _latest(self, events: Any) -> list[Any]:
        # Not QueryEvents: which of too many events that answers, the API does not say.
        collector = self._session.content.eventManager.CreateCollectorForEvents(events)
        try:
            collector.SetCollectorPageSize(MOST)
            return list(collector.latestPage or ())
        finally:
            collector.DestroyCollector()

    # -- writing ---------------------------------------------------------------------------------------------------

    def create_folder(self, parent: str, name: str) -> str:
        """Make a VM folder inside another, by the parent's id; the new one's id.

        Raises ReadOnly, Refused, FateUnknown, Unreachable.
        """
        return self._write(
            f"create folder {name}",
            lambda: str(vim.Folder(parent, self._session.stub).CreateFolder(_escaped(name))._moId),  # noqa: SLF001
        )

    def move_machine(self, machine: str, folder: str) -> None:
        """Move a virtual machine into a folder, by their ids. Raises as `create_folder` does."""
        what = f"move VM {machine}"

        def move() -> Any:
            refs = [vim.VirtualMachine(machine, self._session.stub)]
            return vim.Folder(folder, self._session.stub).MoveIntoFolder_Task(refs)

        self._wait(what, self._write(what, move))

    def remove_folder(self, folder: str) -> None:
        """Remove an empty folder, by its id: vCenter itself would remove what stands in it. Raises as above."""
        what = f"remove folder {folder}"

        def remove() -> Any:
            doomed = vim.Folder(folder, self._session.stub)
            if doomed.childEntity:
                raise Refused(409, f"folder {folder} is not empty, so it stays")
            return doomed.Destroy_Task()

        self._wait(what, self._write(what, remove))

    def _write(self, what: str, work: Callable[[], Result]) -> Result:
        if not self.writable:
            raise ReadOnly(f"{what}: this run may only read")
        try:
            return self._session.under_login(work)
        except vmodl.MethodFault as fault:
            status = 409 if isinstance(fault, vim.fault.DuplicateName) else 500
            raise Refused(status, self._session.sentence(f"refused to {what}: {failure(fault)}")) from None
        except (*BROKEN, *ODD) as error:
            why = f"it cannot be read ({type(error).__name__})" if isinstance(error, ODD) else error
            raise FateUnknown(f"{what} was sent to vCenter {self.name} and its answer lost: {why}") from None

    def _wait(self, what: str, task: Any) -> None:
        """Wait for a task by polling its state. Raises Refused with its fault.

        Raises FateUnknown when it cannot be followed: the task was accepted, so nothing is sent a second time.
        """
        looks = attempts(
            repeat(LOOK_EVERY), deadline=time.monotonic() + self._session.timeouts.silence, to_the_end=True
        )
        try:
            if not any((info := task.info).state in ("success", "error") for _ in looks):
                raise TimeoutError(f"its task did not end in {self._session.timeouts.silence:g} s")
        except (vmodl.MethodFault, *BROKEN, *ODD) as error:
            why = str(error) if isinstance(error, TimeoutError) else failure(error)
            raise FateUnknown(f"{what}: vCenter {self.name} accepted it, and then {why}") from None
        if info.state == "error":
            raise Refused(500, self._session.sentence(f"refused to {what}: {failure(info.error)}"))


def _escaped(name: str) -> str:
    return name.replace("%", "%25").replace("/", "%2f").replace("\\", "%5c")
