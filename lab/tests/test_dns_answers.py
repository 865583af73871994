"""What the site's DNS service answers, asked over real sockets with dnspython."""

import asyncio
import socket
import threading

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import pytest

from lab import dns as service
from lab.site import Pace
from lab.tests.cloudsite import Client, ip

DOMAIN = "avi.iberia.local"
RECORDS = [
    {
        "type": "DNS_RECORD_A",
        "fqdn": [f"test.{DOMAIN}"],
        "ttl": 30,
        "ip_address": [{"ip_address": ip("10.10.24.10")}],
    },
    {
        "type": "DNS_RECORD_A",
        "fqdn": [f"default.{DOMAIN}"],
        "ip_address": [{"ip_address": ip("10.10.24.11")}],
    },
    {
        "type": "DNS_RECORD_A",
        "fqdn": [f"many.{DOMAIN}", f"alias-of-many.{DOMAIN}"],
        "ip_address": [{"ip_address": ip(f"10.10.24.{n}")} for n in (1, 2, 3)],
    },
    {
        "type": "DNS_RECORD_A",
        "fqdn": [f"one-of-many.{DOMAIN}"],
        "num_records_in_response": 1,
        "ip_address": [{"ip_address": ip(f"10.10.24.{n}")} for n in (1, 2, 3)],
    },
    {"type": "DNS_RECORD_AAAA", "fqdn": [f"six.{DOMAIN}"], "ip6_address": [{"ip6_address": ip("fd00::6")}]},
    {"type": "DNS_RECORD_CNAME", "fqdn": [f"www.{DOMAIN}"], "cname": {"cname": f"test.{DOMAIN}"}},
    {"type": "DNS_RECORD_CNAME", "fqdn": [f"loop.{DOMAIN}"], "cname": {"cname": f"loop.{DOMAIN}"}},
    {
        "type": "DNS_RECORD_MX",
        "fqdn": [f"mail.{DOMAIN}"],
        "mx_records": [{"host": f"mx.{DOMAIN}", "priority": 10}],
    },
    {"type": "DNS_RECORD_TXT", "fqdn": [f"text.{DOMAIN}"], "txt_records": [{"text_str": "hello world"}]},
    {
        "type": "DNS_RECORD_SRV",
        "fqdn": [f"_sip._tcp.{DOMAIN}"],
        "service_locator": [{"port": 5060, "priority": 1, "weight": 2, "target": f"sip.{DOMAIN}"}],
    },
    {
        "type": "DNS_RECORD_NS",
        "fqdn": [f"child.{DOMAIN}"],
        "delegated": True,
        "ns": [{"nsname": f"ns.child.{DOMAIN}"}],
    },
    {
        "type": "DNS_RECORD_A",
        "fqdn": [f"wild.{DOMAIN}"],
        "wildcard_match": True,
        "ip_address": [{"ip_address": ip("10.10.24.99")}],
    },
    {
        "type": "DNS_RECORD_TXT",
        "fqdn": [f"long.{DOMAIN}"],
        "txt_records": [{"text_str": letter * 200} for letter in "abcd"],
    },
]


class Served:
    """A site whose DNS is served from a thread."""

    def __init__(self, client):
        self.client = client
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.handle = asyncio.run_coroutine_threadsafe(service.serve(client.site), self.loop).result(5)

    def silent(self, name, kind="A"):
        with pytest.raises(dns.exception.Timeout):
            self.ask(name, kind, timeout=0.4)

    def ask(self, name, kind="A", *, over="udp", timeout=2, **options):
        query = dns.message.make_query(name, kind, **options)
        ask = dns.query.udp if over == "udp" else dns.query.tcp
        return ask(query, "127.0.0.1", port=self.handle.port, timeout=timeout)

    def change(self, name="local-dns-site1", **members):
        found = self.client.one("virtualservice", name)
        status, body = self.client.put(found, **members)
        assert status == 200, body

    def profile(self, **members):
        found = self.client.site.one("applicationprofile", "System-DNS")
        body = {**found.body, "dns_service_profile": {**found.body["dns_service_profile"], **members}}
        self.client.site.write("applicationprofile", body, uuid=found.uuid, update=True)

    def close(self):
        self.loop.call_soon_threadsafe(self.handle.close)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
        pending = asyncio.all_tasks(self.loop)
        for task in pending:
            task.cancel()
        if pending:
            self.loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()


