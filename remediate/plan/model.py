"""The plan as plain data: what will be written, what is refused, and what nothing answers. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self

from intent import Key
from intent.files import private
from remediate.plan.payload import digest_of
from remediate.plan.request import Request
from remediate.registry import Risk

FORMAT = 2


class BadPlan(ValueError):
    """A file that `--apply-plan` was given cannot be used; says why and what to do."""


@dataclass(frozen=True)
class Change:
    """One field that will be as declared. `have` is None for what is absent. JSON data throughout."""

    path: str
    have: Any
    want: Any
    risk: Risk
    checks: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    """What `--allow-disruptive` lets this change hit."""

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "path": self.path,
            "have": self.have,
            "want": self.want,
            "risk": self.risk,
            "checks": list(self.checks),
            "overrides": list(self.overrides),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The reverse of `to_json`."""
        return cls(**{**data, "checks": tuple(data["checks"]), "overrides": tuple(data["overrides"])})


@dataclass(frozen=True)
class Step:
    """Everything that is done to one declared object, in order."""

    key: Key
    action: Literal["create", "amend"]
    changes: tuple[Change, ...]
    requests: tuple[Request, ...]
    undo: str
    permanent: tuple[str, ...] = ()
    needs: tuple[Key, ...] = ()
    """The objects of earlier steps that this one stands on."""
    undo_hits: tuple[str, ...] = ()
    """What its undo would hit as things are now, by name and why: it is done with `--allow-disruptive` only."""
    undo_waits: str = ""
    """What its undo has to wait for, whatever option is given."""

    @property
    def risk(self) -> Risk:
        """The highest of its changes."""
        return "guarded" if any(change.risk == "guarded" for change in self.changes) else "safe"

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "key": list(self.key),
            "action": self.action,
            "changes": [change.to_json() for change in self.changes],
            "requests": [request.to_json() for request in self.requests],
            "undo": self.undo,
            "permanent": list(self.permanent),
            "needs": [list(key) for key in self.needs],
            "undo_hits": list(self.undo_hits),
            "undo_waits": self.undo_waits,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The reverse of `to_json`. Raises ValueError for a step that no plan has."""
        requests = tuple(Request.from_json(one) for one in data["requests"])
        if any(request.method == "DELETE" for request in requests):
            raise ValueError("a plan deletes nothing")
        return cls(
            Key(*data["key"]),
            data["action"],
            tuple(Change.from_json(one) for one in data["changes"]),
            requests,
            data["undo"],
            tuple(data["permanent"]),
            tuple(Key(*key) for key in data["needs"]),
            tuple(data["undo_hits"]),
            data["undo_waits"],
        )


@dataclass(frozen=True)
class Unplanned:
    """A drift that will not be touched: why, and by name what a write would have hit."""

    key: Key
    path: str
    have: Any
    want: Any
    reason: str
    hit: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "key": list(self.key),
            "path": self.path,
            "have": self.have,
            "want": self.want,
            "reason": self.reason,
            "hit": list(self.hit),
            "checks": list(self.checks),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The reverse of `to_json`."""
        return cls(
            **{
                **data,
                "key": Key(*data["key"]),
                "hit": tuple(data["hit"]),
                "checks": tuple(data["checks"]),
            }
        )


@dataclass(frozen=True)
class Plan:
    """Ordered steps for one environment, and every drift that is left alone."""

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
        return digest_of(self._content())

    def _content(self) -> dict[str, Any]:
        return {
            "environment": self.environment,
            "address": self.address,
            "api_version": self.api_version,
            "steps": [step.to_json() for step in self.steps],
            "refused": [one.to_json() for one in self.refused],
            "unanswered": [one.to_json() for one in self.unanswered],
        }

    def to_json(self) -> dict[str, Any]:
        """Plain data, with the digest that a review signs off."""
        return {"avi-compliance-plan": FORMAT, "digest": self.digest, **self._content()}

    @classmethod
    def from_json(cls, data: Any, where: str = "plan") -> Self:
        """The reverse of `to_json`. Raises BadPlan when it is none, or was edited since it was made."""
        if not isinstance(data, dict) or "avi-compliance-plan" not in data:
            raise BadPlan(f"{where}: is not a plan of this program; make one with --plan-out=FILE")
        if data["avi-compliance-plan"] != FORMAT:
            raise BadPlan(
                f"{where}: is a plan of another version of this program; make it anew with --plan-out=FILE"
            )
        try:
            made = cls(
                data["environment"],
                data["address"],
                data["api_version"],
                tuple(Step.from_json(one) for one in data["steps"]),
                tuple(Unplanned.from_json(one) for one in data["refused"]),
                tuple(Unplanned.from_json(one) for one in data["unanswered"]),
            )
            signed, found = str(data["digest"]), digest_of({name: data[name] for name in made._content()})
        except (KeyError, TypeError, ValueError) as error:
            raise BadPlan(f"{where}: is damaged: {error}; make it anew with --plan-out=FILE") from error
        if signed != found:
            raise BadPlan(
                f"{where}: was edited since it was made (digest {signed[:12]}, content {found[:12]}); "
                "correct the environment file and make it anew with --plan-out=FILE"
            )
        return made

    def save(self, path: Path) -> None:
        """Write it as JSON, readable by its owner only."""
        with private(path) as file:
            json.dump(self.to_json(), file, indent=2, ensure_ascii=False)
            file.write("\n")

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a saved one. Raises BadPlan."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise BadPlan(f"{path}: cannot be read: {error.strerror}") from error
        except (ValueError, RecursionError) as error:
            raise BadPlan(f"{path}: is not JSON; make a plan with --plan-out=FILE") from error
        return cls.from_json(data, str(path))
