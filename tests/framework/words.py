"""The word list for names: `python -m tests.framework.words` tells of names that say nothing, or of a thing's old name.

How many of them are left stands in `words.json`. A count may only shrink: `--lower` writes down what is
left after a renaming, and never raises one.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from avi_schema.command_line import CommandParser
from tests.framework.source import HOUSE, modules, tree

VAGUE = frozenset({"found", "here", "made", "one", "said", "stuff", "thing", "things", "tmp", "told"})
"""Words that say nothing to somebody who has not read the file; meant as a whole name."""
OLD = {
    "bodies": "payload",
    "embedding": "inline_vip",
    "foretell": "undo_outlook",
    "foretold": "undo_outlook",
    "garbage": "gc_tuning",
    "graft": "merge",
    "grafted": "merged",
    "ground": "dependents",
    "held": "deferred",
    "lean": "fast_path",
    "listener": "broken_pipe",
    "misbehave": "fault_injection",
    "planes": "two APIs",
    "prove": "verify",
    "prover": "verifier",
    "quiet": "nothing: the module is gone",
    "screen": "progress",
    "sender": "writer",
    "stopping": "signals",
    "wish": "options",
}
"""Former words and what is said instead; meant in any part of a name."""
KEPT = Path(__file__).with_name("words.json")


def names() -> Iterator[tuple[str, int, str]]:
    """(file, line, name) of every name that is given in the house: variables, arguments, functions, classes, members."""
    for file in modules(*HOUSE):
        for node in ast.walk(tree(file)):
            match node:
                case (
                    ast.Name(ctx=ast.Store(), id=name)
                    | ast.arg(arg=name)
                    | ast.Attribute(ctx=ast.Store(), attr=name)
                ):
                    yield file, node.lineno, name
                case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.ExceptHandler(name=str(name)):
                    yield file, node.lineno, name


def words(name: str) -> set[str]:
    """The words of the lists that a name is, or is made of: `_foretold` -> foretold."""
    parts = {part.lower() for part in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)}
    return (parts & OLD.keys()) | (VAGUE & {name.strip("_").lower()})


def places() -> dict[str, list[str]]:
    """Where each word stands, as `file:line: name`."""
    found: dict[str, list[str]] = {}
    for file, line, name in names():
        for word in words(name):
            found.setdefault(word, []).append(f"{file}:{line}: {name}")
    return found


def kept() -> Counter[str]:
    """How often each word may stand."""
    return Counter(json.loads(KEPT.read_text(encoding="utf-8")))


def new(now: dict[str, list[str]], may: Counter[str]) -> list[str]:
    """A line for each word that stands more often than it may, with all its places."""
    return [
        f"{word} stands {len(where)} times, and {may[word]} were there before; say {OLD.get(word, 'what it is')} "
        "instead:\n  " + "\n  ".join(where)
        for word, where in sorted(now.items())
        if len(where) > may[word]
    ]


def main() -> int:
    """Tell of new ones, and lower the counts where that is asked. Returns 1 where there is a new one."""
    parser = CommandParser(
        prog="python -m tests.framework.words",
        description=__doc__,
        examples=["python -m tests.framework.words", "python -m tests.framework.words --lower"],
        codes={0: "no new name is on the list", 1: "one is"},
    )
    parser.add_argument("--lower", action="store_true", help="write down the counts that have shrunk")
    asked = parser.parse_args()
    now, may = places(), kept()
    if asked.lower:
        left = {key: min(len(now.get(key, ())), most) for key, most in may.items()}
        text = json.dumps({key: most for key, most in sorted(left.items()) if most}, indent=1)
        KEPT.write_text(text + "\n", encoding="utf-8")
    lines = new(now, may)
    sys.stdout.write(("\n".join(lines) or "no new name is on the list") + "\n")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
