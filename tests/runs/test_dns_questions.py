"""DNS questions of a run: each once, several at a time, and none that no chosen check wants."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager

import dnslib
import pytest

from tests import lengths
from tests.runs.harness import run


class Relay:
    """Stands between a run and the lab's DNS service, over UDP; answers nobody before `wait_for` questions are there."""

    def __init__(self, service: tuple[str, int], wait_for: int) -> None:
        self._service = service
        self._wait_for = wait_for
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.heard: dict[str, int] = {}
        """How often each name was asked for; a datagram that is sent again, under its old id, is the same question."""
        self._ids: set[tuple[int, str]] = set()
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _serve(self) -> None:
        held: list[tuple[bytes, object]] = []
        while True:
            try:
                held.append(self._socket.recvfrom(4096))
            except OSError:
                return
            question = dnslib.DNSRecord.parse(held[-1][0])
            name = str(question.q.qname).rstrip(".")
            if (question.header.id, name) not in self._ids:
                self._ids.add((question.header.id, name))
                self.heard[name] = self.heard.get(name, 0) + 1
            if len(self.heard) >= self._wait_for:
                for wire, sender in held:
                    self._socket.sendto(self._asked(wire), sender)
                held.clear()

    def _asked(self, wire: bytes) -> bytes:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
            ours.settimeout(10)
            ours.sendto(wire, self._service)
            return ours.recv(4096)


@pytest.fixture
def through(lab, tmp_path):
    """Runs checks over UDP through a relay: (what the run said, the relay)."""

    @contextmanager
    def relayed(wait_for):
        relay = Relay(("127.0.0.1", lab.endpoints["dns"]["port"]), wait_for)
        try:
            yield relay
        finally:
            relay.close()

    def ran(*arguments, wait_for=1):
        with relayed(wait_for) as relay:

            def change(data):
                for service in data["dns_services"]:
                    service["resolve_via"] = f"127.0.0.1:{relay.port}"

            return run(tmp_path, lab.declared(tmp_path, change), *arguments, **lab.credentials), relay.heard

    return ran


OVER_UDP = ("checks/test_names.py", "-k", "udp")


def test_several_at_a_time(through):
    ran, heard = through(*OVER_UDP, wait_for=3)
    assert ran.counts == {"passed": 8}, ran.out
    assert set(heard.values()) == {1}
    assert len(heard) == 3


def test_only_what_is_wanted(through):
    ran, heard = through("checks/test_names.py", "-k", "test_resolves and udp and test.avi")
    assert ran.counts == {"passed": 1}, ran.out
    assert heard == {"test.avi.iberia.local": 1}


def test_none_without_a_check_of_names(through):
    ran, heard = through("checks/test_vrfs.py")
    assert set(ran.counts) == {"passed"}, ran.out
    assert heard == {}


@lengths.WHOLE_RUN
def test_several_at_a_time_in_each_worker(through):
    ran, heard = through(*OVER_UDP, "-n", "2", wait_for=3)
    assert ran.counts == {"passed": 8}, ran.out
    assert set(heard.values()) <= {1, 2}


def test_a_name_without_an_answer_is_unknown_and_the_service_answers(lab, tmp_path):
    """Blocked is what a service that answers nothing would make it."""
    lab.reset()
    lab.faults({"dns": "^test", "answer": "servfail"})
    ran = run(tmp_path, lab.declared(tmp_path), "checks/test_names.py", **lab.credentials)
    assert ran.code == 6, ran.out
    of_test = {node for node in ran.cases if "test.avi.iberia.local" in node}
    assert set(ran.of("unknown")) == of_test
    assert len(of_test) == 6
    assert set(ran.counts) == {"passed", "unknown"}


def test_a_service_that_keeps_silent_is_one_cause(lab, tmp_path):
    lab.reset()
    lab.faults({"dns": ".*", "answer": "timeout"})
    ran = run(tmp_path, lab.declared(tmp_path), "checks/test_names.py", **lab.credentials)
    assert len(ran.of("blocked")) > 8, ran.out
    causes = set(ran.of("blocked").values()) - {""}
    assert len(causes) == 2, causes
    assert all("local-dns-site1 does not answer over " in cause for cause in causes)
