"""The plan as frozen data: ordered steps with their requests, and every drift that is left alone with the reason.

Saved as JSON for review, it is read back by the same types; its digest tells whether anybody has edited it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, ConfigDict

from avi_schema import load
from intent import Key, Unknown
from intent.file_kinds import but, unlike
from intent.files import contents, private
from intent.plain_data import EXACT, IN_FILES, Damaged, from_json, shallow, to_json
from intent.remediation import Change, Risk
from live.avi.identity import Json
from remediate.plan.patch import is_operation
from remediate.plan.payload import canonical, digest_of

FORMAT_MEMBER, FORMAT = "avi-compliance-plan", 3


class BadPlan(ValueError):
    """A file that `--apply-plan` was given cannot be used; says why and what to do."""


SINGLETONS = frozenset(kind.name for kind in load().types.values() if kind.singleton and kind.configurable)
"""Collections that are one object: their path has no uuid, and they are never made or deleted [SCHEMA]."""


FOLDER, VM = "vcenter-folder", "vcenter-vm"
"""What is written in vCenter, as collections beside the Controller's; see `remediate.write.apis`."""


def _only(pattern: str) -> AfterValidator:
    """A text of this form, and nothing else that a forged file may hold."""
    form = re.compile(pattern)

    def check(value: str) -> str:
        if not form.fullmatch(value):
            raise ValueError(f"{value!r} is no request of this program")
        return value

    return AfterValidator(check)


_METHOD = _only("POST|PUT|PATCH|DELETE")


_SEGMENT = _only(r"[\w.:-]*")
"""One segment of a path: a collection's name, or a uuid."""


@dataclass(frozen=True)
class Request:
    """One write as the plan shows it.

    `read` is the content of the object as the plan saw it, None where there must be none: its precondition.
    `makes` is the symbolic reference by which later requests of the plan name the object that this one creates; it
    is resolved when that is there. `_last_modified` is put into a PUT when it is sent, from the read that found the
    object unchanged.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    method: Annotated[str, _METHOD]
    api: Annotated[str, _SEGMENT]
    uuid: Annotated[str, _SEGMENT]
    name: str
    body: Json
    changed: tuple[str, ...] = ()
    read: Json | None = None
    tenant: str = "admin"
    cloud: str = ""
    makes: str = ""

    @property
    def path(self) -> str:
        """`network/dvportgroup-...`, or the collection for a new object and for a singleton."""
        return f"{self.api}/{self.uuid}" if self.uuid and self.api not in SINGLETONS else self.api

    @property
    def at(self) -> dict[str, str]:
        """In which of several vCenters an object without a uuid is meant, as a parameter of a read; {} for no such."""
        vcenter = self.body.get("vcenter") if self.api in (FOLDER, VM) else None
        return {"vcenter": str(vcenter)} if vcenter else {}

    @property
    def shown(self) -> Json:
        """The part of the body that is news: of a PUT, the members that change; of anything else, all of it."""
        if self.method != "PUT":
            return self.body
        was = self.read or {}
        other = (
            key
            for key, value in self.body.items()
            if key not in was or canonical(value) != canonical(was[key])
        )
        news = self.changed if self.read is None else dict.fromkeys((*self.changed, *other))
        return {key: self.body.get(key) for key in news}


@dataclass(frozen=True)
class UndoOutlook:
    """What will become of the undo of a step, as far as its plan can tell.

    `permanent`: what no undo brings back, by its remedies. `hits`: whom the undo would hit as things are now, by name
    and why; it is done with `--allow-disruptive` only. `waits`: the same where the Controller refuses it while they are
    there, whatever option is given. `kept_by`: the number of a later step that stands on this one and stays.
    `engines_of`: the number of a later step that brings up Service Engines, which stand on this one and outlive what
    the step made. 0 for no such step.
    """

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    permanent: tuple[str, ...] = ()
    hits: tuple[str, ...] = ()
    waits: tuple[str, ...] = ()
    kept_by: int = 0
    engines_of: int = 0

    @property
    def stays(self) -> tuple[str, ...]:
        """Why it can never be undone, in sentences."""
        return (*self.permanent, *([f"step {self.kept_by} stands on it and stays"] if self.kept_by else ()))

    @property
    def blockers(self) -> str:
        """What the undo has to wait for, in a sentence; "" for nothing."""
        if not self.engines_of:
            return "; ".join(self.waits)
        engines = f"the Service Engines that step {self.engines_of} brings up"
        return "; ".join((*self.waits, f"{engines} stand on it, and outlive their virtual service"))


def _of_a_plan(requests: tuple[Request, ...]) -> tuple[Request, ...]:
    if any(request.method == "DELETE" for request in requests):
        raise ValueError("a plan deletes nothing")
    for request in requests:
        if request.method == "PATCH" and not all(map(is_operation, request.body.items())):
            raise ValueError("what a PATCH adds, replaces or deletes stands in objects")
    return requests


@dataclass(frozen=True)
class Step:
    """Everything that is done to one declared object, in order."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    key: Key
    action: Literal["create", "amend"]
    changes: tuple[Change, ...]
    requests: Annotated[tuple[Request, ...], AfterValidator(_of_a_plan)]
    undo: str
    """How it is undone."""
    outlook: UndoOutlook = UndoOutlook()
    needs: tuple[Key, ...] = ()
    """The objects of earlier steps that this one stands on."""

    @property
    def risk(self) -> Risk:
        """The highest of its changes."""
        return "guarded" if any(change.risk == "guarded" for change in self.changes) else "safe"


