"""What stands in the pages to be typed or copied: commands, in blocks and in sentences, and blocks of code and output."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.framework.source import ROOT

PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for folder, pattern in (
        (".", "*.md"),
        ("docs", "*.md"),
        ("lab/docs", "*.md"),
        ("reports", "*.md"),
        ("deploy", "*.md"),
    )
    for path in (ROOT / folder).glob(pattern)
    if path.name != "CHANGELOG.md"  # it names what commands were called before
)
PROGRAMS = (
    *("pytest", "python", "python3", "tox", "pip", "ruff", "mypy", "pre-commit"),
    *("git", "mv", "cp", "install", "echo", "useradd"),
    *("curl", "dig", "govc", "systemctl", "journalctl", "docker", "kubectl", "npm", "ssh-keyscan"),
)
COMMAND = re.compile(
    rf"(?:\$ )?((?:[A-Z_]+=\S+ )*(?:\S*/)?(?:{'|'.join(PROGRAMS)})\d?(?: .*)?|[A-Z]+=\S*\$?.*)", re.DOTALL
)
"""A line that a shell is given: a program with its arguments, or variables that are set."""


@dataclass(frozen=True)
class Block:
    """A block of code, as a page has it: `line` is that of its first line, `language` what its fence says."""

    page: str
    line: int
    language: str
    text: str

    @property
    def commands(self) -> list[str]:
        """The commands in it, each as typed; where commands bear a `$`, everything else is what they print."""
        lines = self.text.replace("\\\n", "").splitlines()
        if any(line.startswith("$ ") for line in lines):
            return [line[2:] for line in lines if line.startswith("$ ")]
        if self.language or "<<'" in lines[0]:
            return [self.text] if not self.language else []
        return [without_remark(line) for line in lines if COMMAND.fullmatch(line)]

    @property
    def printed(self) -> list[str]:
        """The lines that are no commands."""
        return [line for line in self.text.splitlines() if not line.startswith("$ ")]


def without_remark(line: str) -> str:
    """A command without the remark behind it."""
    return re.sub(r"\s{2,}# .*", "", line).strip()


def blocks(page: str) -> list[Block]:
    """The blocks of a page, fenced and indented."""
    found: list[Block] = []
    kept: list[str] = []
    fence: str | None = None
    lines = (ROOT / page).read_text(encoding="utf-8").splitlines()
    for number, line in enumerate([*lines, ""], 1):
        if fence is not None and line.strip() == "```":
            found.append(Block(page, number - len(kept), fence, "\n".join(kept)))
            kept, fence = [], None
        elif fence is not None:
            kept.append(line)
        elif line.startswith("```"):
            fence = line[3:].strip()
        elif line.startswith("    ") and (kept or not lines[number - 2].strip()):
            kept.append(line[4:])
        elif kept:
            found.append(Block(page, number - len(kept), "", "\n".join(kept)))
            kept = []
    return found


def in_sentences(page: str) -> Iterator[str]:
    """The commands in a page's sentences and tables: what stands between backticks and has more than a program's name."""
    text = re.sub(
        r"^```.*?^```$", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    for quoted in re.findall(r"(?<!`)`([^`]+)`(?!`)", text):
        command = " ".join(quoted.replace("\\|", "|").split())
        if " " in command and COMMAND.fullmatch(command) and not re.match(r"[A-Z_]+=", command):
            yield command


def commands(page: str) -> list[str]:
    """Every command of a page, each once; what a sentence only names, and the page types in full elsewhere, is no other."""
    typed = [command for block in blocks(page) for command in block.commands]
    named = [
        command for command in in_sentences(page) if not any(longer.startswith(command) for longer in typed)
    ]
    return list(dict.fromkeys([*typed, *named]))
