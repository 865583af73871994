"""Which model a request speaks: read down, refuse what is newer, old and new spellings."""

from __future__ import annotations

import orjson
import pytest

from lab.assembly import UnknownVersionError, own_version
from lab.controller import Request
from lab.tests.controller_client import Client, make

RANGE = {"begin": {"addr": "10.1.1.10", "type": "V4"}, "end": {"addr": "10.1.1.20", "type": "V4"}}
PREFIX = {"ip_addr": {"addr": "10.1.1.0", "type": "V4"}, "mask": 24}


@pytest.mark.evidence("REC", "§1.6")
def test_without_the_header_newer_members_are_hidden_and_old_ones_shown():
    client = Client(make("20.1.6"))
    client.post("/api/pool", {"name": "p", "servers": [{"ip": {"addr": "10.0.0.1", "type": "V4"}}]})
    assert client.one("cloud", "Default-Cloud")["state_based_dns_registration"] is True
    assert "state_based_dns_registration" not in client.one("cloud", "Default-Cloud", x_avi_version=None)
    assert "server_count" not in client.one("pool", "p")
    assert client.one("pool", "p", x_avi_version=None)["server_count"] == 1


@pytest.mark.evidence("REC", "§1.1")
@pytest.mark.parametrize(
    ("version", "named", "ended"),
    [
        ("17.2.5", False, b"error"),
        ("17.2.8", False, b'{"error": "Need to switch session"}'),
        ("18.1.3", True, b'{"error": "Need to switch session"}'),
    ],
)
def test_releases_before_the_oldest_measured(version, named, ended):
    own, remark = own_version(version)
    assert "about 18.2.13's" in remark
    lab = make(version, "conforming")
    assert lab.site.version == own
    form = (("username", lab.site.username), ("password", lab.site.password))
    body = "&".join(f"{key}={value}" for key, value in form).encode()
    sent = {"content-type": "application/x-www-form-urlencoded"}
    told = lab.answer(Request("POST", "/login", (), sent, body, "https://lab")).body
    assert (orjson.loads(told)["version"]["Version"], b"session_cookie_name" in told) == (version, named)
    client = Client(lab)
    assert client.one("virtualservice", "local-dns-site1")["vip"]
    lab.controller.sessions.live.clear()
    answer = client("GET", "/api/pool")
    assert (answer.status, answer.body) == (419, ended)


@pytest.mark.evidence("PUBLIC", "§1.6")
def test_a_member_newer_than_the_stated_version_is_refused_and_said_so():
    client = Client(make("20.1.6"))
    body = {"name": "vs", "services": [{"port": 80, "enable_http2": True}]}
    answer = client("POST", "/api/virtualservice", body, x_avi_version="18.2.8")
    assert answer.status == 400
    assert answer.json() == {
        "error": "Incoming request (v18_2_8) has field (enable_http2) introduced in later versions(v20_1_1)."
    }


@pytest.mark.evidence("CLIENT", "§1.6")
@pytest.mark.parametrize("version", ["30.2.1", "20.1.7", "99", "latest"])
def test_a_version_newer_than_the_controllers_is_invalid(version):
    answer = Client(make("20.1.6"))("GET", "/api/pool", x_avi_version=version)
    assert answer.status == 400
    assert "Invalid version" in answer.json()["error"]


@pytest.mark.evidence("SCHEMA", "§3.3")
def test_ranges_are_read_and_written_in_both_spellings():
    client = Client(make("21.1.7"))
    made = client.post(
        "/api/network",
        {"name": "old", "configured_subnets": [{"prefix": PREFIX, "static_ranges": [RANGE]}]},
        x_avi_version="18.2.13",
    )
    assert made["configured_subnets"][0]["static_ranges"] == [RANGE]
    subnet = client.one("network", "old")["configured_subnets"][0]
    assert subnet["static_ip_ranges"] == [{"range": RANGE, "type": "STATIC_IPS_FOR_VIP_AND_SE"}]
    newer = {
        "name": "new",
        "configured_subnets": [{"prefix": PREFIX, "static_ip_ranges": [{"range": RANGE}]}],
    }
    client.post("/api/network", newer)
    assert client.one("network", "new", x_avi_version="20.1.1")["configured_subnets"][0]["static_ranges"] == [
        RANGE
    ]


@pytest.mark.evidence("SCHEMA", "§3.5")
def test_usable_networks_in_both_spellings():
    client = Client(make("21.1.7"))
    network = client.post("/api/network", {"name": "n"})
    body = {
        "name": "ipam",
        "type": "IPAMDNS_TYPE_INTERNAL",
        "internal_profile": {"usable_network_refs": ["/api/network/?name=n"]},
    }
    client.post("/api/ipamdnsproviderprofile", body, x_avi_version="20.1.1")
    plain = network["url"].partition("#")[0]
    inner = client.one("ipamdnsproviderprofile", "ipam")["internal_profile"]
    assert inner["usable_networks"] == [{"nw_ref": plain}]
    inner = client.one("ipamdnsproviderprofile", "ipam", x_avi_version="20.1.1")["internal_profile"]
    assert inner["usable_network_refs"] == [plain]


