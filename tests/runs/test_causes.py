"""A cause stands before its symptoms, once; and what is left out of a file is not judged on a live site either."""

from __future__ import annotations

import pytest
from avi.sdk.avi_api import ApiSession

from tests import lengths
from tests.runs.harness import run


def only(**sections):
    """An environment file's data that declares these sections alone, at the site's address."""

    def change(data):
        for section in [name for name in data if name not in ("name", "controller")]:
            del data[section]
        data.update(sections)

    return change


@lengths.WHOLE_RUN
@pytest.mark.parametrize(
    "sections",
    [
        {"vrfs": [{"name": "VRF_AZ1"}], "networks": [{"name": "AVI_FRONTEND_3025"}], "se_groups": [{"name": "Default-Group"}]},
        {"dns_services": [{"name": "local-dns-site1"}]},
        {
            "clouds": [{"name": "Default-Cloud"}],
            "dns_profiles": [{"name": "DNS_Default"}],
            "ipam_profiles": [{"name": "IPAM_Default"}],
            "tenants": [{"name": "admin"}],
            "roles": [{"name": "System-Admin"}],
            "users": [{"name": "admin"}],
            "account_profiles": [{"name": "Default-User-Account-Profile"}],
            "certificates": [{"name": "System-Default-Cert"}],
        },
    ],
    ids="+".join,
)  # fmt: skip
def test_what_is_merely_named_is_green(lab, tmp_path, sections):
    """Undeclared networks are in VRF_AZ1, and the service is disabled: neither is this file's."""
    service = lab.one("virtualservice", "local-dns-site1")
    lab.api("PATCH", f"/api/virtualservice/{service['uuid']}", {"replace": {"enabled": False}})
    ran = run(tmp_path, lab.declared(tmp_path, only(**sections)), **lab.credentials)
    assert ran.code == 0, ran.out


@lengths.WHOLE_RUN
def test_a_static_vip_is_green(lab, tmp_path):
    """It lies outside of every pool, as static addresses do."""
    service = lab.one("virtualservice", "local-dns-site1")
    vsvip = lab.api("GET", "/api/vsvip/" + service["vsvip_ref"].rpartition("/")[2])
    network = lab.one("network", "AVI_FRONTEND_3025")
    subnet = {"prefix": {"ip_addr": {"addr": "10.10.25.0", "type": "V4"}, "mask": 24}}
    body = {
        "name": "static",
        "vip": [
            {
                "vip_id": "0",
                "auto_allocate_ip": False,
                "ip_address": {"addr": "10.10.25.200", "type": "V4"},
                "placement_networks": [{"network_ref": network["url"], "subnet": subnet["prefix"]}],
            }
        ],
        "vrf_context_ref": vsvip["vrf_context_ref"],
        "cloud_ref": vsvip["cloud_ref"],
    }
    vip = lab.api("POST", "/api/vsvip", body)
    kept = (
        "application_profile_ref",
        "network_profile_ref",
        "se_group_ref",
        "cloud_ref",
        "vrf_context_ref",
        "services",
    )
    lab.api(
        "POST",
        "/api/virtualservice",
        {**{name: service[name] for name in kept}, "name": "acme", "vsvip_ref": vip["url"]},
    )  # fmt: skip
    acme = {"name": "acme", "enabled": True, "vip": {"auto_allocate": False}}
    ran = run(
        tmp_path, lab.declared(tmp_path, only(dns_services=[acme])), "-k", "not test_up", **lab.credentials
    )
    assert ran.code == 0, ran.out


@lengths.WHOLE_RUN
def test_a_vip_that_is_gone_is_the_cause(lab, tmp_path):
    """Somebody has written the VIP without its addresses: one cause, and everything else stands on it."""
    service = lab.one("virtualservice", "local-dns-site1")
    vsvip = lab.api("GET", "/api/vsvip/" + service["vsvip_ref"].rpartition("/")[2])
    del vsvip["vip"]
    lab.api("PUT", f"/api/vsvip/{vsvip['uuid']}", vsvip)
    ran = run(tmp_path, lab.declared(tmp_path), **lab.credentials)
    assert list(ran.of("drift")) == ["test_dns_services.py::test_vip[local-dns-site1]"]
    blocked = ran.of("blocked")
    assert len(blocked) > 15
    assert f"{len(blocked)} x DNS service local-dns-site1 has no VIP" in ran.out


