"""Peers for the contract suite; a peer that cannot be had is skipped with its reason."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.vsphere import peers, seeding

GOVMOMI = Path("/usr/share/gocode/src/github.com/vmware/govmomi")


def why_no_go() -> str:
    if shutil.which("go") is None:
        return "Go is not installed (Debian: golang-go)"
    if not GOVMOMI.exists():
        return "govmomi is not installed (Debian: golang-github-vmware-govmomi-dev)"
    return ""


@pytest.fixture(scope="session")
def ours(tmp_path_factory):
    site = peers.empty_site()
    peers.furnish(site)
    peer = peers.start_ours(tmp_path_factory.mktemp("ours"), site)
    yield peer
    peer.stop()


@pytest.fixture(scope="session")
def vcsim_program(tmp_path_factory):
    if reason := why_no_go():
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
    found = request.getfixturevalue(request.param)
    si = seeding.connect(found)
    seeding.seed(si.RetrieveContent())
    seeding.disconnect(si)
    return found


def seeded(folder):
    """Our endpoint in a thread, filled through its API."""
    site = peers.empty_site()
    peers.furnish(site)
    found = peers.start_ours(folder, site)
    si = seeding.connect(found)
    seeding.seed(si.RetrieveContent())
    seeding.disconnect(si)
    return found


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """Our endpoint, seeded, for the tests of one module."""
    found = seeded(tmp_path_factory.mktemp("shared"))
    yield found
    found.stop()


@pytest.fixture
def fresh(tmp_path):
    """Our endpoint, seeded, for one test."""
    found = seeded(tmp_path)
    yield found
    found.stop()


@pytest.fixture
def model(fresh):
    """What stands in its vCenter."""
    from lab.datacenter.inventory import vsphere

    return vsphere(fresh.site)
