"""The snapshot of a site, as data and in a file, and `Live`: the same asked by declared object, for checks.

A snapshot is made by one bulk read and never changes. `Live` finds the counterpart of a declared object in it.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import AfterValidator, ConfigDict
from pydantic_core import from_json as read_json

from intent import Blocked, ConfigObject, Intent, Key, Unknown
from intent.file_kinds import unlike
from intent.files import contents, private
from intent.plain_data import IN_FILES, Damaged, from_json, shallow, to_json
from intent.words import tenants_named
from live.avi.identity import ADMIN, Json, Names
from live.avi.shapes import NotUnderstood, Unclear, checked
from live.kinds import KINDS

Wanted = TypeVar("Wanted", bound=Intent)
Derived = TypeVar("Derived")

FORMAT_MEMBER, FORMAT = "avi-compliance-snapshot", 1
"""The member of the file that says what it is, and the version of its form there."""
SNAPSHOT, MAKE_ONE = "a snapshot", "make one with --snapshot FILE"
_NOT_ASKED_FOR = "no collected check said that it needs it"
_NOT_SAVED = (
    "the saved snapshot does not hold it; --snapshot FILE of a whole run keeps what every check needs"
)


class NotASnapshot(ValueError):
    """A file that `--from-snapshot` was given is not one of ours."""


def _numbers(version: str) -> str:
    if not re.fullmatch(r"(\d+(\.\d+)*)?", version):
        raise ValueError(f"{version!r} is no version")
    return version


@dataclass(frozen=True)
class Snapshot:
    """What one bulk read gave, as plain data: raw objects by collection, and why a collection could not be read.

    It holds no secrets: the reader has scrubbed them. `read_at` is UTC, ISO 8601.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    address: str
    version: str = ""
    api_version: Annotated[str, AfterValidator(_numbers)] = ""
    read_at: str = ""
    requests: int = 0
    every_tenant: bool = False
    """Read over every tenant that the user may see."""
    tenants: tuple[str, ...] = ()
    """The tenants in which the user has a role; none where the Controller did not say."""
    objects: Mapping[str, list[Json]] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)
    unclear: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """In a file: why an object cannot be read although it is there, by collection and uuid; see `live.avi.shapes`."""

    def save(self, path: Path) -> None:
        """Write it as JSON, readable by its owner only."""
        unclear: dict[str, dict[str, str]] = {}
        for api, rows in self.objects.items():
            if whys := {row["uuid"]: row.why for row in rows if isinstance(row, Unclear)}:
                unclear[api] = whys
        whole = {api: [getattr(row, "raw", row) for row in rows] for api, rows in self.objects.items()}
        kept = replace(self, objects=whole, unclear=unclear)
        with private(path) as file:
            json.dump({FORMAT_MEMBER: FORMAT, **to_json(kept)}, file, separators=(",", ":"))

    @classmethod
    def load(cls, path: Path) -> Snapshot:
        """Read a saved one. Raises NotASnapshot, with the reason."""
        try:
            data = _read(contents(path))
        except OSError as error:
            raise NotASnapshot(f"{path}: cannot be read: {error.strerror}") from error
        except (ValueError, RecursionError) as error:
            raise NotASnapshot(f"{path}: {unlike(path, SNAPSHOT, 'is not JSON')}; {MAKE_ONE}") from error
        form = data.pop(FORMAT_MEMBER, None) if isinstance(data, dict) else None
        if form is None:
            why = unlike(path, SNAPSHOT, f"is not {SNAPSHOT} of this program")
            raise NotASnapshot(f"{path}: {why}; {MAKE_ONE}")
        if form != FORMAT:
            raise NotASnapshot(
                f"{path}: is a snapshot of another version of this program; make it anew with --snapshot FILE"
            )
        try:
            kept = from_json(cls, data)
            objects = {
                api: checked(api, rows, kept.unclear.get(api, {})) for api, rows in kept.objects.items()
            }
        except (Damaged, NotUnderstood, Unknown) as damage:
            raise NotASnapshot(f"{path}: is damaged: {damage}") from damage
        return replace(kept, objects=objects, unclear={})


