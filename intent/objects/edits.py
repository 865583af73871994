"""Edits of an object: the differences that a comparison has told are put right in a copy of it, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count
from typing import Any

from avi_schema import Field, load
from intent.objects.comparison import Edit, Place
from intent.objects.elements import index_of, ranked
from intent.objects.references import mapped_value
from intent.plain_data import copied

IDS = {"StaticRoute": "route_id"}
"""By message, the member by which a Controller tells elements apart that a declaration tells apart by what they say."""
Encode = Callable[[Field, Any], Any]
"""What makes a declared reference one that the Controller takes."""


def edited(obj: Any, edits: Iterable[Edit], encode: Encode, others: Iterable[Edit] = ()) -> dict[str, Any]:
    """A copy of an object with these edits. Raises what `encode` raises.

    `others`: edits that come after these, and whose ids are not free.
    """
    later = [edit for edit in others if edit.action == "append"]
    target: dict[str, Any] = copied(obj)
    lists: dict[Place, list[Edit]] = {}
    for edit in edits:
        if edit.action in ("set", "unset"):
            around = _at(target, edit.place[:-1])
            if edit.action == "unset":
                around.pop(edit.place[-1], None)
            else:
                around[edit.place[-1]] = _with_ids(edit.field, mapped_value(edit.field, edit.value, encode))
        else:
            lists.setdefault(edit.place, []).append(edit)
    # The innermost first: positions in a list are those before any of its elements goes.
    for place in sorted(lists, key=len, reverse=True):
        around, name = _at(target, place[:-1]), place[-1]
        taken = [edit.value for edit in later if edit.place == place]
        around[name] = _list(list(around.get(name) or ()), lists[place], encode, taken)
    return target


def with_ids(message: str, members: Mapping[str, Any]) -> dict[str, Any]:
    """What is new, with an id for each element of its lists that must have one and says none."""
    fields = load().message(message).fields
    return {name: _with_ids(fields.get(name), value) for name, value in members.items()}


def _with_ids(field: Field | None, value: Any) -> Any:
    if field is None or not field.message:
        return value
    if isinstance(value, Mapping):
        return with_ids(field.message, value)
    if not isinstance(value, list):
        return value
    elements: list[Any] = []
    for element in value:
        elements.append(_with_id(field, _with_ids(field, element), [*value, *elements]))
    return elements


def _with_id(field: Field, element: Any, others: Sequence[Any]) -> Any:
    """An element with the first number that is the id of no other; ids must be unique in an object [CLIENT]."""
    name = IDS.get(field.message or "")
    if name is None or not isinstance(element, Mapping) or element.get(name):
        return element
    taken = {str(other.get(name)) for other in others if isinstance(other, Mapping)}
    return {name: next(text for text in map(str, count(1)) if text not in taken), **element}


def _at(target: Any, place: Place) -> Any:
    for part in place:
        target = target[part] if isinstance(part, int) else target.setdefault(part, {})
    return target


def _list(elements: list[Any], edits: Sequence[Edit], encode: Encode, others: Sequence[Any]) -> list[Any]:
    rewrite = next((edit for edit in edits if edit.action == "rewrite"), None)
    if rewrite is not None:
        return [mapped_value(rewrite.field, value, encode) for value in rewrite.value]
    gone = {edit.at for edit in edits if edit.action == "remove"}
    new = [edit for edit in edits if edit.action == "append"]
    if not edits[0].sequence:
        kept = [element for at, element in enumerate(elements) if at not in gone]
        added = [_with_ids(edit.field, mapped_value(edit.field, edit.value, encode)) for edit in new]
        for number, edit in enumerate(new):
            kept.append(_with_id(edit.field, added[number], [*kept, *added, *others]))
        return kept
    order = next((edit.value for edit in edits if edit.action == "order"), ())
    return _sequence(
        elements, order, gone, [(edit.at, mapped_value(edit.field, edit.value, encode)) for edit in new]
    )


def _sequence(
    elements: list[Any], order: Sequence[int], gone: set[int], new: Sequence[tuple[int, Any]]
) -> list[Any]:
    """A sequence in its order: elements are put where others of them stood, and new ones behind those they follow.

    Numbers stay as they are where they still rise; where they do not, the next free one is taken.
    """
    there = ranked(elements)
    numbers = [index_of(elements[at], at) for at in there]
    slots = iter(order)
    there = [next(slots) if at in order else at for at in there]
    for number, at in zip(numbers, there, strict=True):
        elements[at]["index"] = number
    row: list[tuple[int, Any]] = [(at, elements[at]) for at in there if at not in gone]
    for after, element in reversed(new):
        behind = next((place for place, (at, _) in enumerate(row, 1) if at == after), 0)
        row.insert(behind, (-2, element))
    last = -1
    for _, element in row:
        number = element.get("index")
        last = number if isinstance(number, int) and number > last else last + 1
        element["index"] = last
    return [element for _, element in row]
