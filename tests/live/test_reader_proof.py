"""Reading every page once is enough where it can be proved; and one sweep over every tenant."""

import time

import pytest

from intent import ServiceEngineGroup, Unknown
from live.avi.reader import read_snapshot
from live.avi.snapshot import Live
from tests.live.stub import Changing, objects, whole

LONG_AGO = str(int((time.time() - 3600) * 1_000_000))


def written(count, at=LONG_AGO):
    return [row | {"_last_modified": at} for row in objects(count)]


def looks(stub, path):
    return sum("fields" in seen.query for seen in stub.calls(f"/api/{path}"))


def test_what_was_there_before_is_read_once(stub, gateway):
    stub.objects["network"] = written(1001)
    found = read_snapshot(gateway, ["network"])
    assert found.objects["network"] == written(1001)
    assert found.requests == 6


@pytest.mark.parametrize(
    "at",
    [
        lambda: str(int((time.time() + 60) * 1_000_000)),
        lambda: str(int(time.time() * 1_000_000)),
        lambda: "",
        lambda: "yesterday",
        lambda: None,
        lambda: 17,
    ],
    ids=["to come", "now", "empty", "a word", "none", "a number"],
)
def test_one_object_that_may_be_new_is_looked_for_again(stub, gateway, at):
    stub.objects["network"] = [*written(400), objects(1, 400)[0] | {"_last_modified": at()}]
    read_snapshot(gateway, ["network"])
    assert looks(stub, "network") == 3


def test_without_the_controllers_clock_nothing_is_proved(stub, gateway, monkeypatch):
    stub.objects["network"] = written(400)
    monkeypatch.setattr(type(gateway), "clock", None)
    read_snapshot(gateway, ["network"])
    assert looks(stub, "network") == 2


def test_an_object_that_slips_through_is_found_by_the_one_that_is_new(stub, gateway):
    def swap(rows):
        now = str(int(time.time() * 1_000_000))
        return [*rows[1:], whole(uuid="new", _last_modified=now)]

    collection = stub.objects["network"] = Changing(swap, times=1)
    collection.rows = written(450)
    assert read_snapshot(gateway, ["network"]).objects["network"] == collection.rows
    assert len(collection.rows) == 450


def test_an_inventory_is_proved_by_what_it_is_the_inventory_of(stub, gateway):
    stub.objects |= {"network": written(450), "network-inventory": objects(450)}
    found = read_snapshot(gateway, ["network-inventory", "network"])
    assert len(found.objects["network-inventory"]) == 450
    assert looks(stub, "network-inventory") == looks(stub, "network") == 0


@pytest.mark.parametrize("network", [written(449), written(0), None])
def test_an_inventory_that_differs_is_looked_at_twice(stub, gateway, network):
    stub.objects["network-inventory"] = objects(450)
    if network is not None:
        stub.objects["network"] = network
    found = read_snapshot(gateway, ["network", "network-inventory"])
    assert len(found.objects["network-inventory"]) == 450
    assert looks(stub, "network-inventory") == 3


@pytest.mark.parametrize("every", [True, False])
def test_the_sweep_over_tenants(stub, gateway, every):
    stub.objects |= {
        "network": written(450),
        "tenant": objects(2),
        "systemconfiguration": {"uuid": "default"},
    }
    found = read_snapshot(gateway, ["network", "tenant", "systemconfiguration"], every_tenant=every)
    assert found.every_tenant is every
    asked = {seen.path: seen.headers["X-Avi-Tenant"] for seen in stub.calls("/api/")}
    assert asked["/api/network"] == asked["/api/tenant"] == ("*" if every else "admin")
    assert asked["/api/systemconfiguration"] == "admin"
    assert found.requests == 5
    assert Live(found).rows("network")


def test_a_tenant_that_is_not_seen_is_not_judged(stub, gateway):
    stub.objects |= {
        "serviceenginegroup": [whole(uuid="g", tenant_ref="https://x/api/tenant/t1#red")],
        "cloud": [],
        "tenant": [{"uuid": "t1", "name": "red"}],
    }
    live = Live(read_snapshot(gateway, ["serviceenginegroup", "cloud", "tenant"], every_tenant=True))
    assert live.found(ServiceEngineGroup(name="h", tenant="red")) == []
    for tenant in ("blue", "admin"):
        with pytest.raises(Unknown, match=f"no tenant {tenant} is seen"):
            live.found(ServiceEngineGroup(name="g", tenant=tenant))
