"""DNS server of the site: authoritative answers over UDP and TCP for every DNS virtual service that is up.

On a real site each service answers on its own VIP; here one socket stands for all of them, which with the
port number is the only difference a client sees. What a service knows: its `static_dns_records`, and the
records registered on it when the system lists it. Decisions where nothing is recorded [INF]: a service's own
domains are its cloud's service domains and those of its application profile; an unknown name there is
NXDOMAIN with an SOA; any other name is dropped, or REFUSED where the profile's `error_response` asks for an
answer; TCP is answered where a TCP service listens on 53 or the profile has `dns_over_tcp_enabled`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from struct import pack, unpack
from typing import TYPE_CHECKING, cast

from dnslib import (
    AAAA,
    CLASS,
    CNAME,
    EDNS0,
    MX,
    NS,
    OPCODE,
    QTYPE,
    RCODE,
    RR,
    SOA,
    SRV,
    TXT,
    A,
    DNSError,
    DNSRecord,
)

from lab.cloud.clouds import profile
from lab.cloud.common import cloud_of, followed
from lab.cloud.registration import application_of, dns_services, registered, served_domains, within
from lab.cloud.services import heard, standing
from lab.objects import Json, Object
from lab.site import Query

if TYPE_CHECKING:
    from lab.faults import Faults
    from lab.site import Site

PORT = 53
UDP_LIMIT = 512
SOA_TIMES = (1, 10800, 3600, 604800)
"""Serial, refresh, retry and expire of every SOA; the minimum is the profile's `negative_caching_ttl`."""
_turn = count()


@dataclass(frozen=True)
class Table:
    """What one DNS service knows: its static records, and by `registered` those of a name that others brought."""

    application: Json
    domains: tuple[str, ...]
    records: tuple[Json, ...]
    registered: Callable[[str], list[Json]]

    def find(self, name: str) -> list[Json]:
        """The records of a name; else those of the longest wildcard above it."""
        exact = [r for r in self.records if name in _names(r)] + self.registered(name)
        if exact:
            return exact
        wild: dict[int, list[Json]] = {}
        for record in (r for r in self.records if r.get("wildcard_match")):
            for owner in (n.removeprefix("*.") for n in _names(record)):
                if name.endswith("." + owner):
                    wild.setdefault(len(owner), []).append(record)
        return wild[max(wild)] if wild else []

    def domain_of(self, name: str) -> str | None:
        """The longest of the service's own domains a name is in."""
        return max((d for d in self.domains if within(name, d)), key=len, default=None)


def transports(site: Site, service: Object) -> set[str]:
    """Over what a service listens on port 53: its network profile decides, not the service entry [DOC]."""
    found: set[str] = set()
    for entry in service.body.get("services", []):
        first = int(entry.get("port", 0))
        if first <= PORT <= int(entry.get("port_range_end") or first):
            network = followed(site, entry, "override_network_profile_ref") or followed(
                site, service.body, "network_profile_ref"
            )
            kind = (
                str(network.body.get("profile", {}).get("type", ""))
                if network
                else "PROTOCOL_TYPE_UDP_FAST_PATH"
            )
            found.add("udp" if "UDP" in kind else "tcp")
    if found and application_of(site, service).get("dns_over_tcp_enabled", True):
        found.add("tcp")
    return found


def tables(site: Site, transport: str) -> list[Table]:
    """What every DNS service that is up and listens there knows."""
    found: list[Table] = []
    for service in dns_services(site):
        if transport in transports(site, service) and standing(site, service).up and heard(site, service):
            application = application_of(site, service)
            domains = served_domains(profile(site, cloud_of(site, service), "dns_provider_ref"))
            domains += [str(d).lower().rstrip(".") for d in application.get("domain_names", [])]
            domains += [str(z["domain_name"]).lower().rstrip(".") for z in application.get("dns_zones", [])]
            records = tuple(service.body.get("static_dns_records", []))
            found.append(Table(application, tuple(domains), records, partial(registered, site, service)))
    return found


