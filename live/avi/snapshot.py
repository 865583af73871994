"""Live: one immutable picture of the site, read in bulk once, and asked by every check."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import AfterValidator, ConfigDict

from intent import Blocked, Intent, Key, Unknown
from intent.files import private
from intent.plain_data import Damaged, from_json, to_json
from live.avi.identity import Json, Names
from live.kinds import KINDS

Wanted = TypeVar("Wanted", bound=Intent)
Found = TypeVar("Found")

FORMAT_MEMBER, FORMAT = "avi-compliance-snapshot", 1


class NotASnapshot(ValueError):
    """A file that `--from-snapshot` was given is not one of ours."""


def _numbers(version: str) -> str:
    if not re.fullmatch(r"(\d+(\.\d+)*)?", version):
        raise ValueError(f"{version!r} is no version")
    return version


@dataclass(frozen=True)
class Snapshot:
    """What was read, as plain data: raw objects by collection, and why a collection could not be read.

    Secrets are scrubbed before they get here. `read_at` is UTC, ISO 8601.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    address: str
    version: str = ""
    api_version: Annotated[str, AfterValidator(_numbers)] = ""
    read_at: str = ""
    requests: int = 0
    every_tenant: bool = False
    """Read in one sweep over every tenant that the user may see."""
    objects: Mapping[str, list[Json]] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)

    def save(self, path: Path) -> None:
        """Write it as JSON, readable by its owner only."""
        with private(path) as file:
            json.dump({FORMAT_MEMBER: FORMAT, **to_json(self)}, file, separators=(",", ":"))

    @classmethod
    def load(cls, path: Path) -> Snapshot:
        """Read a saved one. Raises NotASnapshot, with the reason."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise NotASnapshot(f"{path}: cannot be read: {error.strerror}") from error
        except (ValueError, RecursionError) as error:
            raise NotASnapshot(f"{path}: is not JSON") from error
        if not isinstance(data, dict) or data.pop(FORMAT_MEMBER, None) != FORMAT:
            raise NotASnapshot(f"{path}: is not a snapshot of this program; make one with --snapshot FILE")
        try:
            return from_json(cls, data)
        except Damaged as damage:
            raise NotASnapshot(f"{path}: is damaged: {damage}") from damage


class Live:
    """The site at one moment. Every lookup ends in an object, in Blocked (absent), or in Unknown (not read)."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        version = tuple(int(part) for part in (snapshot.api_version or "0").split("."))
        self.names = Names(snapshot.objects, version)
        self._index: dict[type[Intent], dict[tuple[str, str, str], list[Json]]] = {}
        self._decoded: dict[tuple[type[Intent], int], Intent] = {}
        self._rows: dict[str, dict[str, Json]] = {}
        self._once: dict[Callable[[Live], Any], Any] = {}
        self._tenants = frozenset(row.get("name") for row in snapshot.objects.get("tenant", ()))

    def __getitem__(self, want: Wanted) -> Wanted:
        """The live counterpart of a declared object, as the same model.

        Raises Blocked when it is absent or there more than once, Unknown when it could not be read.
        """
        found = self.raw(want)
        for api in KINDS[type(want)].reads:
            self.rows(api)  # what its references point at: without it, a name could be another object's
        return self.decode(type(want), found)

    def raw(self, want: Intent) -> Json:
        """The live counterpart as the Controller gave it. Raises as `[]` does."""
        found = self.found(want)
        if len(found) != 1:
            how = (
                "is absent from the Controller"
                if not found
                else f"is there {len(found)} times, so none can be meant"
            )
            raise Blocked(f"{want.key} {how}")
        return found[0]

    def found(self, want: Intent) -> list[Json]:
        """Every live object that answers to a declaration's name, cloud and tenant. Raises Unknown."""
        kind = KINDS[type(want)]
        for api in kind.reads:
            if api in (kind.api, "cloud", "tenant"):  # where it lives is part of what names it
                self.rows(api)
        if type(want) not in self._index:
            index: dict[tuple[str, str, str], list[Json]] = {}
            for row in self.rows(kind.api):
                key = kind.key(row, self.names)
                index.setdefault((key.name, key.cloud, key.tenant), []).append(row)
            self._index[type(want)] = index
        key = want.key
        if self.snapshot.every_tenant and not kind.singleton and key.tenant not in self._tenants:
            raise Unknown(
                f"no tenant {key.tenant} is seen on the Controller: it does not exist, or the user has no role in it"
            )
        cloud = key.cloud if kind.scoped else ""
        return self._index[type(want)].get((key.name, cloud, key.tenant), [])

    def all(self, kind: type[Wanted]) -> Iterable[Wanted]:
        """Every live object of a kind, declared or not. Raises Unknown."""
        for row in self.rows(KINDS[kind].api):
            yield self.decode(kind, row)

    def decode(self, kind: type[Wanted], row: Json) -> Wanted:
        """A raw object as the intent model; each is decoded once."""
        found = self._decoded.get((kind, id(row)))
        if found is None:
            found = self._decoded[kind, id(row)] = KINDS[kind].decode(row, self.names)
        assert isinstance(found, kind)
        return found

    def once(self, work: Callable[[Live], Found]) -> Found:
        """What a function makes of this live state, worked out at its first use. Raises what it raises."""
        if work not in self._once:
            self._once[work] = work(self)
        found: Found = self._once[work]
        return found

    def rows(self, api: str) -> list[Json]:
        """Every raw object of a collection. Raises Unknown when it could not be read, or was not asked for."""
        if api in self.snapshot.failures:
            raise Unknown(self.snapshot.failures[api])
        if api not in self.snapshot.objects:
            raise Unknown(f"{api} was not read: no collected check said that it needs it")
        return self.snapshot.objects[api]

    def row(self, api: str, uuid: str) -> Json:
        """One row of an inventory by its object's uuid. Raises Unknown when there is none."""
        rows = self.rows(api)
        if api not in self._rows:
            index = self._rows[api] = {}
            for row in rows:
                for name in (row.get("uuid"), row.get("config", {}).get("uuid")):
                    if isinstance(name, str):
                        index.setdefault(name, row)
        if (found := self._rows[api].get(uuid)) is not None:
            return found
        raise Unknown(f"the Controller reports no {api} of {uuid}")

    def key(self, kind: type[Intent], row: Json) -> Key:
        """What names a raw object."""
        return KINDS[kind].key(row, self.names)
