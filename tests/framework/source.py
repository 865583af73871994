"""The project's source as data: its modules by folder, their syntax trees, and who imports whom."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = ("avi_schema", "intent", "live", "fixtures", "checks", "remediate", "reports", "fleet")
"""The folders of the product; one that is not there has no modules."""
HOUSE = (*PRODUCT, "lab")
"""The product and the simulated site."""


@cache
def modules(*folders: str) -> tuple[str, ...]:
    """Every Python file of these folders but their tests, as a path from the root."""
    paths = [path.relative_to(ROOT) for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return tuple(path.as_posix() for path in paths if "tests" not in path.parts)


@cache
def tree(name: str) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse((ROOT / name).read_text(encoding="utf-8"))


def imports(name: str, files: frozenset[str]) -> dict[str, int]:
    """By file, the line on which another of these files is first imported, inside functions and for types too.

    `from package import name` is an import of the file that is `package.name`, or of the package's own `__init__`.
    That importing `package.module` runs `package/__init__.py` as well is not counted: Python makes no circle of it.
    """
    found: dict[str, int] = {}
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for file in imports_of(node, name, files):
                found.setdefault(file, node.lineno)
    found.pop(name, None)
    return found


def imports_of(node: ast.Import | ast.ImportFrom, name: str, files: frozenset[str]) -> list[str]:
    """The files that one import statement of a file means."""
    if isinstance(node, ast.Import):
        wanted = [alias.name for alias in node.names]
    else:
        package = name.split("/")[: -node.level] if node.level else []
        package += (node.module or "").split(".") if node.module else []
        wanted = [".".join([*package, alias.name]) for alias in node.names]
    return [file for dotted in wanted if (file := _file_of(dotted, files)) is not None]


def _file_of(dotted: str, files: frozenset[str]) -> str | None:
    """The file that an import of `package.module` or `package.module.name` means."""
    whole = dotted.replace(".", "/")
    holder = whole.rpartition("/")[0]
    places = (f"{whole}.py", f"{whole}/__init__.py", f"{holder}.py", f"{holder}/__init__.py")
    return next((place for place in places if place in files), None)
