"""Bootstrap: the text of an environment file that declares a live site as it is now.

Objects are read through the same mapping (`live.kinds`) as by the checks, so that these find as declared what is
written here. Left out, with a reason, is what no declaration can hold, and what is nobody's to declare.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from intent import Declared, Environment, Intent, Network, Unknown
from intent.drift import Unread, plain
from intent.environment import DECLARED
from intent.graph import references
from intent.harmless import harmless_line
from live.avi.identity import Json
from live.avi.snapshot import Live
from live.kinds import KINDS

MADE_BY_AKO = "ako-"
"""Objects whose `created_by` begins so are written by AKO, and are nobody else's to declare [CLIENT]."""
BUILT_IN_VRF = "global"

Sections = dict[str, Any]
Part = TypeVar("Part", bound=Declared)


def collections() -> set[str]:
    """The collections that must be read for a bootstrap."""
    return {api for kind in KINDS.values() for api in (*kind.reads, *kind.optional.values())} | {"tenant"}


class Bootstrap:
    """What a live site holds of every kind that can be declared, and what was left out of it and why.

    `sections` is plain data in the shape of an environment file, `left_out` one sentence an omission. A collection
    that could not be read leaves its sections out, and its reason in `unread`.
    """

    def __init__(self, live: Live) -> None:
        self.live = live
        self.left_out: list[str] = []
        self.unread: list[str] = []
        by_kind: dict[type[Intent], list[Intent]] = {}
        for kind in (kind for kind in DECLARED if kind in KINDS):
            try:
                by_kind[kind] = list(self._each(kind))
            except Unknown as why:
                self.unread.append(f"{kind.section}: {why}")
        by_kind[Network] = self._networks(by_kind)
        self.sections: Sections = {}
        for kind, objects in by_kind.items():
            if declared := [data for each in objects if (data := self._valid(each))]:
                self.sections[kind.section] = declared[0] if kind.singleton else declared

    def _each(self, kind: type[Intent]) -> Iterator[Intent]:
        """The live objects of a kind that somebody may declare, without those whose name is there more than once."""
        for api in KINDS[kind].reads:
            self.live.rows(api)
        rows = [row for row in self.live.rows(KINDS[kind].api) if self._may_declare(kind, row)]
        keys = [self.live.key(kind, row) for row in rows]
        times = Counter(keys)
        for key, row in zip(keys, rows, strict=True):
            if times[key] > 1:
                self._leave(f"{key}: there are {times[key]} of this name in one cloud, and none can be meant")
            else:
                yield self.live.decode(kind, row)

    def _may_declare(self, kind: type[Intent], row: Json) -> bool:
        """Whether an object is of this kind, and neither built in nor made by AKO."""
        if str(row.get("created_by", "")).startswith(MADE_BY_AKO):
            return False
        mapping = KINDS[kind]
        mine = mapping.includes is None or mapping.includes(row, self.live.names)
        return mine and not mapping.built_in(row)

    def _networks(self, by_kind: Mapping[type[Intent], Iterable[Any]]) -> list[Intent]:
        """The networks that somebody configured or refers to; a cloud discovers many more."""
        every = [
            reference for objects in by_kind.values() for each in objects for reference in references(each)
        ]
        used = {reference.key.name for reference in every if reference.kind is Network}
        kept: list[Intent] = []
        untouched = 0
        for network in by_kind.get(Network, ()):
            if network.subnets or network.name in used or network.vrf not in (BUILT_IN_VRF, None):
                kept.append(network)
            else:
                untouched += 1
        if untouched:
            self._leave(f"{untouched} discovered networks in VRF context {BUILT_IN_VRF} with no subnet")
        return kept

    def _valid(self, intent: Intent) -> Sections:
        """One object as an environment file declares it; without members whose value cannot be declared."""
        data = _tidy(type(intent), plain(self._known(intent, type(intent).section)))
        while True:
            try:
                type(intent).model_validate(data)
            except ValidationError as errors:
                for member in {str(error["loc"][0]) for error in errors.errors()}:
                    if member not in data or member == "name":
                        self._leave(f"{intent.key}: its {member} cannot be declared")
                        return {}
                    self._leave(f"{intent.key}: {member} is {data.pop(member)!r}, which cannot be declared")
            else:
                return data

    def _known(self, part: Part, where: str) -> Part:
        """A part of an object without what could not be told, which counts as unread."""
        known: dict[str, Any] = {}
        for name in type(part).model_fields:
            value = getattr(part, name, None)
            if isinstance(value, Unread):
                known[name] = None
                self._unread(f"{where}.{name}: {value.why}")
            elif (
                isinstance(value, Declared) and (inner := self._known(value, f"{where}.{name}")) is not value
            ):
                known[name] = inner
        return part.model_copy(update=known) if known else part

    def _unread(self, text: str) -> None:
        if text not in self.unread:
            self.unread.append(text)

    def _leave(self, text: str) -> None:
        if text not in self.left_out:
            self.left_out.append(text)


def _tidy(kind: type[Intent], data: Sections) -> Sections:
    """Without members that hold their default or nothing, and without the fixed name of a singleton."""
    kept = {
        name: value
        for name, value in data.items()
        if value not in (None, [], {})
        and not data.get(kind.implied.get(name, ""))
        and value != kind.model_fields[name].default
    }
    return kept if kind.singleton else {"name": data["name"], **kept}


def text(environment: Environment, bootstrap: Bootstrap, folder: Path, schema: Path) -> str:
    """The environment file: how to reach the site, from `environment`, then what was read there.

    `folder` is where the file will stand: paths in it, and that of the JSON `schema`, are written as seen from there.
    """
    snapshot = bootstrap.live.snapshot
    controller = f"{snapshot.address} (version {snapshot.version})"
    head = [
        f"# yaml-language-server: $schema={_from(folder, schema)}",
        "#",
        f"# What was on the Controller {controller} at {snapshot.read_at}: what is, not what",
        "# should be. Read it, correct it, and delete what is not yours to decide: a field left out is never compared",
        "# and never written.",
    ]
    if left_out := [*bootstrap.unread, *bootstrap.left_out]:
        head += ["#", "# Left out:", *(f"# - {why}" for why in left_out)]
    head = [harmless_line(line) for line in head]  # a name from the site must not end a comment
    access = environment.model_dump(mode="json", exclude_unset=True, include=_ACCESS)
    for side in ("controller", "vcenter"):
        if ca_file := (access.get(side) or {}).get("ca_file"):
            access[side]["ca_file"] = _from(folder, environment.path.parent / ca_file)
    return "\n".join(
        [*head, "", *(_dump(name, value) for name, value in (access | bootstrap.sections).items())]
    )


_ACCESS = {"name", "remediation", "controller", "vcenter", "hosts"}
"""Members that no Controller knows: they are taken over from the file that the run was started with."""


def _from(folder: Path, path: Path) -> str:
    return Path(os.path.relpath(path.absolute(), folder.absolute())).as_posix()


def _dump(name: str, value: Any) -> str:
    flow = None if isinstance(value, dict | list) else False
    return yaml.safe_dump(
        {name: value}, sort_keys=False, allow_unicode=True, default_flow_style=flow, width=110
    )
