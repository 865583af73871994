"""Figures of use out of listed objects."""

from datetime import UTC, datetime

import pytest

from intent.forecast import Measure
from live.avi.snapshot import Live, Snapshot
from live.facts.figures import Figures

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
GROUP = {
    "uuid": "serviceenginegroup-1",
    "name": "g",
    "max_se": 4,
    "max_vs_per_se": 20,
    "min_scaleout_per_vs": 2,
}
OF_GROUP = {"se_group_ref": "https://c/api/serviceenginegroup/serviceenginegroup-1#g"}
EVERY = {"license", "serviceengine", "serviceenginegroup", "sslkeyandcertificate", "virtualservice"}


def figures(read=EVERY, **objects):
    """(what is measured, name and part) -> (used, limit)."""
    live = Live(Snapshot("c", api_version="30.2.1", objects=objects))
    taking = Figures(live, NOW)
    for api, rows in objects.items():
        taking.take(api, rows)
        taking.take(api, rows)  # as some come twice, read and listed
    found = taking.reading(read).figures
    return {(each.measure, each.name, each.part): (each.used, each.limit) for each in found}


def engines(number, **more):
    return [{"uuid": f"serviceengine-{at}", **OF_GROUP, **more} for at in range(number)]


def services(number, **more):
    return [{"uuid": f"virtualservice-{more}-{at}", **OF_GROUP, **more} for at in range(number)]


def test_a_group_has_engines_and_places_for_services():
    found = figures(
        serviceenginegroup=[GROUP],
        serviceengine=engines(3),
        virtualservice=[*services(5), *services(2, type="VS_TYPE_VH_CHILD")],
    )
    assert found == {(Measure.SERVICE_ENGINES, "g", ""): (3, 4), (Measure.SERVICES, "g", ""): (10, 80)}


def test_a_group_that_says_nothing_has_the_defaults_of_its_model():
    found = figures(serviceenginegroup=[{"uuid": "serviceenginegroup-1", "name": "g"}])
    assert set(found.values()) == {(0, 10), (0, 100)}


@pytest.mark.parametrize("lost", ["serviceengine", "virtualservice", "serviceenginegroup"])
def test_what_was_not_listed_is_no_zero(lost):
    found = figures(
        EVERY - {lost}, serviceenginegroup=[GROUP], serviceengine=engines(3), virtualservice=services(5)
    )
    measures = {measure for measure, _, _ in found}
    missing = {
        "serviceengine": {Measure.SERVICE_ENGINES},
        "virtualservice": {Measure.SERVICES},
        "serviceenginegroup": {Measure.SERVICE_ENGINES, Measure.SERVICES},
    }
    assert not measures & missing[lost]


@pytest.mark.parametrize(("until", "left"), [
    ("2026-12-10 12:00:00", 10), ("2026-12-10T13:00:00+01:00", 10), ("2026-11-29T12:00:00Z", -1),
    ("next year", None), ("", None), (None, None), (7, None),
])  # fmt: skip
def test_a_certificate_has_days_left(until, left):
    row = {"uuid": "sslkeyandcertificate-1", "name": "web", "certificate": {"not_after": until}}
    found = figures(sslkeyandcertificate=[row])
    assert found == ({} if left is None else {(Measure.VALIDITY, "web", ""): (left, 0)})


def test_licences_have_cores_and_ends_and_an_expired_one_gives_none():
    licences = [
        {"license_name": "a", "cores": 10, "valid_until": "2027-01-01T00:00:00"},
        {"license_name": "old", "cores": 99, "valid_until": "2026-01-01T00:00:00"},
        {"license_name": "b", "cores": 4},
    ]
    found = figures(
        license=[{"uuid": "license-1", "name": "", "licenses": licences}],
        serviceengine=engines(3, resources={"num_vcpus": 2}),
    )
    assert found[Measure.LICENCES, "", ""] == (6, 14)
    assert found[Measure.VALIDITY, "", "a"] == (31.5, 0)
    assert found[Measure.VALIDITY, "", "old"][0] < 0


def test_where_an_engine_does_not_say_its_size_no_licence_is_counted():
    row = {"uuid": "license-1", "cores": 10}
    assert (Measure.LICENCES, "", "") not in figures(license=[row], serviceengine=engines(2))


def network(uuid="network-1", **runtime):
    inventory = {"uuid": uuid, "runtime": {"subnet_runtime": [{
        "prefix": {"ip_addr": {"addr": "10.0.0.0", "type": "V4"}, "mask": 24}, **runtime}]}}  # fmt: skip
    return {"network": [{"uuid": "network-1", "name": "front"}], "network-inventory": [inventory]}


def test_addresses_are_counted_by_subnet_and_use():
    ranges = [
        {"type": "STATIC_IPS_FOR_VIP", "total_ip_count": 20, "free_ip_count": 5},
        {"type": "STATIC_IPS_FOR_SE", "total_ip_count": 6, "free_ip_count": 6},
        {"type": "STATIC_IPS_FOR_VIP", "total_ip_count": 10, "free_ip_count": 10},
    ]
    assert figures(**network(ip_range_runtimes=ranges)) == {
        (Measure.ADDRESSES, "front", "10.0.0.0/24 vip"): (15, 30),
        (Measure.ADDRESSES, "front", "10.0.0.0/24 se"): (0, 6),
    }


@pytest.mark.parametrize("rows", [
    network(total_ip_count="many"), network(uuid="network-of-nobody", total_ip_count=2, free_ip_count=1), network(),
    {"network": [], "network-inventory": [{}]},
])  # fmt: skip
def test_what_is_not_counted_is_no_figure(rows):
    assert figures(**rows) == {}


@pytest.mark.parametrize(
    "row", [{}, {"uuid": None}, {"uuid": "x", "certificate": []}, {"uuid": "y", "licenses": {"a": 1}}]
)
@pytest.mark.parametrize("api", sorted(EVERY))
def test_what_is_of_another_shape_does_no_harm(api, row):
    figures(**{api: [row]})


@pytest.mark.parametrize("limit", [0, -3, float("nan"), float("inf"), 1e400])
def test_what_is_no_limit_is_no_figure(limit):
    """SQLite takes no NaN: one such number once made the whole history pass for damaged."""
    group = GROUP | {"max_se": limit, "max_vs_per_se": 1.0}
    assert figures(serviceenginegroup=[group], serviceengine=engines(3), virtualservice=services(1)) == {}
