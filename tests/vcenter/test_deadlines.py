"""Deadlines of calls to vCenter: whatever part of its answer it lingers in, and whichever call it is, a call ends."""

from __future__ import annotations

import time

import pytest

from intent import Unknown
from lab.datacenter.model import Folder
from lab.tests.vcenter.peers import moid
from live.deadlines import Timeouts
from live.errors import FateUnknown, Unreachable
from tests import lengths
from tests.live.stub import DRIPS, Fault, at_call

SILENCE, EXCHANGE = 1.0, 2.0
SOON = 15.0
"""Seconds within which a call of EXCHANGE has ended on a machine that has other things to do."""
SOME = {name: DRIPS[name] for name in ("interim answers", "headers", "chunk size", "body")}


@pytest.fixture
def terms():
    return {"timeouts": Timeouts(SILENCE, EXCHANGE)}


@pytest.fixture
def within():
    begin = time.monotonic()
    yield
    assert time.monotonic() - begin < SOON


def test_nothing_lingers(opened):
    assert opened.read().machines


@lengths.sampled(3)
@pytest.mark.usefixtures("within")
@pytest.mark.parametrize("drip", SOME.values(), ids=SOME)
class TestDrips:
    def test_versions(self, between, opened, drip):
        between.faults.append(Fault("/sdk/vimServiceVersions.xml", drip, times=99))
        with pytest.raises(Unreachable, match="answers too slowly; see how busy it is"):
            opened.connect()

    @pytest.mark.parametrize("call", ["RetrieveServiceContent", "Login"])
    def test_connecting(self, between, opened, drip, call):
        between.faults.append(Fault("/sdk", at_call(call, drip), times=99))
        with pytest.raises(Unreachable, match="answers too slowly"):
            opened.connect()

    def test_reading(self, between, opened, drip):
        opened.connect()
        between.faults.append(Fault("/sdk", at_call("RetrievePropertiesEx", drip), times=99))
        with pytest.raises(Unreachable, match="answers too slowly"):
            opened.read()

    def test_the_logout(self, between, opened, drip):
        opened.connect()
        between.faults.append(Fault("/sdk", at_call("Logout", drip), times=99))
        opened.close()

    def test_a_write(self, between, opened, drip, model):
        opened.connect()
        between.faults.append(Fault("/sdk", at_call("CreateFolder", drip), times=99))
        with pytest.raises(FateUnknown, match="its answer lost: its answer came too slowly"):
            opened.create_folder(moid(model, Folder, "AVI K8S"), "once")


def test_pages_without_end(fresh, opened, monkeypatch, within):
    """One that brings nothing new, and always the token of another."""
    from lab.vcenter.world import METHODS

    fresh.handle.endpoint.world.page = 7
    first = METHODS["RetrievePropertiesEx"]
    kept = []

    def again(*call):
        return kept[0]

    def keep(*call):
        kept.append(first(*call))
        return kept[0]

    monkeypatch.setitem(METHODS, "RetrievePropertiesEx", keep)
    monkeypatch.setitem(METHODS, "ContinueRetrievePropertiesEx", again)
    with pytest.raises(Unknown, match="pages without end: 7 objects came"):
        opened.read()
    assert opened.calls < 20
