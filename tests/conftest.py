"""Pytest settings of the framework's own tests: those that the lab's tests have too, and a state folder of their own."""

import os
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest

from lab.tests.suite import pytest_configure
from remediate.write.seal import user_seal

__all__ = ["pytest_configure"]


@pytest.fixture(scope="session", autouse=True)
def state_folder() -> Iterator[None]:
    """Journals of tests, and of the runs that they start, are sealed with a key that goes with them."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder
        user_seal()
        yield
        if (harness := sys.modules.get("tests.runs.harness")) is not None:
            harness.ZYGOTE.close()
        del os.environ["XDG_STATE_HOME"]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell xdist's workers whether a file's tests are all theirs: what these need can be begun all at once then."""
    node.workerinput["whole_files"] = node.config.option.dist == "loadfile"
