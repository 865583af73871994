"""Messages within an object: lists of them rewritten by key, and the members of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from live.avi.identity import Json, Names
from live.kinds.base import Leaf


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
