"""The next whole run tells what a person has changed of what is not declared, and counts what AKO has."""

from __future__ import annotations

import json
import ssl

import jsonschema
import pytest
import yaml
from pyVim.connect import Disconnect, SmartConnect
from pyVmomi import vim

from lab.tests.cloudsite import ip, prefix
from lab.tests.vcenter.seeding import wait
from tests import lengths
from tests.runs.harness import ROOT, SECRET, run
from tests.site import IBERIA

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


@lengths.WHOLE_RUN
def test_what_somebody_has_changed_is_told_once(lab, tmp_path):
    declared = lab.declared(tmp_path)
    pool = lab.api("POST", "/api/pool", {"name": "by-hand", **POOL})
    first = run(tmp_path, declared, **lab.credentials)
    assert "changes of what is not declared: told from the next whole run on (this is the first)" in first.out
    by_hand(lab)
    lab.api("PUT", f"/api/pool/{pool['uuid']}", {**pool, "default_server_port": 8443})
    lab.api("POST", "/api/pool", {"name": "of-ako", "created_by": "ako-k8s", **POOL})
    user = {"name": "eve", "username": "eve", "password": "Corr3ct-Horse.staple"}
    lab.api("POST", "/api/user", {**user, "access": []})
    second = run(tmp_path, declared, "--strict-notices", **lab.credentials)
    assert second.code == 1
    assert "about what is not declared: 9 notices; AKO: 1 added" in second.out
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


@lengths.WHOLE_RUN
def test_a_type_that_could_not_be_listed_is_named_and_its_changes_are_told_by_the_run_that_can(lab, tmp_path):
    declared = lab.declared(tmp_path)
    pool = lab.api("POST", "/api/pool", {"name": "by-hand", **POOL})
    run(tmp_path, declared, **lab.credentials)
    lab.api("PUT", f"/api/pool/{pool['uuid']}", {**pool, "default_server_port": 8443})
    lab.faults({"method": "GET", "path": "/api/pool\\?", "status": 404})
    second = run(tmp_path, declared, **lab.credentials)
    assert "(this one could not list pool; of the others they are told)" in " ".join(second.out.split())
    assert "default_server_port" not in second.out
    lab.faults()
    third = run(tmp_path, declared, **lab.credentials)
    assert "changed pool by-hand: default_server_port: 8080 -> 8443" in third.out
    assert "could not list" not in third.out


INGRESS = {"namespace": "shop", "name": "first", "tls": True}
ANN, PIPELINE = ("ann", SECRET), ("pipeline", SECRET)
SYSTEM_ADMIN = "/api/role?name=System-Admin"


@pytest.fixture
def busy(lab, tmp_path):
    """A site with two people and AKO at work, that one whole run has seen; and what declares it, with its vCenter."""
    access = [{"role_ref": SYSTEM_ADMIN, "tenant_ref": "/api/tenant?name=admin"}]
    for name, given in (("ann", access), ("pipeline", access), ("eve", [])):
        lab.api("POST", "/api/user", {"name": name, "username": name, "password": SECRET, "access": given})
    lab.ask("POST", "/lab/actors/ako", {"steps": ["start", {"ingress": INGRESS}]})
    lab.ask("POST", "/lab/clock", {"advance": 120})
    there = lab.endpoints["vcenter"]

    def with_vcenter(data):
        own = {name: there[name] for name in ("address", "port")} | {"ca_file": lab.endpoints["ca_file"]}
        data["vcenter"] = yaml.safe_load(IBERIA.read_text(encoding="utf-8"))["vcenter"] | own

    variables = {f"VCENTER_{name.upper()}": there[name] for name in ("username", "password")}

    def told(*arguments):
        """The next run's notices of what has changed: (text without its author, user of the author)."""
        ran = run(tmp_path, declared, *arguments, **lab.credentials, **variables)
        document = json.loads((tmp_path / "reports" / "drift.json").read_text())
        changed = [each for each in document["notices"] if each["sort"] in ("added", "removed", "changed")]
        people = {each["text"].partition(" (")[0]: (each["author"] or {}).get("user") for each in changed}
        return ran, people

    declared = lab.declared(tmp_path, with_vcenter)
    told()
    return told


