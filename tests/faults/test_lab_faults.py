"""Faults of the lab are data: what is one, what is none, and what each does to a question or an answer."""

from __future__ import annotations

import asyncio

import pytest
from dnslib import RCODE, DNSRecord

from lab.assembly import Lab
from lab.dns import under
from lab.fault_injection import Past, spoken
from lab.faults import Faults
from tests.remediate.inprocess import InProcess


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("x", "JSON object"),
        ({"path": "["}, "regular expression"),
        ({"path": 5, "close": True}, "regular expression"),
        ({"wat": 1}, "no member 'wat'"),
        ({"path": "x"}, "does something"),
        ({"status": 99}, "200 to 599"),
        ({"close": True, "count": -1}, "count is a whole number"),
        ({"close": True, "probability": 2}, "probability is a number from 0 to 1"),
        ({"close": True, "seed": None}, "seed is a whole number"),
        ({"drip": 0}, "drip is a whole number from 1"),
        ({"drip": 1, "stage": "tail"}, "stage is one of body, headers, chunks, interim"),
        ({"dns": "", "answer": "servfail", "transport": "sctp"}, "transport is one of udp, tcp"),
        ({"close": "yes"}, "close is true or false"),
        ({"delay": float("nan")}, "delay is a number"),
        ({"status": 500, "headers": {"A": 1}}, "object of strings"),
        ({"dns": "", "answer": "maybe"}, "answer is one of"),
        ({"dns": "", "status": 500}, "no member 'status'"),
        ({"soap": "Login"}, "does something"),
        ([{"close": True}] * 10_001, "10000 is the most"),
    ],
)
def test_what_is_no_fault_is_said_and_changes_nothing(given, says):
    faults = Faults()
    faults.replace({"close": True})
    with pytest.raises(ValueError) as caught:
        faults.replace(given)
    assert says in str(caught.value)
    assert len(faults.active) == 1


def test_the_same_seed_throws_the_same_dice():
    def thrown(seed):
        faults = Faults()
        faults.replace({"close": True, "probability": 0.3, "seed": seed})
        return [faults.pick("GET", "/x") is not None for _ in range(50)]

    assert thrown(1) == thrown(1) != thrown(2)
    assert 5 < sum(thrown(1)) < 25


@pytest.fixture(scope="module")
def lab():
    return Lab.make((30, 2, 1), "conforming")


def asked(lab, answer):
    faults = Faults()
    faults.replace({"dns": "test", "answer": answer})
    query = DNSRecord.question("test.avi.iberia.local")
    return query, asyncio.run(under(faults, lab.site, query.pack(), "udp"))


def test_dns(lab):
    assert asked(lab, "timeout")[1] is None
    query, wire = asked(lab, "wrong-id")
    assert DNSRecord.parse(wire).header.id != query.header.id
    assert DNSRecord.parse(asked(lab, "servfail")[1]).header.rcode == RCODE.SERVFAIL
    assert DNSRecord.parse(asked(lab, "truncated")[1]).header.tc == 1
    lame = DNSRecord.parse(asked(lab, "lame")[1])
    assert (lame.header.aa, len(lame.rr), len(lame.auth)) == (0, 0, 1)


def test_a_stale_answer_is_that_from_before_the_last_write(lab):
    faults, past, client = lab.faults, Past(lab), InProcess(lab)
    faults.replace({"method": "GET", "stale": True})
    from lab.controller import Request

    group = client.read("serviceenginegroup", {"name": "S1-AZ1-SE-Group"})["results"][0]
    path = f"/api/serviceenginegroup/{group['uuid']}"
    write = Request("PUT", path)
    past.note(write)
    client.write("PUT", f"serviceenginegroup/{group['uuid']}", {**group, "max_se": 7})
    read = Request("GET", path, headers=client.headers)
    assert spoken(faults.pick("GET", path), read, lab.answer, past).json()["max_se"] == group["max_se"]
    assert lab.answer(read).json()["max_se"] == 7
    faults.replace([])
