"""DNS resolver: one question to one server, over UDP or TCP, and what it answered."""

from __future__ import annotations

import socket
import time
from ipaddress import ip_address

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype

from intent import Unknown
from live.sources.dns_answer import DnsAnswer, Silent

DATAGRAMS = 3
"""How often a question is sent over UDP: a lost datagram is no fact about the service."""
SAID_NOTHING = frozenset(
    {dns.rcode.SERVFAIL, dns.rcode.REFUSED, dns.rcode.NOTIMP, dns.rcode.FORMERR, dns.rcode.NOTAUTH}
)
"""Answers that say that the server could not or would not look, and nothing about the name."""


class Resolver:
    """Asks one DNS server. `timeout` is for one question with all its tries, in seconds."""

    def __init__(self, address: str, port: int = 53, timeout: float = 3.0) -> None:
        self.address = address
        self.port = port
        self.timeout = timeout

    @property
    def name(self) -> str:
        """Address and port."""
        return f"{self.address}:{self.port}"

    def ask(self, name: str, rtype: str = "A", *, tcp: bool = False) -> DnsAnswer:
        """What the server says of a name. Raises Unknown, with a sentence, when it says nothing of use."""
        begin = time.monotonic()
        how = "TCP" if tcp else "UDP"
        try:
            server = self._server()
            question = dns.message.make_query(name, rtype)
            question.flags &= ~dns.flags.RD  # the server itself is asked, not whom it might ask
            response = self._over_tcp(question, server) if tcp else self._over_udp(question, server)
        except dns.exception.Timeout:
            raise Silent(
                f"the DNS service at {self.name} gave no answer over {how} in {self.timeout:g} s; see whether the "
                f"service is up and port {self.port} is open between"
            ) from None
        except EOFError:
            raise Unknown(
                f"the DNS service at {self.name} closed the connection over {how} before it had answered {name} "
                f"{rtype}; see what stands between"
            ) from None
        except ConnectionRefusedError:
            raise Unknown(
                f"nothing listens at {self.name} over {how}; see whether the DNS service is up"
            ) from None
        except OSError as error:
            raise Unknown(
                f"the DNS service at {self.name} cannot be reached over {how}: {error.strerror or error}; check "
                "resolve_via, where it is declared, and the network between"
            ) from None
        except (dns.exception.DNSException, ValueError) as error:
            raise Unknown(
                f"the DNS service at {self.name} answered {name} {rtype} over {how} with what is no DNS "
                f"answer to it ({type(error).__name__}); see what listens there"
            ) from None
        return self._answer(response, f"{name} {rtype}", time.monotonic() - begin)

    def _server(self) -> str:
        """The server's IP address: `resolve_via` may give a name. Raises OSError for an unknown one."""
        try:
            return str(ip_address(self.address))
        except ValueError:
            return str(socket.getaddrinfo(self.address, self.port, type=socket.SOCK_DGRAM)[0][4][0])

    def _over_udp(self, question: dns.message.QueryMessage, server: str) -> dns.message.Message:
        """Ask over UDP, from one socket: a late answer to the first datagram counts too.

        Datagrams with a wrong id or from elsewhere are no answer, and are waited past.
        """
        end = time.monotonic() + self.timeout
        family = socket.AF_INET6 if ":" in server else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.setblocking(False)
            for left in range(DATAGRAMS, 0, -1):
                wait = max((end - time.monotonic()) / left, 0.01)
                try:
                    return dns.query.udp(
                        *(question, server, wait, self.port),
                        ignore_unexpected=True,
                        ignore_errors=True,
                        sock=sock,
                    )
                except dns.exception.Timeout:
                    if left == 1:
                        raise
        raise AssertionError  # pragma: no cover -- the last try has raised

    def _over_tcp(self, question: dns.message.QueryMessage, server: str) -> dns.message.Message:
        response = dns.query.tcp(question, server, self.timeout, self.port)
        if not question.is_response(response):
            raise dns.query.BadResponse
        return response

    def _answer(self, response: dns.message.Message, what: str, seconds: float) -> DnsAnswer:
        word = dns.rcode.to_text(response.rcode())
        authoritative = bool(response.flags & dns.flags.AA)
        truncated = bool(response.flags & dns.flags.TC)
        if response.rcode() in SAID_NOTHING:
            raise Unknown(
                f"the DNS service at {self.name} answered {what} with {word}: it did not look the name up; see its "
                "domains and whom it answers"
            )
        if not (authoritative or response.answer or truncated):
            raise Unknown(
                f"the DNS service at {self.name} is not in charge of {what}: it answered {word} without "
                "authority and without a record; see the domains of its DNS profile"
            )
        assert isinstance(response, dns.message.QueryMessage)
        try:
            chain = response.resolve_chaining()
        except dns.exception.DNSException as error:
            raise Unknown(
                f"the DNS service at {self.name} answered {what} with aliases that lead nowhere; see its CNAMEs"
            ) from error
        records = chain.answer
        return DnsAnswer(
            rcode=word,
            authoritative=authoritative,
            ttl=chain.minimum_ttl if records is not None else None,
            addresses=tuple(sorted((ip_address(record.address) for record in records), key=int))
            if records
            else (),
            truncated=truncated,
            cname=chain.canonical_name.to_text(omit_final_dot=True) if chain.cnames else None,
            seconds=seconds,
        )
