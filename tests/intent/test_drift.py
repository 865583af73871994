"""Comparison: what is drift, what is not, and how it is told."""

import json
from ipaddress import ip_network
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intent import (
    Blocked,
    Cloud,
    DnsProfile,
    DnsService,
    Drift,
    Drifted,
    Environment,
    Intent,
    IpamProfile,
    IpRange,
    Key,
    Network,
    Ordered,
    ServiceEngineGroup,
    SystemSettings,
    Unknown,
    VcenterServer,
    VrfContext,
    compare,
    every_path,
    field_of,
    plain,
    require,
    require_once,
)
from intent.environment import SECTIONS
from intent.plain_data import from_json, to_json

PATHS = {
    SystemSettings: ["dns_services", "dns_servers", "search_domain", "ntp_servers", "snmp.version", "snmp.location", "snmp.contact", "banner", "message_of_the_day", "portal.basic_authentication", "portal.http", "portal.redirect_to_https", "portal.session_hours", "portal.strong_passwords", "portal.min_password_length", "portal.certificates", "tenancy_mode.engines_of_provider", "tenancy_mode.engines_readable", "tenancy_mode.own_vrfs", "license_tier"],
    Cloud: ["type", "vcenter.url", "vcenter.datacenter", "vcenter.access", "vcenter.content_library.id", "vcenter.content_library.name", "management.network", "management.subnet", "management.dhcp", "nsxt.url", "nsxt.credentials", "nsxt.dhcp", "nsxt.management.zone_type", "nsxt.management.transport_zone", "nsxt.management.tier1", "nsxt.management.segment", "nsxt.data.zone_type", "nsxt.data.transport_zone", "nsxt.data.tier1s", "nsxt.data.tier1s.segment", "nsxt.data.segments", "nsxt.firewall_rules", "nsxt.vpc_mode", "dns_profile", "ipam_profile", "state_based_dns", "mtu", "license_tier", "se_group_template", "prefer_static_routes", "vip_static_routes"],
    DnsProfile: ["type", "domains", "domains.ttl", "domains.pass_through", "ttl"],
    IpamProfile: ["type", "allocate_in_vrf", "usable_networks"],
    VrfContext: ["tier1", "default_gateway", "static_routes", "bgp.local_as", "bgp.ibgp", "bgp.hold_time", "bgp.keepalive", "bgp.peers", "bgp.peers.remote_as", "bgp.peers.network", "bgp.peers.label", "bgp.peers.bfd", "bgp.peers.advertise_vip", "bgp.peers.advertise_snat", "bfd.min_tx", "bfd.min_rx", "bfd.multiplier", "gateway_monitors", "gateway_monitors.interval", "gateway_monitors.failures", "gateway_monitors.successes"],
    VcenterServer: ["url", "credentials", "content_library.id", "content_library.name"],
    Network: ["vrf", "dhcp", "subnets", "subnets.pools", "subnets.pools.use", "uuid", "moref", "exclude_discovered_subnets", "markers", "markers.values", "segment", "vip_only"],
    ServiceEngineGroup: ["ha_mode", "buffer", "name_prefix", "folder", "vcenters", "vcenters.folder", "vcenters.clusters.include", "vcenters.clusters.ids", "vcenters.hosts.include", "vcenters.hosts.ids", "vcenters.datastores.include", "vcenters.datastores.ids", "realtime_metrics.enabled", "realtime_metrics.duration", "vcpus", "memory_mb", "disk_gb", "reserve_cpu", "reserve_memory", "max_se", "min_se", "max_vs_per_se", "min_scaleout", "max_scaleout", "algorithm", "deprovision_delay", "license_tier", "clusters.include", "clusters.names", "hosts.include", "hosts.names", "datastores.include", "datastores.names", "datastores.mode", "management.network", "management.subnet", "labels", "labels.value", "markers", "markers.values"],
    DnsService: ["enabled", "application_profile", "services", "services.tls", "vrf", "vip.auto_allocate", "vip.network", "vip.address", "vip.family", "se_group", "records", "records.addresses", "records.values", "records.ttl", "records.wildcard", "names", "fqdn"],
}  # fmt: skip


