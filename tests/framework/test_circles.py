"""No file imports, over whichever way, a file that imports it: inside functions and for types too, the lab included."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from tests.framework.source import HOUSE, imports, modules


def circle(edges: Mapping[str, Iterable[str]]) -> list[str]:
    """The files of one circle in the order of import, the first once more at its end; nothing where there is none."""
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))  # graphlib names who is imported before who imports
    return []


def test_a_circle_is_seen():
    edges = {"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}
    assert sorted(set(circle(edges))) == ["a", "b", "c"]
    assert not circle({**edges, "c": set()})


def test_no_circle():
    files = frozenset((*modules(*HOUSE), "conftest.py"))
    found = circle({name: set(imports(name, files)) for name in files})
    assert not found, " imports\n".join(found)
