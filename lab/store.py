"""Object store of the Controller: objects by type, uuid and name, and who refers to whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from avi_schema import Schema
from lab.clock import Clock
from lab.model import walk_refs
from lab.objects import Object


class Store:
    """Objects indexed by (type, uuid), by name, and by what refers to them.

    Nothing here knows the rules of the Controller: callers validate first, then `put`. An object is replaced by
    another one, never edited in place, so that a transaction can put the former back.
    """

    def __init__(self, schema: Schema, clock: Clock) -> None:
        self.schema = schema
        self.clock = clock
        self._objects: dict[str, dict[str, Object]] = defaultdict(dict)
        self._named: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        self._indexed: dict[str, str] = {}
        self._refers: dict[str, frozenset[str]] = {}
        self._referred: dict[str, dict[str, None]] = defaultdict(dict)
        self._journal: list[tuple[str, str, Object | None]] | None = None
        self.generation = 0
        """Grows with every change, so that a cache may tell whether it is stale."""
        self._touched: dict[str, dict[str, int]] = defaultdict(dict)
        """In which generation each object of a type last changed, the latest at the end."""

    def get(self, kind: str, uuid: str) -> Object | None:
        """The object of that type and uuid, or None."""
        return self._objects[kind].get(uuid) if kind in self._objects else None

    def at(self, ref: str) -> Object | None:
        """The object a canonical reference `/api/<type>/<uuid>` points at, or None."""
        _, _, rest = ref.partition("/api/")
        kind, _, uuid = rest.partition("/")
        return self.get(kind, uuid)

    def all(self, kind: str) -> Iterator[Object]:
        """Every object of a type, in the order of creation."""
        return iter(list(self._objects[kind].values())) if kind in self._objects else iter(())

    def count(self, kind: str) -> int:
        """How many objects of a type there are."""
        return len(self._objects[kind]) if kind in self._objects else 0

    def named(
        self, kind: str, name: str, *, tenant: str | None = None, cloud: str | None = None
    ) -> list[Object]:
        """Every object of that exact name, narrowed to a tenant uuid and a cloud uuid where given."""
        namesakes = (self._objects[kind][uuid] for uuid in self._named.get((kind, name), ()))
        return [o for o in namesakes if tenant in (None, o.tenant) and cloud in (None, o.cloud)]

    def put(self, obj: Object, *, stamp: bool = True) -> Object:
        """Keep an object, new or changed; a new `_last_modified` unless `stamp` is False (imports)."""
        old = self._objects[obj.type].get(obj.uuid)
        self._note(obj.type, obj.uuid, old)
        self._forget(obj.type, obj.uuid)
        obj.system = obj.system or (old is not None and old.system)
        if stamp:
            obj.body["_last_modified"] = self.clock.stamp()
        self._objects[obj.type][obj.uuid] = obj
        self._named[obj.type, obj.name][obj.uuid] = None
        self._indexed[obj.ref] = obj.name
        refs = frozenset(str(box[key]) for box, key, _ in walk_refs(self.schema, obj.type, obj.body))
        self._refers[obj.ref] = refs
        for ref in refs:
            self._referred[ref][obj.ref] = None
        return obj

    def remove(self, obj: Object) -> None:
        """Forget an object; who refers to it is the caller's business."""
        self._note(obj.type, obj.uuid, self.get(obj.type, obj.uuid))
        self._forget(obj.type, obj.uuid)
        self._objects[obj.type].pop(obj.uuid, None)

    def clear(self) -> None:
        """Forget everything."""
        for index in (self._objects, self._named, self._indexed, self._refers, self._referred):
            index.clear()
        self.generation += 1
        for kind, touched in self._touched.items():
            self._touched[kind] = dict.fromkeys(touched, self.generation)

    def objects(self) -> Iterator[Object]:
        """Every object there is."""
        for of_kind in list(self._objects.values()):
            yield from list(of_kind.values())

    def load(self, objects: Iterable[Object]) -> None:
        """Forget everything and keep these instead, with the stamps they have."""
        self.clear()
        for obj in objects:
            self.put(obj, stamp=False)

    def changed(self, kinds: Iterable[str]) -> tuple[int, ...]:
        """When an object of each of these types last changed, in generations: for a cache of what follows from them."""
        return tuple(next(reversed(self._touched.get(kind, {}).values()), 0) for kind in kinds)

    def since(self, kind: str, generation: int) -> Iterator[str]:
        """The uuids of a type's objects that were put or removed after a generation, the latest first."""
        for uuid, changed in reversed(self._touched[kind].items()):
            if changed <= generation:
                return
            yield uuid

    def references(self, obj: Object) -> list[Object]:
        """What this object refers to."""
        return [target for ref in sorted(self._refers.get(obj.ref, ())) if (target := self.at(ref))]

    def referrers(self, obj: Object) -> list[Object]:
        """What refers to this object, oldest reference first."""
        return [referrer for ref in self._referred.get(obj.ref, ()) if (referrer := self.at(ref))]

    def types(self) -> list[str]:
        """Every type of which there is at least one object."""
        return [kind for kind, objects in self._objects.items() if objects]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing: what was put or removed inside is undone when the block raises. Nests."""
        if self._journal is not None:
            yield
            return
        journal: list[tuple[str, str, Object | None]] = []
        self._journal = journal
        try:
            yield
        except BaseException:
            self._journal = None
            for kind, uuid, old in reversed(journal):
                if old is not None:
                    self.put(old, stamp=False)
                elif (new := self.get(kind, uuid)) is not None:
                    self.remove(new)
            raise
        finally:
            self._journal = None

    def _note(self, kind: str, uuid: str, old: Object | None) -> None:
        self.generation += 1
        touched = self._touched[kind]
        touched.pop(uuid, None)
        touched[uuid] = self.generation
        if self._journal is not None:
            self._journal.append((kind, uuid, old))

    def _forget(self, kind: str, uuid: str) -> None:
        ref = f"/api/{kind}/{uuid}"
        if (name := self._indexed.pop(ref, None)) is None:
            return
        _drop(self._named, (kind, name), uuid)
        for target in self._refers.pop(ref, frozenset()):
            _drop(self._referred, target, ref)


def _drop(index: dict[Any, dict[str, None]], key: object, member: str) -> None:
    """Take a member out of an index of ordered sets, and the set when it is empty."""
    members = index.get(key, {})
    members.pop(member, None)
    if not members:
        index.pop(key, None)