@pytest.fixture
def site():
    served = Served(Client("conforming"))
    served.change(static_dns_records=RECORDS)
    yield served
    served.close()


def texts(answer, section="answer"):
    return sorted(str(item) for rrset in getattr(answer, section) for item in rrset)


def ttl(answer):
    return answer.answer[0].ttl


@pytest.mark.parametrize("over", ["udp", "tcp"])
def test_as_in_the_blog(site, over):
    answer = site.ask(f"test.{DOMAIN}", over=over, use_edns=0)
    assert answer.rcode() == dns.rcode.NOERROR
    assert (texts(answer), ttl(answer)) == (["10.10.24.10"], 30)
    assert dns.flags.to_text(answer.flags) == "QR AA RD"
    assert (answer.edns, answer.payload) == (0, 512)


def test_a_name_is_told_in_the_case_it_was_asked(site):
    asked = f"TeSt.{DOMAIN}"
    answer = site.ask(asked, use_edns=0)
    assert answer.answer[0].name.to_text() == f"{asked}."
    assert len(answer.to_wire()) == 66  # the size of the answer in the blog


def test_its_own_name(site):
    assert texts(site.ask(f"local-dns-site1.{DOMAIN}")) == ["10.10.25.40"]


@pytest.mark.parametrize(
    ("name", "kind", "found"),
    [
        ("TEST.Avi.Iberia.Local", "A", ["10.10.24.10"]),
        (f"many.{DOMAIN}", "A", ["10.10.24.1", "10.10.24.2", "10.10.24.3"]),
        (f"alias-of-many.{DOMAIN}", "A", ["10.10.24.1", "10.10.24.2", "10.10.24.3"]),
        (f"six.{DOMAIN}", "AAAA", ["fd00::6"]),
        (f"www.{DOMAIN}", "A", ["10.10.24.10", f"test.{DOMAIN}."]),
        (f"www.{DOMAIN}", "CNAME", [f"test.{DOMAIN}."]),
        (f"mail.{DOMAIN}", "MX", [f"10 mx.{DOMAIN}."]),
        (f"text.{DOMAIN}", "TXT", ['"hello world"']),
        (f"_sip._tcp.{DOMAIN}", "SRV", [f"1 2 5060 sip.{DOMAIN}."]),
        (f"a.wild.{DOMAIN}", "A", ["10.10.24.99"]),
        (f"a.b.wild.{DOMAIN}", "A", ["10.10.24.99"]),
    ],
)
def test_records_of_every_kind(site, name, kind, found):
    answer = site.ask(name, kind)
    assert texts(answer) == found
    assert answer.flags & dns.flags.AA


def test_the_default_ttl_is_the_profiles(site):
    assert ttl(site.ask(f"default.{DOMAIN}")) == 30
    site.profile(ttl=99)
    assert ttl(site.ask(f"default.{DOMAIN}")) == 99
    assert ttl(site.ask(f"test.{DOMAIN}")) == 30


def test_one_of_many_in_turns(site):
    seen = {tuple(texts(site.ask(f"one-of-many.{DOMAIN}"))) for _ in range(3)}
    assert len(seen) == 3
    assert all(len(one) == 1 for one in seen)


def test_a_loop_of_aliases_ends(site):
    assert site.ask(f"loop.{DOMAIN}").rcode() == dns.rcode.NOERROR


def test_a_delegated_name_is_referred(site):
    answer = site.ask(f"child.{DOMAIN}")
    assert not answer.flags & dns.flags.AA
    assert texts(answer, "authority") == [f"ns.child.{DOMAIN}."]


def test_a_name_without_that_type(site):
    answer = site.ask(f"test.{DOMAIN}", "AAAA")
    assert (answer.rcode(), answer.answer) == (dns.rcode.NOERROR, [])
    assert answer.authority[0].rdtype == dns.rdatatype.SOA
    site.profile(aaaa_empty_response=False)
    site.silent(f"test.{DOMAIN}", "AAAA")


@pytest.mark.parametrize("over", ["udp", "tcp"])
def test_an_unknown_name_of_its_domain(site, over):
    answer = site.ask(f"nobody.{DOMAIN}", over=over)
    assert answer.rcode() == dns.rcode.NXDOMAIN
    assert answer.flags & dns.flags.AA
    (soa,) = answer.authority
    assert (str(soa.name), soa.rdtype, soa.ttl) == (f"{DOMAIN}.", dns.rdatatype.SOA, 30)
    assert str(soa[0].rname) == f"hostmaster.{DOMAIN}."


