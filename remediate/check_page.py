"""The page of checks, generated from their docstrings: `python -m remediate.check_page DIR` of those in a folder."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from avi_schema.command_line import BAD_USAGE, CommandParser, required

with required():
    import intent
    import remediate.remedies  # noqa: F401 -- registers them
    from fixtures.check_doc import BadCheck, CheckDoc, functions_of, read
    from intent.installation import HOME, typed
    from remediate.registry import REGISTRY, Remedy

HEAD = """# All checks

Generated from the checks' docstrings by `{command}`. The title's `{{...}}` is a declared object; a check of a
field runs for the objects that declare that field. *Remedy* says what `--remediate` does about it; only what differs
from a declared value is ever put right.
"""


def checks(files: Iterable[Path]) -> Iterator[tuple[CheckDoc, str]]:
    """Every check, in the order of the files and of the functions in them. Raises BadCheck."""
    for path in files:
        for function in functions_of(path):
            yield read(function), inspect.getsource(function)


def _remedy(doc: CheckDoc, source: str) -> str:
    """What `--remediate` does about a failure of a check: only drift is ever put right, and the source says of what."""
    drift = re.search(r"Drift\((\w+)\(", source)
    if doc.subject is None or not (drift or re.search(r"\brequire(_once)?\(|Drift(ed)?\(", source)):
        return "none: it compares no declared value"
    if doc.subject is intent.ObjectMember:
        return "by type and member, as the plan says"
    kind = getattr(intent, drift[1]).kind if drift else doc.subject.kind
    remedy = REGISTRY.answer(kind, doc.field)
    return f"{remedy.risk}" if isinstance(remedy, Remedy) else f"none: {remedy}"


def _order(step: str) -> str:
    return "0" if step == "Prerequisite" else step


def page(files: Iterable[Path], command: str) -> str:
    """The page of the checks in these files, as Markdown, and the command that makes it. Raises BadCheck."""
    lines = [HEAD.format(command=command)]
    topic = ""
    for doc, source in sorted(checks(files), key=lambda entry: (_order(entry[0].step), entry[0].topic)):
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


def main(arguments: list[str] | None = None) -> int:
    """Print the page of the folders that are named, or of our own checks. Returns 4 where a folder holds none."""
    parser = CommandParser(
        prog=typed("python -m remediate.check_page"),
        description="Print the page of all checks in folders, as Markdown, from the checks' docstrings.",
        examples=[
            typed("python -m remediate.check_page > checks.md         the checks that the project ships"),
            typed("python -m remediate.check_page rules > rules.md    those of a folder of one's own"),
        ],
        codes={
            0: "the page is printed",
            4: "bad usage, a folder without checks, or a check that cannot be read",
        },
    )
    parser.add_argument(
        "folders", nargs="*", metavar="DIR", help="folders of checks (default: the project's)"
    )
    folders = parser.parse_args(arguments).folders
    places = [Path(folder) for folder in folders] or [HOME / "checks"]
    files = []
    for place in places:
        files += (tests := sorted(place.rglob("test_*.py")))
        if not tests:
            why = "no file in it is named test_*.py" if place.is_dir() else "there is no such folder"
            sys.stderr.write(f"{place}: {why}, so it holds no checks; name a folder of checks\n")
            return BAD_USAGE
    command = typed(" ".join(["python -m remediate.check_page", *folders]))
    try:
        text = page(files, command)
    except BadCheck as why:
        sys.stderr.write(f"{why}\n")
        return BAD_USAGE
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
