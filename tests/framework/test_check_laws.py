"""Laws over every check: what a reader and a report may rely on."""

from __future__ import annotations

import ast
import importlib
import inspect
from pathlib import Path

import pytest

from fixtures import check_doc
from intent import every_path
from live.kinds import KINDS

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "checks").glob("test_*.py"))


def functions():
    modules = [importlib.import_module(f"checks.{path.stem}") for path in MODULES]
    return [
        pytest.param(function, id=f"{module.__name__}.{name}")
        for module in modules
        for name, function in vars(module).items()
        if name.startswith("test_") and inspect.isfunction(function)
    ]


@pytest.mark.parametrize("function", functions())
def test_docstring_says_all(function):
    doc = check_doc.read(function)
    assert doc.title.endswith("."), "a title is a sentence"
    assert doc.why, "Why: is missing"
    assert doc.do, "Do: is missing"
    assert doc.step, "the module's docstring begins with the blog's step"
    assert doc.kinds, "a check is about declared objects"
    assert doc.api, "nothing says where the fact stands"


@pytest.mark.parametrize("function", functions())
def test_field_is_what_is_required(function):
    """The Field: line is the path that `require` compares, and a comparable path of the kind."""
    doc = check_doc.read(function)
    called = [
        node
        for node in ast.walk(ast.parse(inspect.getsource(function)))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "require"
    ]
    for call in called:
        assert [arg.value for arg in call.args[2:]] == [doc.field]
        assert doc.field in set(every_path(doc.subject))
    if doc.field and not called:
        assert doc.field in doc.subject.model_fields


@pytest.mark.parametrize("function", functions())
def test_checks_are_pure(function):
    """A check reads and raises: it catches nothing and marks nothing but its parameters."""
    tree = ast.parse(inspect.getsource(function))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Try | ast.With | ast.Global)]


@pytest.mark.parametrize(
    ("kind", "path"), [pytest.param(k, p, id=f"{k.kind}.{p}") for k in KINDS for p in every_path(k)]
)
def test_every_declared_field_is_checked(kind, path):
    checked = {(check_doc.read(p.values[0]).subject, check_doc.read(p.values[0]).field) for p in functions()}
    assert (kind, path) in checked


@pytest.mark.parametrize(
    ("kind", "path"), [pytest.param(k, p, id=f"{k.kind}.{p}") for k in KINDS for p in every_path(k)]
)
def test_every_declared_field_has_a_leaf(kind, path):
    assert KINDS[kind].leaf(path)
