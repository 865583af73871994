"""What the lab's tests share."""

import pytest

from avi_schema import load
from lab.tests import cloudsite
from lab.tests.controller_client import Client, make
from lab.tests.suite import pytest_configure

__all__ = ["pytest_configure"]


@pytest.fixture(scope="session")
def schema():
    """The schema that comes with the project."""
    return load()


@pytest.fixture
def client():
    """A client of a Controller that was just installed, of the release most of the recordings are near."""
    return Client(make("20.1.6"))


@pytest.fixture(scope="module")
def kept():
    """(client of a conforming site, its snapshot)."""
    client = cloudsite.Client("conforming")
    return client, client.lab.snapshot()


@pytest.fixture
def site(kept):
    """The site of a module, as it was kept, without faults."""
    client, snapshot = kept
    client.lab.restore(snapshot)
    client.lab.faults.replace([])
    return client
