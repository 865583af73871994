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
    "why",
    "ignore",
    "ignore_glob",
    *(f"allure_{what}" for what in ("severities", "epics", "features", "stories", "ids", "labels")),
)
"""Options of pytest and of allure-pytest that leave out checks."""
_TYPED = {"keyword": "-k", "markexpr": "-m", "numprocesses": "-n", "collectonly": "--collect-only"}
"""Options that are typed otherwise than they are called."""

FOLDERS_OF_SOME = "folders_of_some"
"""The attribute of pytest's options that holds the folders of a command line which do not hold all checks."""
_COLLECTING = (
    "testpaths",
    "norecursedirs",
    "python_files",
    "python_classes",
    "python_functions",
    "collect_imported_tests",
)
"""Settings of pytest that decide which checks there are; given with `-o` they leave some out."""


def option_as_typed(name: str) -> str:
    """An option of pytest's as it is typed: `-k` for `keyword`."""
    return _TYPED.get(name, f"--{name.replace('_', '-')}")


def is_complete(config: Any) -> bool:
    """Whether every check was asked for: no -k, -m, --lf, node ids, settings of what to collect, nothing deselected.

    `config` is pytest's.
    """
    return not narrowed_by(config)


def narrowed_by(config: Any) -> list[str]:
    """What leaves checks out, as it is typed: `-k`, `checks/test_vrfs.py`; `config` is pytest's."""
    options = [option_as_typed(name) for name in _NARROWING if getattr(config.option, name, None)]
    if os.environ.get("ALLURE_TESTPLAN_PATH"):
        options.append("ALLURE_TESTPLAN_PATH")
    settings = [setting.partition("=")[0].strip() for setting in config.option.override_ini or ()]
    options += [f"-o {setting}" for setting in settings if setting in _COLLECTING]
    options += getattr(config.option, FOLDERS_OF_SOME, ())
    places = [argument for argument in config.args if "::" in argument or argument.endswith(".py")]
    # Without a place of its own, this option asks the checks of AKO alone.
    return options + (
        ["--ako-verdict"] if places and getattr(config.option, "ako_verdict", False) else places
    )
