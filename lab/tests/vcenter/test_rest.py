"""vCenter's REST API on our endpoint, in both its styles."""

from __future__ import annotations

import pytest
import requests

from lab.datacenter.inventory import inventory_of
from lab.datacenter.model import PortGroup, Vm
from lab.tests.vcenter import peers


@pytest.fixture
def rest(shared):
    base = f"https://{shared.address}:{shared.port}"
    return lambda method, path, **options: requests.request(
        method, f"{base}{path}", timeout=30, verify=str(shared.ca_file), **options
    )


@pytest.fixture
def token(rest):
    answer = rest("POST", "/api/session", auth=(peers.USER, peers.PASSWORD))
    assert answer.status_code == 201
    return {"vmware-api-session-id": answer.json()}


def test_session(rest, token):
    assert rest("GET", "/api/session", headers=token).json()["user"] == peers.USER
    assert rest("DELETE", "/api/session", headers=token).status_code == 204
    assert rest("GET", "/api/session", headers=token).status_code == 401


def test_older_session(rest):
    answer = rest("POST", "/rest/com/vmware/cis/session", auth=(peers.USER, peers.PASSWORD))
    token = {"vmware-api-session-id": answer.json()["value"]}
    assert answer.status_code == 200
    names = [row["name"] for row in rest("GET", "/rest/vcenter/datacenter", headers=token).json()["value"]]
    assert names == ["DC0"]


@pytest.mark.parametrize("auth", [None, (peers.USER, "wrong"), ("", "")])
def test_refused(rest, auth):
    answer = rest("POST", "/api/session", auth=auth)
    assert (answer.status_code, answer.json()["error_type"]) == (401, "UNAUTHENTICATED")


def test_unknown_path(rest, token):
    assert rest("GET", "/api/vcenter/nowhere", headers=token).status_code == 404
    assert rest("GET", "/api/nowhere").status_code == 401


def test_lists_are_filtered(rest, token, shared):
    group = inventory_of(shared.site).named(PortGroup, "REGIONB_VMS_3024")
    (found,) = rest("GET", "/api/vcenter/network", headers=token, params={"names": group.name}).json()
    assert found == {"network": group.moid, "name": group.name, "type": "DISTRIBUTED_PORTGROUP"}
    none = rest("GET", "/api/vcenter/vm", headers=token, params={"datacenters": "datacenter-999"})
    assert none.json() == []


@pytest.mark.parametrize("kind", ["vm", "datastore", "cluster", "datacenter", "resource-pool"])
def test_each_of_a_list_is_told_alone(rest, token, kind):
    for row in rest("GET", f"/api/vcenter/{kind}", headers=token).json():
        found = rest("GET", f"/api/vcenter/{kind}/{row[kind.replace('-', '_')]}", headers=token)
        assert (found.status_code, found.json()["name"]) == (200, row["name"])
    assert rest("GET", f"/api/vcenter/{kind}/none-1", headers=token).json()["error_type"] == "NOT_FOUND"


def test_a_machine_by_its_parts(rest, token, shared):
    vm = inventory_of(shared.site).named(Vm, "dns-se-abcde")

    def get(path):
        answer = rest("GET", f"/api/vcenter/vm/{vm.moid}{path}", headers=token)
        assert answer.status_code == 200, answer.text
        return answer.json()

    whole = get("")
    assert get("/power") == {"state": whole["power_state"]} == {"state": "POWERED_ON"}
    assert get("/hardware/cpu") == whole["cpu"]
    assert get("/hardware/memory")["size_MiB"] == vm.size.memory
    (nic,) = (each["nic"] for each in get("/hardware/ethernet") if each["nic"] == str(vm.nics[0].key))
    card = get(f"/hardware/ethernet/{nic}")
    assert card == whole["nics"][nic]
    assert (card["mac_address"], card["backing"]["network"]) == (vm.nics[0].mac, vm.nics[0].portgroup)
    assert [each["disk"] for each in get("/hardware/disk")] == list(whole["disks"]) == ["2000"]
    assert get("/tools")["run_state"] == "RUNNING"
    assert rest("GET", f"/api/vcenter/vm/{vm.moid}/nowhere", headers=token).status_code == 404
    assert rest("GET", f"/api/vcenter/vm/{vm.moid}/hardware/disk/9", headers=token).status_code == 404


@pytest.mark.parametrize(
    "kind", ["vm", "folder", "network", "host", "datastore", "cluster", "datacenter", "resource-pool"]
)
def test_every_list_names_what_soap_shows(rest, token, kind):
    rows = rest("GET", f"/api/vcenter/{kind}", headers=token).json()
    assert rows
    assert all(row["name"] and row[kind.replace("-", "_")] for row in rows)
