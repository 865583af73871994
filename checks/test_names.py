"""Step 5: names that resolve, as dig would ask them."""

import pytest

from intent import DnsService, Lookup
from live.sources.dns import Dns

over = pytest.mark.parametrize("transport", ["udp", "tcp"])


@over
def test_answers(service: DnsService, transport: str, dns: Dns) -> None:
    """{service} answers over {transport} from this machine.

    If: answers
    Reads: virtualservice-inventory
    Severity: blocker
    Why: clients ask over UDP, and over TCP when an answer does not fit.
    Do: ask with dig from this machine; look at firewalls, routes and resolve_via when the service is up.
    """
    reason = dns.why_no_answer(service, transport)
    assert not reason, reason


@over
def test_resolves(name: Lookup, transport: str, dns: Dns) -> None:
    """{name} resolves over {transport} to its addresses.

    If: is answered
    Reads: virtualservice-inventory
    Severity: critical
    Why: this is what the environment is for: a client asks a name and gets the right address.
    Do: compare with the static records, and with the VIP the virtual service has now.
    """
    answer, wanted = dns.ask(name, transport), dns.wanted(name)
    assert answer.rcode == "NOERROR", f"the answer is {answer.rcode}"
    assert set(answer.addresses) == set(wanted), f"{_list(answer.addresses)} instead of {_list(wanted)}"


@over
def test_authoritative(name: Lookup, transport: str, dns: Dns) -> None:
    """{name} is answered with authority over {transport}.

    If: is answered
    Reads: virtualservice-inventory
    Why: an answer without authority comes from a cache or a forwarder, not from the DNS service.
    Do: look what stands between this machine and the DNS service.
    """
    assert dns.ask(name, transport).authoritative, "the answer does not bear the authoritative flag"


@over
def test_ttl(name: Lookup, transport: str, dns: Dns) -> None:
    """{name} is answered with its TTL over {transport}.

    If: has a TTL
    Reads: virtualservice-inventory, ipamdnsproviderprofile
    Severity: minor
    Why: the TTL says how long resolvers keep an address after it has moved.
    Do: compare with the record's TTL, or with the DNS profile's for registered names.
    """
    answer, wanted = dns.ask(name, transport), dns.wanted_ttl(name)
    assert answer.ttl == wanted, f"the TTL is {answer.ttl} s instead of {wanted} s"


@over
def test_unknown_name(service: DnsService, transport: str, dns: Dns) -> None:
    """{service} answers NXDOMAIN over {transport} for a name that does not exist.

    If: answers
    Reads: virtualservice-inventory
    Why: a dropped query makes clients wait; any other answer makes them go to the wrong place.
    Do: look at the domain names and the error response of the DNS application profile.
    """
    rcode = dns.unknown_name(service, transport)
    assert rcode == "NXDOMAIN", f"the answer is {rcode}"


def _list(addresses: object) -> str:
    return ", ".join(sorted(str(a) for a in addresses)) or "no address"  # type: ignore[attr-defined]
