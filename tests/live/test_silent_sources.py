"""Sources that keep silent, each for as long as it may: DNS services, hosts and a vCenter together cost what one costs."""

import threading
from collections import Counter
from contextlib import suppress
from types import SimpleNamespace

import pytest

from fixtures.reading import ask_ahead
from fixtures.site import SITE
from intent import Blocked, Controller, DnsService, Environment, Host, Lookup, Unknown, Vcenter
from intent.kinds.dns import StaticRecord
from live.facts import runtime
from live.site import Site
from live.sources.dns import Question
from live.sources.resolver import Silent
from remediate.run.deferred import DeferredCheck
from remediate.run.verify import Verifier

PATIENCE = 30.0
"""Seconds that a source keeps silent at most; it gives up as soon as all of them are being waited for."""
SOURCES = 20 * 2 + 5 + 1
"""Services over UDP and over TCP, hosts, a vCenter."""
NAMES = 30
LATE = 10
"""Of a service's names, those whose thread may come late to a silence that the others have just heard; far from all."""


class Silence:
    """Sources that keep silent until each of them is being waited for, however slowly a busy machine gets there."""

    def __init__(self) -> None:
        self.sources: set[object] = set()
        self.threads: set[threading.Thread] = set()
        self.in_turn = False
        self.ended: Counter[object] = Counter()
        self.again: Counter[object] = Counter()
        self.another = threading.Condition()

    def __call__(self, *asked, **_how):
        source = next(
            ((one.at, one.transport) if isinstance(one, Question) else one for one in asked), "vCenter"
        )
        with self.another:
            self.again[source] += self.ended[source] > 0
            self.sources.add(source)
            self.threads.add(threading.current_thread())
            self.another.notify_all()
            if not self.in_turn:
                self.in_turn = not self.another.wait_for(lambda: len(self.sources) == SOURCES, PATIENCE)
            self.ended[source] += 1
        raise Silent("it keeps silent")

    @property
    def side_by_side(self) -> bool:
        """Whether each was being waited for before the first had given up."""
        return len(self.sources) == SOURCES and not self.in_turn

    @property
    def longest(self) -> int:
        """How often one source was waited for after it had kept silent already."""
        return max(self.again.values())


@pytest.fixture
def silence():
    return Silence()


@pytest.fixture
def site(monkeypatch, silence):
    """Twenty DNS services with thirty names each, five hosts and a vCenter, none of which answers."""
    for asked in (
        "live.sources.dns._ask",
        "live.sources.hosts.visit",
        "live.vcenter.source.VcenterSource.gateway",
    ):
        monkeypatch.setattr(asked, silence)
    monkeypatch.setattr(runtime, "service_state", lambda _live, _service: (runtime.UP, ()))
    records = tuple(
        StaticRecord(name=f"n{number}.a.test", addresses=("10.0.0.1",), ttl=30) for number in range(NAMES)
    )
    services = tuple(
        DnsService(name=f"dns-{number}", records=records, resolve_via=f"127.0.0.{number}:53")
        for number in range(1, 21)
    )
    environment = Environment(
        name="a",
        controller=Controller(address="c"),
        vcenter=Vcenter(address="v", datacenter="dc"),
        dns_services=services,
        hosts=tuple(Host(name=f"h{number}", connection="ssh://nowhere.test") for number in range(5)),
    )
    site = Site(environment, SimpleNamespace)
    monkeypatch.setattr(Site, "live", SimpleNamespace(declared=()))
    monkeypatch.setattr(Site, "snapshot", SimpleNamespace())
    return site


def items(site):
    """The checks of a run: each asks its source for one thing."""
    for lookup in site.environment.each(Lookup):
        for transport in ("udp", "tcp"):
            params = {"name": lookup, "transport": transport}
            yield SimpleNamespace(fixturenames=("dns",), callspec=SimpleNamespace(params=params))
    yield SimpleNamespace(fixturenames=("hosts",))
    yield SimpleNamespace(fixturenames=("vsphere",))


def ask(site, item):
    """What a check asks."""
    if item.fixturenames == ("dns",):
        params = item.callspec.params
        site.dns.ask(params["name"], params["transport"])
    elif item.fixturenames == ("hosts",):
        for host in site.environment.hosts:
            site.hosts.visit(host)
    else:
        _ = site.vcenters.of().inventory


def test_a_second_pass_waits_no_longer_than_the_first(site, silence):
    """What was blocked by silence is asked again after the writes, anew."""

    def protocol(item, nextitem):
        del nextitem
        with suppress(Blocked, Unknown):
            ask(site, item)

    config = SimpleNamespace(stash={SITE: site}, hook=SimpleNamespace(pytest_runtest_protocol=protocol))
    verifier = Verifier(config, {}, [], 0.0, SimpleNamespace())
    verifier._ask([DeferredCheck(item, []) for item in items(site)])
    assert silence.side_by_side
    assert silence.longest < LATE


def test_all_that_keep_silent_cost_what_one_costs(site, silence):
    ask_ahead(site, list(items(site)))
    assert threading.current_thread() not in silence.threads, "nobody is waited for yet"
    for lookup in site.environment.each(Lookup):
        with pytest.raises(Blocked, match=f"{lookup.service.key} does not answer over udp"):
            site.dns.ask(lookup, "udp")
        with suppress(Blocked):
            site.dns.ask(lookup, "tcp")
    for host in site.environment.hosts:
        with pytest.raises(Unknown, match="silent"):
            site.hosts.visit(host)
    with pytest.raises(Unknown, match="silent"):
        _ = site.vcenters.of().inventory
    assert silence.side_by_side
    assert silence.longest < LATE
