"""The Controller's configuration log: few requests, and nobody named where it cannot be read, is odd or not whole."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from intent import Unknown
from live.avi.config_log import MOST_REQUESTS, PAGE, event_of
from tests.live.people import SHARED, WORD, group


def refused(_query, _seconds):
    raise Unknown("HTTP 403")


ODD_ANSWERS = {
    "403": refused,
    "no list": lambda _query, _seconds: {"count": 1},
    "no count": lambda _query, _seconds: {"results": []},
    "nothing": lambda _query, _seconds: {"count": 0, "results": []},
    "odd rows": lambda _query, _seconds: {"count": 3, "results": [None, 7, {"event_id": []}]},
}


@pytest.mark.parametrize("ask", ODD_ANSWERS.values(), ids=ODD_ANSWERS)
def test_without_a_log_nobody_is_named(bench, ask):
    bench.ann.set("serviceenginegroup", "S1-AZ1-SE-Group", ha_mode=SHARED)
    assert group(bench, ask=ask) is None
    bench.ann.set("vrfcontext", "VRF_AZ1", name="VRF_OLD")
    assert bench.absence("VRF context", "VRF_AZ1", ask=ask) is None


def spoilt(bench, **changes):
    """A log whose newest event has other members."""

    def ask(query, seconds):
        answer = bench.ask(query, seconds)
        row = answer["results"][0]
        for name, value in changes.items():
            part = row["event_details"]["config_update_details"] if name not in row else row
            part[name] = value
        return answer

    return ask


@pytest.mark.parametrize(
    "changes",
    [
        {"user": ""},
        {"user": None},
        {"report_timestamp": "yesterday"},
        {"report_timestamp": -1},
        {"new_resource_data": None},
        {"new_resource_data": "{"},
        {"new_resource_data": '{"ha_mode": ["x"], "cloud_ref": 7}'},
        {"old_resource_data": ""},
        {"event_details": None},
    ],
    ids=str,
)
def test_an_event_that_is_not_whole_names_nobody(bench, changes):
    bench.ann.set("serviceenginegroup", "S1-AZ1-SE-Group", ha_mode="HA_MODE_LEGACY_ACTIVE_STANDBY")
    bench.bob.set("serviceenginegroup", "S1-AZ1-SE-Group", ha_mode=SHARED)
    assert group(bench).author.user == "bob"
    assert group(bench, ask=spoilt(bench, **changes)) is None


def test_a_change_that_failed_is_none(bench):
    bench.ann.set("serviceenginegroup", "S1-AZ1-SE-Group", ha_mode=SHARED)
    bench.bob.set("serviceenginegroup", "S1-AZ1-SE-Group", max_se=7)
    for member, value in (("status", "FAILURE"), ("error_message", "no licence")):
        assert group(bench, ask=spoilt(bench, **{member: value, "user": "eve"})).author.user == "ann"


def test_secrets_of_an_event_are_covered(bench):
    bench.ann("POST", "user", {"name": "carl", "username": "carl", "password": WORD, "access": []})
    answer = bench.ask({"type": "2", "page_size": "1"}, 1.0)
    (row,) = answer["results"]
    shown = row["event_details"]["config_create_details"]
    shown["resource_data"] = json.dumps({"name": "carl", "password": WORD})
    event = event_of(row)
    assert event.new["name"] == "carl"
    assert WORD not in repr(event)
    assert WORD not in json.dumps(event.new)


def test_a_hostile_name_is_harmless(bench):
    bench.ann.set("serviceenginegroup", "S1-AZ1-SE-Group", ha_mode=SHARED)
    hostile = "a\x1b[2J\u202eb\n" + 500 * "c" + " by root from 6.6.6.6"
    text = str(group(bench, ask=spoilt(bench, user=hostile, client_ip="\x1b]0;x\x07")))
    assert text.isprintable()
    assert len(text) < 250
    assert "6.6.6.6" not in text


def test_an_address_is_taken_from_a_descriptions_end_alone():
    row = {"event_id": "CONFIG_UPDATE", "obj_name": "x by ann from 6.6.6.6", "event_details": {"config_update_details": {"user": "ann"}}}  # fmt: skip
    described = {
        "Config x update by ann from 10.0.0.7": "10.0.0.7",
        "Config x update by ann from 10.0.0.7 by bob": "",
        "Config x update by bob from 10.0.0.7": "",
        "Config update x by ann from 6.6.6.6": "",
    }
    for text, address in described.items():
        assert event_of(row | {"event_description": text}).address == address


@pytest.mark.parametrize("unit", [1, 1e3, 1e6, 1e9])
def test_a_moment_is_one_in_any_unit(unit):
    row = {"event_id": "CONFIG_CREATE", "report_timestamp": int(1_796_000_000 * unit)}
    assert event_of(row).at == 1_796_000_000


def many(bench, count, **changes):
    """A log of so many events of another object, newest first, before bob's."""
    rows = bench.ask({"type": "2", "page_size": "10000", "filter": "eq(event_id,config_update)"}, 1.0)[
        "results"
    ]
    newest = rows[0]["report_timestamp"]
    filler = [
        rows[0] | {"obj_uuid": "other", "report_timestamp": newest + count - number}
        for number in range(count)
    ]
    whole = [*filler, *rows]
    asked = []

    def ask(query, _seconds):
        asked.append(query)
        size, page = int(query["page_size"]), int(query.get("page", "1"))
        return {"count": len(whole), "results": whole[(page - 1) * size : page * size], **changes}

    return ask, asked


