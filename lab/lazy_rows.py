"""Rows of inventories, made only when they are sent: a page of 200 costs the same on a small site and a large one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import overload

from lab.objects import Json, Object


class Rows(Sequence[Json]):
    """A row an object: filters look at `objects`, a reader gets rows, each made when it is taken."""

    def __init__(self, objects: Iterable[Object], make: Callable[[Object], Json]) -> None:
        self.objects = list(objects)
        self._make = make

    def __len__(self) -> int:
        return len(self.objects)

    @overload
    def __getitem__(self, index: int) -> Json: ...

    @overload
    def __getitem__(self, index: slice) -> list[Json]: ...

    def __getitem__(self, index: int | slice) -> Json | list[Json]:
        if isinstance(index, slice):
            return [self._make(each) for each in self.objects[index]]
        return self._make(self.objects[index])

    def of(self, objects: Iterable[Object]) -> Rows:
        """The rows of these objects instead."""
        return Rows(objects, self._make)
