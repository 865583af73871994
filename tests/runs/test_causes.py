"""A cause stands before its symptoms, once; and what is left out of a file is not judged on a live site either."""

from __future__ import annotations

import pytest

from tests.runs.harness import run


def only(**sections):
    """An environment file's data that declares these sections alone, at the site's address."""

    def change(data):
        for section in [name for name in data if name not in ("name", "controller")]:
            del data[section]
        data.update(sections)

    return change


@pytest.mark.parametrize(
    "sections",
    [
        {"vrfs": [{"name": "VRF_AZ1"}], "networks": [{"name": "AVI_FRONTEND_3025"}], "se_groups": [{"name": "Default-Group"}]},
        {"dns_services": [{"name": "local-dns-site1"}]},
    ],
    ids="+".join,
)  # fmt: skip
def test_what_is_merely_named_is_green(lab, tmp_path, sections):
    """Undeclared networks are in VRF_AZ1, and the service is disabled: neither is this file's."""
    service = lab.one("virtualservice", "local-dns-site1")
    lab.api("PATCH", f"/api/virtualservice/{service['uuid']}", {"replace": {"enabled": False}})
    ran = run(tmp_path, lab.declared(tmp_path, only(**sections)), **lab.credentials)
    assert ran.code == 0, ran.out


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