@pytest.mark.parametrize("kind", PATHS)
def test_every_path(kind):
    assert list(every_path(kind)) == PATHS[kind]


def network(**more):
    return Network.model_validate({"name": "front", **more})


def subnets(*pools, prefix="10.0.0.0/24"):
    return [{"prefix": prefix, "pools": [{"range": text, "use": use} for text, use in pools]}]


KEY = Key("network", "front", "Default-Cloud", "admin")


class TestCompare:
    def test_what_is_not_declared_is_not_compared(self):
        assert compare(network(), network(vrf="x", dhcp=True, subnets=subnets())) == ()

    def test_a_plain_field(self):
        assert compare(network(vrf="a"), network(vrf="b")) == (Drift(KEY, "vrf", "a", "b"),)
        assert compare(network(dhcp=False), network()) == (Drift(KEY, "dhcp", False, None),)

    def test_what_is_there_for_people_is_not_compared(self):
        assert compare(network(purpose="x", min_free=3), network(purpose="y")) == ()

    def test_an_element_that_is_missing(self):
        want = network(subnets=subnets(("10.0.0.5", "se")))
        (found,) = compare(want, network())
        assert found == Drift(
            KEY,
            "subnets[10.0.0.0/24]",
            {"prefix": "10.0.0.0/24", "pools": [{"range": "10.0.0.5-10.0.0.5", "use": "se"}]},
            None,
        )

    def test_an_element_that_others_added(self):
        assert (
            compare(network(subnets=subnets()), network(subnets=subnets() + subnets(prefix="10.0.1.0/24")))
            == ()
        )

    def test_each_of_two_elements_of_one_key_counts(self):
        good, bad = subnets(("10.0.0.5", "se")), subnets(("10.0.0.6", "se"))
        expected = (Drift(KEY, "subnets[10.0.0.0/24].pools", ["10.0.0.5-10.0.0.5"], ["10.0.0.6-10.0.0.6"]),)
        for rows in (bad + good, good + bad, bad + good + bad):
            have = network().model_copy(
                update={"subnets": tuple(network(subnets=[row]).subnets[0] for row in rows)}
            )
            assert compare(network(subnets=good), have) == expected

    def test_an_exact_list(self):
        want, have = (
            network(subnets=subnets(("10.0.0.5", "se"))),
            network(subnets=subnets(("10.0.0.6", "se"))),
        )
        assert compare(want, have) == (
            Drift(KEY, "subnets[10.0.0.0/24].pools", ["10.0.0.5-10.0.0.5"], ["10.0.0.6-10.0.0.6"]),
        )

    def test_a_member_of_an_element(self):
        want, have = (
            network(subnets=subnets(("10.0.0.5", "se"))),
            network(subnets=subnets(("10.0.0.5", "vip"))),
        )
        assert compare(want, have) == (
            Drift(KEY, "subnets[10.0.0.0/24].pools[10.0.0.5-10.0.0.5].use", "se", "vip"),
        )
        assert compare(want, have, "subnets", "subnets.pools") == ()
        assert compare(want, have, "subnets.pools.use")[0].field == "subnets.pools.use"

    def test_an_empty_exact_list_means_none(self):
        want = network(subnets=[{"prefix": "10.0.0.0/24", "pools": []}])
        (found,) = compare(want, network(subnets=subnets(("10.0.0.5", "se"))))
        assert (found.want, found.have) == ([], ["10.0.0.5-10.0.0.5"])

    def test_a_path_into_what_is_absent_is_blocked(self):
        want = network(subnets=subnets(("10.0.0.5", "se")))
        with pytest.raises(Blocked, match=r"network front has no subnets\[10.0.0.0/24\]"):
            compare(want, network(), "subnets.pools")
        with pytest.raises(Blocked, match=r"has no subnets\[10.0.0.0/24\].pools\[10.0.0.5-10.0.0.5\]"):
            compare(want, network(subnets=subnets()), "subnets.pools.use")

    def test_a_set(self):
        service = {"name": "dns", "records": [{"name": "a.b", "addresses": ["10.0.0.1", "10.0.0.2"]}]}
        want, have = DnsService.model_validate(service), DnsService.model_validate(service)
        turned = service | {"records": [{"name": "A.b.", "addresses": ["10.0.0.2", "10.0.0.1"]}]}
        assert compare(want, DnsService.model_validate(turned)) == ()
        fewer = service | {"records": [{"name": "a.b", "addresses": ["10.0.0.2"]}]}
        assert [d.path for d in compare(want, DnsService.model_validate(fewer))] == [
            "records[a.b A].addresses"
        ]
        assert [d.path for d in compare(DnsService.model_validate(fewer), have)] == [
            "records[a.b A].addresses"
        ]

    def test_a_set_that_others_may_add_to(self):
        def settings(*names):
            return SystemSettings(dns_services=names)

        assert compare(settings("a"), settings("b", "a")) == ()
        assert compare(settings("a", "b"), settings("b", "c"))[0].have == ["b", "c"]
        assert compare(settings("a"), SystemSettings())[0].have == []

    def test_a_set_that_is_exact(self):
        def profile(*networks):
            return IpamProfile.model_validate({"name": "ipam", "usable_networks": networks})

        assert compare(profile("a", "b"), profile("b", "a")) == ()
        (found,) = compare(profile("a", "b"), profile("b"))
        assert (found.path, found.want, found.have) == ("usable_networks", ["a", "b"], ["b"])

    def test_a_list_whose_order_matters(self):
        class Resolver(Intent):
            kind = "resolver"
            servers: Annotated[tuple[str, ...] | None, Ordered] = None

        def resolver(*servers):
            return Resolver(name="r", servers=servers)

        assert compare(resolver("a", "b"), resolver("a", "b")) == ()
        (found,) = compare(resolver("a", "b"), resolver("b", "a"))
        assert (found.path, found.want, found.have) == ("servers", ["a", "b"], ["b", "a"])
        assert compare(resolver("a"), Resolver(name="r"))[0].have == []
        assert compare(Resolver(name="r"), resolver("a")) == ()

    def test_a_part(self):
        def cloud(**vcenter):
            return Cloud.model_validate({"name": "c", "vcenter": vcenter or None})

        want = cloud(url="a", datacenter="dc")
        assert compare(want, cloud(url="a", datacenter="dc", access="read")) == ()
        url = Drift(want.key, "vcenter.url", "a", "b")
        assert compare(want, cloud(url="b", datacenter="dc")) == (url,)
        assert compare(want, cloud(url="b", datacenter="dx"), "vcenter.url") == (url,)
        # A part that is asked for as a whole is compared member by member.
        other = Drift(want.key, "vcenter.datacenter", "dc", "dx")
        assert compare(want, cloud(url="b", datacenter="dx"), "vcenter") == (url, other)
        assert compare(want, cloud(), "vcenter.url") == (Drift(want.key, "vcenter.url", "a", None),)

    def test_several_that_are_absent_are_named_once_each(self):
        want = network(subnets=subnets(("10.0.0.5", "se")) + subnets(prefix="10.0.1.0/24"))
        with pytest.raises(Blocked) as caught:
            compare(want, network(), "subnets.pools", "subnets.pools.use")
        assert str(caught.value) == "network front has no subnets[10.0.0.0/24], subnets[10.0.1.0/24]"

    def test_require(self):
        with pytest.raises(Drifted) as caught:
            require(network(vrf="a", dhcp=True), network(vrf="b", dhcp=False), "vrf", "dhcp")
        assert [drift.path for drift in caught.value.drifts] == ["vrf", "dhcp"]
        assert str(caught.value) == "network front vrf: 'a' != 'b'; network front dhcp: True != False"
        assert isinstance(caught.value, AssertionError)
        require(network(vrf="a", dhcp=True), network(vrf="a", dhcp=False), "vrf")

    @pytest.mark.parametrize(("found", "have"), [([], "absent"), ([1, 2], "2 objects of this name")])
    def test_require_once(self, found, have):
        with pytest.raises(Drifted) as caught:
            require_once(network(), found)
        assert caught.value.drifts == (Drift(KEY, "", "exactly one", have),)
        assert str(caught.value) == f"network front existence: 'exactly one' != '{have}'"
        require_once(network(), [1])

    def test_outcomes_are_no_failures(self):
        assert not issubclass(Blocked, AssertionError)
        assert not issubclass(Unknown, AssertionError)