@dataclass(frozen=True)
class Unplanned:
    """A drift that will not be touched: why, and by name what a write would have hit.

    `absolute`: no option lets it, since the Controller refuses it or nobody knows who would be hit.
    """

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    key: Key
    path: str
    have: Any
    want: Any
    reason: str
    hit: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    absolute: bool = False


@dataclass(frozen=True)
class Plan:
    """Ordered steps for one environment, and every drift that is left alone."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    environment: str
    address: str
    api_version: str
    steps: tuple[Step, ...] = ()
    refused: tuple[Unplanned, ...] = ()
    unanswered: tuple[Unplanned, ...] = ()

    @property
    def writes(self) -> int:
        """How many requests it sends."""
        return sum(len(step.requests) for step in self.steps)

    @property
    def left(self) -> Iterator[Unplanned]:
        """Every drift it does not touch."""
        yield from self.refused
        yield from self.unanswered

    @cached_property
    def digest(self) -> str:
        """What names this plan: SHA-256 of everything in it."""
        return digest_of(to_json(self))

    def require_model(self, spoken: str, controller: str = "the Controller") -> None:
        """Raise Unknown unless the plan was made in the model of the version that is spoken with the Controller."""
        if self.api_version != spoken:
            raise Unknown(
                f"the plan was made in the model of version {self.api_version}, and {controller} is spoken to in that "
                f"of {spoken}; make it anew"
            )

    def to_json(self) -> dict[str, Any]:
        """Plain data, with the digest that a review signs off."""
        return {FORMAT_MEMBER: FORMAT, "digest": self.digest, **to_json(self)}

    @classmethod
    def from_json(cls, data: Any, where: str = "plan") -> Self:
        """The reverse of `to_json`. Raises BadPlan when it is none, or was edited since it was made."""
        if not isinstance(data, dict) or FORMAT_MEMBER not in data:
            raise BadPlan(f"{where}: is not a plan of this program; make one with --plan-out=FILE")
        if data[FORMAT_MEMBER] != FORMAT:
            raise BadPlan(
                f"{where}: is a plan of another version of this program; make it anew with --plan-out=FILE"
            )
        content = {name: data[name] for name in data if name not in (FORMAT_MEMBER, "digest")}
        try:
            plan = from_json(cls, content)
        except Damaged as damage:
            raise BadPlan(f"{where}: is damaged: {damage}; make it anew with --plan-out=FILE") from damage
        if (signed := str(data.get("digest"))) != (digest := digest_of(content)):
            raise BadPlan(
                f"{where}: was edited since it was made (digest {signed[:12]}, content {digest[:12]}); "
                "correct the environment file and make it anew with --plan-out=FILE"
            )
        return plan

    def save(self, path: Path) -> None:
        """Write it as JSON, readable by its owner only."""
        with private(path) as file:
            json.dump(self.to_json(), file, indent=2, ensure_ascii=False)
            file.write("\n")

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a saved one. Raises BadPlan."""
        try:
            data = shallow(json.loads(contents(path)), IN_FILES)
        except OSError as error:
            raise BadPlan(f"{path}: cannot be read: {error.strerror}") from error
        except (ValueError, RecursionError) as error:
            raise BadPlan(
                f"{path}: {unlike(path, 'a plan', 'is not JSON')}; make a plan with --plan-out=FILE"
            ) from error
        if isinstance(data, dict) and FORMAT_MEMBER not in data and (other := but(path, "a plan")):
            raise BadPlan(f"{path}: is not a plan of this program{other}; make one with --plan-out=FILE")
        return cls.from_json(data, str(path))
