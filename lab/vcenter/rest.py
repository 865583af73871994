"""REST API of vCenter: sessions, lists that tools look names up in, and single objects.

`/api` answers with bare values and 201 for a new session, the older `/rest` wraps them in `{"value": ...}` [DOC].
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import orjson

from lab.datacenter.model import (
    Cluster,
    Datacenter,
    Datastore,
    Entity,
    Folder,
    Host,
    Pool,
    PortGroup,
    StandardNetwork,
    Vm,
)
from lab.vcenter import restviews
from lab.vcenter.authority import VIEW, may_view_anything, privileges
from lab.vcenter.soap import canonical
from lab.vcenter.world import World

HEADER = "vmware-api-session-id"
Query = dict[str, list[str]]


@dataclass(frozen=True)
class Answer:
    """An HTTP status and what goes back as JSON; None is an empty body."""

    status: int
    value: Any = None


class Failed(Exception):
    """A request that fails: the status, the error's type, and a message."""

    def __init__(self, status: int, kind: str, text: str) -> None:
        super().__init__(text)
        self.status, self.kind, self.text = status, kind, text


def _vm(_world: World, vm: Vm) -> dict[str, Any]:
    power = "POWERED_ON" if vm.powered else "POWERED_OFF"
    return {"power_state": power, "cpu_count": vm.size.cpus, "memory_size_MiB": vm.size.memory}


def _folder(_world: World, folder: Folder) -> dict[str, Any]:
    return {"type": {"vm": "VIRTUAL_MACHINE", "root": "DATACENTER"}.get(folder.kind, folder.kind.upper())}


def _network(_world: World, network: Entity) -> dict[str, Any]:
    return {"type": "DISTRIBUTED_PORTGROUP" if isinstance(network, PortGroup) else "STANDARD_PORTGROUP"}


def _host(_world: World, host: Host) -> dict[str, Any]:
    connected = "CONNECTED" if host.connected else "NOT_RESPONDING"
    return {"connection_state": connected, **({"power_state": "POWERED_ON"} if host.connected else {})}


def _datastore(_world: World, store: Datastore) -> dict[str, Any]:
    return {"type": "VMFS", "free_space": store.capacity << 29, "capacity": store.capacity << 30}


def _cluster(_world: World, _cluster: Cluster) -> dict[str, Any]:
    return {"ha_enabled": True, "drs_enabled": True}


def _bare(_world: World, _entity: Entity) -> dict[str, Any]:
    return {}


Shown = Callable[[World, Any], dict[str, Any]]
LISTS: dict[str, tuple[tuple[type[Entity], ...], Shown]] = {
    "vm": ((Vm,), _vm),
    "folder": ((Folder,), _folder),
    "network": ((PortGroup, StandardNetwork), _network),
    "host": ((Host,), _host),
    "datastore": ((Datastore,), _datastore),
    "cluster": ((Cluster,), _cluster),
    "datacenter": ((Datacenter,), _bare),
    "resource-pool": ((Pool,), _bare),
}
"""What `/api/vcenter/<name>` lists, and what besides name and id it says of each."""
EMPTY = ("cis/tagging/tag", "cis/tagging/category", "content/library", "content/local-library")
"""Collections that are there, and hold nothing."""