@lengths.WHOLE_RUN
def test_a_silent_service_is_one_cause(lab, tmp_path):
    lab.faults({"dns": ".*", "answer": "timeout"})
    ran = run(tmp_path, lab.declared(tmp_path), "-k", "test_names", **lab.credentials)
    assert set(ran.of("drift")) == {
        f"test_names.py::test_answers[local-dns-site1-{transport}]" for transport in ("udp", "tcp")
    }
    assert "gave no answer over UDP" in ran.of("drift")["test_names.py::test_answers[local-dns-site1-udp]"]
    lines = [line.strip() for line in ran.out.splitlines() if " x DNS service" in line]
    (line,) = lines
    assert line.startswith(f"{len(ran.of('blocked'))} x DNS service local-dns-site1 does not answer over ")


SERVICES = 40


@lengths.WHOLE_RUN
def test_one_broken_vcenter_connection_is_one_root_and_every_service_is_blocked_by_it(lab, tmp_path):
    """They wait, since a cloud whose vCenter refuses the login places nothing."""
    (subnet,) = (network := lab.one("network", "AVI_FRONTEND_3025"))["configured_subnets"]
    (addresses,) = subnet["static_ip_ranges"]
    addresses["range"]["end"]["addr"] = last = "10.10.25.250"
    lab.api("PUT", f"/api/network/{network['uuid']}", network)
    account = lab.one("cloud", "Default-Cloud")["vcenter_configuration"]["username"]
    lab.ask("POST", "/lab/vcenter/faults", {"do": "password", "account": account, "password": "other"})
    there = lab.endpoints["controller"]["port"], lab.endpoints["version"], lab.endpoints["ca_file"]
    login = lab.endpoints["username"], lab.endpoints["password"]
    session = ApiSession("127.0.0.1", *login, port=there[0], api_version=there[1], verify=there[2])
    session.trust_env = False
    vip = {
        "vrf_context_ref": "/api/vrfcontext?name=VRF_AZ1",
        "vip": [{"vip_id": "1", "auto_allocate_ip": True}],
    }
    group = "/api/serviceenginegroup?name=S1-AZ1-SE-Group"
    names = [f"s{number}" for number in range(SERVICES)]
    for name in names:
        ref = session.post("vsvip", data={"name": name, **vip}).json()["url"]
        body = {"name": name, "vsvip_ref": ref, "se_group_ref": group, "services": [{"port": 80}]}
        assert session.post("virtualservice", data=body).status_code == 201
    session.delete_session()
    lab.ask("POST", "/lab/clock", {"advance": 600})

    def declare(data):
        data["clouds"][0]["placement_ready"] = True
        (front,) = [each for each in data["networks"] if each["name"] == network["name"]]
        front["subnets"][0]["pools"][0]["range"] = f"10.10.25.40-{last}"
        data["objects"] = [
            {"type": "virtualservice", "name": name, "fields": {"enabled": True}} for name in names
        ]

    ran = run(tmp_path, lab.declared(tmp_path, declare), **lab.credentials)
    assert list(ran.of("drift")) == ["test_cloud.py::test_placement_ready[Default-Cloud]"]
    blocked = ran.of("blocked")
    assert {*blocked} == {f"test_objects.py::test_serves[virtualservice/{name}]" for name in names}
    text = " ".join(ran.out.split())
    assert f"{SERVICES} x cloud Default-Cloud: it places nothing: CLOUD_STATE_FAILED" in text
    assert f"{SERVICES} virtual services stand on it" in text
    assert "about what is not declared: " not in text.replace("changes of what is not declared", "")
