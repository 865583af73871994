"""Router of paths: from a path to what was registered at its template, such as `/api/cloud/{uuid}/status`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Generic, TypeVar

Target = TypeVar("Target")


def parts_of(path: str) -> tuple[str, ...]:
    """The segments of a path; a trailing or doubled slash is tolerated [CLIENT]."""
    return tuple(part for part in path.split("/") if part)


class Router(Generic[Target]):
    """Finds targets by the segments of a path. Fixed segments win over `{parameters}`."""

    def __init__(self, targets: Iterable[tuple[str, Target]]) -> None:
        self._targets: dict[tuple[str, int], list[tuple[tuple[str, ...], Target]]] = defaultdict(list)
        for path, target in targets:
            template = parts_of(path)
            self._targets[template[1], len(template)].append((template, target))
        for same_start in self._targets.values():
            same_start.sort(key=lambda entry: sum(part.startswith("{") for part in entry[0]))

    def find(self, path: str) -> tuple[Target, dict[str, str]] | None:
        """The target at a path and the path's parameters, or None."""
        parts = parts_of(path)
        for template, target in self._targets.get((parts[1], len(parts)), ()) if parts[1:] else ():
            named = tuple(zip(template, parts, strict=True))
            if all(part == given or part.startswith("{") for part, given in named):
                return target, {part[1:-1]: given for part, given in named if part.startswith("{")}
        return None
