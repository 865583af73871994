"""The lab's vCenter endpoint as fixtures, filled with an inventory through its own API."""

from __future__ import annotations

import pytest

from lab.datacenter.inventory import inventory_of
from lab.tests.vcenter import peers, seeding


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """Our endpoint, seeded, for the tests of one module."""
    peer = peers.start_seeded(tmp_path_factory.mktemp("shared"))
    yield peer
    peer.stop()


@pytest.fixture(scope="module")
def si(shared):
    """A session of pyVmomi with it, in the newest version."""
    session = seeding.connect(shared, version=seeding.NEWEST)
    yield session
    seeding.disconnect(session)


@pytest.fixture(scope="module")
def content(si):
    """What that session reaches."""
    return si.RetrieveContent()


@pytest.fixture
def fresh(tmp_path):
    """Our endpoint, seeded, for one test."""
    peer = peers.start_seeded(tmp_path)
    yield peer
    peer.stop()


@pytest.fixture
def model(fresh):
    """What stands in its vCenter."""
    return inventory_of(fresh.site)
