"""What the lab's tests share."""

import pytest

from lab.facts import Facts


@pytest.fixture(scope="session")
def facts():
    """The fact table: it never changes, so one is enough."""
    return Facts.load()
