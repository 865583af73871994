"""Salvage of a faulty file: an environment without its wrong parts, so that what is left can be checked as well."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from intent.environment import Environment
from intent.plain_data import copied
from intent.source import Place

ROUNDS = 12
"""Taking a part out can make what holds it incomplete, and so on outwards; nothing is nested deeper than this."""
MOST_ERRORS = 2_000
"""With more, what is wrong between the rest interests nobody."""
STAND_INS: dict[str, Any] = {"name": "unnamed", "controller": {"address": "unknown"}}
"""For what an environment cannot do without and no other object refers to."""


@dataclass
class Rest:
    """An environment without the parts whose form is wrong.

    `lost`: by section, the names of objects that were taken out; None for a section that was taken out whole.
    """

    environment: Environment
    lost: dict[str, set[str] | None] = field(default_factory=dict)
    origins: dict[Place, list[int]] = field(default_factory=dict)

    def place(self, place: Place) -> Place:
        """Where a part of the rest stands in the file: elements taken out of a list have moved those behind them."""
        there: Place = ()
        for depth, part in enumerate(place):
            moved = self.origins.get(place[:depth])
            there = (*there, moved[part] if moved is not None and isinstance(part, int) else part)
        return there


def make(data: dict[str, Any], model: type[Environment]) -> Rest | None:
    """The rest of a file's data, or None when nothing can be made of it."""
    tree, lost = copied(data), _Lost(list(model.model_fields))
    for _ in range(ROUNDS):
        try:
            environment = model.model_validate(tree)
        except ValidationError as errors:
            if errors.error_count() > MOST_ERRORS:
                return None
            parts = {
                _cut(tree, error["loc"], missing=error["type"] == "missing") for error in errors.errors()
            }
            # Last first, so that no cut moves what another one is about to cut.
            for place in sorted(parts, key=_order, reverse=True):
                lost.take(tree, place)
        except RecursionError:
            return None
        else:
            return Rest(environment, lost.names, lost.origins(tree))
    return None


def _order(place: Place) -> tuple[tuple[int, int, str], ...]:
    return tuple((0, part, "") if isinstance(part, int) else (1, 0, part) for part in place)


def _cut(tree: Any, loc: tuple[str | int, ...], *, missing: bool) -> Place:
    """The smallest part that an error is about: what is wrong itself, or what lacks a member."""
    place: Place = ()
    for part in loc[: -1 if missing else None]:
        inside = part in tree if isinstance(tree, dict) else isinstance(tree, list) and isinstance(part, int)
        if not inside:
            break
        tree, place = tree[part], (*place, part)
    return place or loc[:1]


class _Lost:
    """Takes parts out of a tree and remembers what is gone."""

    def __init__(self, known: list[str]) -> None:
        self.known = known
        self.names: dict[str, set[str] | None] = {}
        self._left: dict[int, list[int]] = {}

    def take(self, tree: Any, place: Place) -> None:
        """Take one part out. Where what holds it is gone already, there is nothing to do."""
        if len(place) == 1:
            self._top(tree, str(place[0]))
            return
        holder = tree
        for part in place[:-1]:
            holder = holder[part]
        last = place[-1]
        if isinstance(holder, dict):
            holder.pop(last, None)
            if place[0] == "objects" and place[2:] == ("name",):  # it has one, which is wrong
                holder["name"] = f"unnamed {place[1]}"
        elif isinstance(holder, list) and isinstance(last, int):
            if id(holder) not in self._left:
                self._left[id(holder)] = list(range(len(holder)))
            self._left[id(holder)].pop(last)
            element = holder.pop(last)
            gone = self.names.setdefault(str(place[0]), set()) if len(place) == 2 else None
            if gone is not None and isinstance(element, dict):
                gone.add(str(element.get("name")))

    def _top(self, tree: dict[str, Any], key: str) -> None:
        """Take out a whole section, or what was meant to be one."""
        tree.pop(key, None)
        if key in STAND_INS:
            tree[key] = STAND_INS[key]
            return
        meant = [key] if key in self.known else difflib.get_close_matches(key[:100], self.known, n=1)
        for section in meant:
            self.names[section] = None

    def origins(self, tree: Any, place: Place = ()) -> dict[Place, list[int]]:
        """For every list that lost an element: where the elements that are left stood before."""
        by_list: dict[Place, list[int]] = {}
        if isinstance(tree, list) and id(tree) in self._left:
            by_list[place] = self._left[id(tree)]
        inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
        for part, value in inner:
            by_list |= self.origins(value, (*place, part))
        return by_list
