"""What the simulated Controller remembers: objects by type and uuid, and the graph of their references."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from lab.clock import Clock
from lab.facts import Facts, walk_refs
from lab.objects import Object


class Store:
    """Objects indexed by (type, uuid), by name, and by what refers to them.

    Nothing here knows the rules of the Controller: callers validate first, then `put`.
    """

    def __init__(self, facts: Facts, clock: Clock) -> None:
        self.facts = facts
        self.clock = clock
        self._objects: dict[str, dict[str, Object]] = defaultdict(dict)
        self._named: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._refers: dict[str, frozenset[str]] = {}
        self._referred: dict[str, set[str]] = defaultdict(set)

    def get(self, kind: str, uuid: str) -> Object | None:
        """The object of that type and uuid, or None."""
        return self._objects[kind].get(uuid)

    def at(self, ref: str) -> Object | None:
        """The object a canonical reference `/api/<type>/<uuid>` points at, or None."""
        _, _, rest = ref.partition("/api/")
        kind, _, uuid = rest.partition("/")
        return self.get(kind, uuid)

    def all(self, kind: str) -> Iterator[Object]:
        """Every object of a type, in the order of creation."""
        return iter(list(self._objects[kind].values()))

    def count(self, kind: str) -> int:
        """How many objects of a type there are."""
        return len(self._objects[kind])

    def named(self, kind: str, name: str, *, tenant: str | None = None, cloud: str | None = None) -> list[Object]:
        """Every object of that exact name, narrowed to a tenant uuid and a cloud uuid where given."""
        found = (self._objects[kind][uuid] for uuid in self._named[kind, name])
        return [o for o in found if tenant in (None, o.tenant) and cloud in (None, o.cloud)]

    def put(self, obj: Object, *, stamp: bool = True) -> Object:
        """Keep an object, new or changed; a new `_last_modified` unless `stamp` is False (imports)."""
        self._forget(obj.type, obj.uuid)
        if stamp:
            obj.body["_last_modified"] = self.clock.stamp()
        self._objects[obj.type][obj.uuid] = obj
        self._named[obj.type, obj.name].append(obj.uuid)
        refs = frozenset(str(box[key]) for box, key, _ in walk_refs(self.facts, obj.type, obj.body))
        self._refers[obj.ref] = refs
        for ref in refs:
            self._referred[ref].add(obj.ref)
        return obj

    def remove(self, obj: Object) -> None:
        """Forget an object; who refers to it is the caller's business."""
        self._forget(obj.type, obj.uuid)
        self._objects[obj.type].pop(obj.uuid, None)

    def references(self, obj: Object) -> list[Object]:
        """What this object refers to."""
        return [found for ref in sorted(self._refers.get(obj.ref, ())) if (found := self.at(ref))]

    def referrers(self, obj: Object) -> list[Object]:
        """What refers to this object."""
        return [found for ref in sorted(self._referred.get(obj.ref, ())) if (found := self.at(ref))]

    def types(self) -> list[str]:
        """Every type of which there is at least one object."""
        return [kind for kind, found in self._objects.items() if found]

    def _forget(self, kind: str, uuid: str) -> None:
        if (old := self._objects[kind].get(uuid)) is None:
            return
        for ref in self._refers.pop(old.ref, frozenset()):
            self._referred[ref].discard(old.ref)
        for names in [self._named[kind, name] for name in {old.name, *self._renamed(kind, uuid)}]:
            if uuid in names:
                names.remove(uuid)

    def _renamed(self, kind: str, uuid: str) -> list[str]:
        """Names under which an object edited in place is still indexed."""
        return [name for (owner, name), uuids in self._named.items() if owner == kind and uuid in uuids]