def answer(site: Site, wire: bytes, transport: str) -> bytes | None:
    """The answer to one query as it goes on the wire; None where the service keeps silent."""
    known = tables(site, transport)
    if not known:
        return None
    try:
        query = DNSRecord.parse(wire)
    except (DNSError, ValueError, UnicodeError, IndexError):
        return None
    if query.header.qr:
        return None
    reply = query.reply(ra=0, aa=1)
    # dig asks with AD set; the answer bears only qr, aa and rd, as the blog's does.
    reply.header.ad = reply.header.cd = 0
    if query.header.opcode != OPCODE.QUERY or len(query.questions) != 1:
        reply.header.aa = 0
        reply.header.rcode = RCODE.NOTIMP if query.header.opcode != OPCODE.QUERY else RCODE.FORMERR
        return bytes(reply.pack())
    if not _fill(reply, known):
        return None
    for record in (*reply.rr, *reply.auth):
        if _name(record.rname) == _name(reply.q.qname):
            # Told by a pointer to the question, as the size of the blog's answer says: so in the question's case.
            record.rname = reply.q.qname
    return _fit(query, reply, known[0].application, transport)


def _fill(reply: DNSRecord, known: list[Table]) -> bool:
    """Put the answer into a reply; False where it is to be dropped."""
    name, kind = _name(reply.q.qname), QTYPE.get(reply.q.qtype)
    for table in known:
        if records := table.find(name):
            return _answer(reply, table, name, kind, records)
    owner = max(
        ((t, d) for t in known if (d := t.domain_of(name))), key=lambda pair: len(pair[1]), default=None
    )
    if owner is not None:
        table, domain = owner
        if name == domain and kind in ("SOA", "ANY"):
            reply.add_answer(_soa(table, domain))
        else:
            reply.header.rcode = RCODE.NOERROR if name == domain else RCODE.NXDOMAIN
            reply.add_auth(_soa(table, domain))
        return True
    reply.header.aa, reply.header.rcode = 0, RCODE.REFUSED
    return any(t.application.get("error_response") == "DNS_ERROR_RESPONSE_ERROR" for t in known)


def _answer(  # noqa: PLR0913, PLR0917 -- the facts of one answer
    reply: DNSRecord, table: Table, name: str, kind: str, records: list[Json], depth: int = 0
) -> bool:
    """Answer from the records of a name, following an alias inside the table."""
    for record in records:
        if record.get("delegated") and kind != "NS":
            reply.header.aa = 0
            for rr in _rrs(table, name, record):
                reply.add_auth(rr)
            return True
    rrs = [rr for record in records for rr in _rrs(table, name, record)]
    fit = [rr for rr in rrs if kind in ("ANY", QTYPE.get(rr.rtype))]
    alias = next((rr for rr in rrs if rr.rtype == QTYPE.CNAME), None)
    if not fit and alias is not None:
        reply.add_answer(alias)
        target = _name(alias.rdata.label)
        if depth < 8 and (further := table.find(target)):
            return _answer(reply, table, target, kind, further, depth + 1)
        return True
    for rr in fit:
        reply.add_answer(rr)
    if fit:
        return True
    if kind == "AAAA" and not table.application.get("aaaa_empty_response", True):
        return False
    if (domain := table.domain_of(name)) is not None:
        reply.add_auth(_soa(table, domain))
    return True


