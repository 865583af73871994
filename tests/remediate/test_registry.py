"""Laws over the registry: every declared field has a remedy or a stated reason for having none."""

import pytest

from intent import EXISTENCE, Cloud, Drift, Key, Network, ServiceEngineGroup, VrfContext, every_path
from intent.cloud_types import CLOUD_TYPES, without_meaning
from intent.graph import in_order, needed
from intent.kinds.ako import AkoHole
from live.kinds import KINDS
from remediate.plan.judge import answer
from remediate.registry import REGISTRY, Remedy, no_remedy, no_remedy_in, remedy
from remediate.remedies.vcenter import ELSEWHERE
from tests.remediate.inprocess import environment

AKO_LACKS = ("domains", "labels", "usable_networks")
"""What a hole of an AKO is about: no file declares it, for it follows from the AKO's values."""
FIELDS = [(kind, path) for kind in (*KINDS, *ELSEWHERE) for path in (EXISTENCE, *every_path(kind))]


@pytest.mark.parametrize(
    ("kind", "path"), FIELDS, ids=[f"{k.__name__}.{p or 'existence'}" for k, p in FIELDS]
)
def test_answered(kind, path):
    """In every type of cloud, for what lives in one."""
    for cloud in CLOUD_TYPES if kind.scoped or kind is Cloud else ("",):
        answered = answer(Drift(Key(kind.kind, "x"), path, 1, 2), cloud)
        if isinstance(answered, Remedy):
            assert answered.judge.__doc__, "a remedy says what it does"
        else:
            known = {*REGISTRY.reasons.values(), *REGISTRY.by_cloud.values()}
            assert answered in known or without_meaning(kind, path, cloud), (cloud, answered)
            assert len(answered) > 40, "a reason says why, and what a person can do"


def test_where_the_type_of_cloud_is_not_known_nothing_that_depends_on_it_is_done():
    for kind in (Network, VrfContext):
        assert "it depends on the type of its cloud" in answer(Drift(Key(kind.kind, "x"), EXISTENCE, 1, 2))


def test_networks_are_made_only_where_nothing_discovers_them():
    def makes(kind):
        drift = Drift(Key(kind.kind, "x"), EXISTENCE, 1, 2)
        return {word for word in CLOUD_TYPES if isinstance(answer(drift, word), Remedy)}

    assert makes(Network) == {"no-orchestrator", "linux-server", "nsx-t"}  # there, one of VIPs alone
    assert makes(VrfContext) == {"vcenter", "nsx-t", "no-orchestrator", "linux-server"}
    assert makes(ServiceEngineGroup) == set(CLOUD_TYPES)


def test_nothing_is_answered_that_is_not_declared():
    whole = {
        (kind.kind, path.partition(".")[0]) for kind, path in FIELDS
    }  # a VIP, a connection: gone as a whole
    known = {(kind.kind, path) for kind, path in FIELDS} | whole
    answered = {*REGISTRY.remedies, *REGISTRY.reasons}
    assert answered <= known | {(AkoHole.kind, path) for path in AKO_LACKS}
    assert answered >= {(kind.kind, path) for kind, path in FIELDS}
    assert {(kind, path) for kind, path, _cloud in REGISTRY.by_cloud} <= known
    assert {cloud for _kind, _path, cloud in REGISTRY.by_cloud} <= set(CLOUD_TYPES)


def test_a_field_is_answered_once():
    kind, path = FIELDS[0]
    with pytest.raises(ValueError, match="twice"):
        remedy(kind, path, risk="safe")(lambda _case: None)
    with pytest.raises(ValueError, match="twice"):
        no_remedy(kind, path, "a reason")
    for cloud in ("no-orchestrator", "vcenter"):
        with pytest.raises(ValueError, match="twice"):
            no_remedy_in(Network, EXISTENCE, {cloud: "a reason"})


def test_a_leaf_without_a_way_to_write_it_has_a_reason_or_a_drawn_remedy():
    for kind, mapping in KINDS.items():
        for path, leaf in mapping.leaves.items():
            found = answer(Drift(Key(kind.kind, "x"), path, 1, 2))
            if leaf.put is None and isinstance(found, Remedy):
                assert found.compose is not None, f"{kind.__name__}.{path}"


def law(risk, **fields):
    return {(kind.replace("_", " "), path): risk for kind, paths in fields.items() for path in paths}


