"""Write lab/docs/behaviours.md: what the Controller does by type and moment. `python -m lab.tests.behaviours`."""

from __future__ import annotations

import inspect
from pathlib import Path

import lab.controller  # noqa: F401 -- registers the behaviours
from avi_schema.command_line import CommandParser
from lab.hooks import ACTIONS, STEPS, Moment

PAGE = Path(__file__).parents[1] / "docs" / "behaviours.md"
HEAD = """# What the Controller does, by moment and type

Every behaviour of the simulated Controller beside storing and showing objects is a function that is registered in
`lab/hooks.py` under a moment and the types it is for. Writes, deletes and answers pass the moments in this order.
Made by `python -m lab.tests.behaviours`.
"""


def page() -> str:
    """The page as Markdown."""
    lines = [HEAD]
    for moment in Moment:
        lines += [f"## {moment.name}", "", f"{moment.value[0].upper()}{moment.value[1:]}.", ""]
        lines += ["| type | step | does |", "|---|---|---|"]
        for kind, step in sorted(
            ((kind, step) for (at, kind), steps in STEPS.items() if at is moment for step in steps),
            key=lambda row: (row[0], row[1].__name__),
        ):
            lines.append(_row(kind, step))
        lines.append("")
    lines += [
        "## Actions",
        "",
        "What a POST below an object does.",
        "",
        "| path | step | does |",
        "|---|---|---|",
    ]
    for (kind, path), action in sorted(ACTIONS.items()):
        lines.append(_row(f"{kind}/{path}", action))
    return "\n".join(lines) + "\n"


def _row(subject: str, step: object) -> str:
    module = inspect.getmodule(step).__name__.removeprefix("lab.")
    return f"| {subject} | `{module}.{step.__name__}` | {inspect.getdoc(step).splitlines()[0]} |"


if __name__ == "__main__":
    CommandParser(
        prog="python -m lab.tests.behaviours",
        description=__doc__,
        examples=["python -m lab.tests.behaviours"],
        codes={0: "the page is written"},
    ).parse_args()
    PAGE.write_text(page(), encoding="utf-8")
