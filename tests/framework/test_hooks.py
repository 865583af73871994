"""The hooks of pre-commit run, and find nothing on what is there."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests import lengths
from tests.framework.source import ROOT

(LOCAL,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
KNOWN = {"id", "name", "entry", "language", "types", "files", "pass_filenames"}


def test_nothing_is_fetched():
    assert LOCAL["repo"] == "local"
    for hook in LOCAL["hooks"]:
        assert hook["language"] == "system"
        assert hook.keys() <= KNOWN


@lengths.sampled(2)
@pytest.mark.parametrize("hook", LOCAL["hooks"], ids=lambda hook: hook["id"])
def test_a_hook_runs(hook):
    program, *arguments = shlex.split(hook["entry"])
    beside = Path(sys.executable).with_name(program)
    found = sys.executable if program == "python" else shutil.which(program) or shutil.which(beside)
    if found is None:
        pytest.skip(f"{program} is not installed here: `pip install .[lint]`")
    files = [] if hook.get("pass_filenames") is False else ["conftest.py", "tests/framework/test_hooks.py"]
    done = subprocess.run(
        [found, *arguments, *files], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