@pytest.mark.evidence("REC", "§3.9")
def test_old_models_show_copies_of_the_vip_on_a_virtual_service():
    client = Client(make("20.1.6"))
    vip = {
        "name": "v",
        "vip": [{"ip_address": {"addr": "10.90.64.123", "type": "V4"}}],
        "dns_info": [{"fqdn": "a.b"}],
    }
    client.post("/api/vsvip", vip)
    client.post(
        "/api/virtualservice", {"name": "vs", "services": [{"port": 80}], "vsvip_ref": "/api/vsvip?name=v"}
    )
    for version in ("17.2.8", "18.2.10"):
        shown = client.one("virtualservice", "vs", x_avi_version=version)
        assert shown["vip"][0]["ip_address"]["addr"] == "10.90.64.123"
        assert shown["dns_info"][0]["fqdn"] == "a.b"
        assert shown["vsvip_ref"]
    for version in ("20.1.1", "20.1.6"):
        shown = client.one("virtualservice", "vs", x_avi_version=version)
        assert "vip" not in shown
        assert "dns_info" not in shown
    flat = client.one("virtualservice", "vs", x_avi_version=None)
    assert flat["ip_address"] == {"addr": "10.90.64.123", "type": "V4"}
    assert flat["auto_allocate_ip"] is False


@pytest.mark.evidence("INF", "§1.6")
def test_a_put_under_an_old_version_keeps_what_it_cannot_see():
    client = Client(make("30.2.1"))
    cloud = client.one("cloud", "Default-Cloud")
    client.put(cloud | {"state_based_dns_registration": False, "resolve_fqdn_to_ipv6": True})
    old = client.one("cloud", "Default-Cloud", x_avi_version="18.2.13")
    assert "resolve_fqdn_to_ipv6" not in old
    client.put(old | {"mtu": 1400}, x_avi_version="18.2.13")
    after = client.one("cloud", "Default-Cloud")
    assert (after["mtu"], after["resolve_fqdn_to_ipv6"], after["state_based_dns_registration"]) == (
        1400,
        True,
        False,
    )


@pytest.mark.evidence("PUBLIC", "§2.8", "§3.2")
def test_a_removed_endpoint_is_404_and_not_json():
    assert Client(make("21.1.7"))("GET", "/api/vimgrvcenterruntime").status == 200
    answer = Client(make("22.1.1"))("GET", "/api/vimgrvcenterruntime")
    assert answer.status == 404
    with pytest.raises(ValueError, match=r"."):
        answer.json()


@pytest.mark.evidence("REC", "§2.8", "§4")
@pytest.mark.parametrize(("version", "stays"), [("18.2.13", False), ("20.1.1", True)])
def test_deleting_a_virtual_service_takes_its_vsvip_along_on_old_controllers(version, stays):
    client = Client(make(version))
    client.post("/api/vsvip", {"name": "v", "vip": [{"ip_address": {"addr": "10.9.0.1", "type": "V4"}}]})
    vs = client.post(
        "/api/virtualservice", {"name": "vs", "services": [{"port": 80}], "vsvip_ref": "/api/vsvip?name=v"}
    )
    vsvip = vs["vsvip_ref"].partition("#")[0].rpartition("/")[2]
    assert client("DELETE", f"/api/virtualservice/{vs['uuid']}").status == 204
    assert client("DELETE", f"/api/vsvip/{vsvip}").status == (204 if stays else 404)


@pytest.mark.evidence("SCHEMA", "§5.20")
def test_defaults_follow_the_version():
    client = Client(make("21.1.7"))
    assert client.one("serviceenginegroup", "Default-Group")["disk_per_se"] == 15
    assert client.one("serviceenginegroup", "Default-Group", x_avi_version="20.1.6")["objsync_port"] == 9001


def test_own_version_from_an_option():
    assert own_version("20.1.6") == ((20, 1, 6), "")
    version, remark = own_version("31.1.1")
    assert version == (31, 1, 1)
    assert "30.2.1" in remark
    for between, model in (
        ("20.1.9", "20.1.7"),
        ("21.1.6", "21.1.5"),
        ("22.1.4", "22.1.3"),
        ("30.2.6", "30.2.1"),
    ):
        version, remark = own_version(between)
        assert (".".join(map(str, version)), model in remark) == (between, True)
    for unknown in ("16.4.2", "17.2", "18.3.1", "20.2.1", "19", "20.1", "x", ""):
        with pytest.raises(UnknownVersionError, match=r"30\.2\.1"):
            own_version(unknown)


@pytest.mark.parametrize("version", ["18.2.13", "20.1.6", "22.1.3", "30.2.1", "31.1.1"])
def test_every_own_version_starts_and_serves_every_type_it_has(version):
    client = Client(make(version))
    schema, own = client.lab.site.schema, client.lab.site.version
    for name, kind in schema.types.items():
        for asked in (version, None):
            status = client("GET", f"/api/{name}", x_avi_version=asked).status
            assert status == (200 if kind.lives(own) else 404), (name, asked)
