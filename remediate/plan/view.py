"""The view of the site on which a plan is made: what was read, what is asked beyond that, what the plan will create.

What refers to an object is asked for in every tenant that the user may see. The types that can refer to it are taken
from the Controller's own model, see `avi_schema`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote

from avi_schema import ONLY_ONE, ReferringMember, load, parse_version
from intent import Cloud, Environment, Intent, Key, Unknown
from intent.cloud_types import BY_API
from live.avi.identity import Json, Names, own_ref, uuid_of
from live.avi.reader import MOST_PAGES, PAGE
from live.avi.snapshot import Live
from live.errors import NotFound
from live.kinds import KINDS
from live.kinds.objects import ObjectKind
from remediate.plan import answers
from remediate.plan.answers import Shape, agreed, understood
from remediate.plan.model import SINGLETONS
from remediate.plan.payload import known_rows


class Ask(Protocol):
    """One GET: (path, parameters) -> the answer. Raises Unknown."""

    def __call__(self, path: str, params: Mapping[str, str], *, tenant: str | None = None) -> Json:
        """The answer; `tenant`: the one that the object at the path is of, where it is one."""
        ...


OBSERVERS = frozenset({"debugcontroller", "debugserviceengine", "debugvirtualservice"})
"""Types whose objects only watch others, as a filter for log messages does, and that lose nothing with them."""

_WORDS = {"ipamdnsproviderprofile": "profile", "serviceengine": "Service Engine", "vsvip": "VIP"}
_ACRONYMS = frozenset({"dns", "gslb", "http", "icap", "ip", "ipam", "l4", "nat", "pki", "ssl", "vs", "waf"})


def asked_tenant(path: str) -> str | None:
    """The tenant in which to ask who refers to an object: every one, "*", in a collection; else the usual.

    Whoever refers to an object may live in another tenant than the object.
    """
    return None if "/" in path or path in SINGLETONS else "*"


def types_that_refer(api: str, api_version: str) -> dict[str, tuple[ReferringMember, ...]]:
    """The types whose objects can refer to one of this type, each with the members in which they can.

    Empty for objects of vCenter: no object of a Controller refers to one.
    """
    schema = load()
    if api not in schema.types:
        return {}
    every = schema.referrers(api, parse_version(api_version))
    return {
        name: tuple(reference for reference in every if reference.type == name)
        for name in dict.fromkeys(reference.type for reference in every)
        if name not in OBSERVERS
    }


def referrers(
    ask: Ask, api_version: str, api: str, uuid: str, types: Collection[str] | None = None
) -> Iterator[tuple[str, Json]]:
    """(type, object) of everything that refers to an object; `types`: of these types alone.

    A type that this version lacks is not asked for. Raises Unknown where a collection may not be read, or is answered
    as if it were not there, as a proxy does.
    """
    for name, references in types_that_refer(api, api_version).items():
        if types is not None and name not in types:
            continue
        try:
            yield from ((name, row) for row in _of_type(ask, name, references, api, uuid))
        except NotFound as why:
            raise Unknown(
                f"{why}; a Controller of version {api_version} has it, so this is no answer"
            ) from None


def _of_type(
    ask: Ask, name: str, references: tuple[ReferringMember, ...], api: str, uuid: str
) -> Iterator[Json]:
    if name in SINGLETONS:
        row = ask(name, {})
        if (
            not isinstance(row, dict)
            or "error" in row
            or not isinstance(row.get("url", row.get("uuid")), str)
        ):
            raise Unknown(f"{name} answered with no object")
        yield from (row for row in (row,) if _names(row, references, uuid))
    elif name in ONLY_ONE or any(reference.uuid for reference in references):
        # The Controller's search follows references; a bare uuid in a text is none.
        yield from (row for row in every_row(ask, name) if _names(row, references, uuid))
    else:
        yield from every_row(ask, name, refers_to=f"{api}:{uuid}", fields="name")


def _names(row: Json, references: tuple[ReferringMember, ...], uuid: str) -> bool:
    for reference in references:
        _shaped(row, reference.path, reference.type, str(reference))
    values = (value for reference in references for value in reference.values(row))
    return any(uuid in (value, uuid_of(value)) for value in values)


def _shaped(value: Any, path: tuple[str, ...], api: str, place: str) -> None:
    """Raise Unknown where an object is not of the shape in which it would show its reference."""
    if not path:
        if not isinstance(value, str):
            raise Unknown(f"{api} was not understood: {place} is no reference")
        return
    if not isinstance(value, dict):
        raise Unknown(f"{api} was not understood: {place} stands in no object")
    name = path[0].removesuffix("[]")
    if name in value:
        below = value[name]
        for each in below if isinstance(below, list) else [below]:
            _shaped(each, path[1:], api, place)


def every_row(ask: Ask, api: str, **params: str) -> Iterator[Json]:
    """Every row of a collection that answers to these parameters.

    Raises Unknown, also where its pages have no end: all came that were announced, or none is new on a page, and there
    is to be another one.
    """
    rows, seen = 0, set[str]()
    for number in range(1, MOST_PAGES + 1):
        page = ask(api, {"page_size": str(PAGE), "page": str(number), "include_name": "true", **params})
        results = known_rows(api, page)
        yield from results
        rows, count = rows + len(results), page.get("count")
        if not page.get("next"):
            if type(count) is not int or count != rows:
                raise Unknown(f"{api} answered with {rows} objects and a count of {count!r}")
            return
        new = {str(row.get("uuid") or row) for row in results} - seen
        if not new or (isinstance(count, int) and rows >= count):
            break
        seen |= new
    raise Unknown(f"{api} has pages without end: {rows} objects came, and there is to be another page")


def named(api: str, row: Json) -> str:
    """An object as people call it: `virtual service shop`."""
    name = row.get("name") or row.get("uuid")
    return f"the {word_of(api)}" if api in SINGLETONS else f"{word_of(api)} {name}"


def word_of(api: str) -> str:
    """The word for objects of a type: that of the kind which all of them are, else the type's name in words."""
    kinds = [
        kind.intent.kind
        for kind in KINDS.values()
        if kind.api == api and kind.includes is None and not isinstance(kind, ObjectKind)
    ]
    if kinds or api in _WORDS:
        return _WORDS.get(api) or kinds[0]
    described = load().types.get(api)
    parts = re.findall(r"[A-Z]+[0-9]*(?![a-z])|[A-Z][a-z0-9]*", described.model) if described else [api]
    return " ".join(part.upper() if part.lower() in _ACRONYMS else part.lower() for part in parts)


