"""SOAP endpoint of vCenter without sockets: one call in, one envelope out, with sessions, privileges and tasks.

A core without sockets; `lab.vcenter.server` puts it on HTTPS.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any

from pyVmomi import VmomiSupport, vim, vmodl

from lab.datacenter.model import Entity, Snapshot
from lab.vcenter import (
    authority,
    collector,
    compute,
    entities,
    esxi,
    fields,
    happenings,
    history,
    machines,
    managers,
    networks,
    ovf,
    reconfiguring,
    roles,
    search,
    service,
    snapshots,
    standard,
    switches,
    updates,
    views,
)
from lab.vcenter.authority import ANONYMOUS, VIEW, demand
from lab.vcenter.soap import (
    Call,
    NotSoap,
    answer,
    escaped,
    no_longer,
    parse,
    property_info,
    refusal,
    spelled,
    version_of,
)
from lab.vcenter.world import METHODS, NotYet, Part, World, method, prop

REGISTERED = (
    authority, collector, compute, entities, esxi, fields, history, machines, managers, networks, ovf, reconfiguring,
    roles, search, service, snapshots, standard, switches, updates, views,
)  # fmt: skip
"""Modules whose import registers properties and methods."""

RESOLVING = ("ModifyListView", "ResetListView")
"""These say themselves which of the objects they are given are not there."""
FOREVER = 365 * 86_400.0
"""Seconds of a wait that has no end."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reply:
    """What goes back: an HTTP status, the envelope, and the key of a session that has just begun.

    `wait`: it says that nothing has happened yet; the call waits this many seconds for something that does.
    """

    status: int
    body: bytes
    session: str = ""
    wait: float = 0


@dataclass
class Endpoint:
    """A vCenter's SOAP endpoint on one world. `calls` counts what was asked, by method."""

    world: World
    calls: dict[str, int] = field(default_factory=dict)

    def handle(self, body: bytes, action: str, cookie: str) -> Reply:
        """Answer one request; faults, and whatever goes wrong inside, become SOAP faults."""
        version = version_of(action, self.world.version)
        try:
            self.world.enter(cookie)
            call = parse(body)
            self.calls[call.name] = self.calls.get(call.name, 0) + 1
            try:
                envelope = answer(call, self._call(call), version)
            except NotYet as nothing:
                seconds = FOREVER if nothing.seconds is None else nothing.seconds
                return Reply(200, answer(call, None, version), wait=seconds)
        except vmodl.MethodFault as fault:
            return Reply(500, refusal(fault, version))
        except NotSoap as problem:
            return Reply(500, refusal(vmodl.fault.InvalidRequest(msg=str(problem)), version))
        except Exception as problem:  # noqa: BLE001 -- a defect of ours is said, and never ends the server
            _log.exception("vSphere endpoint")
            defect = vmodl.fault.SystemError(
                reason=repr(problem), msg=f"A general system error occurred: {problem!r}"
            )
            return Reply(500, refusal(defect, version))
        begun = self.world.cookie if self.world.cookie != cookie else ""
        return Reply(200, envelope, begun)

    def _call(self, call: Call) -> Any:
        if call.info is None:
            text = f"unknown method {call.name}"
            raise vmodl.fault.MethodNotFound(
                receiver=vim.ServiceInstance("ServiceInstance"), method=call.name, msg=text
            )
        self._admit(call)
        handler = METHODS.get(call.name)
        if handler is None or not _has(self.world.kind_of(call.target), call):
            text = f"{type(call.target).__name__} does not implement {call.name}"
            raise vmodl.fault.MethodNotFound(receiver=call.target, method=call.name, msg=text)
        subject = self.world.behind(call.target)
        before = happenings.Before(self.world, call)
        if not call.info.isTask:
            result = handler(self.world, subject, call.arguments)
            before.log(self.world)
            return result
        name = getattr(subject, "name", "")
        try:
            result = handler(self.world, subject, call.arguments)
        except (vim.fault.NoPermission, vmodl.fault.ManagedObjectNotFound):
            raise
        except vmodl.MethodFault as fault:
            return self._task(call, subject, name, None, fault)
        task = self._task(call, subject, name, result)
        before.log(self.world, self.world.tasks[-1].eventChainId)
        return task

    def _admit(self, call: Call) -> None:
        """Raises NotAuthenticated, ManagedObjectNotFound, NoPermission as pyVmomi's tables say for the method."""
        needed = call.info.privId
        if call.name == "Fetch":
            needed = property_info(self.world.kind_of(call.target), call.arguments.prop).privId
        if needed == ANONYMOUS:
            self.world.behind(call.target)
            return
        if self.world.caller is None:
            text = "The session is not authenticated."
            wanted = needed or "System.View"
            raise vim.fault.NotAuthenticated(object=call.target, privilegeId=wanted, msg=text)
        self.world.behind(call.target)
        if call.name in ("Fetch", "Logout"):
            return
        # Whoever is logged in may view the managers: what they show of an entity is judged by that entity [INF].
        if needed and not (needed == VIEW and self.world.entity(call.target) is None):
            demand(self.world, call.target, needed)
        for parameter in call.info.params if call.name not in RESOLVING else ():
            value = getattr(call.arguments, parameter.name)
            for ref in value if isinstance(value, list) else [value]:
                if isinstance(ref, VmomiSupport.ManagedObject) and getattr(parameter, "privId", None):
                    demand(self.world, ref, parameter.privId)

    def _task(self, call: Call, subject: Any, name: str, result: Any, error: Any = None) -> Any:
        """A task that has already ended; one of a snapshot is its machine's. `name`: the subject's when it began."""
        world, moid = self.world, f"task-{self.world.next()}"
        if isinstance(subject, Snapshot):
            subject = world.model.entities[subject.parent]
        found = subject.owner if isinstance(subject, Part) else subject
        entity = found if isinstance(found, Entity) else None
        done = call.info.name
        info = vim.TaskInfo(
            key=moid,
            task=vim.Task(moid),
            name=VmomiSupport.GetWsdlMethod("urn:vim25", call.name),
            descriptionId=f"{call.info.type._wsdlName}.{done[0].lower()}{done[1:]}",  # noqa: SLF001
            entity=world.ref(entity) if entity else None,
            entityName=escaped(name if entity is subject else entity.name) if entity else None,
            state="error" if error else "success",
            error=error,
            result=result,
            cancelled=False,
            cancelable=False,
            reason=vim.TaskReasonUser(userName=spelled(world.caller.user) if world.caller else ""),
            queueTime=world.now(),
            startTime=world.now(),
            completeTime=world.now(),
            eventChainId=int(moid.partition("-")[2]),
        )
        history.log_task(world, info, entity)
        return world.finished(info)


def _has(kind: Any, call: Call) -> bool:
    """Whether a managed object type has a method; `Fetch` works on all."""
    if call.name == "Fetch":
        return True
    owner = call.info.type
    return issubclass(kind, owner)


@prop(vim.Task, "info")
def _info(_world: World, info: Any) -> Any:
    return info


@method("CancelTask")
def cancel(_world: World, info: Any, _arguments: Any) -> None:
    """Too late: every task here has ended. Raises InvalidState, as for a task that cannot be cancelled."""
    raise vim.fault.InvalidState(msg=f"{info.key} has ended")


__all__ = ["Endpoint", "Reply", "World", "no_longer"]
