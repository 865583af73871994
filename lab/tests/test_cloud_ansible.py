"""The blog's environment built by the code of the Ansible modules themselves, as avisdk carries it, and run again."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lab.seeds.conforming import DOMAIN, GROUPS, NETWORKS
from lab.tests.cloudsite import ip, pool, prefix

ROOT = Path(__file__).parents[2]
OPTIONAL = ("tenant_uuid", "api_context", "avi_credentials", "avi_deactivate_session_cache_as_fact")


class Failed(Exception):
    """What a module says with fail_json."""


class Module:
    """An Ansible module's side: parameters in, `exit_json` or `fail_json` out."""

    def __init__(self, params):
        self.params = params
        self.argument_spec = {name: {} for name in params}
        self.check_mode = False
        self.said = None

    def exit_json(self, **said):
        self.said = said

    def fail_json(self, msg):
        raise Failed(msg)

    def warn(self, msg):
        raise AssertionError(msg)


def ref(kind, name):
    return f"/api/{kind}?name={name}"


CLOUD = {"cloud_ref": ref("cloud", "Default-Cloud")}
PLAYBOOK = [
    (
        "ipamdnsproviderprofile",
        {
            "name": "DNS_Default",
            "type": "IPAMDNS_TYPE_INTERNAL_DNS",
            "internal_profile": {"ttl": 30, "dns_service_domain": [{"domain_name": DOMAIN}]},
        },
    ),
    (
        "ipamdnsproviderprofile",
        {
            "name": "IPAM_Default",
            "type": "IPAMDNS_TYPE_INTERNAL",
            "allocate_ip_in_vrf": True,
            "internal_profile": {"ttl": 30},
        },
    ),
    (
        "cloud",
        {
            "name": "Default-Cloud",
            "vtype": "CLOUD_VCENTER",
            "dns_provider_ref": ref("ipamdnsproviderprofile", "DNS_Default"),
            "ipam_provider_ref": ref("ipamdnsproviderprofile", "IPAM_Default"),
            "state_based_dns_registration": True,
        },
    ),
    *[("vrfcontext", {"name": name, **CLOUD}) for name in ("VRF_AZ1", "VRF_AZ2")],
    *[
        (
            "network",
            {
                "name": name,
                "vrf_context_ref": ref("vrfcontext", vrf),
                "dhcp_enabled": False,
                "configured_subnets": [pool(where, first, last, kind)],
                **CLOUD,
            },
        )
        for name, vrf, where, first, last, kind in NETWORKS
    ],
    *[
        (
            "serviceenginegroup",
            {
                "name": name,
                "ha_mode": "HA_MODE_SHARED",
                "buffer_se": 0,
                "se_name_prefix": stem,
                "vcenter_folder": folder,
                "realtime_se_metrics": {"enabled": True, "duration": 0},
                **CLOUD,
            },
        )
        for name, stem, folder in GROUPS
    ],
    (
        "vsvip",
        {
            "name": "vsvip-local-dns-site1",
            "vrf_context_ref": ref("vrfcontext", "VRF_AZ1"),
            "vip": [
                {
                    "vip_id": "1",
                    "auto_allocate_ip": True,
                    "auto_allocate_ip_type": "V4_ONLY",
                    "ipam_network_subnet": {
                        "network_ref": ref("network", "AVI_FRONTEND_3025"),
                        "subnet": prefix("10.10.25.0/24"),
                    },
                }
            ],
            "dns_info": [{"fqdn": f"local-dns-site1.{DOMAIN}", "type": "DNS_RECORD_A"}],
            **CLOUD,
        },
    ),
    (
        "virtualservice",
        {
            "name": "local-dns-site1",
            "vrf_context_ref": ref("vrfcontext", "VRF_AZ1"),
            "vsvip_ref": ref("vsvip", "vsvip-local-dns-site1"),
            "se_group_ref": ref("serviceenginegroup", "DNS-SE-Group"),
            "application_profile_ref": ref("applicationprofile", "System-DNS"),
            "network_profile_ref": ref("networkprofile", "System-UDP-Per-Pkt"),
            "services": [{"port": 53}],
            "static_dns_records": [
                {
                    "type": "DNS_RECORD_A",
                    "fqdn": [f"test.{DOMAIN}"],
                    "ttl": 30,
                    "ip_address": [{"ip_address": ip("10.10.24.10")}],
                }
            ],
            **CLOUD,
        },
    ),
    ("systemconfiguration", {"dns_virtualservice_refs": [ref("virtualservice", "local-dns-site1")]}),
]


@pytest.fixture(params=["20.1.6", "22.1.7", "30.2.1"])
def running(request, monkeypatch):
    command = [
        sys.executable,
        "-m",
        "lab",
        "--state",
        "fresh",
        "--api-version",
        request.param,
        "--with-parent",
    ]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        said = json.loads(process.stdout.readline())
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", said["ca_file"])
        yield said
        process.stdin.close()
        process.wait(10)


def play(running):
    from avi.sdk.avi_api import ApiSession
    from avi.sdk.utils.ansible_utils import avi_ansible_api

    ApiSession.clear_cached_sessions()
    access = {
        "controller": running["controller"]["address"],
        "username": running["username"],
        "password": running["password"],
        "api_version": running["version"],
        "tenant": "admin",
    }
    changed = []
    for kind, members in PLAYBOOK:
        credentials = {**access, "port": running["controller"]["port"], "verify": running["ca_file"]}
        params = {**dict.fromkeys(OPTIONAL), **access, "avi_credentials": credentials, "state": "present"}
        module = Module({**params, **members})
        avi_ansible_api(module, kind, set())
        if module.said["changed"]:
            changed.append((kind, members.get("name", "")))
    ApiSession.clear_cached_sessions()
    return changed


@pytest.mark.evidence("CLIENT", "§2.4", "§2.9")
@pytest.mark.filterwarnings("ignore")  # the modules' own code is not ours to keep free of warnings
def test_a_playbook_builds_the_environment_and_its_second_run_changes_nothing(running):
    assert play(running) == [(kind, members.get("name", "")) for kind, members in PLAYBOOK]
    assert play(running) == []
