"""References: how they are shown, every form they are written in, and those that point at nothing."""

from __future__ import annotations

import pytest

from lab.tests.controller_client import BASE, path_of

ADDRESS = {"addr": "10.0.0.1", "type": "V4"}


@pytest.mark.evidence("REC", "§2.4")
def test_names_on_references_in_answers_to_writes_and_where_asked_for(client):
    made = client.post("/api/pool", {"name": "p"})
    assert made["url"].endswith(f"{made['uuid']}#p")
    read = client.get(f"/api/pool/{made['uuid']}")
    assert not [value for value in read.values() if isinstance(value, str) and "#" in value]
    for flag in (
        "include_name",
        "include_name=True",
        "include_name=true",
        "include_refs",
        "include_name&include_refs",
    ):
        assert (
            client.get(f"/api/pool/{made['uuid']}?{flag}")["tenant_ref"] == f"{BASE}/api/tenant/admin#admin"
        )
    plain = client.get(f"/api/pool/{made['uuid']}?include_name=false")
    assert plain["url"] == f"{BASE}/api/pool/{made['uuid']}"
    put = client.put(read)
    assert put["cloud_ref"].endswith("#Default-Cloud")


@pytest.mark.evidence("REC", "§2.4")
def test_references_of_a_copied_vip_have_no_names(client):
    client.post("/api/network", {"name": "net"})
    vip = {"ip_address": ADDRESS, "ipam_network_subnet": {"network_ref": "/api/network/?name=net"}}
    client.post("/api/vsvip", {"name": "v", "vip": [vip]})
    body = {"name": "vs", "services": [{"port": 80}], "vsvip_ref": "/api/vsvip?name=v"}
    made = client.post("/api/virtualservice", body, x_avi_version="18.2.10")
    assert "#" not in made["vip"][0]["ipam_network_subnet"]["network_ref"]
    assert made["vsvip_ref"].endswith("#v")


@pytest.mark.evidence("CLIENT", "§2.4")
@pytest.mark.parametrize(
    "form",
    [
        "{url}",
        "{url}#whatever",
        "/api/vrfcontext/{uuid}",
        "/api/vrfcontext/{uuid}#odd #name/with",
        "/api/vrfcontext?name={name}",
        "/api/vrfcontext/?name={name}",
        "/api/vrfcontext/?name=VRF%20one%232",
        "/api/vrfcontext/?name=VRF+one%232#VRF one#2",
        "/api/vrfcontext/?name={name}&cloud=Default-Cloud",
        "/api/vrfcontext/?name={name}&cloud_ref.name=Default-Cloud&tenant=admin",
        "https://another.name/api/vrfcontext/?name={name}",
        "https://[2001:db8::1]:9443/api/vrfcontext/{uuid}",
        "{uuid}",
    ],
)
def test_every_written_form_of_a_reference(client, form):
    vrf = client.post("/api/vrfcontext", {"name": "VRF one#2"})
    written = form.format(url=vrf["url"].partition("#")[0], uuid=vrf["uuid"], name="VRF one#2")
    made = client.post("/api/network", {"name": "n", "vrf_context_ref": written})
    assert made["vrf_context_ref"] == f"{BASE}/api/vrfcontext/{vrf['uuid']}#VRF one#2"


@pytest.mark.evidence("CLIENT", "§2.4", "§5.17")
@pytest.mark.parametrize(
    ("member", "written", "model"),
    [
        ("vrf_context_ref", "/api/vrfcontext?name=none", "VrfContext"),
        ("vrf_context_ref", "/api/vrfcontext/vrfcontext-none", "VrfContext"),
        ("vrf_context_ref", "vrfcontext-none", "VrfContext"),
        ("cloud_ref", "/api/cloud?name=none", "Cloud"),
        ("tenant_ref", "/api/tenant?name=none", "Tenant"),
    ],
)
def test_a_reference_to_nothing_is_400_and_names_the_model(client, member, written, model):
    answer = client("POST", "/api/network", {"name": "n", member: written})
    assert (answer.status, answer.json()) == (400, {"error": f"{model} object not found!"})


@pytest.mark.evidence("CLIENT", "§2.9")
def test_patch_of_references_in_any_form(client):
    client.post("/api/vsvip", {"name": "v", "vip": [{"ip_address": ADDRESS}]})
    dns = {"name": "dns", "services": [{"port": 53}], "vsvip_ref": "/api/vsvip?name=v"}
    vs = client.post(
        "/api/virtualservice", dns | {"application_profile_ref": "/api/applicationprofile?name=System-DNS"}
    )
    answer = client(
        "PATCH",
        "/api/systemconfiguration",
        {"add": {"dns_virtualservice_refs": ["/api/virtualservice?name=dns"]}},
    )
    assert answer.json()["dns_virtualservice_refs"] == [vs["url"]]
    pool = client.post(
        "/api/pool", {"name": "p", "health_monitor_refs": ["/api/healthmonitor?name=System-Ping"]}
    )
    emptied = client(
        "PATCH", path_of(pool), {"delete": {"health_monitor_refs": ["/api/healthmonitor/?name=System-Ping"]}}
    )
    assert "health_monitor_refs" not in emptied.json()