def _read(data: bytes) -> Any:
    """JSON, as quickly as it can be read. Raises ValueError, RecursionError."""
    try:
        return read_json(data)
    except ValueError:  # such as one that holds an object as deep as an answer may be
        return shallow(json.loads(data), IN_FILES)


@dataclass
class _Cache:
    """What is known of the objects of one kind, each since it was first asked for; by identity."""

    index: dict[tuple[str, str], dict[str, list[Json]]] | None = None
    """By name and cloud, and then by tenant."""
    rows: dict[int, tuple[Intent, list[Json]]] = field(default_factory=dict)
    decoded: dict[int, Intent] = field(default_factory=dict)
    counterparts: dict[int, tuple[Intent, Intent]] = field(default_factory=dict)


class Live:
    """The site at one moment, for checks. A lookup gives an object or raises Blocked (absent) or Unknown (not read).

    `live[network]` is the declared network as it is on the Controller, in the same model. `names` resolves references.
    `declared`: what is declared; a bare name means an object of its owner's tenant that is declared there and absent.
    `saved`: the snapshot is from a file.
    """

    def __init__(self, snapshot: Snapshot, declared: Iterable[Intent] = (), *, saved: bool = False) -> None:
        self.snapshot = snapshot
        self._saved = saved
        self.declared = tuple(declared)
        version = tuple(int(part) for part in (snapshot.api_version or "0").split("."))
        elsewhere = {
            (KINDS[type(want)].api, want.name, want.key.cloud, want.key.tenant)
            for want in self.declared
            if type(want) in KINDS and want.key.tenant != ADMIN
        }
        self.names = Names(snapshot.objects, version, elsewhere)
        self._caches: defaultdict[type[Intent], _Cache] = defaultdict(_Cache)
        self._rows: dict[str, dict[str, Json]] = {}
        self._once: dict[Callable[[Live], Any], Any] = {}
        listed = (str(row.get("name")) for row in snapshot.objects.get("tenant", ()))
        self._tenants = frozenset(snapshot.tenants or listed)

    def __getitem__(self, want: Wanted) -> Wanted:
        """The live counterpart of a declared object, as the same model.

        Raises Blocked when it is absent or there more than once, Unknown when it could not be read.
        """
        counterparts = self._caches[type(want)].counterparts
        _, counterpart = counterparts.get(id(want), (want, None))
        if counterpart is None:
            row = self.raw(want)
            for api in KINDS[type(want)].reads:
                self.rows(api)  # what its references point at: without it, a name could be another object's
            decoded = partial(self.decode, type(want), row)
            counterpart = KINDS[type(want)].counterpart(want, row, self.names, decoded)
            counterparts[id(want)] = want, counterpart
        assert isinstance(counterpart, type(want))
        return counterpart

    def raw(self, want: Intent) -> Json:
        """The live counterpart as the Controller gave it. Raises as `[]` does."""
        rows = self.found(want)
        if len(rows) != 1:
            how = (
                "is absent from the Controller"
                if not rows
                else f"is there {len(rows)} times, so none can be meant"
            )
            raise Blocked(f"{want.key} {how}", on=want.key)
        return rows[0]

    def found(self, want: Intent) -> list[Json]:
        """Every live object with a declared object's name, cloud and tenant, raw: one, none or more. Raises Unknown."""
        known = self._caches[type(want)].rows
        if id(want) not in known:
            known[id(want)] = want, self._find(want)
        return known[id(want)][1]

    def _find(self, want: Intent) -> list[Json]:
        by_tenant = self._namesakes(want)
        for tenant in want.tenants:
            if rows := by_tenant.get(tenant):
                pinned = [row for row in rows if self._is_pinned(want, row)]
                return pinned if len(rows) > 1 and pinned else rows
        if self.snapshot.every_tenant and not KINDS[type(want)].singleton:
            for tenant in want.tenants:
                if tenant not in self._tenants:
                    raise Unknown(self._unseen(want, tenant))
        return []

    def _is_pinned(self, want: Intent, row: Json) -> bool:
        """Whether an object is the one that a declaration pins; True where it pins none."""
        kind = KINDS[type(want)]
        pins = ((kind.leaves[path], getattr(want, path)) for path in kind.pins)
        return all(value is None or leaf.get(row, self.names) == value for leaf, value in pins)

    def elsewhere(self, want: Intent) -> tuple[str, ...]:
        """The tenants with an object of a declared one's name and cloud, where its own has none. Raises Unknown."""
        if self.found(want):
            return ()
        return tuple(sorted(self._namesakes(want).keys() - set(want.tenants)))

    def _namesakes(self, want: Intent) -> Mapping[str, list[Json]]:
        """Every live object with a declared object's name and cloud, by tenant. Raises Unknown."""
        kind = KINDS[type(want)]
        for api in kind.reads:
            if api in (kind.api, "cloud", "tenant"):  # where it lives is part of what names it
                self.rows(api)
        cache = self._caches[type(want)]
        if cache.index is None:
            index: dict[tuple[str, str], dict[str, list[Json]]] = {}
            for row in self.rows(kind.api):
                key = kind.key(row, self.names)
                index.setdefault((key.name, key.cloud), {}).setdefault(key.tenant, []).append(row)
            cache.index = index
        return cache.index.get((want.key.name, want.key.cloud if kind.scoped else ""), {})

    def _unseen(self, want: Intent, tenant: str) -> str:
        """Why an object of a tenant cannot be told to be absent, and what to do."""
        text = (
            f"no tenant {tenant} is seen on the Controller: it does not exist, or the user has no role in it"
        )
        if not self._tenants:
            return text
        where = f"; he has one in {tenants_named(self._tenants)}: "
        if type(want).tenancy == "provider":
            return f"{text}{where}only a user with a role in tenant {tenant} can tell whether {want.key} is there"
        return f"{text}{where}declare `tenant: {min(self._tenants)}` where {want.key} is of that tenant"

    def all(self, kind: type[Wanted]) -> Iterable[Wanted]:
        """Every live object of a kind, declared or not. Raises Unknown."""
        for row in self.rows(KINDS[kind].api):
            yield self.decode(kind, row)

    def decode(self, kind: type[Wanted], row: Json) -> Wanted:
        """A raw object as the intent model; each is decoded once."""
        every = self._caches[kind].decoded
        if (decoded := every.get(id(row))) is None:
            decoded = every[id(row)] = KINDS[kind].decode(row, self.names)
        assert isinstance(decoded, kind)
        return decoded

    def once(self, work: Callable[[Live], Derived]) -> Derived:
        """What a function derives from this live state, computed at its first use and kept. Raises what it raises."""
        if work not in self._once:
            self._once[work] = work(self)
        derived: Derived = self._once[work]
        return derived

    def rows(self, api: str) -> list[Json]:
        """Every raw object of a collection. Raises Unknown when it could not be read, or was not asked for."""
        if api in self.snapshot.failures:
            raise Unknown(self.snapshot.failures[api])
        if api not in self.snapshot.objects:
            raise Unknown(f"{api} was not read: {_NOT_SAVED if self._saved else _NOT_ASKED_FOR}")
        return self.snapshot.objects[api]

    def row(self, api: str, uuid: str) -> Json:
        """The entry of an inventory for the object of that uuid. Raises Unknown when there is none."""
        rows = self.rows(api)
        if api not in self._rows:
            index = self._rows[api] = {}
            for row in rows:
                own = row.get("uuid") or row.get("config", {}).get("uuid")
                if isinstance(own, str):
                    index.setdefault(own, row)
        if uuid not in self._rows[api]:
            raise Unknown(f"the Controller reports no {api} of {uuid}")
        return self._rows[api][uuid]

    def at(self, snapshot: Snapshot) -> Live:
        """The same site as it was read at another moment."""
        return Live(snapshot, self.declared, saved=self._saved)

    def with_more(self, snapshot: Snapshot) -> Live:
        """The same moment, with collections read besides; what rests on none of these stays as it was decoded."""
        live, fresh = self.at(snapshot), snapshot.objects.keys() - self.snapshot.objects.keys()

        def stays(kind: type[Intent]) -> bool:
            return not issubclass(kind, ConfigObject) and fresh.isdisjoint(KINDS[kind].rests_on)

        live._caches.update((kind, cache) for kind, cache in self._caches.items() if stays(kind))  # noqa: SLF001 -- our own
        return live

    def key(self, kind: type[Intent], row: Json) -> Key:
        """What names a raw object."""
        return KINDS[kind].key(row, self.names)
