"""The lab's states on several versions: everything as declared, or each planted fault named by the check that owns it."""

from __future__ import annotations

import pytest

from tests import lengths
from tests.runs.harness import site

VERSIONS = ("20.1.6", "22.1.3", "30.2.1")
CHECKS = 167
"""At least so many; every further check must pass where it is not in a table below."""
NETWORKS = ("AVI_FRONTEND_3025", "REGIONB_VMS_3024", "AVI_FRONTEND_3026", "REGIONB_VMS_3023")
GROUPS = ("S1-AZ1-SE-Group", "S1-AZ2-SE-Group", "DNS-SE-Group")
POOL = "configured_subnets.static_ip_ranges"

FAULTS = {
    # (kind, name, field) as the lab tells them: what each check that owns it says
    ("network", "REGIONB_MGMT_3020", f"{POOL}.range"): {
        "test_networks.py::test_pool[REGIONB_MGMT_3020]": "declared 10.10.20.40-10.10.20.45, found 10.10.20.40-10.10.20.42"
    },
    ("ipamdnsproviderprofile", "DNS_Default", "internal_profile.ttl"): {
        "test_dns_profiles.py::test_ttl[DNS_Default]": "ttl: declared 30, found 300"
    },
    ("ipamdnsproviderprofile", "IPAM_Default", "allocate_ip_in_vrf"): {
        "test_ipam_profiles.py::test_allocate_in_vrf[IPAM_Default]": "allocate_in_vrf: declared yes, found no"
    },
    ("cloud", "Default-Cloud", "state_based_dns_registration"): {
        "test_cloud.py::test_state_based_dns[Default-Cloud]": "state_based_dns: declared yes, found no"
    },
    ("cloud", "Default-Cloud", "ipam_provider_ref"): {
        "test_cloud.py::test_ipam_profile[Default-Cloud]": "ipam_profile: declared IPAM_Default, found nothing"
    },
    ("cloud", "Default-Cloud", "dhcp_enabled"): {
        "test_cloud.py::test_management_dhcp[Default-Cloud]": "management.dhcp: declared no, found yes"
    },
    ("network", "REGIONB_VMS_3023", "vrf_context_ref"): {
        "test_networks.py::test_vrf[REGIONB_VMS_3023]": "vrf: declared VRF_AZ2, found global"
    },
    ("network", "AVI_FRONTEND_3026", f"{POOL}.range"): {
        "test_networks.py::test_pool[AVI_FRONTEND_3026]": "declared 10.10.26.40-10.10.26.59, found 10.10.26.40-10.10.26.49"
    },
    ("network", "REGIONB_VMS_3024", f"{POOL}.type"): {
        "test_networks.py::test_pool_use[REGIONB_VMS_3024]": "declared se, found vip-and-se"
    },
    ("network", "AVI_FRONTEND_3025", "dhcp_enabled"): {
        "test_networks.py::test_dhcp[AVI_FRONTEND_3025]": "dhcp: declared no, found yes"
    },
    ("serviceenginegroup", "S1-AZ1-SE-Group", "ha_mode"): {
        "test_se_groups.py::test_ha_mode[S1-AZ1-SE-Group]": "ha_mode: declared n+m, found active-active"
    },
    ("serviceenginegroup", "S1-AZ1-SE-Group", "vcenter_folder"): {
        "test_se_groups.py::test_folder[S1-AZ1-SE-Group]": "folder: declared AVI K8S/Site1 AZ1, found AVI K8S/Site1 AZ2"
    },
    ("serviceenginegroup", "S1-AZ2-SE-Group", "buffer_se"): {
        "test_se_groups.py::test_buffer[S1-AZ2-SE-Group]": "buffer: declared 0, found 1"
    },
    ("serviceenginegroup", "S1-AZ2-SE-Group", "se_name_prefix"): {
        "test_se_groups.py::test_name_prefix[S1-AZ2-SE-Group]": "name_prefix: declared s1az2, found Avi"
    },
    ("serviceenginegroup", "S1-AZ2-SE-Group", "realtime_se_metrics.duration"): {
        "test_se_groups.py::test_realtime_duration[S1-AZ2-SE-Group]": "realtime_metrics.duration: declared 0, found 30"
    },
    ("serviceenginegroup", "DNS-SE-Group", "realtime_se_metrics.enabled"): {
        "test_se_groups.py::test_realtime_metrics[DNS-SE-Group]": "realtime_metrics.enabled: declared yes, found no"
    },
    ("virtualservice", "local-dns-site1", "static_dns_records.ip_address"): {
        "test_dns_services.py::test_record_addresses[local-dns-site1]": "declared 10.10.24.10, found 10.10.24.99",
        "test_names.py::test_resolves[test.avi.iberia.local-udp]": "10.10.24.99 instead of 10.10.24.10",
        "test_names.py::test_resolves[test.avi.iberia.local-tcp]": "10.10.24.99 instead of 10.10.24.10",
    },
    ("systemconfiguration", "", "dns_virtualservice_refs"): {
        "test_system.py::test_dns_services[system]": "dns_services: declared local-dns-site1, found corp-dns"
    },
}

