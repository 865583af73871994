"""Who may import whom: arrows only downward."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.framework.source import modules, tree

ROOT = Path(__file__).parents[2]

MAY = {
    "avi_schema": {"avi_schema"},
    "intent": {"intent", "avi_schema"},
    "live": {"live", "intent", "avi_schema"},
    "fixtures": {"fixtures", "live", "intent", "avi_schema"},
    "checks": {"fixtures", "live", "intent", "avi_schema"},
    "remediate": {"remediate", "fixtures", "live", "intent", "avi_schema"},
    "reports": {"reports", "intent", "avi_schema"},
    "fleet": {"fleet", "reports", "intent", "avi_schema"},
    "lab": {"lab", "avi_schema"},
}


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """(line, top-level package) of every import in a module, those inside functions too."""
    for node in ast.walk(tree(path.relative_to(ROOT).as_posix())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name.partition(".")[0]) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.lineno, node.module.partition(".")[0]


@pytest.mark.parametrize("folder", sorted(MAY))
def test_arrows(folder):
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {package}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for line, package in imports(path)
        if package in {*MAY, "tests"} - MAY[folder]
    ]
    assert not wrong, "\n".join(wrong)


def test_only_its_command_builds_the_schema():
    command = ROOT / "avi_schema/__main__.py"
    assert "from .build" in command.read_text(encoding="utf-8")
    wrong = [
        f"{path.relative_to(ROOT)}:{number}"
        for folder in MAY
        for path in (ROOT / folder).rglob("*.py")
        if path != command and "avi_schema/build" not in path.as_posix()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.match(r"\s*(from|import) (avi_schema\.build|\.build)\b|.*avi_schema import .*\bbuild\b", line)
    ]
    assert not wrong


def test_relative_imports_stay_inside():
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for folder in MAY
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(tree(path.relative_to(ROOT).as_posix()))
        if isinstance(node, ast.ImportFrom) and node.level > 1
    ]
    assert not wrong


def test_modules_are_short():
    long = {
        str(path.relative_to(ROOT)): count
        for folder in MAY
        for path in (ROOT / folder).rglob("*.py")
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert not long


@pytest.mark.parametrize("folder", sorted(MAY))
def test_no_statement_stands_behind_the_end_of_its_block(folder):
    """Two versions of one line, one of them never reached, are what a merge leaves."""
    ends = ast.Return | ast.Raise | ast.Break | ast.Continue
    assert not [
        f"{name}:{after.lineno}"
        for name in modules(folder)
        for node in ast.walk(tree(name))
        for block in (getattr(node, "body", None), getattr(node, "orelse", None))
        if isinstance(block, list)
        for statement, after in pairwise(block)
        if isinstance(statement, ends)
    ]
