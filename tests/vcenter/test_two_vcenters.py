"""Two vCenters in one file: each asked with credentials of its own, side by side, and written each by itself."""

import json
import threading
import time

import pytest
from pydantic import SecretStr

from intent import EXISTENCE, Blocked, Drift, Environment, Key, ServiceEngineVm, Unknown, VmFolder
from live import credentials
from live.avi.snapshot import Live, Snapshot
from live.site import Site
from remediate.plan.model import FOLDER, VM
from remediate.plan.planner import build
from remediate.plan.view import View
from remediate.registry import Consent
from remediate.write.apis import TwoApis
from remediate.write.applier import Applier
from remediate.write.journal import Journal
from remediate.write.record import load
from remediate.write.undo import undo_run
from remediate.write.writer import Writer
from tests import lengths
from tests.runs.harness import ZYGOTE, lab_of, surroundings

EAST, WEST = "vcenter.iberia.local", "vcenter-west.iberia.local"


@pytest.fixture(scope="module")
def lab():
    with lab_of("--state", "conforming+nsxt") as lab:
        yield lab


@pytest.fixture
def environment(lab):
    data = {
        "name": "two",
        "controller": {"address": "c1"},
        "clouds": [{"name": "Default-Cloud", "type": "vcenter"}, {"name": "nsxt-overlay", "type": "nsx-t"}],
        "vcenters": [
            {"name": "east", "address": EAST, "datacenter": "REGIONB", "clouds": ["Default-Cloud"],
             "folders": ["AVI K8S", "NEW"]},
            {"name": "west", "address": WEST, "datacenter": "WEST", "clouds": ["nsxt-overlay"],
             "folders": ["AVI-WEST", "NEW"]},
        ],
    }  # fmt: skip
    return lab.overlay(Environment.model_validate(data))


@pytest.fixture
def site(lab, environment):
    return Site(environment, lab.credentials, lab.vcenter_login)


def test_each_is_read_with_its_own_account(lab, environment, site):
    ports = {each.name: each.port for each in environment.vcenters}
    assert ports["east"] != ports["west"]
    for folder in environment.each(VmFolder):
        there = site.vcenters.of(folder.vcenter).vsphere.found(folder)
        assert len(there) == (0 if folder.called == "NEW" else 1), folder
    wrong = Site(environment, lab.credentials, lambda _vcenter: lab.vcenter_login(environment.vcenters[0]))
    assert wrong.vcenters.of("east").inventory
    with pytest.raises(Unknown, match="refuses the password"):
        _ = wrong.vcenters.of("west").inventory


def test_none_is_meant_where_several_could_be(site):
    with pytest.raises(Blocked, match="several vCenters: east, west"):
        site.vcenters.of()
    with pytest.raises(Blocked, match="no vCenter north"):
        site.vcenters.of("north")


def test_they_are_asked_side_by_side(lab, environment):
    """Each login waits for the other to have begun: one after the other would never end."""
    both = threading.Barrier(2, timeout=20)

    def login(vcenter):
        both.wait()
        return lab.vcenter_login(vcenter)

    site = Site(environment, lab.credentials, login)
    site.vcenters.ask_ahead(["east", "west"])
    begun = time.monotonic()
    assert {site.vcenters.of(name).inventory.address for name in ("east", "west")}
    assert time.monotonic() - begun < 20
    assert len(site.vcenters.known) == 2


def test_one_that_does_not_answer_leaves_the_other_readable(lab, environment):
    broken = environment.vcenters[1].model_copy(update={"port": 1})
    site = Site(
        environment.replaced(vcenters=(environment.vcenters[0], broken)), lab.credentials, lab.vcenter_login
    )
    site.vcenters.ask_ahead(["east", "west"])
    assert site.vcenters.of("east").inventory
    with pytest.raises(Unknown):
        _ = site.vcenters.of("west").inventory


