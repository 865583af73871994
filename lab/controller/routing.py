"""From a path to what answers it: views by template first, then the resources of the types."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from lab import hooks
from lab.controller.context import Call
from lab.controller.messages import Response

T = TypeVar("T")
Handler = Callable[[Call, dict[str, str]], Response]
"""(call, path parameters) -> answer."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A fixed endpoint beside the types: which methods it has and what answers them."""

    path: str
    handler: Handler
    methods: tuple[str, ...] = ("GET",)


def parts_of(path: str) -> tuple[str, ...]:
    """The segments of a path; a trailing or doubled slash is tolerated [CLIENT]."""
    return tuple(part for part in path.split("/") if part)


class Router:
    """Finds views and endpoints by the segments of a path. Fixed segments win over `{parameters}`."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._views: dict[tuple[str, int], list[tuple[tuple[str, ...], hooks.Route]]] = defaultdict(list)
        self._endpoints: dict[tuple[str, int], list[tuple[tuple[str, ...], Endpoint]]] = defaultdict(list)
        for route in hooks.ROUTES:
            parts = parts_of(route.path)
            self._views[parts[1], len(parts)].append((parts, route))
        for each in endpoints:
            parts = parts_of(each.path)
            self._endpoints[parts[1], len(parts)].append((parts, each))
        for views in self._views.values():
            views.sort(key=lambda entry: _vague(entry[0]))
        for fixed in self._endpoints.values():
            fixed.sort(key=lambda entry: _vague(entry[0]))

    def view(self, path: str) -> tuple[hooks.Route, dict[str, str]] | None:
        """The view at a path and its parameters, or None."""
        parts = parts_of(path)
        return _find(self._views.get((parts[1], len(parts)), ()), parts) if parts[1:] else None

    def endpoint(self, path: str) -> tuple[Endpoint, dict[str, str]] | None:
        """The fixed endpoint at a path and its parameters, or None."""
        parts = parts_of(path)
        return _find(self._endpoints.get((parts[1], len(parts)), ()), parts) if parts[1:] else None


def _vague(template: tuple[str, ...]) -> int:
    return sum(part.startswith("{") for part in template)


def _find(
    entries: Iterable[tuple[tuple[str, ...], T]], parts: tuple[str, ...]
) -> tuple[T, dict[str, str]] | None:
    for template, found in entries:
        if all(part == given or part.startswith("{") for part, given in zip(template, parts, strict=True)):
            named = zip(template, parts, strict=True)
            return found, {part[1:-1]: given for part, given in named if part.startswith("{")}
    return None
