"""No file imports, over whichever way, a file that imports it: inside functions and for types too, the lab included."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.framework.source import HOUSE, imports, modules

STILL = """
intent/environment.py -> intent/loading.py
"""
"""Imports that close a circle today, one a line: none may be added, and one that is mended is struck out."""

Edge = tuple[str, str]


@cache
def graph() -> dict[str, set[str]]:
    files = frozenset((*modules(*HOUSE), "conftest.py"))
    return {name: set(imports(name, files)) for name in files}


def circle(edges: Mapping[str, Iterable[str]]) -> list[str]:
    """The files of one circle in the order of import, the first once more at its end; nothing where there is none."""
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))  # graphlib names who is imported before who imports
    return []


def without(edges: Mapping[str, set[str]], left_out: Iterable[Edge]) -> dict[str, set[str]]:
    gone = set(left_out)
    return {name: {other for other in others if (name, other) not in gone} for name, others in edges.items()}


def known() -> list[Edge]:
    return [
        (name, other) for name, _, other in (line.partition(" -> ") for line in STILL.split("\n") if line)
    ]


def test_a_circle_is_seen():
    edges = {"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}
    assert sorted(set(circle(edges))) == ["a", "b", "c"]
    assert not circle(without(edges, [("c", "a")]))


def test_no_circle():
    found = circle(without(graph(), known()))
    assert not found, " imports\n".join(found)


@pytest.mark.parametrize("edge", known(), ids=" -> ".join)
def test_what_is_listed_still_closes_a_circle(edge):
    others = [other for other in known() if other != edge]
    assert circle(without(graph(), others)), (
        f"strike {' -> '.join(edge)} out of the list: it closes no circle any more"
    )
