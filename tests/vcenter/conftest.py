"""The two vCenters of the contract tests; one that cannot be had is skipped with its reason."""

from __future__ import annotations

import pytest
import trustme
from pydantic import SecretStr

from intent import Vcenter
from lab.tests.vcenter import peers
from lab.tests.vcenter.conftest import fresh, model, shared
from live.deadlines import Timeouts
from live.vcenter.gateway import VcenterGateway
from tests.live.stub import Stub

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


@pytest.fixture
def between(fresh, tmp_path):
    """What stands before the lab's vCenter and may answer in its place."""
    ca = trustme.CA()
    ca.cert_pem.write_to_path(tmp_path / "between.pem")
    stub = Stub(behind=(fresh.address, fresh.port)).start(ca.issue_cert("127.0.0.1"))
    yield stub
    stub.stop()


@pytest.fixture
def terms():
    """For how long the vCenter behind may be silent, and take, in seconds."""
    return {"timeouts": Timeouts(5.0)}


@pytest.fixture
def opened(between, fresh, tmp_path, terms):
    """A gateway that may write, to the vCenter behind."""
    declared = Vcenter(address="127.0.0.1", port=between.port, ca_file="between.pem", datacenter="DC0")
    gateway = VcenterGateway(
        declared, fresh.user, SecretStr(fresh.password), base=tmp_path, writable=True, **terms
    )
    yield gateway
    gateway.close()
