"""Exact lists: in which lists of an object an element that is not declared is drift, and what stands beside the others.

A list of a declared object says at least what must be there; the object's `exact` names those that say all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Annotated, Any, Self

from pydantic import field_validator, model_validator

from intent.base import Declared, Keyed, NotCompared, Ordered, Unordered
from intent.drift import field_of
from intent.paths import part_of
from intent.values import Unresolved
from intent.words import nearest


@cache
def lists(model: type[Declared], prefix: str = "") -> dict[str, Keyed | Unordered | Ordered]:
    """Every list of a model that is compared, by its path, with what it means: `subnets`, `subnets.pools`."""
    known: dict[str, Keyed | Unordered | Ordered] = {}
    for name, field in model.model_fields.items():
        marker, inner = model.marker(name), part_of(field.annotation)
        if isinstance(marker, Keyed | Unordered | Ordered):
            known[prefix + name] = marker
        if inner is not None and not isinstance(marker, NotCompared):
            known |= lists(inner, f"{prefix}{name}.")
    return known


class Lists(Declared):
    """The part of an object that has lists: in which of them what is not declared is drift, and may be removed."""

    exact: Annotated[tuple[str, ...] | None, NotCompared()] = None
    """lists of it in which whatever is not declared is drift, and may be removed, such as `subnets`"""

    @property
    def declared_elsewhere(self) -> tuple[str, ...]:
        """The places of elements that another field of it declares."""
        return ()

    @field_validator("exact")
    @classmethod
    def _are_lists(cls, names: tuple[str, ...] | None) -> tuple[str, ...] | None:
        known = lists(cls)
        for name in names or ():
            if name not in known:
                raise ValueError(f"{name!r} is no list of it{nearest(name, known)}")
        return names

    @model_validator(mode="after")
    def _of_what_is_declared(self) -> Self:
        """A list of which nothing is declared is not ours: to say that it is empty, it is declared as such."""
        for name in self.exact or ():
            head = name.partition(".")[0]
            if getattr(self, head) is None:
                raise ValueError(
                    f"exact names {name}, and no {head} are declared: write `{head}: []` where none are to be there"
                )
        return self


def says_all(want: Declared, path: str) -> bool:
    """Whether a list of an object is exact: by what it means, or by the object's own word."""
    marker = lists(type(want))[path]
    return isinstance(marker, Ordered) or marker.exact or path in (getattr(want, "exact", None) or ())


def beside(
    want: Declared, have: Declared, exact: frozenset[str] | None = None, at: str = ""
) -> Iterator[str]:
    """The place of every element that a live object has in a declared list and that is not declared: nobody judges it.

    `subnets[10.9.0.0/24]`. Elements of lists that are exact are drift instead, and are left out.
    """
    named = frozenset(getattr(want, "exact", None) or ()) if exact is None else exact
    for name in type(want).model_fields:
        wanted, live, marker = getattr(want, name), getattr(have, name, None), want.marker(name)
        if wanted is None or isinstance(marker, NotCompared):
            continue
        if isinstance(wanted, Declared) and isinstance(live, Declared):
            yield from beside(wanted, live, named, f"{at}{name}.")
        elif isinstance(live, tuple) and isinstance(marker, Keyed | Unordered):
            elsewhere = getattr(want, "declared_elsewhere", ())
            judged = marker.exact or field_of(at + name) in named
            known = {_key(element, marker): element for element in wanted}
            for key, element in _told_apart(live, marker):
                place = f"{at}{name}[{key}]"
                if key in known and isinstance(element, Declared):
                    yield from beside(known[key], element, named, f"{place}.")
                elif not (key in known or judged or place in elsewhere):
                    yield place


def _told_apart(elements: Iterable[Any], marker: Keyed | Unordered) -> Iterator[tuple[str, Any]]:
    """(key, element) of a list, without those that may be what is declared after all."""
    return ((_key(each, marker), each) for each in elements if not isinstance(each, Unresolved))


def _key(element: Any, marker: Keyed | Unordered) -> str:
    return str(getattr(element, marker.by) if isinstance(marker, Keyed) else element)
