"""A pytest plugin for the runs under test: tells the run to stop while a bootstrap writes its file."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest


class _Path(type(Path())):  # type: ignore[misc]
    """A path whose file is being written when the run is told to stop."""

    def open(self, *given: Any, **more: Any) -> Any:
        file = super().open(*given, **more)
        signal.raise_signal(signal.SIGINT)
        return file


def pytest_sessionstart(session: pytest.Session) -> None:
    """Before the loop that writes."""
    bootstrapping = session.config.pluginmanager.get_plugin("avi-bootstrap")
    bootstrapping.path = _Path(bootstrapping.path)
