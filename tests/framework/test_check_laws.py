"""Laws over every check: what a reader and a report may rely on."""

from __future__ import annotations

import importlib
import inspect
import linecache
import sys
import textwrap
import types
from pathlib import Path

import pytest

from fixtures import check_doc, check_laws
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
def test_it_keeps_the_laws(function):
    assert not list(check_laws.faults(function))


def lawless(text):
    module = types.ModuleType("test_lawless", "Step 9: of the house.")
    sys.modules["test_lawless"] = module
    linecache.cache["lawless.py"] = (len(text), None, text.splitlines(keepends=True), "lawless.py")
    exec(compile(textwrap.dedent(text), "lawless.py", "exec"), vars(module))
    try:
        return list(check_laws.faults(module.test_it))
    finally:
        del sys.modules["test_lawless"], linecache.cache["lawless.py"]


GOOD = '''from intent import VrfContext, require
def test_it(vrf: VrfContext, live) -> None:
    """{vrf} is there.

    Reads: vrfcontext
    Why: it must be.
    Do: make it.
    """
    assert live
'''


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    assert live", "    assert live", ""),
        ("is there.", "is there", "end it with a full stop"),
        ("    Why: it must be.\n", "", "Why: is missing"),
        ("    Do: make it.\n", "", "Do: is missing"),
        ("vrf: VrfContext", "vrf", "no argument is annotated"),
        ("Reads: vrfcontext", "Severity: dire", "'dire' is none of blocker"),
        ("Reads: vrfcontext", "Field: nowhere", "nothing that a VRF context declares"),
        ("    assert live", "    require(vrf, live[vrf], 'name')", "`require` compares name"),
        ("    assert live", "    try:\n        assert live\n    except KeyError:\n        pass", "no try"),
    ],
)
def test_a_fault_is_told(old, new, said):
    assert old in GOOD
    faults = lawless(GOOD.replace(old, new))
    assert (said in " ".join(faults)) if said else faults == []


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
