"""Write lab/docs/lab-evidence.md: what the lab's contract tests rest on. `python -m lab.tests.evidence`."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

from avi_schema.command_line import CommandParser

PAGE = Path(__file__).parents[1] / "docs" / "lab-evidence.md"
TAGS = {
    "REC": "recorded from a real Controller",
    "EXP": "the configuration export of a 20.1.6 Controller",
    "SCHEMA": "the official schema",
    "CLIENT": "what official clients send or look for",
    "PUBLIC": "quoted in public from a real Controller",
    "DOC": "vendor documentation",
    "INF": "inferred: a decision of ours, not a fact",
}


def claims() -> dict[str, list[tuple[str, str, str]]]:
    """By section: (tag, what the test's name says, file), from the marks of all contract tests."""
    found: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef):
                continue
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.evidence":
                    tag, *sections = (ast.literal_eval(each) for each in mark.args)
                    said = node.name.removeprefix("test_").replace("_", " ")
                    for section in sections:
                        found[section].append((tag, said, path.name))
    return found


def page() -> str:
    """The page as Markdown."""
    lines = [
        "# What the lab claims of a Controller, and how it is known",
        "",
        "Every contract test of the lab carries the kind of evidence it rests on. Sections are those of the",
        "Controller REST reference the lab was written from. Made by `python -m lab.tests.evidence`.",
        "",
        "| tag | meaning | claims |",
        "|---|---|---|",
    ]
    found = claims()
    every = [tag for rows in found.values() for tag, _, _ in rows]
    lines += [f"| {tag} | {meaning} | {every.count(tag)} |" for tag, meaning in TAGS.items()]
    lines += ["", "| section | evidence | claim | test |", "|---|---|---|---|"]
    for section in sorted(found, key=_order):
        lines += [f"| {section} | {tag} | {said} | `{file}` |" for tag, said, file in sorted(found[section])]
    return "\n".join(lines) + "\n"


def _order(section: str) -> list[int]:
    return [int(part) for part in section.lstrip("§").split(".") if part.isdigit()]


if __name__ == "__main__":
    CommandParser(
        prog="python -m lab.tests.evidence",
        description=__doc__,
        examples=["python -m lab.tests.evidence"],
        codes={0: "the page is written"},
    ).parse_args()
    PAGE.write_text(page(), encoding="utf-8")
