"""What every declared object is made of: its key, its kind, and how its fields are compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, ClassVar, NamedTuple

from pydantic import BaseModel, ConfigDict

from intent.values import Name


class Key(NamedTuple):
    """Names one object on a Controller: names are unique only within (kind, tenant, cloud).

    `cloud` is "" for kinds that live in no cloud.
    """

    kind: str
    name: str
    cloud: str = ""
    tenant: str = "admin"

    def __str__(self) -> str:
        """`network AVI_FRONTEND_3025`, with the tenant where it is not admin."""
        where = "" if self.tenant == "admin" else f" (tenant {self.tenant})"
        return f"{self.kind} {self.name}{where}"


@dataclass(frozen=True)
class Keyed:
    """A list whose elements are told apart by one field.

    `exact`: an element that is not declared is drift. Otherwise what others added is theirs.
    """

    by: str
    exact: bool = False


@dataclass(frozen=True)
class Unordered:
    """A list that means a set. `exact` as in `Keyed`."""

    exact: bool = True


class Ordered:
    """A list whose order matters, such as DNS servers."""


class NotCompared:
    """A field for people or for our own use: it has no counterpart on the Controller."""


class Declared(BaseModel):
    """A part of a declaration. Frozen; an unknown member is an error. `None` means: not declared, not ours."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, validate_default=False)

    @classmethod
    @cache
    def marker(cls, field: str) -> Any:
        """How a field is compared (Keyed, Unordered, Ordered, NotCompared), or None for a plain value."""
        for found in cls.model_fields[field].metadata:
            if isinstance(found, Keyed | Unordered | Ordered | NotCompared):
                return found
            if found in (Ordered, NotCompared):
                return found()
        return None


class Intent(Declared):
    """One declared object.

    Its `repr` is its identity and never a value: reports hash it, and history must survive a changed value.
    """

    kind: ClassVar[str]
    """The field's word for this kind of object, such as `SE group`."""
    section: ClassVar[str]
    """The environment file's list that holds this kind."""

    name: Annotated[Name, NotCompared()]

    @property
    def key(self) -> Key:
        """What names this object on the Controller."""
        return Key(self.kind, self.name, getattr(self, "cloud", ""), getattr(self, "tenant", "admin"))

    def needs(self) -> Iterator[Key]:
        """The keys of the objects that must exist before this one."""
        yield from ()

    def declares(self, path: str) -> bool:
        """Whether a field path such as `subnets.pools.use` is declared anywhere in this object."""
        return _declares(self, path.split("."))

    def __str__(self) -> str:
        """The object's name."""
        return self.name

    def __repr__(self) -> str:
        """The object's identity; never a value of it."""
        return f"{self.kind} {self.name}"


def _declares(part: Any, path: list[str]) -> bool:
    if part is None:
        return False
    if isinstance(part, tuple):
        return any(_declares(element, path) for element in part)
    if not path:
        return True
    return _declares(getattr(part, path[0]), path[1:])
