"""The page of causes and consequences: every test and every check that it names is there."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "lab" / "docs" / "consequences.md"


def rows():
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("| ") and not line.startswith("| cause"):
            cause, _, test, check = (cell.strip() for cell in line.strip("|").split("|"))
            yield pytest.param(test, check, id=cause[:40])


@cache
def functions(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(("test", "check"), list(rows()))
def test_every_row_names_a_test_of_the_lab_and_a_check_or_none(test, check):
    module, function = test.strip("`").split("::")
    assert function in functions(ROOT / "lab" / "tests" / f"{module}.py")
    if check == "none":
        return
    module, function = check.strip("`").split("::")
    ill = module.startswith("illness.")
    path = ROOT / "live" / f"{module.replace('.', '/')}.py" if ill else ROOT / "checks" / f"{module}.py"
    if not path.exists():
        pytest.skip("the checks are not beside this lab")
    assert function in functions(path)


@cache
def evidence(module, function):
    """The kinds of evidence that a test of the lab bears."""
    tree = ast.parse((ROOT / "lab" / "tests" / f"{module}.py").read_text(encoding="utf-8"))
    (test,) = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == function)
    marks = [mark for mark in test.decorator_list if isinstance(mark, ast.Call)]
    return {
        ast.literal_eval(mark.args[0]) for mark in marks if ast.unparse(mark.func) == "pytest.mark.evidence"
    }


def test_what_no_document_names_is_said_to_be_inferred():
    """A cause whose test rests on nothing but our own decision, or on nothing that is named."""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("| ") and not line.startswith("| cause"):
            cause, follows, test, _ = (cell.strip() for cell in line.strip("|").split("|"))
            inferred = evidence(*test.strip("`").split("::")) <= {"INF"}
            assert follows.startswith("*inferred*: ") == inferred, cause


def test_no_cause_stands_twice():
    causes = [row.id for row in rows()]
    assert len(causes) == len({*causes}) >= 25
