"""`python -m tests.mutation [--every N] [module ...]`: what the tests of the modules that decide about writes would miss.

Needs mutmut, which makes the mutants; `tox -e mutation` brings it. They are made in a copy of the project, and tried in
forks of one collected pytest session for each group of modules (`forks.py`), which takes a tenth of the time of a
pytest run for each. docs/mutation.md says what came of it.
"""

from __future__ import annotations

import ast
import difflib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from avi_schema.command_line import CommandParser, not_written, whole

ROOT = Path(__file__).parents[2]
FATES = "what became of mutants"
GROUPS = {
    ("intent/drift.py",): ("tests/intent/test_drift.py",),
    ("live/avi/gateway.py", "live/avi/http_answers.py", "live/avi/session.py"): (
        "tests/live/test_session.py",
        "tests/live/test_gateway_alone.py",
        "tests/live/test_gateway_login.py",
        "tests/live/test_gateway_session.py",
        "tests/live/test_gateway_connection.py",
        "tests/live/test_gateway_reads.py",
        "tests/live/test_gateway_writes.py",
        "tests/live/test_answers.py",
    ),
    ("remediate/plan/planner.py", "remediate/plan/model.py", "remediate/plan/judge.py"): (
        "tests/remediate/test_plan.py",
        "tests/remediate/test_planner.py",
        "tests/remediate/test_planner_vcenter.py",
        "tests/remediate/test_registry.py",
        "tests/remediate/test_judge.py",
        "tests/remediate/test_request.py",
        "tests/remediate/test_tenants.py",
        "tests/remediate/test_clouds.py",
    ),
    (
        "remediate/write/journal.py",
        "remediate/write/record.py",
        "remediate/write/results.py",
        "remediate/write/writer.py",
        "remediate/write/undo.py",
        "remediate/write/applier.py",
    ): (
        "tests/remediate/test_journal.py",
        "tests/remediate/test_disk.py",
        "tests/remediate/test_read_back.py",
        "tests/remediate/test_writer.py",
        "tests/remediate/test_undo_created.py",
        "tests/remediate/test_undo_amended.py",
        "tests/remediate/test_undo_runs.py",
        "tests/remediate/test_undo_uncertain.py",
        "tests/remediate/test_undo_restored.py",
        "tests/remediate/test_applier_steps.py",
        "tests/remediate/test_applier.py",
        "tests/remediate/test_reviewed_plan.py",
        "tests/remediate/test_applier_replans.py",
        "tests/remediate/test_judge.py",
        "tests/remediate/test_tenants.py",
        "tests/remediate/test_vcenter.py",
    ),
}
"""Modules, and the fast tests that own them."""
DEAD = ("killed", "endless")
SKIPPED = {".git", ".tox", ".tools", ".venv", ".mypy_cache", ".ruff_cache", "__pycache__", "out"}
CONFIG = '\n[tool.mutmut]\nsource_paths = ["intent", "live", "remediate"]\n'


def copied(folder: Path) -> Path:
    """A copy of the project that may be spoilt."""
    there = folder / "project"
    shutil.copytree(ROOT, there, ignore=lambda _at, names: SKIPPED & set(names))
    with (there / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(CONFIG)
    os.chdir(there)  # mutmut finds its configuration there, when it is imported
    return there


def spoilt(there: Path, modules: tuple[str, ...], every: int) -> dict[str, str]:
    """Put all mutants of these modules beside their originals; the change of every nth, by its name, in any order."""
    from mutmut.mutation import file_mutation, mutators
    from mutmut.utils.format_utils import get_mutant_name

    def text(node):
        """One mutant a text, not three: how a word is spelt is asked once."""
        yield from list(mutators.operator_string(node))[:1]

    file_mutation.mutation_operators = [
        (kind, text if made is mutators.operator_string else made)
        for kind, made in mutators.mutation_operators
    ]
    found = {}
    for module in modules:
        path = Path(module)
        made = file_mutation.mutate_file_contents(module, (there / path).read_text(encoding="utf-8"))
        (there / path).write_text(made.code, encoding="utf-8")
        functions = _functions(made.code)
        for name in made.mutant_names:
            was = functions[name.partition("__mutmut_")[0] + "__mutmut_orig"]
            found[get_mutant_name(path, name)] = _change(was, functions[name])
    names = sorted(found)
    random.Random(every).shuffle(names)  # a run that is stopped has tried some of everything
    return {name: found[name] for name in names[::every]}


def _functions(code: str) -> dict[str, list[str]]:
    """The lines of every function, by its name; all of one function's bear one name in their first line."""
    lines = code.splitlines()
    return {
        node.name: [
            lines[node.lineno - 1].replace(node.name, node.name.partition("__mutmut_")[0]),
            *lines[node.lineno : node.end_lineno],
        ]
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.FunctionDef)
    }


