"""Kinds of files: what a file is that somebody gave in place of another, by what stands in its first lines."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import NamedTuple

from avi_schema import command_line
from intent.installation import typed

HEAD = 65_536
"""Bytes that are looked at."""
ENVIRONMENT, WAIVERS, DIFFERENCES = (
    "an environment file",
    "a file of waivers",
    "a file of declared differences",
)
LAB_LINE = "the line of a lab"
PLAN, SNAPSHOT, METRICS, PAGE, XML = (
    "a plan",
    "a snapshot",
    "metrics for Prometheus",
    "an HTML page",
    "an XML file",
)
"""What options write."""


class FileKind(NamedTuple):
    """What a file is called, who takes it, and the patterns that all stand in one."""

    noun: str
    use: str
    marks: tuple[str, ...]


KINDS = (
    FileKind(PLAN, "--apply-plan takes it", (r'"avi-compliance-plan"\s*:',)),
    FileKind("a journal", "--rollback takes it", (r'"avi-compliance-journal"\s*:',)),
    FileKind(SNAPSHOT, "--from-snapshot takes it", (r'"avi-compliance-snapshot"\s*:',)),
    FileKind("a run's drift.json", "a report for programs", (r'"format"\s*:\s*"avi-compliance-drift"',)),
    FileKind("a comparison of two sites", "a report for programs", (r'"avi-compliance-comparison"',)),
    FileKind("a JSON Schema", "editors check a file by it", (r"\A\s*\{", r'"\$(defs|schema|id)"\s*:')),
    FileKind("an Allure result", "one of many", (r"\A\s*\{", r'"(historyId|testCaseId|befores)"\s*:')),
    FileKind("a report of several sites", "of a fleet", (r"\A\s*\{", r'"exit_code"\s*:', r'"(verdict|environments)"')),
    FileKind(LAB_LINE, "--lab-at takes it", (r"\A\s*\{", r'"controller"\s*:', r'"dns"\s*:', r'"pid"\s*:')),
    FileKind("Terraform's state or plan", "`python -m live import` takes it", (r"\A\s*\{", r'"terraform_version"\s*:')),
    FileKind(WAIVERS, "--waivers takes it", (r"^waivers\s*:",)),
    FileKind("the values.yaml of an AKO", "an environment file names it, under `ako`", (r"^AKOSettings\s*:",)),
    FileKind("a Kubernetes manifest", "kubectl takes it", (r"^apiVersion\s*:", r"^kind\s*:")),
    FileKind(ENVIRONMENT, "--environment takes it", (r"^controller\s*:",)),
    FileKind(DIFFERENCES, "`python -m live compare --differences` takes it", (r"^(differ|names|ignore)\s*:",)),
    FileKind(PAGE, "browsers show it", (r"(?i)\A\s*<(!doctype html|html)\b",)),
    FileKind(XML, "such as JUnit's", (r"\A\s*<(\?xml|testsuites?)\b",)),
    FileKind("a certificate or a key", "`ca_file` of an environment file names a CA", (r"-----BEGIN [A-Z ]+-----",)),
    FileKind("a history", "`python -m reports.history` reads it", (r"\ASQLite format 3",)),
    FileKind("a packed archive", "unpack it first", (r"\A(PK\x03\x04|\x1f\x8b)",)),
    FileKind(METRICS, "its textfile collector takes them", (r"^# (HELP|TYPE) avi_compliance",)),
    FileKind("a TOML or INI file", "settings of a program", (r"\A\s*(#[^\n]*\n\s*)*\[[a-z][\w.:-]*\]\s*$",)),
)  # fmt: skip


def kind_of(path: Path) -> FileKind | None:
    """What a file is, as far as its beginning tells; None where that is not known, or it cannot be read."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return None
            head = file.read(HEAD).decode("utf-8-sig", errors="replace")
    except OSError:
        return None
    return next(
        (kind for kind in KINDS if all(re.search(mark, head, re.MULTILINE) for mark in kind.marks)), None
    )


def unlike(path: Path, wanted: str, otherwise: str) -> str:
    """`is not a plan of this program but a journal (...)`; `otherwise` where nobody can tell what the file is."""
    other = but(path, wanted)
    return f"is not {wanted} of this program{other}" if other else otherwise


def but(path: Path, wanted: str) -> str:
    """` but a journal (--rollback takes it)`: what a file is that is not what is wanted; "" where nobody can tell."""
    kind = kind_of(path)
    return typed(f" but {kind.noun} ({kind.use})") if kind is not None and kind.noun != wanted else ""


def not_written(path: Path, wanted: str | None) -> str:
    """Why a file is not written to a path, as `avi_schema.command_line` says it. `wanted`: its noun."""

    def noun(path: Path) -> str | None:
        return kind.noun if (kind := kind_of(path)) else None

    return command_line.not_written(path, wanted, noun)
