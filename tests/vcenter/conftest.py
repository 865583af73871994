"""The two vCenters of the contract tests; one that cannot be had is skipped with its reason."""

from __future__ import annotations

import pytest

from lab.tests.vcenter import peers
from lab.tests.vcenter.conftest import fresh, model, shared

__all__ = ["fresh", "model", "shared"]


@pytest.fixture(scope="session")
def ours(tmp_path_factory):
    site = peers.empty_site()
    peers.furnish(site)
    peer = peers.start_ours(tmp_path_factory.mktemp("ours"), site)
    yield peer
    peer.stop()


@pytest.fixture(scope="session")
def vcsim_program(tmp_path_factory):
    if reason := peers.why_no_go():
        pytest.skip(reason)
    return peers.build(tmp_path_factory.mktemp("go"), "vcsim")


@pytest.fixture(scope="session")
def vcsim(vcsim_program, tmp_path_factory):
    peer = peers.start_vcsim(vcsim_program, tmp_path_factory.mktemp("vcsim"))
    yield peer
    peer.stop()


@pytest.fixture(scope="session", params=["ours", "vcsim"])
def peer(request):
    """Either vCenter, seeded through its API."""
    peer = request.getfixturevalue(request.param)
    peers.seed(peer)
    return peer
