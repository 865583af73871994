"""The page that follows one drift names files, functions and classes that are there, and its command is the benchmark's."""

from __future__ import annotations

import ast
import re

import pytest

from benchmarks import one_drift
from tests.framework.source import ROOT, tree

TEXT = (ROOT / "docs/one-drift.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `([\w/]+\.py)` \| (`.*?`) \|", TEXT, re.MULTILINE)


def test_there_are_rows():
    assert len(ROWS) > 25


@pytest.mark.parametrize(("file", "names"), ROWS, ids=[file for file, _ in ROWS])
def test_what_is_named_is_there(file, names):
    assert (ROOT / file).exists()
    defined = {node.name for node in tree(file).body if isinstance(node, ast.FunctionDef | ast.ClassDef)} | {
        target.id
        for node in tree(file).body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    assert set(re.findall(r"`(\w+)`", names)) <= defined


def test_the_command_is_what_the_benchmark_runs():
    assert f'pytest --lab --remediate -k "{one_drift.CHECK}"' in TEXT
