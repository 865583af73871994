"""pytest's own options and ours, each as a user gives it."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter

import pytest
import yaml

from live.avi.snapshot import NotASnapshot, Snapshot
from tests import lengths
from tests.runs.harness import IBERIA, ROOT, SECRET, alive, run

WITNESS = ("-p", "tests.runs.witness")


def witnesses(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@lengths.WHOLE_RUN
def test_distributed_over_two_workers(lab, tmp_path):
    """The same outcomes, one login, one reading, the same number of requests; the workers ask the Controller nothing."""
    lab.reset("drifted")
    declared = lab.declared(tmp_path)
    alone = run(tmp_path / "alone", declared, **lab.credentials)
    asked = lab.paths
    lab.forget()
    told = tmp_path / "witness"
    both = run(
        tmp_path / "both", declared, "-n", "2", *WITNESS, AVI_TEST_WITNESS=str(told), **lab.credentials
    )
    assert alone.code == both.code == 1, both.out
    assert both.cases == alone.cases
    assert Counter(lab.paths) == Counter(asked)
    assert {each["worker"]: each["requests"] for each in witnesses(told)} == {
        "main": len(asked),
        "gw0": 0,
        "gw1": 0,
    }
    assert f"{len(asked)} requests" in alone.out
    assert f"{len(asked)} requests" in both.out


@lengths.WHOLE_RUN
def test_distributed_over_one_lab(tmp_path):
    told = tmp_path / "witness"
    ran = run(
        tmp_path,
        "--lab",
        "--lab-state=conforming",
        "-n2",
        *WITNESS,
        "-k",
        "not test_names",
        AVI_TEST_WITNESS=str(told),
    )
    assert ran.code == 0, ran.out
    seen = witnesses(told)
    assert {each["worker"] for each in seen} == {"main", "gw0", "gw1"}
    labs = {each["lab"]["pid"] for each in seen}
    assert len(labs) == 1
    assert not alive(labs.pop())


@lengths.WHOLE_RUN
def test_last_failed_runs_only_what_failed(lab, tmp_path):
    lab.reset("drifted")
    declared = lab.declared(tmp_path)
    first = run(tmp_path, declared, **lab.credentials)
    second = run(tmp_path, declared, "--lf", **lab.credentials)
    assert len(first.of("drift")) > 12
    assert second.code == 1
    assert second.cases.keys() == first.of("drift").keys()
    lab.reset("conforming")
    third = run(tmp_path, declared, "--lf", **lab.credentials)
    assert third.code == 0
    assert third.counts == {"passed": len(second.cases)}


@lengths.WHOLE_RUN
def test_junit_and_allure_tell_the_outcomes_apart(lab, tmp_path):
    """A drift is a failure, an unknown an error (Allure: broken), a blocked one skipped; a drift outweighs an unknown."""
    lab.reset("drifted")
    lab.faults({"path": "/api/ipamdnsproviderprofile", "status": 403, "body": {"error": "no permission"}})
    ran = run(tmp_path, lab.declared(tmp_path), f"--alluredir={tmp_path}/allure", **lab.credentials)
    assert ran.code == 1, ran.out
    assert set(ran.counts) == {"passed", "drift", "unknown", "blocked"}
    assert {node.partition("::")[0] for node in ran.of("unknown")} == {
        "test_cloud.py",
        "test_dns_profiles.py",
        "test_ipam_profiles.py",
    }
    assert ran.cases["test_cloud.py::test_exists[Default-Cloud]"][0] == "passed", (
        "it is there, whatever its profiles"
    )
    assert ran.cases["test_dns_profiles.py::test_exists[DNS_Default]"][0] == "unknown"
    results = [json.loads(p.read_text(encoding="utf-8")) for p in (tmp_path / "allure").glob("*-result.json")]
    words = {"passed": "passed", "failed": "drift", "broken": "unknown", "skipped": "blocked"}
    assert Counter(words[each["status"]] for each in results) == ran.counts
    by_title = {each["name"]: each["status"] for each in results}
    assert by_title["not known, since it could not be read: DNS_Default exists"] == "broken"
    assert by_title["network REGIONB_VMS_3023: vrf is global, declared VRF_AZ2"] == "failed"
    assert by_title["AVI_FRONTEND_3025 exists exactly once in its cloud."] == "passed"


def test_exit_first(lab, tmp_path):
    lab.reset("drifted")
    ran = run(tmp_path, lab.declared(tmp_path), "-x", **lab.credentials)
    assert ran.code == 1, ran.out
    assert len(ran.of("drift")) == 1
    assert len(ran.cases) < 20


@pytest.mark.parametrize(
    ("arguments", "nodes"),
    [
        (
            ("checks/test_vrfs.py::test_exists[VRF_AZ1]", "checks/test_system.py::test_dns_services"),
            {"test_vrfs.py::test_exists[VRF_AZ1]", "test_system.py::test_dns_services[system]"},
        ),
        (
            ("-k", "test_vrf and 3025"),
            {"test_networks.py::test_vrf[AVI_FRONTEND_3025]"},
        ),
    ],
    ids=["node ids", "-k"],
)
def test_selected(lab, tmp_path, arguments, nodes):
    """Only what is selected runs, and only what it needs is read."""
    ran = run(tmp_path, *arguments, lab.declared(tmp_path), **lab.credentials)
    assert ran.code == 0, ran.out
    assert ran.cases.keys() == nodes
    assert not {
        "GET /api/serviceenginegroup",
        "GET /api/virtualservice-inventory",
        "GET /api/cluster/runtime",
    } & set(lab.paths)


def test_nothing_selected(lab, tmp_path):
    ran = run(tmp_path, lab.declared(tmp_path), "-k", "no_such_check", **lab.credentials)
    assert ran.code == 5, ran.out
    assert lab.paths == []


def test_collect_only_asks_nothing(lab, tmp_path):
    ran = run(tmp_path, lab.declared(tmp_path), "--collect-only", "-q", **lab.credentials)
    assert ran.code == 0, ran.out
    assert "checks/test_networks.py::test_vrf[AVI_FRONTEND_3025]" in ran.out
    assert lab.paths == []
    ran = run(tmp_path, "--lab", "--collect-only")
    assert ran.code == 0, ran.out
    assert (
        "site: the lab, drifted, not started: nothing is read; iberia as declared in tests/site/iberia.yaml"
        in ran.out
    )


@lengths.WHOLE_RUN
def test_snapshot_is_as_good_as_the_site(lab, tmp_path):
    """The same verdict on every check, without one request, and with no secret in the file."""
    lab.reset("drifted")
    file = tmp_path / "site.json"
    declared = lab.declared(tmp_path)
    live = run(tmp_path / "live", declared, f"--snapshot={file}", **lab.credentials)
    again = run(tmp_path / "live2", declared, f"--snapshot={file}", "-n2", "-q", **lab.credentials)
    assert live.code == again.code == 1, again.out
    lab.forget()
    lab.faults({"status": 503, "body": "away"})
    kept = run(
        tmp_path / "kept",
        declared,
        f"--from-snapshot={file}",
        # Not even its DNS service is asked.
        "-n2",
    )
    assert kept.code == 1, kept.out
    assert kept.cases == live.cases
    assert "neither healthy nor ill" not in kept.out
    assert lab.paths == []
    assert f"the snapshot {file} of {lab.name}" in kept.out
    text = file.read_text(encoding="utf-8")
    assert oct(file.stat().st_mode)[-3:] == "600"
    assert "REGIONB_VMS_3024" in text
    for secret in (SECRET, "never-shown", "sessionid", "csrftoken"):
        assert secret not in text, secret
    _damage(tmp_path, declared, json.loads(text))


def _damage(tmp_path, declared, data):
    whole = json.dumps(data)
    damaged = {
        "cut": (whole[: len(whole) // 2], "is not JSON"),
        "foreign": ("{}", "is not a snapshot of this program"),
        "rows": (
            json.dumps(data | {"objects": {"network": ["x"]}}),
            "is damaged: objects.network.0: is not an object",
        ),
        "version": (
            json.dumps(data | {"api_version": "new"}),
            "is damaged: api_version: 'new' is no version",
        ),
        "failures": (json.dumps(data | {"failures": ["x"]}), "is damaged: failures: is not an object"),
        "member": (json.dumps(data | {"more": 1}), "is damaged: more: is not known here"),
    }
    for name, (text, sentence) in damaged.items():
        path = tmp_path / f"{name}.json"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(NotASnapshot) as told:
            Snapshot.load(path)
        assert str(told.value).startswith(f"{path}: {sentence}")
    answers = data["objects"] | {"dns": [{"question": []}]}
    (tmp_path / "answers.json").write_text(json.dumps(data | {"objects": answers}), encoding="utf-8")
    for name, sentence in (("cut", "is not JSON"), ("answers", "is damaged: no DNS answer")):
        ran = run(tmp_path / "damaged", declared, f"--from-snapshot={tmp_path}/{name}.json")
        assert ran.code == 4, ran.out
        assert ran.cases == {}
        assert len(ran.errors) == 1, ran.out
        assert ran.errors[0].startswith(f"{tmp_path}/{name}.json: {sentence}")


def test_header_and_reading_line(lab, tmp_path):
    """Which site, which file, and under -v one line about the reading; unverified TLS loudly, twice."""
    ran = run(tmp_path, lab.declared(tmp_path), "-v", "-k", "test_system", **lab.credentials)
    assert f"site: live, Controller {lab.name}; iberia as declared in {tmp_path}/site.yaml" in ran.out
    assert ran.out.count(f"reading {lab.name}: ") == 1
    assert re.search(
        rf"^reading {lab.name}: \d collections, \d requests, version 30.2.1$", ran.out, re.MULTILINE
    )
    assert "TLS IS NOT VERIFIED" not in ran.out
    declared = lab.declared(tmp_path, verify_tls=False, ca_file=None)
    ran = run(tmp_path, declared, "-k", "test_system", **lab.credentials)
    assert ran.code == 0, ran.out
    assert f"reading {lab.name}: " not in ran.out, "it is for terminals, and for -v"
    assert ran.out.count(f"avi-compliance: reading {lab.name} ...\n") == 1, "a log says what is waited for"
    assert "WARNING: TLS IS NOT VERIFIED" in ran.out
    assert "TLS certificates were NOT verified" in ran.out.partition("Avi Compliance: iberia")[2]


@lengths.WHOLE_RUN
def test_site_of_an_environment_inside_the_project(tmp_path):
    """As the README says it: a clone, a file in `environments/`, its path after a space; a `.env` in the clone."""
    clone = tmp_path / "clone"
    code = (
        "avi_compliance",
        "avi_schema",
        "checks",
        "fixtures",
        "fleet",
        "intent",
        "live",
        "reports",
        "remediate",
        "lab",
    )
    for name in (*code, "environments"):
        shutil.copytree(ROOT / name, clone / name, ignore=shutil.ignore_patterns("__pycache__", "out"))
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / name, clone)
    data = yaml.safe_load(IBERIA.read_text(encoding="utf-8"))
    data["controller"] |= {"address": "127.0.0.1", "port": 9, "ca_file": None}
    (clone / "environments" / "mine.yaml").write_text(yaml.safe_dump(data), encoding="utf-8")
    (clone / ".env").write_text("AVI_USERNAME=admin\nAVI_PASSWORD=secret#word\n", encoding="utf-8")
    ran = run(tmp_path / "run", "--environment", "environments/mine.yaml", "-k", "test_system", cwd=clone)
    assert ran.code == 6, ran.out
    assert "declared in environments/mine.yaml" in ran.out
    assert "nothing listens there" in ran.out
    assert "no credentials" not in ran.out


def full(_site, _folder):
    """A file on a full disk."""
    return "--junitxml=/dev/full"


@pytest.mark.ahead(lambda site, folder: site.declared(folder), "checks/test_vrfs.py", full, login=True)
def test_a_report_that_cannot_be_written_is_no_drift(ran):
    assert ran.code == 3, ran.out
    assert "ERROR: a report could not be written: [Errno 28] No space left on device" in ran.out
    assert "CONFORMS: " in ran.out


def odd(site, folder):
    """A file in a folder with spaces, of a site whose names no plain terminal can show."""

    def change(data):
        data["vrfs"] = [*data["vrfs"], {"name": "VRF_Ä☃"}]

    place = folder / "sp ace é"
    place.mkdir()
    return site.declared(place, change)


BARE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "COLUMNS": "40", "HOME": "/nonexistent"}


@pytest.mark.ahead(odd, "checks/test_vrfs.py", login=True, **BARE)
def test_a_bare_terminal(ran):
    """ASCII only, 40 columns, no home."""
    assert ran.code == 1, ran.out
    assert "VRF_\\xc4\\u2603" in ran.out
    assert len(ran.of("drift")) == 1
