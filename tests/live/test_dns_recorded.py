"""DNS answers in a saved snapshot: they are read back, those too that were saved under a kind's former word."""

import dataclasses
from ipaddress import ip_address
from types import SimpleNamespace

import pytest

from intent import Blocked, Cloud, Controller, DnsService, Environment, Lookup, load_environment
from intent.kinds.dns import StaticRecord
from live.facts import runtime
from live.sources.dns import Dns
from live.sources.dns_answer import DnsAnswer
from tests.site import IBERIA

ANSWER = {
    "rcode": "NOERROR",
    "authoritative": True,
    "ttl": 30,
    "addresses": ["10.10.25.40"],
    "truncated": False,
    "cname": None,
    "seconds": 0.01,
}


@pytest.mark.parametrize("word", ["DNS service", "virtual service"])
def test_an_answer_is_found_again(monkeypatch, word):
    monkeypatch.setattr(runtime, "service_state", lambda _live, _service: (runtime.UP, ()))
    environment = load_environment(IBERIA)
    name = environment.each(Lookup)[0]
    assert isinstance(name.service, DnsService)
    dns = Dns(environment, SimpleNamespace, recorded=True)
    question = [f"{word} {name.service.name}", name.name, name.type, "udp"]
    dns.replay([{"question": question, "answer": ANSWER}])
    answer = dataclasses.asdict(dns.ask(name, "udp"))
    assert {**answer, "addresses": [str(address) for address in answer["addresses"]]} == ANSWER


@pytest.fixture
def alike(monkeypatch):
    """Two services of one name in two clouds, each of which serves one name with another address."""
    monkeypatch.setattr(runtime, "service_state", lambda _live, _service: (runtime.UP, ()))
    clouds = tuple(Cloud(name=name) for name in ("east", "west"))
    services = tuple(
        DnsService(
            name="dns",
            cloud=cloud.name,
            records=(StaticRecord(name="www.a.test", type="A", ttl=30, addresses=(address,)),),
            resolve_via=f"{address}:53",
        )
        for cloud, address in zip(clouds, ("10.0.0.1", "10.0.0.2"), strict=True)
    )
    return Environment(name="a", controller=Controller(address="c"), clouds=clouds, dns_services=services)


def test_services_of_one_name_in_two_clouds_answer_each_for_itself(monkeypatch, alike):
    monkeypatch.setattr(
        "live.sources.dns._ask",
        lambda question: DnsAnswer(**{**ANSWER, "addresses": (ip_address(question.at[0]),)}),
    )
    dns = Dns(alike, SimpleNamespace)
    east, west = alike.each(Lookup)
    assert [str(dns.ask(name, "udp").addresses[0]) for name in (east, west)] == ["10.0.0.1", "10.0.0.2"]
    saved = dns.record()
    read = Dns(alike, SimpleNamespace, recorded=True)
    read.replay(saved)
    assert [str(read.ask(name, "udp").addresses[0]) for name in (east, west)] == ["10.0.0.1", "10.0.0.2"]


def test_an_older_answer_that_could_be_of_either_is_of_neither(alike):
    dns = Dns(alike, SimpleNamespace, recorded=True)
    dns.replay([{"question": ["DNS service dns", "www.a.test", "A", "udp"], "answer": ANSWER}])
    for name in alike.each(Lookup):
        with pytest.raises(Blocked, match="holds no answer of DNS service dns"):
            dns.ask(name, "udp")
