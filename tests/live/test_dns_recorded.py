"""DNS answers in a saved snapshot: they are read back, those too that were saved under a kind's former word."""

import dataclasses
from types import SimpleNamespace

import pytest

from intent import DnsService, Lookup, load_environment
from live.facts import runtime
from live.sources.dns import Dns
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
