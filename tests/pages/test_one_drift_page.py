"""The page that follows one drift names files, functions and classes that are there, and its command is the benchmark's."""

from __future__ import annotations

import ast
import re

import pytest

from benchmarks import one_drift
from tests.framework.source import ROOT, tree

TEXT = (ROOT / "docs/one-drift.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (?:\*\*)?`([\w/]+\.py)`(?:\*\*)? \| (`.*?`) \|", TEXT, re.MULTILINE)


def test_there_are_rows():
    assert len(ROWS) > 25


@pytest.mark.parametrize(("file", "names"), ROWS, ids=[file for file, _ in ROWS])
def test_what_is_named_is_there(file, names):
    assert (ROOT / file).exists()
    nodes = list(ast.walk(tree(file)))
    defined = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)} | {
        node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    assert set(re.findall(r"`(\w+)`", names)) <= defined


def test_the_command_is_what_the_benchmark_runs():
    assert f'pytest --lab --remediate -k "{one_drift.CHECK}"' in TEXT