def test_the_zone_itself(site):
    assert site.ask(DOMAIN, "SOA").answer[0].rdtype == dns.rdatatype.SOA
    assert site.ask(DOMAIN, "A").rcode() == dns.rcode.NOERROR


def test_names_of_others_are_dropped_or_refused(site):
    site.silent("example.com")
    site.profile(error_response="DNS_ERROR_RESPONSE_ERROR")
    assert site.ask("example.com").rcode() == dns.rcode.REFUSED


def test_a_long_answer_is_cut_on_udp_and_whole_on_tcp(site):
    name = f"long.{DOMAIN}"
    assert site.ask(name, "TXT").flags & dns.flags.TC
    assert len(texts(site.ask(name, "TXT", over="tcp"))) == 4
    assert len(texts(site.ask(name, "TXT", use_edns=0, payload=4096))) == 4


def test_several_questions_on_one_connection(site):

    with socket.create_connection(("127.0.0.1", site.handle.port), timeout=2) as stream:
        for n in range(3):
            query = dns.message.make_query(f"test.{DOMAIN}", "A", id=n)
            dns.query.send_tcp(stream, query)
            answer, _ = dns.query.receive_tcp(stream, expiration=None)
            assert answer.id == n


def test_no_answer_while_no_dns_service_is_up():
    served = Served(Client("conforming", pace=Pace(se_creating=60.0, se_initializing=60.0)))
    try:
        assert texts(served.ask(f"test.{DOMAIN}")) == ["10.10.24.10"]
        served.change(enabled=False)
        served.silent(f"test.{DOMAIN}")
        with pytest.raises(EOFError):
            served.ask(f"test.{DOMAIN}", over="tcp")
        served.change(enabled=True)
        assert texts(served.ask(f"test.{DOMAIN}")) == ["10.10.24.10"]
    finally:
        served.close()


def test_transports_follow_the_services(site):
    site.profile(dns_over_tcp_enabled=False)
    assert texts(site.ask(f"test.{DOMAIN}")) == ["10.10.24.10"]
    with pytest.raises(EOFError):
        site.ask(f"test.{DOMAIN}", over="tcp")
    tcp = {"port": 53, "override_network_profile_ref": "/api/networkprofile?name=System-TCP-Proxy"}
    site.change(services=[tcp])
    assert texts(site.ask(f"test.{DOMAIN}", over="tcp")) == ["10.10.24.10"]
    site.silent(f"test.{DOMAIN}")


@pytest.mark.parametrize(
    "wire", [b"", b"x", b"\0" * 11, b"\xff" * 40, bytes(12), b"\x12\x34\x01\x00\x00\x05" + bytes(6)]
)
def test_rubbish_is_survived(site, wire):
    service.answer(site.client.site, wire, "udp")
    assert texts(site.ask(f"test.{DOMAIN}")) == ["10.10.24.10"]


def test_other_opcodes_are_not_implemented(site):
    query = dns.message.make_query(f"test.{DOMAIN}", "A")
    query.set_opcode(dns.opcode.STATUS)
    answer = dns.query.udp(query, "127.0.0.1", port=site.handle.port, timeout=2)
    assert answer.rcode() == dns.rcode.NOTIMP


def test_a_registered_name_comes_and_goes_with_its_service(site):
    client = site.client
    vsvip = client.post(
        "vsvip",
        name="web",
        vrf_context_ref="/api/vrfcontext?name=VRF_AZ1",
        vip=[{"auto_allocate_ip": True, "vip_id": "1"}],
        dns_info=[{"fqdn": f"web.{DOMAIN}"}],
    )
    group = "/api/serviceenginegroup?name=S1-AZ1-SE-Group"
    made = client.post(
        "virtualservice", name="web", vsvip_ref=vsvip["url"], se_group_ref=group, services=[{"port": 80}]
    )
    assert site.ask(f"web.{DOMAIN}").rcode() == dns.rcode.NXDOMAIN
    client.later(3)
    assert texts(site.ask(f"web.{DOMAIN}")) == [vsvip["vip"][0]["ip_address"]["addr"]]
    assert client.delete(made)[0] == 204
    assert site.ask(f"web.{DOMAIN}").rcode() == dns.rcode.NXDOMAIN