def _rrs(table: Table, name: str, record: Json) -> list[RR]:
    """The resource records of one Avi record under a name."""
    ttl = int(record["ttl"] if record.get("ttl") is not None else table.application["ttl"])
    v4 = [("A", A(i["ip_address"]["addr"])) for i in _picked(table, record, "ip_address")]
    v6 = [("AAAA", AAAA(i["ip6_address"]["addr"])) for i in _picked(table, record, "ip6_address")]
    names = [("NS", NS(n["nsname"])) for n in record.get("ns", []) if n.get("nsname")]
    mails = [("MX", MX(m["host"], int(m["priority"]))) for m in record.get("mx_records", [])]
    texts = [("TXT", TXT(str(t.get("text_str", "")))) for t in record.get("txt_records", [])]
    services = [
        (
            "SRV",
            SRV(int(s.get("priority", 0)), int(s.get("weight", 0)), int(s["port"]), s.get("target") or name),
        )
        for s in record.get("service_locator", [])
    ]
    alias = [("CNAME", CNAME(record["cname"]["cname"]))] if record.get("cname", {}).get("cname") else []
    rows = [*v4, *v6, *alias, *names, *mails, *texts, *services]
    return [RR(name, QTYPE.reverse[kind], CLASS.IN, ttl, rdata) for kind, rdata in rows]


def _picked(table: Table, record: Json, member: str) -> list[Json]:
    """The addresses a record gives this time: as many as it says (0: all), in turns when round robin."""
    items = [i for i in record.get(member, []) if i.get(member, {}).get("addr")]
    most = record.get("num_records_in_response")
    most = int(table.application.get("num_dns_ip", 1) if most is None else most)
    if len(items) > 1 and record.get("algorithm") == "DNS_RECORD_RESPONSE_ROUND_ROBIN":
        turn = next(_turn) % len(items)
        items = items[turn:] + items[:turn]
    return items[:most] if most else items


def _soa(table: Table, domain: str) -> RR:
    application = table.application
    mail = str(application.get("admin_email", "hostmaster")).replace("@", ".")
    mail = mail if "." in mail else f"{mail}.{domain}"
    least = int(application.get("negative_caching_ttl", 30))
    data = SOA(application.get("name_server") or domain, mail, (*SOA_TIMES, least))
    return RR(domain, QTYPE.SOA, CLASS.IN, least, data)


def _fit(query: DNSRecord, reply: DNSRecord, application: Json, transport: str) -> bytes:
    """Add EDNS as asked, and cut a UDP answer that is too long (TC: ask again over TCP)."""
    options = [rr for rr in query.ar if rr.rtype == QTYPE.OPT]
    limit = UDP_LIMIT
    if options and application.get("edns", True):
        # For an OPT record the class is the sender's UDP payload size; the service says 512 (the blog's dig).
        limit = max(UDP_LIMIT, int(options[0].rclass))
        reply.add_ar(EDNS0(udp_len=UDP_LIMIT))
    wire = bytes(reply.pack())
    if transport == "udp" and len(wire) > limit:
        # Emptied by hand: dnslib's own truncate() drops the question, which clients then refuse.
        reply.rr.clear()
        reply.auth.clear()
        reply.header.tc = 1
        wire = bytes(reply.pack())
    return wire


def _name(label: object) -> str:
    return str(label).rstrip(".").lower()


def _names(record: Json) -> set[str]:
    return {str(name).rstrip(".").lower() for name in record.get("fqdn", [])}


@dataclass
class Handle:
    """A running DNS server: its address, and how to stop it."""

    host: str
    port: int
    udp: asyncio.DatagramTransport
    tcp: asyncio.Server
    streams: set[asyncio.StreamWriter] = field(default_factory=set)

    def close(self) -> None:
        """Stop listening, and end open connections."""
        self.udp.close()
        self.tcp.close()
        for stream in list(self.streams):
            stream.close()


async def under(faults: Faults | None, site: Site, wire: bytes, transport: str) -> bytes | None:
    """The answer to one query under whatever fault it meets, which is noted; None where there is none."""
    return noted(site, wire, transport, await _met(faults, site, wire, transport))


def noted(site: Site, wire: bytes, transport: str, reply: bytes | None) -> bytes | None:
    """The reply, after the query has been noted."""
    name, kind = _asked(wire)
    rcode = None if reply is None or len(reply) < 4 else reply[3] & 0x0F
    site.queries.append(Query(site.clock.now(), name, kind, transport, rcode, len(reply or b"")))
    return reply