class TestWrites:
    @pytest.fixture
    def apis(self, site):
        def opened(name):
            return lambda: site.vcenters.of(name).gateway(writable=True)

        return TwoApis(site.gateway(), {name: opened(name) for name in site.vcenters.by_name})

    @pytest.fixture
    def view(self, environment, apis):
        return View(environment, Live(Snapshot("c", api_version="30.2.1")), apis.read)

    def test_a_folder_is_made_and_removed_in_its_own_vcenter(self, environment, site, apis, view):
        want = next(each for each in environment.each(VmFolder) if each.name == "NEW in west")
        plan = build(view, [(Drift(want.key, EXISTENCE, "exactly one", "absent"), "test_folder")])
        (request,) = plan.steps[0].requests
        assert request.body == {"name": "NEW", "vcenter": "west"}
        answer = apis.write("POST", FOLDER, request.body)
        assert answer["uuid"].endswith("@west")
        assert answer["vcenter"] == "west"
        site.vcenters.forget()
        counts = {name: len(site.vcenters.of(name).vsphere.found(want)) for name in ("east", "west")}
        assert counts == {"east": 0, "west": 1}
        assert apis.read(f"{FOLDER}/{answer['uuid']}") == answer
        apis.write("DELETE", f"{FOLDER}/{answer['uuid']}")
        assert apis.read(FOLDER, {"name": "NEW", "vcenter": "west"})["results"] == []

    def test_a_folder_is_made_where_another_vcenter_has_one_of_its_name(self, environment, apis, tmp_path):
        east, west = environment.vcenters
        more = environment.replaced(
            vcenters=(east, west.model_copy(update={"folders": ("AVI-WEST", "AVI K8S")}))
        )
        view = View(more, Live(Snapshot("c", api_version="30.2.1")), apis.read)
        key = Key(VmFolder.kind, "AVI K8S in west")
        plan = build(view, [(Drift(key, EXISTENCE, "exactly one", "absent"), "test_folder")])
        journal = Journal.begin(tmp_path, "two", "c", "plan")
        (result,) = Applier(Writer(apis, journal), view).apply(plan)
        journal.end("done")
        assert result.status == "done", result
        back = Writer(apis, Journal.begin(tmp_path, "two", "c", "undo"))
        (undone,) = undo_run(load(journal.path), back, view)
        assert (undone.entry.uuid.partition("@")[2], undone.outcome) == ("west", "undone")

    def test_rows_of_all_say_where_they_are(self, apis):
        rows = apis.read(VM)["results"]
        assert {row["vcenter"] for row in rows} == {"east", "west"}
        assert all(row["uuid"].endswith(f"@{row['vcenter']}") for row in rows)

    def test_a_machine_that_several_have_is_moved_in_none(self, view):
        row = {"uuid": "vm-1", "url": "u", "name": "Avi-se-abcde", "folder": "A"}
        view.rows = lambda _api, **_: [{**row, "vcenter": name} for name in ("east", "west")]
        key = Key(ServiceEngineVm.kind, "Avi-se-abcde")
        plan = build(
            view, [(Drift(key, "folder", "B", "A"), "test_folder")], consent=Consent(disruptive=True)
        )
        assert plan.steps == ()
        assert "several vCenters have a VM Avi-se-abcde" in plan.unanswered[0].reason

    def test_what_was_written_while_the_file_declared_one_is_told_from_these(self, apis):
        with pytest.raises(Unknown, match="from a time when it declared one"):
            apis.read(f"{FOLDER}/group-v3")


def test_credentials_of_each(tmp_path, monkeypatch):
    for name in ("VCENTER_USERNAME", "VCENTER_PASSWORD"):
        monkeypatch.setenv(name, f"common {name}")
    monkeypatch.setenv("VCENTER_WEST_USERNAME", "w")
    with pytest.raises(Unknown, match="VCENTER_WEST_USERNAME and VCENTER_WEST_PASSWORD"):
        credentials.for_vcenter(tmp_path, "site", "VCENTER_WEST")
    monkeypatch.setenv("VCENTER_WEST_PASSWORD", "secret")
    assert credentials.for_vcenter(tmp_path, "site", "VCENTER_WEST") == ("w", SecretStr("secret"))
    monkeypatch.setenv("VCENTER_WEST_PASSWORD__SITE", "another")
    assert credentials.for_vcenter(tmp_path, "site", "VCENTER_WEST")[1] == SecretStr("another")


@lengths.WHOLE_RUN
def test_a_run_checks_each_group_in_the_vcenter_of_its_cloud(lab, tmp_path):
    """As a user runs it: groups of both clouds, and folders of both vCenters."""
    file = tmp_path / "two.yaml"
    file.write_text(
        json.dumps(
            {
                "name": "two", "controller": {"address": "c1"},
                "clouds": [{"name": "Default-Cloud", "type": "vcenter"}, {"name": "nsxt-overlay", "type": "nsx-t"}],
                "vcenters": [
                    {"name": "east", "address": EAST, "datacenter": "REGIONB", "clouds": ["Default-Cloud"]},
                    {"name": "west", "address": WEST, "datacenter": "WEST", "clouds": ["nsxt-overlay"]},
                ],
                "se_groups": [
                    {"name": "DNS-SE-Group", "folder": "AVI K8S/Site1 AZ1", "name_prefix": "dns"},
                    {"name": "seg-prod", "cloud": "nsxt-overlay", "folder": "AVI-WEST", "name_prefix": "Avi"},
                ],
            }
        )
    )  # fmt: skip
    endpoints = tmp_path / "lab.json"
    endpoints.write_text(json.dumps(lab.endpoints))
    said = tmp_path / "said"
    arguments = (
        "checks/test_service_engine_vms.py", "checks/test_vcenter.py", "-v", f"--environment={file}", "--lab",
        f"--lab-at={endpoints}", f"--report-dir={tmp_path / 'out'}", "-p", "no:cacheprovider",
    )  # fmt: skip
    code = ZYGOTE.run(arguments, surroundings(), said, 120).code
    out = said.read_text()
    assert code == 0, out[-3000:]
    named = [line.partition("::")[2].partition(" ")[0] for line in out.splitlines() if "::" in line]
    assert "test_exists[seg-prod-west]" in named
    assert "test_exists[DNS-SE-Group-east]" in named
    assert not any("seg-prod-east" in each or "DNS-SE-Group-west" in each for each in named)
    assert "test_folder[AVI-WEST in west] PASSED" in out
    assert "test_folder[AVI K8S/Site1 AZ1 in east] PASSED" in out
