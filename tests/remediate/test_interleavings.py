"""A second writer around every request of a run: whatever it adds or sets after the plan was shown is there in the end.

AVI_INTERLEAVINGS is how many runs are drawn, 12 where it is not set.
"""

import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from remediate.plan.planner import build
from remediate.write.applier import Applier
from remediate.write.journal import Journal
from remediate.write.record import load
from remediate.write.writer import Writer
from tests import lengths
from tests.remediate.breaking import Hand
from tests.remediate.inprocess import Bench, InProcess

HOW_MANY = int(os.environ.get("AVI_INTERLEAVINGS") or lengths.of(6, 12))


def subnet(network, at=0):
    return network["configured_subnets"][at]


def a_range(last):
    ends = {"begin": f"10.10.26.{last}", "end": f"10.10.26.{last + 1}"}
    return {
        "range": {end: {"addr": addr, "type": "V4"} for end, addr in ends.items()},
        "type": "STATIC_IPS_FOR_VIP_AND_SE",
    }


def add_pool(body, n):
    subnet(body)["static_ip_ranges"].append(a_range(100 + 2 * n))
    return lambda now: a_range(100 + 2 * n) in subnet(now)["static_ip_ranges"]


def add_subnet(body, n):
    theirs = {"prefix": {"ip_addr": {"addr": f"10.99.{n}.0", "type": "V4"}, "mask": 24}}
    body.setdefault("configured_subnets", []).append(theirs)
    return lambda now: any(row["prefix"] == theirs["prefix"] for row in now["configured_subnets"])


def add_label(body, n):
    body["labels"] = [{"key": "clustername", "value": f"c{n}"}]
    return lambda now: now.get("labels") == [{"key": "clustername", "value": f"c{n}"}]


def setting(member, value):
    def edit(body, n):
        body[member] = value(n)
        return lambda now: now.get(member) == value(n)

    return edit


def set_ttl(body, n):
    body["internal_profile"]["ttl"] = 1000 + n
    return lambda now: now["internal_profile"]["ttl"] == 1000 + n


def add_domain(body, n):
    body["internal_profile"]["dns_service_domain"].append({"domain_name": f"d{n}.test"})
    return lambda now: (
        f"d{n}.test" in [row["domain_name"] for row in now["internal_profile"]["dns_service_domain"]]
    )


def add_record(body, n):
    record = {
        "fqdn": [f"r{n}.avi.iberia.local"],
        "type": "DNS_RECORD_A",
        "ip_address": [{"ip_address": {"addr": "10.1.1.1", "type": "V4"}}],
    }
    body.setdefault("static_dns_records", []).append(record)
    return lambda now: any(row["fqdn"] == record["fqdn"] for row in now["static_dns_records"])


def other_address(body, n):
    body["static_dns_records"][0]["ip_address"] = [{"ip_address": {"addr": f"10.2.2.{n}", "type": "V4"}}]
    return lambda now: f"10.2.2.{n}" in str(now["static_dns_records"])


EDITS = [
    ("network", "AVI_FRONTEND_3026", "pools", add_pool),
    ("network", "AVI_FRONTEND_3026", "subnets", add_subnet),
    ("network", "REGIONB_MGMT_3020", "subnets", add_subnet),
    ("network", "AVI_FRONTEND_3025", "exclude", setting("exclude_discovered_subnets", lambda n: bool(n % 2))),
    ("serviceenginegroup", "S1-AZ2-SE-Group", "buffer", setting("buffer_se", lambda n: 3 + n)),
    ("serviceenginegroup", "S1-AZ2-SE-Group", "labels", add_label),
    ("serviceenginegroup", "S1-AZ1-SE-Group", "max_se", setting("max_se", lambda n: 3 + n)),
    ("serviceenginegroup", "S1-AZ1-SE-Group", "folder", setting("vcenter_folder", lambda n: f"theirs {n}")),
    ("ipamdnsproviderprofile", "DNS_Default", "ttl", set_ttl),
    ("ipamdnsproviderprofile", "DNS_Default", "domains", add_domain),
    ("virtualservice", "local-dns-site1", "records", add_record),
    ("virtualservice", "local-dns-site1", "address", other_address),
    ("cloud", "Default-Cloud", "mtu", setting("mtu", lambda n: 1400 + n)),
]


@settings(
    max_examples=HOW_MANY, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(
    edits=st.lists(st.tuples(st.integers(0, 40), st.sampled_from(EDITS)), min_size=1, max_size=8),
    exact=st.booleans(),
)
def test_what_a_second_writer_adds_in_between_is_there_in_the_end(tmp_path, edits, exact):
    bench = Bench("drifted")
    person, site, kept, asked = Hand(InProcess(bench.lab)), bench.site(), {}, []
    plan = build(site, bench.drifts(site.live))
    real = bench.gateway.send

    def send(*arguments, **options):
        asked.append(1)
        for number, (at, (api, name, what, edit)) in enumerate(edits):
            if at == len(asked):
                edited = []
                person.edit(
                    api,
                    name,
                    lambda body, edit=edit, number=number, edited=edited: edited.append(edit(body, number)),
                )
                kept[api, name, what] = kept.get((api, name, what), ()) + tuple(edited)
                if what in ("buffer", "max_se", "folder", "ttl", "labels", "exclude", "mtu", "address"):
                    kept[api, name, what] = tuple(edited)  # the last one counts
        return real(*arguments, **options)

    bench.gateway.send = send
    journal = Journal.begin(tmp_path, "iberia", "c", "d")
    results = Applier(Writer(bench.gateway, journal, lambda _: None), site, exact=exact).apply(plan)
    bench.gateway.send = real
    for (api, name, what), checks in kept.items():
        now = person.named(api, name)
        assert all(check(now) for check in checks), (api, name, what, [str(result) for result in results])
    assert {result.status for result in results} <= {"done", "moved", "already", "skipped"}
    assert not load(journal.path).uncertain