class TestPlainData:
    @given(
        st.text(),
        st.text(),
        st.none() | st.integers() | st.lists(st.text()),
        st.dictionaries(st.text(), st.text()),
    )
    def test_a_drift_survives_json(self, name, path, want, have):
        drift = Drift(Key("network", name, "c", "t"), path, want, have)
        assert from_json(Drift, json.loads(json.dumps(to_json(drift)))) == drift

    @pytest.mark.parametrize(
        ("path", "field", "element"),
        [
            ("", "", ""),
            ("vrf", "vrf", ""),
            ("subnets[10.0.0.0/24].pools[10.0.0.5-10.0.0.9].use", "subnets.pools.use", "10.0.0.5-10.0.0.9"),
            ("records[a.b A]", "records", "a.b A"),
            ("servers[[2001:db8::1]:514]", "servers", "[2001:db8::1]:514"),
            ("x[a[b]c].y", "x.y", "a[b]c"),
        ],
    )
    def test_field_and_element(self, path, field, element):
        assert field_of(path) == field
        assert Drift(Key("network", "x", "", "admin"), path, 1, 2).element == element

    def test_plain(self):
        assert plain(IpRange.model_validate("10.0.0.1-10.0.0.2")) == "10.0.0.1-10.0.0.2"
        assert plain(network(vrf="x", subnets=subnets(("10.0.0.5", None)))) == {
            "name": "front", "cloud": "Default-Cloud", "tenant": "admin", "vrf": "x",
            "subnets": [{"prefix": "10.0.0.0/24", "pools": [{"range": "10.0.0.5-10.0.0.5"}]}],
        }  # fmt: skip
        json.dumps(plain(network(subnets=subnets(("2001:db8::1", "se"), prefix="2001:db8::/64"))))
        assert plain((ip_network("10.0.0.0/24"), None, True)) == ["10.0.0.0/24", None, True]


