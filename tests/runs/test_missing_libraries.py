"""Who types a command with a Python that has not our libraries, or others, reads a line that says what to type."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.framework.source import ROOT
from tests.framework.test_commands import COMMANDS
from tests.runs.harness import surroundings

OF_THE_PRODUCT = sorted(
    name
    for name in COMMANDS
    if name.split("/")[0] in ("avi_schema", "fleet", "intent", "lab", "live", "remediate", "reports")
    and "tests" not in name
)
MISSING = "raise ModuleNotFoundError(f'No module named {__name__!r}', name=__name__)\n"
OLD = "raise ImportError(f'cannot import name this from {__name__!r}', name=__name__)\n"
SITUATIONS = {
    "a bare Python": dict.fromkeys(
        ("pydantic", "pydantic_core", "yaml", "avi", "orjson", "dns", "pyVmomi"), MISSING
    ),
    "no SDK": {"avi": MISSING},
    "old ones": {"pydantic": OLD, "orjson": OLD, "avi": OLD},
}


def typed(tmp_path, stubs, *arguments):
    for name, text in stubs.items():
        (tmp_path / f"{name}.py").write_text(text)
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env=surroundings(PYTHONPATH=str(tmp_path)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def is_told(done):
    (line,) = done.stderr.splitlines()
    assert " it needs " in line
    assert f"; run {sys.executable} -m pip install '" in line
    assert done.returncode == 4
    return line


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("name", OF_THE_PRODUCT)
def test_a_command_says_what_it_lacks(name, situation, tmp_path):
    """Or needs none of these; the lab imports its own to serve, so that bad usage comes behind them."""
    module = name.removesuffix("/__main__.py").removesuffix(".py").replace("/", ".")
    given = ["--state", "no-such"] if module == "lab" else ["--help"]
    done = typed(tmp_path, SITUATIONS[situation], module, *given)
    if situation == "a bare Python" and module != "avi_schema":
        is_told(done)
    else:
        assert " it needs " in done.stderr or "Traceback" not in done.stderr


@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_run_says_what_it_lacks(situation, tmp_path):
    line = is_told(typed(tmp_path, SITUATIONS[situation], "pytest", "--lab", "-q"))
    assert ("avisdk" if situation == "no SDK" else "pydantic") in line


def test_a_module_of_ours_that_is_missing_is_our_error(tmp_path):
    done = typed(
        tmp_path, {"yaml": "raise ModuleNotFoundError('gone', name='intent.gone')\n"}, "intent", "--help"
    )
    assert "ModuleNotFoundError: gone" in done.stderr