def cannot_ask(path: str, params: Mapping[str, str], *, tenant: str | None = None) -> Json:
    """For a plan from a saved snapshot: nothing can be asked, so what is guarded stays refused."""
    del params, tenant
    raise Unknown(f"{path} cannot be asked: this is a saved snapshot, not the site")


class Allocation(NamedTuple):
    """An address that was given out of a network's pools, and who holds it: uuid and name."""

    address: str
    uuid: str
    name: str

    @property
    def holder(self) -> str:
        """`VIP vsvip-web`."""
        word = {"vsvip": "VIP", "se": "Service Engine"}.get(self.uuid.partition("-")[0], "object")
        return f"{word} {self.name}"

    def __str__(self) -> str:
        """`VIP vsvip-web (10.10.25.40)`."""
        return f"{self.holder} ({self.address})"


class View:
    """The site at one moment, for one plan. Every question goes to the Controller once, and its answer is kept."""

    def __init__(self, environment: Environment, live: Live, ask: Ask) -> None:
        self.environment = environment
        self.live = live
        self._ask = ask
        self._answers: dict[tuple[str, str | None, tuple[tuple[str, str], ...]], Json] = {}
        self._promised: dict[str, list[Json]] = {}
        self._names: Names | None = live.names
        self.left: dict[Key, set[str]] = {}
        """The fields, by object, that this plan leaves as they are: what stands on them cannot be put right either."""

    def anew(self, live: Live | None = None) -> View:
        """The same site with nothing kept of what was asked or promised; `live`: as it was read at another moment."""
        return View(self.environment, live or self.live, self._ask)

    def promise(self, want: Intent, api: str, name: str) -> str:
        """The symbolic reference of an object that this plan creates; from now on names resolve to it."""
        key = want.key
        ref = symbolic_ref(api, name, key.cloud, key.tenant)
        promised: Json = {"name": name, "uuid": f"new:{ref}", "url": ref}
        for member, scope, value in (("cloud_ref", "cloud", key.cloud), ("tenant_ref", "tenant", key.tenant)):
            rows = [row for row in self.live.snapshot.objects.get(scope, ()) if row.get("name") == value]
            if value and len(rows) == 1:
                promised[member] = own_ref(rows[0])
        self._promised.setdefault(api, []).append(promised)
        self._names = None
        return ref

    def withdraw(self, ref: str) -> None:
        """Take a promise back: its object will not be created."""
        for api, promised in self._promised.items():
            self._promised[api] = [row for row in promised if row["url"] != ref]
        self._names = None

    @property
    def names(self) -> Names:
        """Every object that was read or is promised, by reference and by name."""
        if self._names is None:
            objects = self.live.snapshot.objects
            both = {api: [*rows, *self._promised.get(api, ())] for api, rows in objects.items()}
            self._names = Names(both, self.live.names.version, self.live.names.declared)
        return self._names

    def cloud_of(self, want: Intent) -> Json | None:
        """The cloud that an object lives in, or the cloud itself, as read; None where it was not read or is absent."""
        name = want.name if isinstance(want, Cloud) else want.key.cloud
        rows = [row for row in self.live.snapshot.objects.get("cloud", ()) if row.get("name") == name]
        return rows[0] if len(rows) == 1 else None

    def cloud_type(self, want: Intent) -> str:
        """The word of the type of an object's cloud as the Controller has it; "" where that is not known."""
        known = BY_API.get(str((self.cloud_of(want) or {}).get("vtype")))
        return known.word if known else ""

    def _once(self, path: str, params: Mapping[str, str], *, tenant: str | None = None) -> Json:
        """One GET, once. Raises Unknown."""
        at = (path, tenant, tuple(sorted(params.items())))
        if at not in self._answers:
            answer: object = self._ask(path, params, tenant=tenant)
            if not isinstance(answer, dict):
                raise Unknown(f"{path} answered with no object")
            self._answers[at] = answer
        return self._answers[at]

    def rows(self, api: str, **params: str) -> list[Json]:
        """Every row of a collection that answers to these parameters. Raises Unknown."""
        return list(every_row(self._once, api, **params))

    def typed_rows(self, shape: type[Shape], api: str, **params: str) -> list[Shape]:
        """The same as models. Raises Unknown where one row is not understood."""
        rows = enumerate(self.rows(api, **params))
        return [understood(shape, row, f"{api}[{number}]") for number, row in rows]

    def users(
        self, api: str, uuid: str, *types: str, but: Collection[str] = (), spare: str = ""
    ) -> tuple[str, ...]:
        """By word and name, what refers to an object: of these types, or of all `but` these. Raises Unknown.

        `spare` is the uuid of one that does not count.
        """
        version = self.live.snapshot.api_version
        asked = types or tuple(name for name in types_that_refer(api, version) if name not in but)
        rows = referrers(self._once, version, api, uuid, asked)
        return tuple(named(kind, row) for kind, row in rows if not spare or row.get("uuid") != spare)

    def allocations(self, network: Json, read: Json) -> Iterator[Allocation]:
        """Every address that was given out of a network's pools. Raises Unknown.

        `read` is the network as it was read, where the other one has subnets that are not written yet: the runtime has
        to speak of those alone that both have.
        """
        known = understood(answers.Network, network, "the network")
        path = f"network/{known.uuid}/runtime"
        answer = self._once(path, {}, tenant=self.names.tenant_of(network) or None)
        runtime = understood(answers.NetworkRuntime, answer, path)
        prefixes = {str(subnet.prefix) for subnet in known.configured_subnets}
        former = understood(answers.Network, read, "the network").configured_subnets
        subnets = [subnet for subnet in former if str(subnet.prefix) in prefixes]
        agreed(known.model_copy(update={"configured_subnets": subnets}), runtime, path)
        for entry in (entry for subnet in runtime.subnet_runtime for entry in subnet.entries):
            name = entry.obj_info or self._name_of(entry.obj_uuid)
            yield Allocation(entry.ip.addr, entry.obj_uuid, name)

    def _name_of(self, uuid: str) -> str:
        """The name of an object by its uuid alone, or the uuid."""
        for rows in self.live.snapshot.objects.values():
            for row in rows:
                if row.get("uuid") == uuid and row.get("name"):
                    return str(row["name"])
        return uuid


def symbolic_ref(api: str, name: str, cloud: str = "", tenant: str = "admin") -> str:
    """How a plan refers to an object that is yet to be made: `/api/vrfcontext?name=VRF_AZ1&cloud=Default-Cloud`.

    Controllers take this form too [CLIENT]; here it is resolved to the object's own reference before it is sent.
    """
    where = (("cloud", cloud), ("tenant", "" if tenant == "admin" else tenant))
    return f"/api/{api}?name={quote(name)}" + "".join(f"&{word}={quote(at)}" for word, at in where if at)
