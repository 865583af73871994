"""Coverage: how much of what is on a Controller is declared, by type, in objects and in members.

A member is one that says something: neither unset, nor the default, nor the Controller's own to write; a list is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields

from intent.words import counted


@dataclass(frozen=True)
class TypeCoverage:
    """One type, or several together.

    `ako`: objects that AKO made; `factory`: those that are as the Controller was installed, or that it makes by itself;
    neither counts among `objects`. `declared`: of `objects`, those of which something is declared.
    """

    objects: int = 0
    declared: int = 0
    members: int = 0
    declared_members: int = 0
    ako: int = 0
    factory: int = 0

    def __add__(self, other: TypeCoverage) -> TypeCoverage:
        """Two types together."""
        return TypeCoverage(
            *(getattr(self, part.name) + getattr(other, part.name) for part in fields(TypeCoverage))
        )


@dataclass(frozen=True)
class Uncovered:
    """An object of which nothing, or not every member, is declared.

    `name`: with its cloud and tenant where that matters. `members`: those that are not declared; empty where nothing of
    the object is.
    """

    type: str
    name: str
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class Coverage:
    """How much of a site is declared. `not_listed`: why a type could not be listed, by type."""

    types: Mapping[str, TypeCoverage]
    not_listed: Mapping[str, str] = field(default_factory=dict)
    uncovered: tuple[Uncovered, ...] = ()
    """What is not declared, where that was asked for."""

    @property
    def whole(self) -> TypeCoverage:
        """All types together."""
        return sum(self.types.values(), TypeCoverage())

    def sentence(self) -> str:
        """`34 of 52 objects and 180 of 400 members on the site are declared; apart are ...`."""
        whole = self.whole
        text = (
            f"declared: {whole.declared:,} of {counted(whole.objects, 'object')} on the site, "
            f"{whole.declared_members:,} of their {counted(whole.members, 'member')}"
        )
        apart = [f"{whole.ako:,} of AKO's"] * bool(whole.ako)
        apart += [f"{counted(whole.factory, 'factory object')}"] * bool(whole.factory)
        text += f" ({' and '.join(apart)} apart)" if apart else ""
        if self.not_listed:
            text += f"; {counted(len(self.not_listed), 'type')} could not be listed"
        return text

    def lines(self) -> Iterator[str]:
        """What is not declared, a line an object; a type's objects stand together."""
        if not self.uncovered:
            yield "nothing of what could be listed"
        for each in self.uncovered:
            members = f": {', '.join(each.members)}" if each.members else ""
            yield f"{each.type} {each.name}".rstrip() + members
        for api, why in sorted(self.not_listed.items()):
            yield f"{api}: not listed: {why}"
