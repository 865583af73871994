"""Service instance of vCenter and its sessions: login, logout, and who is logged in."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from pyVmomi import VmomiSupport, vim, vmodl

from lab.vcenter import history
from lab.vcenter.authority import VIEW, may_view_anything
from lab.vcenter.soap import canonical, complete, spelled
from lab.vcenter.world import MANAGERS, Session, World, method, prop, utc

MEMBERS = {"VpxSettings": "setting", "PerfMgr": "perfManager", "DVSManager": "dvSwitchManager"}
"""Managers that are called otherwise in the service content; the others by their ids."""


def content(world: World) -> Any:
    """What a client learns first: who this is, and where its managers are."""
    number = world.product
    about = vim.AboutInfo(
        name="VMware vCenter Server",
        fullName=f"VMware vCenter Server {number} build-24022515",
        vendor="VMware, Inc.",
        version=number,
        build="24022515",
        localeVersion="INTL",
        localeBuild="000",
        osType="linux-x64",
        productLineId="vpx",
        apiType="VirtualCenter",
        apiVersion=VmomiSupport.versionIdMap[world.version],
        instanceUuid=str(world.identity),
        licenseProductName="VMware VirtualCenter Server",
        licenseProductVersion=f"{number.partition('.')[0]}.0",
    )
    members = {MEMBERS.get(name, name[0].lower() + name[1:]): kind(name) for name, kind in MANAGERS.items()}
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
        userName=spelled(session.user),
        fullName=spelled(session.user),
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
    """Begin a session, whose key becomes the cookie. Raises InvalidLogin, and NoPermission.

    The last is for who has no permission anywhere [DOC].
    """
    user = canonical(arguments.userName or "")
    known = {canonical(name): password for name, password in world.model.accounts.items()}
    if not arguments.password or known.get(user) != arguments.password:
        text = "Cannot complete login due to an incorrect user name or password."
        raise vim.fault.InvalidLogin(msg=text)
    if not may_view_anything(world, user):
        text = "The user has no access to this vCenter Server."
        raise vim.fault.NoPermission(object=vim.Folder("group-d1"), privilegeId=VIEW, msg=text)
    return _shown(begin(world, user))


def begin(world: World, user: str) -> Session:
    """A session, which is the caller's from now on."""
    session = Session(str(uuid4()), user, world.now(), world.site.clock.now())
    world.sessions[session.key] = session
    world.caller, world.cookie = session, session.key
    history.log(
        world, vim.event.UserLoginSessionEvent, ipAddress="127.0.0.1", locale="en", sessionId=session.key
    )
    return session


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


@method("AcquireCloneTicket")
def clone_ticket(world: World, _this: Any, _arguments: Any) -> str:
    """A ticket with which another connection takes part in this session's rights; it serves once."""
    ticket = f"cst-VCT-{uuid4()}"
    assert world.caller is not None
    world.tickets[ticket] = world.caller.user
    return ticket


@method("CloneSession")
def clone_session(world: World, _this: Any, arguments: Any) -> Any:
    """A session of its own for a ticket. Raises InvalidLogin."""
    user = world.tickets.pop(arguments.cloneTicket, None)
    if user is None:
        raise vim.fault.InvalidLogin(msg="The ticket is not valid.")
    return _shown(begin(world, user))


@prop(vim.SessionManager, "defaultLocale")
def _locale(_world: World, _subject: Any) -> str:
    return "en"


@prop(vim.SessionManager, "messageLocaleList", "supportedLocaleList")
def _locales(_world: World, _subject: Any) -> list[str]:
    return ["en"]


@prop(vim.ServiceInstance, "capability")
def _capability(_world: World, _subject: Any) -> Any:
    return vim.Capability(
        provisioningSupported=True,
        multiHostSupported=True,
        userShellAccessSupported=False,
        supportedEVCMode=[],
    )
