"""Rows of inventories, made only when they are sent: a page of 200 costs the same on a small site and a large one."""

from __future__ import annotations

from collections.abc import Callable, ItemsView, ValuesView
from typing import Any

from lab.objects import Json, Object


class Row(dict[str, Any]):
    """A row of an inventory: filters see the object's own body under `config`, a reader gets all of it.

    The runtime of a row is made when somebody iterates over it, which only happens to rows of the page asked for.
    """

    def __init__(self, obj: Object, make: Callable[[], Json]) -> None:
        super().__init__(uuid=obj.uuid, config=obj.body)
        self._make: Callable[[], Json] | None = make

    def whole(self) -> Row:
        """This row with all its members."""
        if self._make is not None:
            self.update(self._make())
            self._make = None
        return self

    def items(self) -> ItemsView[str, Any]:  # type: ignore[override]  # dict_items is not to be named
        """All members, made now."""
        return dict.items(self.whole())

    def values(self) -> ValuesView[Any]:  # type: ignore[override]
        """All values, made now."""
        return dict.values(self.whole())
