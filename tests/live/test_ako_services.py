"""AKO's services at work: what waits or is down, by cluster and namespace, with the Controller's reason and the cause."""

from __future__ import annotations

import pytest

from checks import test_clusters as checks
from intent import Cluster, Unknown
from tests.live.ako_site import engine, group, how, live, made, mark, reason, service, vip

AZ1 = Cluster(name="az1")
SHARED = service("az1--Shared-L7-0", type="VS_TYPE_VH_PARENT")
CHILD = service(
    "az1--shop.example",
    namespace="shop",
    type="VS_TYPE_VH_CHILD",
    vh_parent_vs_ref=f"/api/virtualservice/{SHARED['uuid']}#{SHARED['name']}",
    vsvip_ref=None,
)
BALANCER = service("az1--shop-lb", namespace="shop")
OTHER = service("b--shop-lb", "b", "web")
WAITS = "OPER_RESOURCES", "Waiting for Service Engines"


def site(*states, **objects):
    rows = [SHARED, BALANCER, OTHER]
    states = [*states, *[("OPER_UP",)] * (3 - len(states))]
    known = {
        "virtualservice": rows,
        "virtualservice_inventory": [how(row, *state) for row, state in zip(rows, states, strict=True)],
        "vsvip": [vip(row["name"]) for row in rows],
        "serviceengine_inventory": [engine("se-1")],
    }
    return live(**{**known, **objects})


def test_all_up():
    for check in (checks.test_services_up, checks.test_vips, checks.test_pools_up):
        assert reason(check, AZ1, site()) == ""


@pytest.mark.parametrize(
    ("objects", "cause"),
    [
        (
            {"serviceengine_inventory": []},
            "SE group seg: it has no Service Engine (not read, so that its cause is not known: license)",
        ),
        (
            {"serviceengine_inventory": [engine("se-1", "OPER_CREATING"), engine("se-2", "OPER_DOWN")]},
            "SE group seg: none of its Service Engines is up: se-1 (OPER_CREATING), se-2 (OPER_DOWN)",
        ),
        (
            {"serviceengine_inventory": [engine("se-1", "OPER_DISABLED", enable_state="SE_STATE_DISABLED")]},
            "SE group seg: none of its Service Engines is up: se-1 (disabled by somebody: SE_STATE_DISABLED)",
        ),
        (
            {
                "cloud_inventory": [
                    {"uuid": "cloud-1", "status": {"state": "CLOUD_STATE_FAILED", "reason": "no route"}}
                ]
            },
            "cloud Default-Cloud: it places nothing: CLOUD_STATE_FAILED, no route",
        ),
        (
            {"vsvip": [vip("az1--Shared-L7-0", address="")]},
            "VIP az1--Shared-L7-0 (cloud Default-Cloud): no address was given to it of network front",
        ),
        ({"vsvip": []}, "VIP az1--Shared-L7-0: it is not there"),
        (
            {"serviceenginegroup": [{**group("seg"), "uuid": "seg-1", "max_se": 1}]},
            "SE group seg (cloud Default-Cloud): it has all of its 1 Service Engines",
        ),
        (
            {"serviceengine_inventory": None, "vsvip": None},
            "not read, so that its cause is not known: vsvip",
        ),
    ],
)
def test_why_one_waits(objects, cause):
    text = reason(checks.test_services_up, AZ1, site(WAITS, **objects))
    why = f": {cause}" if cause else ""
    assert text == (
        f"shared (1): virtualservice az1--Shared-L7-0 waits{why} (OPER_RESOURCES: Waiting for Service Engines)"
    )


def test_a_child_of_what_is_down_names_its_parent():
    rows = [SHARED, CHILD]
    states = [how(SHARED, "OPER_DOWN", "no server"), how(CHILD, "OPER_DOWN")]
    there = site(virtualservice=rows, virtualservice_inventory=states)
    text = reason(checks.test_services_up, AZ1, there)
    assert (
        "; namespace shop (1): virtualservice az1--shop.example does not serve: virtual service az1--Shared-L7-0 ("
        in text
    )
    assert reason(checks.test_vips, AZ1, there) == "", "a child has the VIP of its parent"


def test_one_that_was_disabled():
    rows = [{**SHARED, "enabled": False}]
    states = [how(SHARED, "OPER_DISABLED")]
    text = reason(checks.test_services_up, AZ1, site(virtualservice=rows, virtualservice_inventory=states))
    assert "does not serve: it is disabled (OPER_DISABLED)" in text


def test_a_vip_without_address():
    there = site(
        vsvip=[vip("az1--Shared-L7-0"), vip("az1--shop-lb", address=""), vip("b--shop-lb", address="")]
    )
    text = reason(checks.test_vips, AZ1, there)
    assert text.startswith(
        "namespace shop (1): vsvip az1--shop-lb does not serve: no address was given to it"
    )


def test_a_pool_without_servers():
    pool = made("pool", "az1--shop-lb-TCP-80", "az1", markers=mark("az1", Namespace="shop"))
    state = how(pool, "OPER_DOWN", "all down", num_servers=3, num_servers_up=0)
    text = reason(checks.test_pools_up, AZ1, site(pool=[pool], pool_inventory=[state]))
    assert text == (
        "namespace shop (1): pool az1--shop-lb-TCP-80 does not serve: 0 of 3 servers are up (OPER_DOWN: all down)"
    )


@pytest.mark.parametrize(
    "missing",
    [{"virtualservice_inventory": None}, {"virtualservice_inventory": []}, {"virtualservice": None}],
)
def test_what_was_not_read_is_unknown(missing):
    with pytest.raises(Unknown):
        checks.test_services_up(AZ1, site(**missing))


def test_a_state_that_is_not_said_is_unknown():
    entries = [{"uuid": row["uuid"], "runtime": {}} for row in (SHARED, BALANCER, OTHER)]
    with pytest.raises(Unknown, match="does not say"):
        checks.test_services_up(AZ1, site(virtualservice_inventory=entries))


def test_many_are_counted():
    rows = [service(f"az1--{n}", namespace="shop") for n in range(20)]
    states = [how(row, *WAITS) for row in rows]
    text = reason(checks.test_services_up, AZ1, site(virtualservice=rows, virtualservice_inventory=states))
    assert text.startswith("namespace shop (20): ")
    assert text.endswith("; and 15 more")
