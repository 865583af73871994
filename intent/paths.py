"""Field paths of models: those that are compared, those that bear a marker, and the model that is nested in a field."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from intent.base import Declared, Intent, Keyed, Marker, NotCompared, of_type


@cache
def every_path(model: type[Declared], prefix: str = "") -> tuple[str, ...]:
    """Every comparable field path of a model, lists before the members of their elements."""
    return tuple(_every_path(model, prefix))


def _every_path(model: type[Declared], prefix: str) -> Iterator[str]:
    for name, described in model.model_fields.items():
        marker = model.marker(name)
        if isinstance(marker, NotCompared):
            continue
        path = prefix + name
        inner = part_of(described.annotation)
        if inner is None or isinstance(marker, Keyed):
            yield path
        if inner is not None:
            by = marker.by if isinstance(marker, Keyed) else None
            yield from (p for p in every_path(inner, path + ".") if p != f"{path}.{by}")


def marked(model: type[Declared], marker: type[Marker]) -> Iterator[tuple[str, Marker]]:
    """Every field of a model that bears a marker of a type, by its path: `("vip.network", Refers(Network))`.

    Not what is within such a field, nor within an object of its own.
    """
    for name, member in model.model_fields.items():
        if (borne := of_type(marker, member.metadata)) is not None:
            yield name, borne
        elif (inner := part_of(member.annotation)) is not None and not issubclass(inner, Intent):
            yield from ((f"{name}.{path}", nested) for path, nested in marked(inner, marker))


def part_of(annotation: Any) -> type[Declared] | None:
    """The nested model in an annotation such as `tuple[Subnet, ...] | None`, if there is one."""
    if isinstance(annotation, type) and issubclass(annotation, Declared):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        if (nested := part_of(inner)) is not None:
            return nested
    return None