class TestValues:
    ranges = st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1)).map(sorted)

    @given(ranges, ranges)
    def test_ranges(self, one, other):
        first, second = (
            IpRange.model_validate({"begin": str(_ip(a)), "end": str(_ip(b))}) for a, b in (one, other)
        )
        assert IpRange.model_validate(str(first)) == first
        shared = max(one[0], other[0]) <= min(one[1], other[1])
        assert first.overlaps(second) is second.overlaps(first) is shared
        assert (_ip(other[0]) in first) is (one[0] <= other[0] <= one[1])
        assert first.size == one[1] - one[0] + 1

    def test_families_do_not_mix(self):
        four, six = IpRange.model_validate("0.0.0.1"), IpRange.model_validate("::1")
        assert not four.overlaps(six)
        assert six.begin not in four
        with pytest.raises(ValueError, match="mixes IPv4 and IPv6"):
            IpRange.model_validate("10.0.0.1-2001:db8::1")


def _ip(number):
    from ipaddress import IPv4Address

    return IPv4Address(number)


def test_every_kind_is_told_apart_by_its_word():
    kinds = [Environment.model_fields[section].annotation.__args__[0] for section in SECTIONS]
    assert len({kind.kind for kind in kinds}) == len(kinds)
    assert [kind.section for kind in kinds] == list(SECTIONS)