def test_requests_are_bounded_and_as_few_as_are_needed(bench):
    bench.ann.set("serviceenginegroup", "S1-AZ1-SE-Group", ha_mode=SHARED)
    bench.ann.set("serviceenginegroup", "S1-AZ2-SE-Group", ha_mode=SHARED)
    ask, asked = many(bench, PAGE + 1)
    origins = bench.origins(ask=ask)
    assert group(bench, origins=origins).author.user == "ann"
    assert bench.of("SE group", "S1-AZ2-SE-Group", "ha_mode", origins=origins).author.user == "ann"
    assert len(asked) == 2
    ask, asked = many(bench, PAGE * MOST_REQUESTS)
    origins = bench.origins(ask=ask)
    assert group(bench, origins=origins) is None
    assert bench.of("SE group", "S1-AZ2-SE-Group", "ha_mode", origins=origins) is None
    assert len(asked) == MOST_REQUESTS


def test_nothing_is_asked_when_time_is_up(bench, monkeypatch):
    bench.ann.set("serviceenginegroup", "S1-AZ1-SE-Group", ha_mode=SHARED)
    monkeypatch.setattr("live.avi.config_log.SECONDS", 0.0)
    assert group(bench) is None
    assert bench.asked == []


def test_a_log_in_another_order_names_nobody(bench):
    """What comes last may be on a page that is not read; where all of it is, the order does not matter."""
    bench.ann.set("serviceenginegroup", "S1-AZ1-SE-Group", ha_mode=SHARED)
    bench.bob.set("serviceenginegroup", "S1-AZ1-SE-Group", max_se=3)
    rows = bench.ask({"type": "2", "page_size": "10000"}, 1.0)["results"][::-1]
    assert (
        group(bench, ask=lambda _query, _seconds: {"count": len(rows), "results": rows}).author.user == "ann"
    )
    assert group(bench, ask=lambda _query, _seconds: {"count": len(rows) + 1, "results": rows}) is None


def test_a_search_that_goes_on_is_followed_to_the_log_alone(bench):
    bench.ann.set("serviceenginegroup", "S1-AZ1-SE-Group", ha_mode=SHARED)
    rows = bench.ask({"type": "2", "page_size": "10000"}, 1.0)["results"]

    def parts(more):
        def ask(query, _seconds):
            if "part" in query:
                return {"count": len(rows), "results": rows}
            return {"count": len(rows), "results": [], "more": more, "percent_remaining": 50.0}

        return ask

    known = f"https://elsewhere/api/analytics/logs?{urlencode({'type': '2', 'part': '2'})}"
    assert group(bench, ask=parts(known)).author.user == "ann"
    for other in ("https://elsewhere/api/user?part=2", "/api/analytics/logs/../../user?part=2", "x"):
        assert group(bench, ask=parts(other)) is None
    endless = bench.origins(ask=lambda _query, _seconds: {"count": 1, "results": [], "more": known})
    assert group(bench, origins=endless) is None


ODD_ROWS = (
    {"event_id": []},
    {"event_id": {"x": 1}},
    {
        "event_id": "CONFIG_UPDATE",
        "event_details": {"config_update_details": {"new_resource_data": "\ud800"}},
    },
    {"event_id": "CONFIG_UPDATE", "event_details": [], "report_timestamp": float("nan")},
)


@pytest.mark.parametrize("odd", ODD_ROWS)
def test_one_odd_row_hides_no_other(bench, odd):
    """It once ended the log, and with it every name."""
    bench.ann.set("serviceenginegroup", "S1-AZ1-SE-Group", ha_mode=SHARED)

    def ask(query, seconds):
        answer = bench.ask(query, seconds)
        row = {"report_timestamp": answer["results"][0]["report_timestamp"], **odd}
        return answer | {"results": [row, *answer["results"]], "count": answer["count"] + 1}

    assert group(bench, ask=ask).author.user == "ann"


@pytest.mark.parametrize("more", ["https://[bad/api/analytics/logs", "https://c/api/other", "x"])
def test_a_log_that_goes_on_nowhere_ends_there(bench, more):
    bench.ann.set("serviceenginegroup", "S1-AZ1-SE-Group", ha_mode=SHARED)
    assert group(bench, ask=lambda query, seconds: bench.ask(query, seconds) | {"more": more}) is None