RISKS = {
    # Only adds, or changes nothing that carries traffic, and one call undoes it.
    **law(
        "safe",
        AKO_hole=("domains", "usable_networks"),
        DNS_profile=(EXISTENCE, "domains", "domains.ttl", "ttl"),
        DNS_service=("records", "records.addresses", "records.ttl", "records.values", "records.wildcard"),
        IPAM_profile=(EXISTENCE, "usable_networks"),
        SE_group=(
            EXISTENCE,
            "algorithm",
            "deprovision_delay",
            "realtime_metrics.duration",
            "realtime_metrics.enabled",
        ),
        VM_folder=(EXISTENCE,),
        VRF_context=(
            EXISTENCE,
            "gateway_monitors",
            "gateway_monitors.failures",
            "gateway_monitors.interval",
            "gateway_monitors.successes",
        ),
        account_profile=(EXISTENCE,),
        backup_configuration=("keep", "local"),
        cloud=("management.dhcp", "nsxt.dhcp"),
        network=(EXISTENCE, "subnets"),
        role=(EXISTENCE,),
        schedule=("enabled", "every", "unit"),
        syslog_configuration=(EXISTENCE, "servers", "servers.format", "servers.tls", "servers.udp"),
        system_configuration=(
            "banner",
            "dns_services",
            "message_of_the_day",
            "ntp_servers",
            "portal.min_password_length",
            "portal.redirect_to_https",
            "portal.strong_passwords",
            "search_domain",
            "snmp.contact",
            "snmp.location",
        ),
        vCenter_server=(EXISTENCE,),
    ),
    # Right, and somebody may be hit: what the field trips over when it changes under load.
    **law(
        "guarded",
        AKO_hole=("labels",),
        DNS_profile=("domains.pass_through",),
        DNS_service=(
            EXISTENCE,
            "application_profile",
            "enabled",
            "fqdn",
            "names",
            "se_group",
            "services",
            "services.tls",
        ),
        IPAM_profile=("allocate_in_vrf",),
        SE_VM=("folder",),
        SE_group=(
            "buffer",
            "clusters.include",
            "clusters.names",
            "datastores.include",
            "datastores.mode",
            "datastores.names",
            "disk_gb",
            "folder",
            "ha_mode",
            "hosts.include",
            "hosts.names",
            "labels",
            "labels.value",
            "license_tier",
            "management.network",
            "management.subnet",
            "markers",
            "markers.values",
            "max_scaleout",
            "max_se",
            "max_vs_per_se",
            "memory_mb",
            "min_scaleout",
            "min_se",
            "name_prefix",
            "reserve_cpu",
            "reserve_memory",
            "vcenters",
            "vcenters.clusters.ids",
            "vcenters.clusters.include",
            "vcenters.datastores.ids",
            "vcenters.datastores.include",
            "vcenters.folder",
            "vcenters.hosts.ids",
            "vcenters.hosts.include",
            "vcpus",
        ),
        VRF_context=(
            "bfd.min_rx",
            "bfd.min_tx",
            "bfd.multiplier",
            "bgp.hold_time",
            "bgp.ibgp",
            "bgp.keepalive",
            "bgp.local_as",
            "bgp.peers",
            "bgp.peers.advertise_snat",
            "bgp.peers.advertise_vip",
            "bgp.peers.bfd",
            "bgp.peers.label",
            "bgp.peers.network",
            "bgp.peers.remote_as",
            "default_gateway",
            "static_routes",
        ),
        account_profile=("lock_minutes", "max_failures", "max_sessions", "password_days", "password_history"),
        cloud=(
            "dns_profile",
            "ipam_profile",
            "management.network",
            "management.subnet",
            "mtu",
            "nsxt.data.segments",
            "nsxt.data.tier1s",
            "nsxt.data.tier1s.segment",
            "nsxt.firewall_rules",
            "nsxt.management.segment",
            "nsxt.management.tier1",
            "prefer_static_routes",
            "se_group_template",
            "state_based_dns",
            "vip_static_routes",
        ),
        network=(
            "dhcp",
            "exclude_discovered_subnets",
            "markers",
            "markers.values",
            "subnets.pools",
            "subnets.pools.use",
            "vrf",
        ),
        role=("privileges", "privileges.access", "filters", "filters.values", "filters.match", "unlabelled"),
        system_configuration=(
            "dns_servers",
            "portal.basic_authentication",
            "portal.http",
            "portal.session_hours",
            "tenancy_mode.engines_of_provider",
            "tenancy_mode.engines_readable",
            "tenancy_mode.own_vrfs",
        ),
        tenant=(EXISTENCE,),
    ),
}
"""The risk of every remedy, written down a second time: a change of it is a decision."""


def test_every_remedy_has_the_risk_that_was_decided():
    assert {at: found.risk for at, found in REGISTRY.remedies.items()} == RISKS


def test_what_cannot_be_changed_has_no_remedy():
    fixed = {
        ("cloud", path)
        for path in ("type", "vcenter.url", "vcenter.datacenter", "nsxt.url", "nsxt.credentials", EXISTENCE)
    }
    fixed |= {
        ("DNS service", "vrf"),
        ("DNS profile", "type"),
        ("IPAM profile", "type"),
    }
    assert fixed <= REGISTRY.reasons.keys()


def test_what_an_object_needs_comes_first():
    site = environment()
    place = {key: at for at, key in enumerate(in_order(site))}
    for want in site:
        for found in needed(site, want):
            assert place[found.key] < place[want.key], f"{want.key} needs {found.key}"


def test_a_circle_gives_way_where_the_object_exists():
    site = environment()
    profile = site.ipam_profiles[0].model_copy(update={"usable_networks": ("AVI_FRONTEND_3025",)})
    circle = site.model_copy(update={"ipam_profiles": (profile,)})
    circle._index = {}
    keys = in_order(circle, absent=[profile.key])
    cloud = circle.clouds[0].key
    assert keys.index(profile.key) < keys.index(cloud), "the profile is made before it is attached"
    assert sorted(keys) == sorted({want.key for want in circle})


def test_a_circle_of_which_nothing_exists():
    """No order is right, so any will do."""
    site = environment()
    profile = site.ipam_profiles[0].model_copy(update={"usable_networks": ("AVI_FRONTEND_3025",)})
    circle = site.model_copy(update={"ipam_profiles": (profile,)})
    circle._index = {}
    keys = [want.key for want in circle]
    assert sorted(in_order(circle, absent=keys)) == sorted(keys)


def test_in_a_circle_whatever_is_absent_comes_first():
    site = environment()
    profile = site.ipam_profiles[0].model_copy(update={"usable_networks": ("AVI_FRONTEND_3025",)})
    circle = site.model_copy(update={"ipam_profiles": (profile,)})
    circle._index = {}
    vrf, network = circle.vrfs[0].key, circle.networks[1].key
    keys = in_order(circle, absent=[profile.key, vrf])
    assert keys.index(vrf) < keys.index(network)
    assert keys.index(profile.key) < keys.index(circle.clouds[0].key)
