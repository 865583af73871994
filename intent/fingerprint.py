"""Fingerprints: what a run saw of every object, small enough to be kept, so that the next tells what has changed.

No secret is in them, and nothing that moves by itself. Long texts are there as their length and a digest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

LONGEST = 80
"""Letters of a text that is kept as it is."""

WHOLE = object()
"""Stands for a declared member of which it is not known how it is written on the Controller: all of it is declared."""


class ExactList(list[Any]):
    """A declared list of which a check tells whatever is in it and not declared."""


ObjectKey = tuple[str, str]
"""(type, uuid) of an object; the uuid is "" where a Controller has one of the type."""


@dataclass(frozen=True, slots=True)
class SeenObject:
    """One object as a run saw it.

    `label`: its name as people read it, with cloud and tenant where that matters. `owner`: as in a notice. `body`: its
    members as JSON, references as uuids; "" where it was not understood.
    """

    type: str
    uuid: str
    name: str
    cloud: str
    tenant: str
    label: str
    owner: str
    body: str

    @property
    def key(self) -> ObjectKey:
        """What makes it the same object in two runs."""
        return self.type, self.uuid

    @property
    def place(self) -> tuple[str, str, str, str]:
        """What makes another object its successor."""
        return self.type, self.name, self.cloud, self.tenant


@dataclass(frozen=True)
class FingerprintSource:
    """Where a fingerprint is from. Two of different sources are not compared.

    `controller`: uuids that no other Controller has: one in common is enough. `rights`: a digest of who has read,
    and in which tenants. `program`: which version of this program, for another one may keep other members.
    """

    controller: tuple[str, ...]
    version: str
    api_version: str
    rights: str
    program: str = ""

    def unlike(self, other: FingerprintSource) -> str:
        """Why a run of this source cannot be compared with one of another, earlier one; "" where it can."""
        if not {*self.controller} & {*other.controller}:
            return "the last whole run was of another Controller"
        if self.program != other.program:
            return f"the last whole run was one of another version of this program, {other.program}"
        if (self.version, self.api_version) != (other.version, other.api_version):
            known = other.version if self.version != other.version else f"model {other.api_version}"
            return f"the last whole run found version {known}"
        return "the last whole run had other rights" if self.rights != other.rights else ""


@dataclass(frozen=True)
class Fingerprint:
    """All that a run saw. `types`: those that were listed whole; of others nothing is known.

    `declared`: of an object that this run saw, the members that are declared, by the Controller's names; None where
    nothing of it is. It is asked of objects that have changed, and is not kept.
    """

    source: FingerprintSource
    types: frozenset[str]
    objects: Mapping[ObjectKey, SeenObject]
    declared: Callable[[SeenObject], Mapping[str, Any] | None] = field(
        default=lambda _seen: None, compare=False
    )
    look_again: Callable[[Sequence[SeenObject]], Mapping[ObjectKey, SeenObject]] = field(
        default=lambda _gone: {}, compare=False
    )
    """Of objects that were there before and that this run did not see, those that are there after all, or may be."""
    user: str = field(default="", compare=False)
    """Who has seen it; of the run that is under way alone."""
    unlisted: frozenset[str] = field(default=frozenset(), compare=False)
    """Types that were to be listed and could not be: what an earlier run saw of them is all that is known."""

    def label(self, api: str, uuid: str) -> str:
        """What people call an object that a reference leads to; its uuid where it was not seen."""
        seen = self.objects.get((api, uuid))
        return seen.label if seen else uuid


def shortened(text: str) -> str:
    """A text as a fingerprint keeps it: a long one as its length and a digest."""
    if len(text) <= LONGEST:
        return text
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
    return f"a text of {len(text):,} characters ({digest})"


_JSON = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"))


def body_text(members: Mapping[str, Any]) -> str:
    """The members of an object as they are kept."""
    return _JSON.encode(members)
