"""Only the drifted paths change, whatever else is declared and whatever others have set."""

from copy import deepcopy

import pytest

from intent import DnsService, Drift, Key, Network, ServiceEngineGroup
from live.avi.identity import Names
from live.kinds import KINDS
from live.kinds.routing import get_subnets, put_subnets
from remediate.plan.request import merged, parts

NAMES = Names(
    {
        "networkprofile": [
            {"uuid": "udp", "name": "System-UDP-Per-Pkt", "url": "/api/networkprofile/udp",
             "profile": {"type": "PROTOCOL_TYPE_UDP_FAST_PATH"}},
            {"uuid": "tcp", "name": "System-TCP-Proxy", "url": "/api/networkprofile/tcp",
             "profile": {"type": "PROTOCOL_TYPE_TCP_PROXY"}},
        ],
        "vrfcontext": [],
    },
    (30, 2, 1),
)  # fmt: skip


def ip(text):
    return {"addr": text, "type": "V4"}


def subnet(prefix, *ranges, **more):
    address, _, mask = prefix.partition("/")
    return {
        "prefix": {"ip_addr": ip(address), "mask": int(mask)},
        "static_ip_ranges": [
            {"range": {"begin": ip(first), "end": ip(last)}, "type": use} for first, last, use in ranges
        ],
        **more,
    }


VIP_SE, SE = "STATIC_IPS_FOR_VIP_AND_SE", "STATIC_IPS_FOR_SE"
RAW = {
    "name": "net",
    "dhcp_enabled": True,
    "theirs": 1,
    "configured_subnets": [
        subnet("10.0.0.0/24", ("10.0.0.1", "10.0.0.9", SE), ("10.0.0.20", "10.0.0.29", SE), mine="kept"),
        subnet("10.0.9.0/24", ("10.0.9.1", "10.0.9.9", SE)),
    ],
}
WANT = Network.model_validate(
    {
        "name": "net",
        "dhcp": False,
        "subnets": [
            {"prefix": "10.0.0.0/24", "pools": [{"range": "10.0.0.1-10.0.0.9", "use": "vip-and-se"},
                                               {"range": "10.0.0.40-10.0.0.49", "use": "se"}]},
            {"prefix": "10.0.1.0/24", "pools": [{"range": "10.0.1.1-10.0.1.9", "use": "se"}]},
        ],
    }
)  # fmt: skip


def graft(*paths, raw=RAW, want=WANT):
    drifts = [Drift(want.key, path, None, None) for path in paths]
    before = deepcopy(raw)
    made = merged(KINDS[type(want)], raw, want, drifts, NAMES)
    assert raw == before, "the object as read is never changed"
    return made


def test_paths():
    assert parts("dhcp") == (("dhcp", None),)
    assert parts("a.b") == (("a", None), ("b", None))
    assert parts("subnets[10.0.0.0/24].pools[1.1.1.1-1.1.1.2].use") == (
        ("subnets", "10.0.0.0/24"),
        ("pools", "1.1.1.1-1.1.1.2"),
        ("use", None),
    )
    with pytest.raises(ValueError, match="unbalanced"):
        parts("a[b")


def test_one_member():
    assert graft("dhcp") == {**RAW, "dhcp_enabled": False}


def test_a_missing_subnet_is_added_and_the_others_stay():
    made = graft("subnets[10.0.1.0/24]")
    assert made == {
        **RAW,
        "configured_subnets": [
            *RAW["configured_subnets"],
            subnet("10.0.1.0/24", ("10.0.1.1", "10.0.1.9", SE)),
        ],
    }


def test_pools_are_exact_and_keep_what_a_pool_is_for():
    made = graft("subnets[10.0.0.0/24].pools")
    first = subnet("10.0.0.0/24", ("10.0.0.1", "10.0.0.9", SE), ("10.0.0.40", "10.0.0.49", SE), mine="kept")
    assert made == {**RAW, "configured_subnets": [first, RAW["configured_subnets"][1]]}


