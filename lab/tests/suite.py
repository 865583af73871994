"""Pytest settings that the lab's tests and the framework's own share: signals, compiled code, time of generated examples.

Both suites' conftest.py take `pytest_configure` from here, so that either runs alone.
"""

from __future__ import annotations

import os
import signal
import tempfile
from pathlib import Path

import pytest

try:
    from hypothesis import settings
except ModuleNotFoundError:
    pass  # pytest loads this for `pytest --lab --lab-state fresh` too, where nobody has installed what tests need
else:
    # How long one example takes says more about what else the machine does than about the code.
    settings.register_profile("untimed", deadline=None)
    settings.load_profile("untimed")


IN_CI = bool(os.environ.get("CI"))
"""Where tests that could go on for ever go further than while one works; tests/lengths.py tells the whole of it."""


def pytest_configure(config: pytest.Config) -> None:
    # The processes that tests start are compiled once for all of them, and outside the project; for tox's own too.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ.setdefault(
        "PYTHONPYCACHEPREFIX", str(Path(tempfile.gettempdir()) / "avi-compliance-tests-pycache")
    )
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell ignores Ctrl-C for its background jobs, and every process we start would inherit that.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # the same of `nohup`
    config.addinivalue_line(
        "markers",
        "evidence(tag, *sections): what a contract test rests on: REC recorded, EXP exported, SCHEMA, CLIENT, PUBLIC, DOC or "
        "INF inferred, and the sections of the Controller REST reference it covers",
    )
