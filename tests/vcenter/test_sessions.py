"""The product's reader on our vCenter endpoint: pages of any size, sessions that lapse, older releases."""

from __future__ import annotations

import pytest
from pyVmomi import vim

from lab.datacenter.model import Folder
from lab.tests.vcenter.peers import moid
from lab.vcenter.world import IDLE, METHODS
from tests import lengths
from tests.vcenter.reading import gateway, read

pytestmark = lengths.WHOLE_SITE


@pytest.fixture
def peer(fresh):
    return fresh


class TestPaging:
    @pytest.mark.parametrize("page", [1, 7, 10_000])
    def test_every_page_is_read(self, peer, page):
        peer.handle.endpoint.world.page = 10_000
        whole = read(peer)
        peer.handle.endpoint.world.page = page
        paged = read(peer)
        assert [paged.groups, paged.folders, paged.machines] == [whole.groups, whole.folders, whole.machines]


class TestSessions:
    def test_relogin_after_the_session_was_ended(self, peer):
        opened = gateway(peer)
        opened.connect()
        world = peer.handle.endpoint.world
        world.leave(next(iter(world.sessions)))
        assert opened.read().machines
        opened.close()

    def test_relogin_after_idling(self, peer):
        opened = gateway(peer)
        opened.connect()
        peer.site.clock.advance(IDLE + 1)
        assert opened.read().machines
        opened.close()

    def test_relogin_in_the_middle_of_paging(self, peer, monkeypatch):
        """Nothing that was read before is kept: what it stood for may have gone with the session."""
        world, more, lapsed = peer.handle.endpoint.world, METHODS["ContinueRetrievePropertiesEx"], []

        def lapse(*call):
            if not lapsed:
                lapsed.append(True)
                world.leave(world.caller.key)
                raise vim.fault.NotAuthenticated
            return more(*call)

        whole = read(peer)
        world.page = 7
        monkeypatch.setitem(METHODS, "ContinueRetrievePropertiesEx", lapse)
        found = read(peer)
        assert lapsed
        assert (found.groups, found.folders, found.machines) == (whole.groups, whole.folders, whole.machines)

    def test_write_after_the_session_lapsed_is_done_once(self, peer, model):
        opened = gateway(peer, writable=True)
        opened.connect()
        peer.site.clock.advance(IDLE + 1)
        opened.create_folder(moid(model, Folder, "AVI K8S"), "once")
        opened.close()
        assert [f.name for f in model.of(Folder)].count("once") == 1

    def test_no_session_is_left_behind(self, peer):
        read(peer)
        assert peer.handle.endpoint.world.sessions == {}
        assert not [moid for moid in peer.handle.endpoint.world.own if moid.startswith("session[")]


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("vim.version.version12", "6.7"),
        ("vim.version.version15", "6.7.3"),
        ("vim.version.v7_0", "7.0.0"),
        ("vim.version.v7_0_3_0", "7.0.3"),
    ],
)
def test_older_vcenter_is_read_alike(peer, version, said):
    newest = read(peer)
    peer.handle.endpoint.world.version = version
    found = read(peer)
    assert found.version == said
    assert (found.groups, found.folders, found.machines) == (
        newest.groups,
        newest.folders,
        newest.machines,
    )
