"""The view of the site on which a plan is made: what was read, what is asked beyond that, what the plan will create."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import quote

from intent import Cloud, Environment, Intent, Key, Unknown
from intent.cloud_types import BY_API
from live.avi.identity import Json, Names, own_ref
from live.avi.snapshot import Live
from remediate.plan import answers
from remediate.plan.answers import Shape, agreed, understood
from remediate.plan.referrers import Ask, every_row, named, referrers, types_that_refer


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
        self._answers: dict[tuple[str, tuple[tuple[str, str], ...]], Json] = {}
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
        at = (path, tuple(sorted(params.items())))
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

    def allocations(self, network: Json, read: Json | None = None) -> Iterator[Allocation]:
        """Every address that was given out of a network's pools. Raises Unknown.

        `read` is the network as it was read, where the other one has subnets that are not written yet: the runtime has
        to speak of those alone that both have.
        """
        known = understood(answers.Network, network, "the network")
        path = f"network/{known.uuid}/runtime"
        answer = self._once(path, {}, tenant=self.names.tenant_of(network) or None)
        runtime = understood(answers.NetworkRuntime, answer, path)
        prefixes = {str(subnet.prefix) for subnet in known.configured_subnets}
        former = understood(answers.Network, read or network, "the network").configured_subnets
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
