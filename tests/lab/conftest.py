"""What the lab's tests share."""

import pytest
from controller_client import Client, make

from lab.facts import Facts


@pytest.fixture(scope="session")
def facts():
    """The fact table: it never changes, so one is enough."""
    return Facts.load()


@pytest.fixture
def client():
    """A client of a Controller that was just installed, of the release most of the recordings are near."""
    return Client(make("20.1.6"))
