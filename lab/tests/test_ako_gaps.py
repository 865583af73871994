"""Gaps that once kept a start of AKO from being foretold on the lab: sessions, credentials, roles, SCTP, NSX-T."""

import pytest

from lab import ako
from lab.tests.cloudsite import Client
from lab.tests.login import enter

SECRET = "AkoSecret-1"
AKO = {"avicredentials.username": "ako", "avicredentials.password": SECRET}
OVERLAY = {
    "ControllerSettings.cloudName": "nsxt-overlay",
    "ControllerSettings.serviceEngineGroupName": "seg-prod",
    "NetworkSettings.vipNetworkList": [{"networkName": "vip-prod", "cidr": "10.45.10.0/24"}],
    "NetworkSettings.nodeNetworkList": [],
}
VLAN = OVERLAY | {
    "ControllerSettings.cloudName": "nsxt-vlan",
    "NetworkSettings.vipNetworkList": [{"networkName": "vlan-front", "cidr": "10.46.10.0/24"}],
}


def user(client, privileges=None, **profile):
    """A user for AKO with a profile of his own; a superuser unless privileges are given."""
    kept = client.post("useraccountprofile", name="of-ako", **profile)
    rights: dict[str, object] = {"is_superuser": True}
    if privileges is not None:
        role = client.post("role", name="short", privileges=privileges)
        rights = {"access": [{"role_ref": role["url"], "tenant_ref": "/api/tenant/admin"}]}
    return client.post(
        "user", name="ako", username="ako", password=SECRET, user_profile_ref=kept["url"], **rights
    )


@pytest.mark.evidence("DOC", "§1.4")
@pytest.mark.parametrize(("most", "starts"), [(8, False), (9, True), (0, True)])
def test_nine_logins_meet_the_limit_of_sessions(most, starts):
    """(a) Every login of AKO is a session; a restart has those of the process that ended no longer [INF]."""
    client = Client("conforming")
    user(client, max_concurrent_sessions=most)
    answer = ako.take_steps(client.lab, set=AKO)
    assert (answer["verdict"] == "starts") is starts
    assert answer["logged"] == ("" if starts else "Avi client not initialized")
    if starts:
        assert ako.take_steps(client.lab)["verdict"] == "starts"


@pytest.mark.evidence("DOC", "§1.4")
def test_credentials_that_have_expired_no_longer_work():
    """(b) Every call but the change of the password is refused."""
    client = Client("conforming")
    user(client, credentials_timeout_threshold=1)
    assert ako.take_steps(client.lab, set=AKO)["verdict"] == "starts"
    client.later(3 * 86400)
    answer = ako.take_steps(client.lab)
    assert answer["verdict"] == "does not start"
    assert answer["failing"][0]["step"] == "V1"


@pytest.mark.evidence("INF", "§1.7")
def test_the_clusters_runtime_is_open_to_any_role():
    """(c) Clients poll it without a login while a Controller boots: no role can be asked for. `/api/cluster` asks."""
    client = Client("conforming")
    user(client, privileges=[{"type": "READ_ACCESS", "resource": "PERMISSION_TENANT"}])
    assert client("GET", "/api/cluster/runtime", login=False)[0] == 200
    client.site.username, client.site.password = "ako", SECRET
    client.headers = enter(client.lab, "https://controller.test") | {"x-avi-version": client.version}
    assert client("GET", "/api/cluster/runtime")[0] == 200
    assert client("GET", "/api/cluster")[0] == 403


@pytest.mark.evidence("CLIENT", "§4.9")
def test_what_is_ready_for_sctp():
    """(e) A network profile and a health monitor, from 22.1.3 on."""
    client = Client("conforming")
    (profile,) = client.list("/api/networkprofile?name=System-SCTP-Proxy")
    assert profile["profile"]["type"] == "PROTOCOL_TYPE_SCTP_PROXY"
    assert client.get("/api/healthmonitor?name=System-SCTP")["count"] == 1
    assert Client("empty", (22, 1, 1)).get("/api/networkprofile?name=System-SCTP-Proxy")["count"] == 0


@pytest.fixture(scope="module")
def nsxt():
    return Client("fresh+nsxt")


T1 = "NetworkSettings.nsxtT1LR"
ROWS = [
    ("2.2.1", OVERLAY, "V2d", "with overlay transport zone but the T1 LR mapping is not provided"),
    ("2.2.1", VLAN | {T1: "/infra/tier-1s/T1-prod"}, "V2e", "with VLAN transport zone but the T1 LR mapping"),
    ("1.13.1", OVERLAY, "", ""),
    ("1.13.1", VLAN | {T1: "/infra/tier-1s/T1-prod"}, "", ""),
    ("2.2.1", VLAN, "", ""),
    ("2.2.1", OVERLAY | {T1: "/infra/tier-1s/T1-prod"}, "", ""),
]


@pytest.mark.evidence("CLIENT", "§4.9")
@pytest.mark.parametrize(("version", "values", "step", "says"), ROWS)
def test_an_nsxt_cloud_is_held_to_the_t1_gateway(nsxt, version, values, step, says):
    """(f) From 1.13.2 on; before, the transport zone is not known at the first start."""
    answer = ako.take_steps(nsxt.lab, version=version, set={T1: ""} | values)
    assert [each["step"] for each in answer["failing"]] == ([step] if step else [])
    assert says in answer["logged"]


@pytest.mark.evidence("CLIENT", "§4.9")
def test_routes_go_into_the_vrf_context_of_the_t1_gateway_or_the_vip_networks():
    client = Client("fresh+nsxt")
    tier1 = "/infra/tier-1s/T1-prod"
    answer = ako.take_steps(client.lab, set=OVERLAY | {T1: tier1})
    assert (answer["vrf"], answer["verdict"]) == ("T1-prod", "starts")
    dev = ako.take_steps(client.lab, set={T1: "/infra/tier-1s/T1-dev"})
    assert dev["vrf"] == "T1-dev"
    fallen = ako.take_steps(client.lab, set={T1: "/infra/tier-1s/none"})
    assert fallen["vrf"] == "T1-prod"  # that of the VIP network
    assert "no match found for T1Lr" in str(fallen["log"])


@pytest.mark.evidence("CLIENT", "§4.9")
def test_objects_in_an_nsxt_cloud_stand_behind_the_t1_gateway():
    client = Client("fresh+nsxt")
    cloud = client.one("cloud", "nsxt-overlay")
    dns = client.post(
        "ipamdnsproviderprofile",
        name="dns-west",
        type="IPAMDNS_TYPE_INTERNAL_DNS",
        internal_profile={"dns_service_domain": [{"domain_name": "avi.iberia.local"}]},
    )
    assert client.put(cloud, dns_provider_ref=dns["url"])[0] == 200
    tier1 = "/infra/tier-1s/T1-prod"
    ako.take_steps(client.lab, set=OVERLAY | {T1: tier1})
    answer = ako.take_steps(client.lab, steps=["ingress"])
    assert answer["refused"] == []
    (pool,) = client.list("/api/pool?name.contains=s1az1--")
    assert pool["tier1_lr"] == tier1
    (vsvip,) = client.list("/api/vsvip?name.contains=s1az1--&include_name")
    assert (vsvip["tier1_lr"], vsvip["vrf_context_ref"].partition("#")[2]) == (tier1, "T1-prod")