def test_use_of_one_pool():
    made = graft("subnets[10.0.0.0/24].pools[10.0.0.1-10.0.0.9].use")
    first = subnet(
        "10.0.0.0/24", ("10.0.0.1", "10.0.0.9", VIP_SE), ("10.0.0.20", "10.0.0.29", SE), mine="kept"
    )
    assert made == {**RAW, "configured_subnets": [first, RAW["configured_subnets"][1]]}


def test_nested_message_that_is_not_there():
    want = ServiceEngineGroup.model_validate(
        {"name": "g", "buffer": 0, "realtime_metrics": {"enabled": True, "duration": 0}}
    )
    raw = {"name": "g", "buffer_se": 1, "labels": [{"key": "clustername", "value": "k8s"}]}
    made = graft("realtime_metrics.enabled", raw=raw, want=want)
    assert made == {**raw, "realtime_se_metrics": {"enabled": True}}


def test_records_of_others_stay_even_in_the_same_message():
    want = DnsService.model_validate(
        {"name": "dns", "records": [{"name": "a.x", "addresses": ["10.0.0.1"], "ttl": 5}]}
    )
    address = [{"ip_address": ip("10.9.9.9")}]
    raw = {
        "name": "dns",
        "static_dns_records": [
            {
                "fqdn": ["A.x.", "b.x"],
                "type": "DNS_RECORD_A",
                "ip_address": address,
                "ttl": 7,
                "wildcard_match": True,
            },
            {"fqdn": ["c.x"], "type": "DNS_RECORD_CNAME", "cname": {"cname": "b.x"}},
        ],
    }
    made = graft("records[a.x A].addresses", raw=raw, want=want)
    both, other, cname = made["static_dns_records"]
    assert {one["fqdn"][0] for one in (both, other)} == {"a.x", "b.x"}
    mine, theirs = (both, other) if both["fqdn"] == ["a.x"] else (other, both)
    assert mine["ip_address"] == [{"ip_address": ip("10.0.0.1")}]
    assert mine["ttl"] == 7, "the TTL has not drifted, so it is not written"
    assert theirs == {**raw["static_dns_records"][0], "fqdn": ["b.x"]}
    assert cname == raw["static_dns_records"][1]


def test_ports_are_exact():
    want = DnsService.model_validate({"name": "dns", "services": [{"port": 53, "protocol": "udp"}]})
    mine = {"port": 53, "port_range_end": 53, "enable_ssl": False}
    theirs = {"port": 53, "override_network_profile_ref": "/api/networkprofile/tcp"}
    raw = {"name": "dns", "network_profile_ref": "/api/networkprofile/udp#x", "services": [mine, theirs]}
    assert graft("services", raw=raw, want=want)["services"] == [mine]


def test_key_is_a_plain_tuple():
    assert Key(*WANT.key) == WANT.key


@pytest.mark.parametrize("uses", [("VIP", "SE"), ("SE", "VIP")])
def test_a_pool_that_stands_twice_serves_whom_both_serve(uses):
    ends = {"begin": {"addr": "10.1.0.2", "type": "V4"}, "end": {"addr": "10.1.0.9", "type": "V4"}}
    prefix = {"ip_addr": {"addr": "10.1.0.0", "type": "V4"}, "mask": 24}
    ranges = [{"range": ends, "type": f"STATIC_IPS_FOR_{use}"} for use in uses]
    row = {"configured_subnets": [{"prefix": prefix, "static_ip_ranges": ranges}]}
    names = Names({}, (30, 2, 1))
    (subnet,) = get_subnets(row, names)
    assert [pool.use for pool in subnet.pools] == ["vip-and-se"]
    wanted = subnet.pools[0].model_copy(update={"use": "se"})
    put_subnets(row, (subnet.model_copy(update={"pools": (wanted,)}),), names)
    assert [pool.use for pool in get_subnets(row, names)[0].pools] == ["se"]