async def _met(faults: Faults | None, site: Site, wire: bytes, transport: str) -> bytes | None:
    fault = faults.pick_dns(_asked(wire)[0], transport) if faults is not None and faults.active else None
    if fault is None:
        return answer(site, wire, transport)
    await asyncio.sleep(fault.delay)
    if fault.answer == "timeout":
        return None
    if fault.answer == "garbage":
        return wire[:2] + b"\x80"
    found = answer(site, wire, transport)
    if fault.answer in ("", "wrong-id"):
        return (
            found
            if not fault.answer or found is None
            else pack("!H", ~unpack("!H", found[:2])[0] & 0xFFFF) + found[2:]
        )
    try:
        reply = DNSRecord.parse(wire).reply(ra=0, aa=0)
    except (DNSError, ValueError, UnicodeError, IndexError):
        return None
    if fault.answer == "truncated":
        reply.header.tc = reply.header.aa = 1
    elif fault.answer == "lame":
        reply.add_auth(RR(".", QTYPE.NS, CLASS.IN, 518400, NS("a.root-servers.net")))
    else:
        reply.header.rcode = RCODE.SERVFAIL if fault.answer == "servfail" else RCODE.REFUSED
    return bytes(reply.pack())


def _asked(wire: bytes) -> tuple[str, str]:
    """The name and the type that a query asks for; nothing of one that cannot be read."""
    try:
        question = DNSRecord.parse(wire).q
        return _name(question.qname), str(QTYPE.get(question.qtype))
    except (DNSError, ValueError, UnicodeError, IndexError):
        return "", ""


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, site: Site, faults: Faults | None) -> None:
        self.site = site
        self.faults = faults
        self._late: set[asyncio.Task[None]] = set()
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # asyncio's own datagram transport does not derive from DatagramTransport on every Python.
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self.faults is not None and self.faults.active:
            task = asyncio.get_running_loop().create_task(self._under(data, addr))
            self._late.add(task)
            task.add_done_callback(self._late.discard)
        else:
            reply = noted(self.site, data, "udp", answer(self.site, data, "udp"))
            if reply is not None and self.transport is not None:
                self.transport.sendto(reply, addr)

    async def _under(self, data: bytes, addr: tuple[str, int]) -> None:
        reply = await under(self.faults, self.site, data, "udp")
        if reply is not None and self.transport is not None and not self.transport.is_closing():
            self.transport.sendto(reply, addr)


async def serve(site: Site, host: str = "127.0.0.1", port: int = 0, faults: Faults | None = None) -> Handle:
    """Serve the site's DNS on UDP and TCP of one port (0: any free one). Raises OSError when it is taken."""
    loop = asyncio.get_running_loop()
    streams: set[asyncio.StreamWriter] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        streams.add(writer)
        try:
            while True:
                (length,) = unpack("!H", await asyncio.wait_for(reader.readexactly(2), 10))
                query = await asyncio.wait_for(reader.readexactly(length), 10)
                reply = await under(faults, site, query, "tcp")
                if reply is None:
                    return
                writer.write(pack("!H", len(reply)) + reply)
                await writer.drain()
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            streams.discard(writer)
            writer.close()

    for attempt in range(10):
        tcp = await asyncio.start_server(connected, host, port)
        chosen = int(tcp.sockets[0].getsockname()[1])
        try:
            udp, _ = await loop.create_datagram_endpoint(
                lambda: _Datagrams(site, faults), local_addr=(host, chosen)
            )
        except OSError:
            # Free for TCP, taken for UDP: another pair, unless the caller named the port.
            tcp.close()
            if port or attempt == 9:
                raise
            continue
        return Handle(host, chosen, udp, tcp, streams)
    raise OSError("no port is free for both UDP and TCP")
