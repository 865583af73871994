"""Lists that cost little on a large site: rows made only when they are sent, and a long list's JSON made only once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, overload

from orjson import Fragment, dumps

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


class KeptList(list[Any]):
    """A long list without references in it that is made once and shown often: its JSON is kept beside it."""

    def __init__(self, items: Iterable[Any]) -> None:
        super().__init__(items)
        self._json: Fragment | None = None

    def __reduce__(self) -> tuple[type[KeptList], tuple[list[Any]]]:
        """What a snapshot keeps of it."""
        return KeptList, (list(self),)

    @property
    def json(self) -> Fragment:
        """The list as a piece of JSON that is made once."""
        if self._json is None:
            self._json = Fragment(dumps(self))
        return self._json
