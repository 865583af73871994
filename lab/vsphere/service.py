"""The service instance, sessions and the search index."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from pyVmomi import vim, vmodl

from lab.cloud.vsphere import Entity, Vm
from lab.vsphere.soap import canonical, complete, escaped
from lab.vsphere.world import MANAGERS, Session, World, method, prop, utc

VERSION = "8.0.3"


def content(world: World) -> Any:
    """What a client learns first: who this is, and where its managers are."""
    about = vim.AboutInfo(
        name="VMware vCenter Server",
        fullName=f"VMware vCenter Server {VERSION} (simulated)",
        vendor="VMware, Inc.",
        version=VERSION,
        build="0",
        osType="linux-x64",
        productLineId="vpx",
        apiType="VirtualCenter",
        apiVersion=f"{VERSION}.0",
        instanceUuid=str(world.identity),
    )
    members = {name[0].lower() + name[1:]: kind(name) for name, kind in MANAGERS.items()}
    del members["serviceInstance"]
    return vim.ServiceInstanceContent(about=complete(about), rootFolder=vim.Folder("group-d1"), **members)


@prop(vim.ServiceInstance, "content")
def _content(world: World, _subject: Any) -> Any:
    return content(world)


@prop(vim.ServiceInstance, "serverClock")
def _clock(world: World, _subject: Any) -> datetime:
    return world.now()


@method("RetrieveServiceContent")
def retrieve_content(world: World, _this: Any, _arguments: Any) -> Any:
    """The service content; needs no login."""
    return content(world)


@method("CurrentTime")
def current_time(world: World, _this: Any, _arguments: Any) -> datetime:
    """The server's time."""
    return world.now()


def _shown(session: Session) -> Any:
    return vim.UserSession(
        key=session.key,
        userName=session.user,
        fullName=session.user,
        loginTime=session.began,
        lastActiveTime=utc(session.used),
        locale="en",
        messageLocale="en",
    )


@prop(vim.SessionManager, "currentSession")
def _current(world: World, _subject: Any) -> Any:
    return _shown(world.caller) if world.caller else None


@prop(vim.SessionManager, "sessionList")
def _sessions(world: World, _subject: Any) -> list[Any]:
    return [_shown(session) for session in world.sessions.values()]


@method("Login")
def login(world: World, _this: Any, arguments: Any) -> Any:
    """Begin a session, whose key becomes the cookie. Raises InvalidLogin."""
    user = canonical(arguments.userName or "")
    known = {canonical(name): password for name, password in world.model.accounts.items()}
    if not arguments.password or known.get(user) != arguments.password:
        text = "Cannot complete login due to an incorrect user name or password."
        raise vim.fault.InvalidLogin(msg=text)
    session = Session(str(uuid4()), user, world.now(), world.site.clock.now())
    world.sessions[session.key] = session
    world.caller, world.cookie = session, session.key
    return _shown(session)


@method("Logout")
def logout(world: World, _this: Any, _arguments: Any) -> None:
    """End the caller's session."""
    if world.caller is not None:
        world.leave(world.caller.key)


@method("TerminateSession")
def terminate(world: World, _this: Any, arguments: Any) -> None:
    """End other sessions. Raises NotFound for an unknown one, InvalidArgument for the caller's own."""
    for key in arguments.sessionId:
        if world.caller is not None and key == world.caller.key:
            raise vmodl.fault.InvalidArgument(invalidProperty="sessionId", msg="a session cannot end itself")
        if key not in world.sessions:
            raise vim.fault.NotFound(msg=f"no session {key}")
        world.leave(key)


@method("SessionIsActive")
def is_active(world: World, _this: Any, arguments: Any) -> bool:
    """Whether a session of that key and user is alive."""
    session = world.sessions.get(arguments.sessionID)
    return session is not None and session.user == canonical(arguments.userName)


@method("FindByInventoryPath")
def find_by_path(world: World, _this: Any, arguments: Any) -> Any:
    """The entity at a path such as `REGIONB/vm/AVI K8S`, with names as the API writes them; None when absent."""
    here: Entity | None = world.model.entities["group-d1"]
    for part in filter(None, arguments.inventoryPath.split("/")):
        inside = world.children(here.moid) if here else []
        here = next((e for e in inside if escaped(e.name) == part), None)
    return world.ref(here) if here else None


@method("FindChild")
def find_child(world: World, _this: Any, arguments: Any) -> Any:
    """The child of that name; None when absent."""
    parent = world.behind(arguments.entity)
    return next(
        (world.ref(e) for e in world.children(parent.moid) if escaped(e.name) == arguments.name), None
    )


@method("FindByUuid")
def find_by_uuid(world: World, _this: Any, arguments: Any) -> Any:
    """The virtual machine of an instance or BIOS UUID; None when absent."""
    wanted = str(arguments.uuid).lower()
    return next(
        (world.ref(vm) for vm in world.model.of(Vm) if str(world.stable_uuid(vm.moid)) == wanted), None
    )
