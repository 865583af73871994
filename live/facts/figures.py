"""Figures of use, read out of the objects that a run lists anyway, as they come.

Addresses are the Controller's own counts, where a check has read the inventory of networks [SCHEMA]. What a Controller
does not tell in any object, such as the use of its disk, is no figure here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from math import isfinite
from typing import Any

import avi_schema
from avi_schema import MISSING
from intent import Unknown
from intent.forecast import Figure, Measure, Reading
from live.avi.identity import Json, last_written, uuid_of
from live.avi.snapshot import Live
from live.facts.upkeep import moment
from live.facts.usage import subnet_usages
from live.kinds.codecs import dig
from live.undeclared import label

_TYPES = frozenset(
    {"license", "serviceengine", "serviceenginegroup", "sslkeyandcertificate", "virtualservice"}
)


class Figures:
    """Takes objects of types as they are listed, and keeps of each the few numbers that figures are made of."""

    def __init__(self, live: Live, at: datetime) -> None:
        self.live = live
        self.at = at
        self._groups: dict[str, Json] = {}
        self._changed = 0
        self._engines: Counter[str] = Counter()
        self._services: Counter[str] = Counter()
        self._cores: dict[str, float] = {}
        self._seen: set[tuple[str, str]] = set()
        self._given: list[Figure] = []
        self._licensed: dict[str, float] = {}

    def take(self, api: str, rows: Iterable[Json]) -> None:
        """Take some objects of a type, each once; what is not of its shape gives no figure."""
        rows = list(rows)
        self._changed = max(self._changed, *(last_written(row) for row in rows if isinstance(row, dict)), 0)
        if api not in _TYPES:
            return
        for row in rows:
            with suppress(Unknown, AttributeError, TypeError, ValueError, OverflowError):
                key = (api, str(row["uuid"])) if "uuid" in row else None
                if key is not None and key not in self._seen:
                    self._seen.add(key)
                    self._take(api, row)

    def _take(self, api: str, row: Json) -> None:
        if api == "serviceenginegroup":
            self._groups[row["uuid"]] = {**row, "label": label(self.live, row)}
        elif api == "serviceengine":
            self._engines[uuid_of(str(row.get("se_group_ref")))] += 1
            self._cores[row["uuid"]] = float(dig(row, "resources", "num_vcpus") or 0)
        elif api == "virtualservice" and row.get("type") != "VS_TYPE_VH_CHILD":
            self._services[uuid_of(str(row.get("se_group_ref")))] += 1  # a child is where its parent is
        elif api == "sslkeyandcertificate":
            self._validity(api, row, dig(row, "certificate", "not_after"))
        elif api == "license":
            self._licence(row)

    def _validity(self, api: str, row: Json, until: Any, part: str = "") -> None:
        if not isinstance(until, str) or not until.strip():
            return
        left = (moment(until, "an end") - self.at).total_seconds() / 86_400
        name = label(self.live, row) if row.get("name") else ""
        self._given.append(Figure(Measure.VALIDITY, api, str(row["uuid"]), name, left, 0, part))

    def _licence(self, row: Json) -> None:
        """A Controller's licences: the cores of those that are valid, and until when each is."""
        parts = [part for part in row.get("licenses") or () if isinstance(part, dict)]
        for part in parts or [row]:
            cores = part.get("service_cores") or part.get("cores")
            own = str(part.get("license_name") or part.get("serial_key") or "") if parts else ""
            before = len(self._given)
            with suppress(Unknown):
                self._validity("license", row, part.get("valid_until"), own)
            expired = any(figure.used < 0 for figure in self._given[before:])
            if isinstance(cores, int | float) and not expired:
                self._licensed[row["uuid"]] = self._licensed.get(row["uuid"], 0.0) + cores

    def reading(self, read: Collection[str]) -> Reading:
        """Every figure of the types that were read whole."""
        changed = datetime.fromtimestamp(self._changed / 1_000_000, UTC) if self._changed else None
        return Reading(self.at, tuple(filter(_is_a_figure, self._figures(read))), changed)

    def _figures(self, read: Collection[str]) -> Iterator[Figure]:
        yield from (figure for figure in self._given if figure.type in read)
        if "serviceenginegroup" in read:
            yield from self._of_groups(read)
        if {"license", "serviceengine"} <= {*read} and self._licensed and all(self._cores.values()):
            used, most = sum(self._cores.values()), sum(self._licensed.values())
            yield Figure(Measure.LICENCES, "license", min(self._licensed), "", used, most)
        yield from self._addresses()

    def _of_groups(self, read: Collection[str]) -> Iterator[Figure]:
        for uuid, group in self._groups.items():
            with suppress(TypeError, ValueError):
                engines, services = float(self._of(group, "max_se")), float(self._of(group, "max_vs_per_se"))
                each = max(1, int(self._of(group, "min_scaleout_per_vs")))
                own = ("serviceenginegroup", uuid, group["label"])
                if "serviceengine" in read:
                    yield Figure(Measure.SERVICE_ENGINES, *own, float(self._engines[uuid]), engines)
                if "virtualservice" in read:
                    used = float(self._services[uuid] * each)
                    yield Figure(Measure.SERVICES, *own, used, engines * services)

    def _of(self, group: Json, member: str) -> Any:
        """A member of a group, or its default."""
        field = avi_schema.load().types["serviceenginegroup"].message.fields[member]
        default = field.default_at(self.live.names.version)
        return group.get(member, None if default is MISSING else default)

    def _addresses(self) -> Iterator[Figure]:
        """The static addresses of each network by subnet and use, by the inventory, where that was read."""
        networks = {row.get("uuid"): row for row in self.live.snapshot.objects.get("network", ())}
        for row in self.live.snapshot.objects.get("network-inventory", ()):
            uuid = str(row.get("uuid") or dig(row, "config", "uuid") or "")
            runtime = row.get("runtime")
            if uuid not in networks or not isinstance(runtime, dict):
                continue
            totals: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
            with suppress(Unknown, TypeError):
                for usage in subnet_usages(runtime, networks[uuid].get("name")):
                    counts = totals[f"{usage.subnet} {usage.use}"]
                    counts[0] += usage.total - usage.free
                    counts[1] += usage.total
                name = label(self.live, networks[uuid])
                for part, (used, total) in totals.items():
                    if total:
                        yield Figure(Measure.ADDRESSES, "network", uuid, name, used, total, part)


def _is_a_figure(figure: Figure) -> bool:
    """Whether numbers say something: a Controller's JSON may hold any, and a history keeps no other."""
    limited = figure.limit > 0 or figure.measure is Measure.VALIDITY
    return isfinite(figure.used) and isfinite(figure.limit) and limited
