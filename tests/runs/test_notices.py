"""The next whole run tells what a person has changed beside the declaration, and counts what AKO has."""

from __future__ import annotations

import json

import jsonschema

from lab.tests.cloudsite import ip, prefix
from tests.runs.harness import ROOT, run

SCHEMA = json.loads((ROOT / "reports/formats/drift.schema.json").read_text())
POOL = {"default_server_port": 8080, "cloud_ref": "/api/cloud?name=Default-Cloud"}


def by_hand(lab):
    """Ten changes of things that are declared, of which three are of what is declared of them; and a user and a pool."""
    network = lab.one("network", "REGIONB_VMS_3023")
    network["configured_subnets"] += [{"prefix": prefix("10.77.0.0/24")}]
    vrf = lab.one("vrfcontext", "VRF_AZ1")
    route = {"prefix": prefix("0.0.0.0/0"), "next_hop": ip("10.10.25.1")}
    vrf["static_routes"] = [{"route_id": "1", **route}]
    service = lab.one("virtualservice", "local-dns-site1")
    record = {"type": "DNS_RECORD_A", "ip_address": [{"ip_address": ip("10.1.1.1")}]}
    service["static_dns_records"] += [{"fqdn": ["more.avi.iberia.local"], **record}]
    service["services"] += [{"port": 5353}]
    cloud = lab.one("cloud", "Default-Cloud")
    del cloud["ipam_provider_ref"]
    group = lab.one("serviceenginegroup", "S1-AZ1-SE-Group")
    group["max_se"] = 1
    del group["se_name_prefix"]
    profile = lab.one("ipamdnsproviderprofile", "DNS_Default")
    profile["internal_profile"]["dns_service_domain"] += [{"domain_name": "more.example"}]
    for each in (network, vrf, service, cloud, group, profile):
        lab.api("PUT", "/api/" + each["url"].partition("/api/")[2], each)
    system = lab.api("GET", "/api/systemconfiguration")
    system["ntp_configuration"]["ntp_servers"] += [{"server": ip("192.0.2.9")}]
    system["portal_configuration"]["allow_basic_authentication"] = True
    lab.api("PUT", "/api/systemconfiguration", system)


def test_what_somebody_has_changed_is_told_once(lab, tmp_path):
    declared = lab.declared(tmp_path)
    pool = lab.api("POST", "/api/pool", {"name": "by-hand", **POOL})
    first = run(tmp_path, declared, **lab.credentials)
    assert "changes beside the declaration: told from the next whole run on (this is the first)" in first.out
    by_hand(lab)
    lab.api("PUT", f"/api/pool/{pool['uuid']}", {**pool, "default_server_port": 8443})
    lab.api("POST", "/api/pool", {"name": "of-ako", "created_by": "ako-k8s", **POOL})
    user = {"name": "eve", "username": "eve", "password": "Corr3ct-Horse.staple"}
    lab.api("POST", "/api/user", {**user, "access": []})
    second = run(tmp_path, declared, "--strict-notices", **lab.credentials)
    assert second.code == 1
    assert "beside the declaration: 9 notices; AKO: 1 added" in second.out
    assert "    critical: added user eve" in second.out
    document = json.loads((tmp_path / "reports" / "drift.json").read_text())
    jsonschema.validate(document, SCHEMA)
    drifts = {each["path"] for entry in document["drifts"] for each in entry["differences"]}
    assert drifts == {"ipam_profile", "services", "name_prefix"}
    told = {each["text"]: each["author"] for each in document["notices"]}
    assert {each["account"] for text, each in told.items() if each} == {"this tool's account"}
    assert [text for text, each in told.items() if not each] == ["added 1 pool (AKO)"]
    notices = {text.partition(f" ({lab.credentials['AVI_USERNAME']} (this")[0] for text in told}
    assert notices == {
        "added 1 pool (AKO)",
        "added user eve",
        "changed pool by-hand: default_server_port: 8080 -> 8443",
        "changed systemconfiguration system: ntp_configuration.ntp_servers[192.0.2.9]: added",
        "changed systemconfiguration system: portal_configuration.allow_basic_authentication: no -> yes",
        "changed ipamdnsproviderprofile DNS_Default: internal_profile.dns_service_domain[more.example]: added",
        "changed network REGIONB_VMS_3023: configured_subnets[10.77.0.0/24]: added",
        "changed serviceenginegroup S1-AZ1-SE-Group: max_se: 10 -> 1",
        "changed virtualservice local-dns-site1: static_dns_records[more.avi.iberia.local+DNS_RECORD_A]: added",
        "changed vrfcontext VRF_AZ1: static_routes[0.0.0.0/0+10.10.25.1]: added",
    }
    for path in (tmp_path / "reports").rglob("*"):
        assert path.is_dir() or b"Corr3ct-Horse.staple" not in path.read_bytes()