class Rest:
    """The REST API of one world. Its sessions are its own, as its header is [DOC]."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sessions: dict[str, str] = {}

    def handle(self, method: str, path: str, query: Query, headers: dict[str, str]) -> Answer:
        """Answer a request; whatever is wrong with it becomes an error as vCenter writes it."""
        older = path.startswith("/rest/")
        topic = path.partition("/")[2].partition("/")[2]
        topic = topic.removeprefix("com/vmware/") if older else topic
        try:
            found = self._answer(method, "session" if topic == "cis/session" else topic, query, headers)
        except Failed as failed:
            return Answer(failed.status, _error(failed, older=older))
        if not older:
            return found
        return Answer(200, None if found.status == 204 else {"value": found.value})

    def _answer(self, method: str, topic: str, query: Query, headers: dict[str, str]) -> Answer:
        if (topic, method) == ("session", "POST"):
            return Answer(201, self._login(headers.get("authorization", "")))
        key = headers.get(HEADER, "")
        user = self.sessions.get(key)
        if user is None:
            raise Failed(401, "UNAUTHENTICATED", "Authentication required.")
        if topic == "session":
            return self._session(method, key, user)
        if method != "GET":
            raise Failed(404, "NOT_FOUND", "Not found.")
        if topic in EMPTY:
            return Answer(200, [])
        if topic == "appliance/system/version":
            return Answer(200, {"version": f"{self.world.product}.00000", "product": "VMware vCenter Server"})
        if topic == "appliance/health/system":
            return Answer(200, "green")
        area, _, rest = topic.partition("/")
        name, one, below = rest.partition("/")
        if area != "vcenter" or name not in (restviews.ONE if one else LISTS):
            raise Failed(404, "NOT_FOUND", "Not found.")
        return Answer(200, self._one(name, below, user) if one else list(self._list(name, query, user)))

    def _login(self, authorization: str) -> str:
        scheme, _, given = authorization.partition(" ")
        try:
            name, _, password = b64decode(given, validate=True).decode().partition(":")
        except (NotBase64, UnicodeDecodeError):
            name = password = ""
        known = {canonical(user): secret for user, secret in self.world.model.accounts.items()}
        user = canonical(name)
        right = scheme.lower() == "basic" and password and known.get(user) == password
        if not right or not may_view_anything(self.world, user):
            raise Failed(401, "UNAUTHENTICATED", "Authentication required.")
        key = uuid4().hex
        self.sessions[key] = user
        return key

    def _session(self, method: str, key: str, user: str) -> Answer:
        if method == "GET":
            stamp = self.world.now().strftime("%Y-%m-%dT%H:%M:%S.000Z")
            return Answer(200, {"user": user, "created_time": stamp, "last_accessed_time": stamp})
        if method == "DELETE":
            del self.sessions[key]
            return Answer(204)
        raise Failed(404, "NOT_FOUND", "Not found.")

    def _one(self, name: str, path: str, user: str) -> Any:
        """What is told of an object, or below it; what a user may not view is not there."""
        moid, _, below = path.partition("/")
        entity = self.world.model.entities.get(moid)
        if not isinstance(entity, restviews.ONE[name][0]) or not self._visible(entity, user):
            raise Failed(404, "NOT_FOUND", f"{name} with identifier '{moid}' does not exist.")
        try:
            found = restviews.told(self.world, name, entity, below)
        except KeyError:
            raise Failed(404, "NOT_FOUND", "Not found.") from None
        if found is None:
            raise Failed(503, "SERVICE_UNAVAILABLE", "VMware Tools is not running.")
        return found

    def _visible(self, entity: Entity, user: str) -> bool:
        granted = privileges(self.world, entity, user)
        return granted is None or VIEW in granted

    def _list(self, name: str, query: Query, user: str) -> Iterator[dict[str, Any]]:
        """What a user may view, filtered by `names`, by ids (`vms`) and by `datacenters`."""
        kinds, shown = LISTS[name]
        word = name.replace("-", "_")
        for entity in self.world.below("group-d1"):
            if not isinstance(entity, kinds) or not self._visible(entity, user):
                continue
            where = (
                self.world.model.datacenter_of(entity).moid if entity.parent != "group-d1" else entity.moid
            )
            told = {"names": entity.name, f"{word}s": entity.moid, "datacenters": where}
            if all(told[asked] in _asked(query, asked) for asked in told if _asked(query, asked)):
                yield {word: entity.moid, "name": entity.name, **shown(self.world, entity)}


def _asked(query: Query, member: str) -> list[str]:
    """The values of a filter: `names=a&names=b`, and in the older API `filter.names.1=a`."""
    return query.get(member, []) + [
        value
        for name, values in query.items()
        if name.startswith((f"filter.{member}.", f"filter.{member}")) and name != member
        for value in values
    ]


def _error(failed: Failed, *, older: bool) -> Any:
    text = {
        "args": [],
        "default_message": failed.text,
        "id": "com.vmware.vapi.endpoint.method.authentication.required",
    }
    if failed.status != 401:
        text["id"] = "com.vmware.vapi.rest.httpNotFound"
    if older:
        kind = f"com.vmware.vapi.std.errors.{failed.kind.lower()}"
        return {"type": kind, "value": {"messages": [text], "error_type": failed.kind}}
    return {"error_type": failed.kind, "messages": [text]}


def body(answer: Answer) -> bytes:
    """An answer's body."""
    return b"" if answer.value is None else orjson.dumps(answer.value)
