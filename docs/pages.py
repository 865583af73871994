"""Writes the generated pages of this folder: `python docs/pages.py` (a test keeps them current)."""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import intent  # noqa: E402
import remediate.remedies  # noqa: E402, F401 -- registers them
from fixtures.check_doc import CheckDoc, read  # noqa: E402 -- the project is not installed: its folder comes first
from remediate.registry import REGISTRY, Remedy  # noqa: E402

HEAD = """# All checks

Generated from the checks' docstrings by `python docs/pages.py`. The title's `{...}` is a declared object; a check of a
field runs for the objects that declare that field. *Remedy* says what `--remediate` does about it.
"""


def checks() -> Iterator[tuple[CheckDoc, str]]:
    """Every check, in the order of the files and of the functions in them."""
    for path in sorted((ROOT / "checks").glob("test_*.py")):
        module = importlib.import_module(f"checks.{path.stem}")
        for name, function in vars(module).items():
            if name.startswith("test_") and inspect.isfunction(function):
                yield read(function), inspect.getsource(function)


def _remedy(doc: CheckDoc, source: str) -> str:
    """What `--remediate` does about a failure of a check: only drift is ever put right, and the source says of what."""
    drift = re.search(r"Drift\((\w+)\(", source)
    if doc.subject is None or not (drift or re.search(r"\brequire(_once)?\(|Drift\(", source)):
        return "none: a fact of the runtime follows from what is configured"
    kind = getattr(intent, drift[1]).kind if drift else doc.subject.kind
    found = REGISTRY.answer(kind, doc.field)
    return f"{found.risk}" if isinstance(found, Remedy) else f"none: {found}"


def _order(step: str) -> str:
    return "0" if step == "Prerequisite" else step


def page() -> str:
    """The page of all checks, as Markdown."""
    lines = [HEAD]
    topic = ""
    for doc, source in sorted(checks(), key=lambda found: (_order(found[0].step), found[0].topic)):
        if doc.topic != topic:
            topic = doc.topic
            lines += [f"\n## {topic} ({doc.step})\n"]
            lines += ["| check | why | API | severity | remedy |", "|---|---|---|---|---|"]
        title = doc.title.replace("|", "\\|")
        name = doc.name.partition(".")[2]
        lines.append(
            f"| **{title}**<br>`{name}` | {doc.why} | `{doc.api}` | {doc.severity} | {_remedy(doc, source)} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    (ROOT / "docs" / "checks.md").write_text(page(), encoding="utf-8")
