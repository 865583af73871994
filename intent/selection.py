"""Selection of checks on a command line: whether it leaves any out."""

from __future__ import annotations

import os
from typing import Any

_NARROWING = (
    "keyword",
    "markexpr",
    "lf",
    "stepwise",
    "deselect",
    "ignore",
    "ignore_glob",
    *(f"allure_{what}" for what in ("severities", "epics", "features", "stories", "ids", "labels")),
)
"""Options of pytest and of allure-pytest that leave out checks."""


_COLLECTING = (
    "testpaths",
    "norecursedirs",
    "python_files",
    "python_classes",
    "python_functions",
    "collect_imported_tests",
)
"""Settings of pytest that decide which checks there are; given with `-o` they leave some out."""


def is_complete(config: Any) -> bool:
    """Whether every check was asked for: no -k, -m, --lf, node ids, settings of what to collect, nothing deselected.

    `config` is pytest's.
    """
    narrowed = any(getattr(config.option, name, None) for name in _NARROWING)
    if narrowed or os.environ.get("ALLURE_TESTPLAN_PATH"):
        return False
    if any(setting.partition("=")[0].strip() in _COLLECTING for setting in config.option.override_ini or ()):
        return False
    return not any("::" in argument or argument.endswith(".py") for argument in config.args)