def put(lab, row, login):
    lab.api("PUT", "/api/" + row["url"].partition("/api/")[2], row, login=login)


def renamed_in_vcenter(lab, names):
    there = lab.endpoints["vcenter"]
    trust = ssl.create_default_context(cafile=lab.endpoints["ca_file"])
    connected = SmartConnect(
        host=there["address"], port=there["port"], user=there["username"], pwd=there["password"],
        sslContext=trust,
    )  # fmt: skip
    content = connected.RetrieveContent()
    groups = content.viewManager.CreateContainerView(content.rootFolder, [vim.Network], True).view
    for group in groups:
        if group.name in names:
            wait(group.Rename_Task(names[group.name]))
    Disconnect(connected)


@lengths.WHOLE_RUN
def test_what_ako_people_and_programs_do_between_two_runs_has_the_right_author(lab, busy, tmp_path):
    """AKO's new route ids are silent; its label and a route erased, a member switched off, a user promoted are not."""
    lab.ask("POST", "/lab/actors/ako", {"steps": ["start", {"ingress": {**INGRESS, "name": "second"}}]})
    lab.forget()
    ran, told = busy()
    assert "GET /api/analytics/logs" not in lab.paths, "nobody asks who has done what is only counted"
    assert "since" in ran.out
    assert "nothing declared has changed" in ran.out
    assert told
    assert {
        each["owner"] for each in json.loads((tmp_path / "reports" / "drift.json").read_text())["notices"]
    } == {"AKO"}
    group, vrf = lab.one("serviceenginegroup", "S1-AZ1-SE-Group"), lab.one("vrfcontext", "VRF_AZ1")
    put(lab, group | {"labels": []}, ANN)
    gone, *routes = vrf["static_routes"]
    put(lab, vrf | {"static_routes": routes}, PIPELINE)
    pool = next(each for each in lab.api("GET", "/api/pool")["results"] if each.get("servers"))
    first, *others = pool["servers"]
    put(lab, pool | {"servers": [first | {"enabled": False}, *others]}, ANN)
    access = [{"role_ref": SYSTEM_ADMIN, "tenant_ref": "/api/tenant?name=admin"}]
    put(lab, lab.one("user", "eve") | {"access": access}, PIPELINE)
    renamed_in_vcenter(lab, {"DEV_WEB_3101": "in-vcenter", "REGIONB_VMS_3024": "declared-once"})
    put(lab, lab.one("network", "DEV_DB_3121") | {"name": "by-ann"}, ANN)
    put(lab, lab.one("network", "DEV_DB_3122") | {"name": "by-program"}, PIPELINE)
    ran, told = busy()
    server = f"{first['ip']['addr']}+{first['port']}"
    route = f"{gone['prefix']['ip_addr']['addr']}/{gone['prefix']['mask']}+{gone['next_hop']['addr']}"
    administrator = "VSPHERE.LOCAL\\administrator"
    assert told == {
        "changed serviceenginegroup S1-AZ1-SE-Group: labels[clustername]: removed": "ann",
        f"changed vrfcontext VRF_AZ1: static_routes[{route}]: removed": "pipeline",
        f"changed pool {pool['name']}: servers[{server}].enabled: yes -> no": "ann",
        "changed user eve: access[admin]: added": "pipeline",
        "changed network by-ann: name: DEV_DB_3121 -> by-ann": "ann",
        "changed network by-program: name: DEV_DB_3122 -> by-program": "pipeline",
        "changed network in-vcenter: name: DEV_WEB_3101 -> in-vcenter": administrator,
        "changed network declared-once: name: REGIONB_VMS_3024 -> declared-once": administrator,
    }
    absent = ran.out.partition("__ test_exists[REGIONB_VMS_3024] __")[2].partition("\n  why ")[0]
    assert f"who       renamed by {administrator}" in absent
    assert busy()[1] == {}, "told once"