OWNED = {node: text for owners in FAULTS.values() for node, text in owners.items()}

DRIFTED_BLOCKED = {
    # The declared pool is not there, so nobody can say what it is used for.
    "test_networks.py::test_pool_use[AVI_FRONTEND_3026]": "network AVI_FRONTEND_3026 has no "
    "subnets[10.10.26.0/24].pools[10.10.26.40-10.10.26.59]",
    # The service gives the wrong address to every host: that is no fault of the host.
    **{
        f"test_hosts.py::test_{fact}[test.avi.iberia.local on {host}]": "local-dns-site1 serves test.avi.iberia.local as "
        "10.10.24.99"
        for fact in ("resolves", "dns_service")
        for host in ("k8sopsbox", "s1az1-k8s-master")
    },
}

FRESH_DRIFT = {
    "test_cloud.py::test_dns_profile[Default-Cloud]": "declared DNS_Default, found nothing",
    "test_cloud.py::test_ipam_profile[Default-Cloud]": "declared IPAM_Default, found nothing",
    "test_dns_profiles.py::test_exists[DNS_Default]": "absent",
    "test_ipam_profiles.py::test_exists[IPAM_Default]": "absent",
    "test_dns_services.py::test_exists[local-dns-site1]": "absent",
    "test_system.py::test_dns_services[system]": "declared local-dns-site1, found nothing",
    **{f"test_vrfs.py::test_exists[{vrf}]": "absent" for vrf in ("VRF_AZ1", "VRF_AZ2")},
    **{f"test_se_groups.py::test_exists[{group}]": "absent" for group in GROUPS},
    **{f"test_networks.py::test_vrf[{network}]": "found global" for network in NETWORKS},
    **{f"test_networks.py::test_dhcp[{network}]": "declared no, found yes" for network in NETWORKS},
    **{f"test_networks.py::test_subnet[{network}]": "found nothing" for network in NETWORKS},
}

_RUNTIME = ("udp", "tcp")
_LOOKUPS = [
    f"{name}-{over}"
    for name in ("local-dns-site1.avi.iberia.local", "test.avi.iberia.local")
    for over in _RUNTIME
]
_SERVICE = (
    "enabled application_profile ports vrf se_group vip_allocation vip_network vip_in_pool own_name records "
    "record_addresses record_ttl up on_its_engines vip"
)
_MACHINES = "exists folder name powered_on management_network data_networks"
_GROUP = "ha_mode buffer name_prefix folder realtime_metrics realtime_duration engines_serve engine_versions"
_SUBNET = {
    "AVI_FRONTEND_3025": "10.10.25.0/24",
    "REGIONB_VMS_3024": "10.10.24.0/24",
    "AVI_FRONTEND_3026": "10.10.26.0/24",
    "REGIONB_VMS_3023": "10.10.23.0/24",
}
_NO_SERVICE = "DNS service local-dns-site1 is absent from the Controller"

