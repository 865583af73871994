"""Messages within an object: a list of them as the elements of a declared one, told apart by a key, both ways."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from intent.values import ScopedName
from live.avi.identity import Json, Names
from live.kinds.base import Leaf
from live.kinds.codecs import dig, message_at


def elements(
    model: type[Any], by: str, leaves: Mapping[str, Leaf], *path: str, new: Mapping[str, Any] | None = None
) -> Leaf:
    """A list of messages at a path, each an element of a declared list with leaves of its own.

    `by`: what tells elements apart. `new`: what a new message says besides. What else a message holds stays. Names in
    an element mean what they mean in the object.
    """

    def element(message: Json, names: Names) -> Any:
        return model.model_construct(**{name: leaf.get(message, names) for name, leaf in leaves.items()})

    def get(obj: Json, names: Names) -> tuple[Any, ...]:
        if not (messages := dig(obj, *path)):
            return ()
        names = names.at_home(names.home(obj))
        return tuple(element(message, names) for message in messages)

    def put(obj: Json, value: tuple[Any, ...], names: Names) -> None:
        names = names.at_home(names.home(obj))

        def write(message: Json, part: Any) -> None:
            if new and not message:
                message |= new
            put_members(message, part, leaves, names)

        parts = [_spelled(each, leaves, names) for each in value]
        wanted = [(getattr(each, by), partial(write, part=each)) for each in parts]
        around = message_at(obj, *path[:-1])
        have = around.get(path[-1], [])
        around[path[-1]] = merge_by(have, lambda message: getattr(element(message, names), by), wanted)

    return Leaf(".".join(path) + "[]", get, put, inner=leaves)


def _spelled(part: Any, leaves: Mapping[str, Leaf], names: Names) -> Any:
    """An element with the names by which a message that names the same objects would be decoded."""
    for name, leaf in leaves.items():
        value = getattr(part, name, None)
        if leaf.names is None or not isinstance(value, str | ScopedName) or not names.read(leaf.names.to):
            continue
        api, home = leaf.names.to, names.home({})
        if len(target := names.meant(api, value, home)) == 1:
            part = part.model_copy(update={name: names.spelled(api, target[0], home)})
    return part


def merge_by(
    have: list[Json], key_of: Callable[[Json], Any], wanted: Iterable[tuple[Any, Callable[[Json], None]]]
) -> list[Json]:
    """A list of messages rewritten by key: elements that stay keep their unknown members and their order.

    `wanted` yields, per element, its key and what writes the element's own members into a message. Messages that share
    a key (nobody declared them, then) are met by their elements in the same order.
    """
    writers: dict[Any, list[Callable[[Json], None]]] = {}
    for key, write in wanted:
        writers.setdefault(key, []).append(write)
    pairs = [(message, key_of(message)) for message in have]
    kept = [message for message, key in pairs if key in writers]
    for key, writes in writers.items():
        there = [message for message, its in pairs if its == key]
        if not there:
            kept.append({})
            there = kept[-1:]
        for at, message in enumerate(there):
            writes[min(at, len(writes) - 1)](message)
    return kept


def put_members(message: Json, part: Any, leaves: Mapping[str, Leaf], names: Names) -> None:
    """Write what a part of a declaration says of these members, where the message does not say it already."""
    for name, leaf in leaves.items():
        value = getattr(part, name, None)
        if value is not None and leaf.put is not None and value != leaf.get(message, names):
            leaf.put(message, value, names)
