"""The site as the planner sees it: what was read, what this plan will make, and who would be hit by a change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from urllib.parse import quote

from intent import Environment, Intent, Key, Unknown
from live.avi.identity import Json, Names, own_ref
from live.avi.snapshot import Live
from live.kinds import KINDS, Kind
from live.kinds.base import dig
from remediate.plan.payload import rows_of
from remediate.plan.request import SINGLETONS

Ask = Callable[[str, Mapping[str, str]], Json]
"""One GET: (path, parameters) -> the answer. Raises Unknown."""

WORDS = {
    "cloud": "cloud",
    "gslb": "GSLB",
    "ipamdnsproviderprofile": "profile",
    "network": "network",
    "pool": "pool",
    "serviceengine": "Service Engine",
    "serviceenginegroup": "SE group",
    "systemconfiguration": "system configuration",
    "virtualservice": "virtual service",
    "vrfcontext": "VRF context",
    "vsvip": "VIP",
}
"""A collection's word, for names of what would be hit."""


def asked_tenant(path: str) -> str | None:
    """The tenant in which to ask who would be hit: every one that the user may see, in a collection; else the usual.

    Whoever stands on an object may live in another tenant than the object.
    """
    return None if "/" in path or path in SINGLETONS else "*"


def cannot_ask(path: str, params: Mapping[str, str]) -> Json:
    """For a plan from a saved snapshot: nothing can be asked, so what is guarded stays refused."""
    del params
    raise Unknown(f"{path} cannot be asked: this is a saved snapshot, not the site")


class View:
    """One picture of the site. Every question goes to the Controller once."""

    def __init__(self, environment: Environment, live: Live, ask: Ask) -> None:
        self.environment = environment
        self.live = live
        self._ask = ask
        self._answers: dict[tuple[str, tuple[tuple[str, str], ...]], Json] = {}
        self._promised: dict[str, list[Json]] = {}
        self._names: Names | None = live.names
        self.left: dict[Key, set[str]] = {}
        """The fields, by object, that this plan leaves as they are: what stands on them cannot be put right either."""

    def at(self, live: Live) -> View:
        """The same site at another moment; nothing that was asked or promised is kept."""
        return View(self.environment, live, self._ask)

    def promise(self, want: Intent, api: str, name: str) -> str:
        """The symbolic reference of an object that this plan makes; from now on names resolve to it."""
        key = want.key
        ref = symbol(api, name, key.cloud, key.tenant)
        body: Json = {"name": name, "uuid": f"new:{ref}", "url": ref}
        for member, scope, value in (("cloud_ref", "cloud", key.cloud), ("tenant_ref", "tenant", key.tenant)):
            if value and (found := self.ref_or_none(scope, value)):
                body[member] = found
        self._promised.setdefault(api, []).append(body)
        self._names = None
        return ref

    def withdraw(self, ref: str) -> None:
        """Take a promise back: its object will not be made."""
        for api, bodies in self._promised.items():
            self._promised[api] = [body for body in bodies if body["url"] != ref]
        self._names = None

    @property
    def names(self) -> Names:
        """Every object that was read or is promised, by reference and by name."""
        if self._names is None:
            objects = self.live.snapshot.objects
            both = {api: [*rows, *self._promised.get(api, ())] for api, rows in objects.items()}
            self._names = Names(both, self.live.names.version)
        return self._names

    def ref_or_none(self, api: str, name: str) -> str | None:
        """The reference of the one object of that name; None when it is not to be had."""
        rows = [row for row in self.live.snapshot.objects.get(api, ()) if row.get("name") == name]
        return own_ref(rows[0]) if len(rows) == 1 else None

    def kind(self, want: Intent) -> Kind:
        """The mapping of a declared object. Raises KeyError for a kind that no Controller holds."""
        return KINDS[type(want)]

    def ask(self, path: str, **params: str) -> Json:
        """One GET, once. Raises Unknown."""
        at = (path, tuple(sorted(params.items())))
        if at not in self._answers:
            self._answers[at] = self._ask(path, params)
        return self._answers[at]

    def rows(self, api: str, **params: str) -> list[Json]:
        """Every row of a collection that answers to these parameters. Raises Unknown."""
        found: list[Json] = []
        while True:
            page = str(len(found) // 200 + 1)
            got = self.ask(api, page_size="200", page=page, include_name="true", **params)
            results = rows_of(api, got)
            found += results
            if not got.get("next") or not results:
                return found

    def users(self, api: str, uuid: str, *types: str) -> tuple[str, ...]:
        """By word and name, what refers to an object, of these types. Raises Unknown."""
        return tuple(
            f"{WORDS.get(kind, kind)} {row.get('name') or row.get('uuid')}"
            for kind in types
            for row in self.rows(kind, refers_to=f"{api}:{uuid}", fields="name")
        )

    def held(self, network: Json) -> Iterator[tuple[str, str, str]]:
        """(address, holder's uuid, holder's name) of every address given out of a network's pools. Raises Unknown."""
        runtime = self.ask(f"network/{network['uuid']}/runtime")
        for subnet in runtime.get("subnet_runtime", []):
            given = [
                one for part in subnet.get("ip_range_runtimes", []) for one in part.get("allocated_ips", [])
            ]
            for one in [*given, *subnet.get("ip_alloced", [])]:
                address = str(dig(one, "ip", "addr"))
                holder = str(one.get("obj_uuid", ""))
                yield address, holder, str(one.get("obj_info") or self.name_of(holder))

    def name_of(self, uuid: str) -> str:
        """The name of an object by its uuid alone, or the uuid."""
        for rows in self.live.snapshot.objects.values():
            for row in rows:
                if row.get("uuid") == uuid and row.get("name"):
                    return str(row["name"])
        return uuid


def symbol(api: str, name: str, cloud: str = "", tenant: str = "admin") -> str:
    """How a plan refers to an object that is yet to be made: `/api/vrfcontext?name=VRF_AZ1&cloud=Default-Cloud`.

    Controllers take this form too [CLIENT]; here it is resolved to the object's own reference before it is sent.
    """
    where = (("cloud", cloud), ("tenant", "" if tenant == "admin" else tenant))
    return f"/api/{api}?name={quote(name)}" + "".join(f"&{word}={quote(at)}" for word, at in where if at)


__all__ = ["WORDS", "Ask", "View", "asked_tenant", "cannot_ask", "symbol"]
