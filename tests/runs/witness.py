"""A pytest plugin for the runs under test: says which lab each process of a run uses, and can hold a run in the middle.

`AVI_TEST_WITNESS` names a file to which each process appends one line of JSON when it ends. `AVI_TEST_HOLD` names a
file that is written when the third check runs, which then sleeps until the run is interrupted; beside it, `.heard` is
written when the steering process has heard of a check that ended.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

_seen = 0


def _about(config: pytest.Config) -> dict[str, object]:
    # Not at import: this plugin comes before those it asks.
    from fixtures.lab import LAB
    from fixtures.site import SITE

    return {
        "worker": getattr(config, "workerinput", {}).get("workerid", "main"),
        "pid": os.getpid(),
        "lab": config.stash[LAB].endpoints if LAB in config.stash else None,
        "requests": config.stash[SITE].requests,
    }


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if (path := os.environ.get("AVI_TEST_WITNESS")) is not None:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(_about(session.config)) + "\n")


@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    path = os.environ.get("AVI_TEST_HOLD")
    if path is not None and "PYTEST_XDIST_WORKER" not in os.environ and report.when == "call":
        Path(path).with_suffix(".heard").touch()


def pytest_runtest_call(item: pytest.Item) -> None:
    global _seen  # noqa: PLW0603 -- one run, one process
    _seen += 1
    path = os.environ.get("AVI_TEST_HOLD")
    if path is not None and _seen == 3:
        ready = Path(path)
        ready.with_suffix(".part").write_text(json.dumps(_about(item.config)), encoding="utf-8")
        ready.with_suffix(".part").rename(ready)
        time.sleep(60)
