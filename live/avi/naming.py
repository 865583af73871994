"""Naming: from the references of a field (a Controller refers by uuid) to the names that a file declares, and back.

One `Naming` for each field of a kind that refers to other objects; the mappings in `live.kinds` make them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from intent.values import ScopedName, Unresolved
from live.avi.identity import Home, Json, Names

Refs = Callable[[Json, Names], Sequence[str]]
"""(object as read, names) -> the references behind a field's value."""
PutRefs = Callable[[Json, list[str], Names], None]
"""(object to write, the references, names): puts them in the place of those that are there."""


@dataclass(frozen=True)
class Naming:
    """How a field names other objects: their type, the references behind it, and the clouds in which a name means one.

    `clouds`: of an owner that lives in none itself.
    """

    to: str
    refs: Refs
    clouds: Callable[[Json, Names], tuple[str, ...]] = lambda _obj, _names: ()

    def home(self, obj: Json, names: Names) -> Home:
        """Where a bare name of this object means another one."""
        return names.home(obj, self.clouds(obj, names))

    def ref_for(self, name: str | ScopedName | Unresolved, obj: Json, names: Names) -> str:
        """The reference to write for a name. Raises Blocked where that means not one object, Unknown."""
        return name.ref if isinstance(name, Unresolved) else names.ref(self.to, name, self.home(obj, names))

    def named(self, obj: Json, names: Names) -> tuple[Any, ...]:
        """The names of what is referred to, each as this object's declaration would write it."""
        return tuple(names.name(ref, self.to, self.home(obj, names)) for ref in self.refs(obj, names))

    def as_declared(self, declared: Iterable[Any], obj: Json, names: Names) -> tuple[Any, ...]:
        """The same, but what points at a declared object bears the name that the declaration gives it."""
        home = self.home(obj, names)
        wanted = [(name, names.meant(self.to, name, home)) for name in declared]
        return tuple(self._as_meant(ref, wanted, names, home) for ref in self.refs(obj, names))

    def _as_meant(self, ref: str, wanted: list[tuple[Any, list[Json]]], names: Names, home: Home) -> Any:
        live = names.name(ref, self.to, home)
        if isinstance(live, Unresolved):  # where what is declared is not seen, it may be that
            return live if all(meant for _, meant in wanted) else live.model_copy(update={"unknown": True})
        target = names.resolve(ref)
        for name, meant in wanted:
            if any(row is target for row in meant):
                several = f"one of {len(meant)} objects named {name}, so that none can be meant"
                return name if len(meant) == 1 else Unresolved(ref=ref, text=several, unknown=True)
        return live