def _change(was: list[str], now: list[str]) -> str:
    return "\n".join(line for line in difflib.ndiff(was, now) if line[:1] in "+-")


def tried(there: Path, mutants: list[str], tests: tuple[str, ...], jobs: int) -> dict[str, str]:
    """What became of each mutant: killed, survived, untested, endless."""
    orders, results = there / "mutants.json", there / "results.json"
    orders.write_text(json.dumps(mutants), encoding="utf-8")
    results.unlink(missing_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.mutation.forks",
         *(one for one in tests if (there / one).exists())],
        cwd=there,
        env={**os.environ, "MUTANTS": str(orders), "RESULTS": str(results), "JOBS": str(jobs),
             "PYTEST_DEBUG_TEMPROOT": str(there.parent), "AVI_COMPLIANCE_SAMPLE": "all"},
        check=False,
    )  # fmt: skip
    if not results.exists():
        raise SystemExit(
            f"the tests do not pass as they are (exit code {done.returncode}): nothing can be said of mutants"
        )
    return json.loads(results.read_text(encoding="utf-8"))


def told(mutants: dict[str, str], fates: dict[str, str]) -> None:
    """A table by module, and every mutant that lives."""
    by_module: dict[str, Counter[str]] = {}
    for name, fate in fates.items():
        by_module.setdefault(re.split(r"\.x(?:_|ǁ)", name)[0], Counter())[fate] += 1
    for module, counts in sorted(by_module.items()):
        total = counts.total()
        dead = sum(counts[fate] for fate in DEAD)
        said = f"{module}: {total} mutants, {dead} killed ({100 * dead / total:.0f} %)"
        print(f"{said}, {counts['survived']} survived, {counts['untested']} untested")  # noqa: T201
    for name, fate in fates.items():
        if fate in ("survived", "untested"):
            print(f"\n{fate}: {name}\n{mutants[name]}")  # noqa: T201


def _noun(path: Path) -> str | None:
    """What a file is that may be written over; None where nobody can tell."""
    try:
        data = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    is_ours = isinstance(data, dict) and all(".x" in name and fate for name, fate in data.items())
    return FATES if is_ours else None


def main() -> int:
    """Make, try and tell."""
    parser = CommandParser(
        prog="python -m tests.mutation",
        description=__doc__,
        examples=[
            "python -m tests.mutation --every 20",
            "python -m tests.mutation remediate/write/journal.py",
        ],
        codes={0: "all were tried, and those that no test notices are printed"},
    )
    parser.add_argument("--every", type=whole(1), default=1, metavar="N", help="try every nth mutant only")
    parser.add_argument(
        "--jobs", type=whole(1), default=os.cpu_count() or 1, metavar="N", help="mutants at once"
    )
    parser.add_argument(
        "--kept", type=Path, metavar="FILE", help="keep what became of each; what is dead there stays dead"
    )
    parser.add_argument(
        "modules", nargs="*", help="such as remediate/write/journal.py; all of the groups when none is named"
    )
    chosen = parser.parse_args()
    if chosen.kept and (why := not_written(chosen.kept, FATES, _noun)):
        parser.error(f"--kept {chosen.kept}: {why}")
    kept = chosen.kept.resolve() if chosen.kept else None
    known = json.loads(kept.read_bytes() or b"{}") if kept and kept.exists() else {}
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        there = copied(Path(folder))
        for group, tests in GROUPS.items():
            modules = tuple(one for one in group if not chosen.modules or one in chosen.modules)
            if modules:
                mutants = spoilt(there, modules, chosen.every)
                fates = {name: known[name] for name in mutants if known.get(name) in DEAD}
                fates |= tried(there, [name for name in mutants if name not in fates], tests, chosen.jobs)
                told(mutants, fates)
                known |= fates
                if kept:
                    kept.write_text(json.dumps(known), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