FRESH_BLOCKED = {
    **{
        f"test_dns_profiles.py::test_{fact}[DNS_Default]": "DNS profile DNS_Default is absent from the Controller"
        for fact in ("type", "domains", "ttl")
    },
    **{
        f"test_ipam_profiles.py::test_{fact}[IPAM_Default]": "IPAM profile IPAM_Default is absent from the Controller"
        for fact in ("type", "allocate_in_vrf")
    },
    **{f"test_dns_services.py::test_{fact}[local-dns-site1]": _NO_SERVICE for fact in _SERVICE.split()},
    **{
        f"test_names.py::test_{fact}[local-dns-site1-{over}]": _NO_SERVICE
        for fact in ("answers", "unknown_name")
        for over in _RUNTIME
    },
    **{
        f"test_names.py::test_{fact}[{lookup}]": _NO_SERVICE
        for fact in ("resolves", "authoritative", "ttl")
        for lookup in _LOOKUPS
    },
    **{
        f"test_networks.py::test_{fact}[{network}]": f"network {network} has no subnets[{_SUBNET[network]}]"
        for fact in ("pool", "pool_use")
        for network in NETWORKS
    },
    **{
        f"test_networks.py::test_free_addresses[{network}]": f"network {network} has no address pool"
        for network in NETWORKS
    },
    **{
        f"test_se_groups.py::test_{fact}[{group}]": f"SE group {group} is absent from the Controller"
        for fact in _GROUP.split()
        for group in GROUPS
    },
    **{
        f"test_service_engine_vms.py::test_{fact}[{group}-vcenter]": f"SE group {group} is absent from the Controller"
        for fact in _MACHINES.split()
        for group in GROUPS
    },
    **{
        f"test_vrfs.py::test_{fact}[{vrf}]": f"VRF context {vrf} is absent from the Controller"
        for fact in ("only_its_networks", "pools_apart")
        for vrf in ("VRF_AZ1", "VRF_AZ2")
    },
}


def played(state, *versions):
    """The lab in a state, in each of these versions."""
    return pytest.mark.parametrize(
        "version",
        [
            pytest.param(
                version,
                id=version,
                marks=pytest.mark.ahead("--lab", f"--lab-version={version}", "--lab-state", state),
            )
            for version in versions
        ],
    )


@lengths.sampled(3)
@played("conforming", *VERSIONS)
def test_conforming(ran, version):
    assert ran.code == 0, ran.out
    assert ran.counts == {"passed": len(ran.cases)}
    assert len(ran.cases) >= CHECKS
    assert f"CONFORMS: {len(ran.cases)} of {len(ran.cases)} facts as declared" in ran.out
    assert f"version {version}" in ran.out


@lengths.sampled(3)
@played("drifted", *VERSIONS)
def test_every_planted_fault_is_named_by_the_check_that_owns_it(ran, version):
    with site("drifted", version) as lab:
        planted = lab.ask("GET", "/lab/state")["planted"]
    told = {(fault["kind"], fault["name"], fault["field"]) for fault in planted}
    assert told == FAULTS.keys(), "the lab plants other faults than this table knows"
    assert len(told) >= 12
    assert {fault["step"] for fault in planted} == {0, 1, 2, 3, 4, 5}
    assert ran.code == 1, ran.out
    _same(ran.of("drift"), OWNED)
    _same(ran.of("blocked"), DRIFTED_BLOCKED)
    assert ran.of("unknown") == {}
    assert len(ran.of("passed")) >= CHECKS - len(OWNED) - len(DRIFTED_BLOCKED)


@lengths.sampled(3)
@played("fresh", *VERSIONS)
def test_what_a_fresh_site_lacks_is_named_once(ran, version):
    assert ran.code == 1, ran.out
    hosts = {node: ran.cases.pop(node) for node in list(ran.cases) if node.startswith("test_hosts.py::")}
    _same(ran.of("drift"), FRESH_DRIFT)
    _same(ran.of("blocked"), FRESH_BLOCKED)
    assert ran.of("unknown") == {}
    for node, (outcome, text) in hosts.items():
        assert outcome == "passed" or "local-dns-site1" in text, (
            f"{node} has another cause than the missing service"
        )


@lengths.WHOLE_RUN
@played("conforming", "18.2.13")
def test_a_controller_that_is_too_old(ran, version):
    assert ran.code == 6, ran.out
    assert set(ran.counts) == {"passed", "unknown"}
    assert len(ran.of("unknown")) >= 113
    elsewhere = ("test_vcenter.py::", "test_hosts.py::")
    assert all(node.startswith(elsewhere) for node in ran.of("passed")), (
        "only vCenter and the hosts can be asked"
    )
    assert "it is version 18.2.13; the oldest that is supported is 20.1.1" in ran.out.replace(
        "\n            ", " "
    )


def _same(found, expected):
    assert found.keys() == expected.keys()
    for node, text in expected.items():
        assert text in found[node], node
