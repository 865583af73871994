"""A live site that cannot be read, wholly or in part: one clear sentence, every check it concerns unknown, exit 6."""

from __future__ import annotations

import subprocess
import time
from collections import Counter

import pytest
import trustme

from tests import lengths
from tests.runs.harness import ROOT, SECRET, command, run, site, surroundings


def all_unknown(ran, *sentences):
    """Every check is unknown for one and the same reason, which holds all of these."""
    assert ran.code == 6, ran.out
    assert ran.counts == {"unknown": len(ran.cases)}, ran.out
    assert len(ran.cases) > 100
    reasons = {
        text.rpartition("nothing is known of: ")[2].partition(": ")[2] for text in ran.of("unknown").values()
    }
    assert len(reasons) == 1, reasons
    (reason,) = reasons
    for sentence in sentences:
        assert sentence in reason, reason
    assert "\n" not in reason
    assert SECRET not in ran.out
    assert f"{len(ran.cases)} x " in ran.out, "the summary says it once"
    assert "UNKNOWN: 0 of" in ran.out
    return reason


def declared(**controller):
    """The option of an environment file that says something else of the Controller."""

    def option(site, folder):
        for name in ("ca_file",):
            if callable(controller.get(name)):
                return site.declared(folder, **{**controller, name: controller[name](folder)})
        return site.declared(folder, **controller)

    return option


@pytest.mark.ahead(declared(port=9), login=True)
def test_unreachable(ran):
    all_unknown(ran, "the Controller at 127.0.0.1:9: nothing listens there", "check controller.address")


def test_wrong_password(lab, tmp_path):
    """One attempt only: more would lock the account."""
    ran = run(tmp_path, lab.declared(tmp_path), **{**lab.credentials, "AVI_PASSWORD": "not-the-password"})
    all_unknown(
        ran,
        f"the Controller at {lab.name}: it refused the login of admin",
        "check AVI_USERNAME and AVI_PASSWORD",
    )
    assert lab.paths == ["POST /login"]
    assert "not-the-password" not in ran.out


@lengths.WHOLE_RUN
def test_wrong_password_over_two_workers(lab, tmp_path):
    ran = run(
        tmp_path, lab.declared(tmp_path), "-n2", **{**lab.credentials, "AVI_PASSWORD": "not-the-password"}
    )
    all_unknown(ran, "it refused the login of admin")
    assert lab.paths == ["POST /login"]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.ahead(declared(), login=True, **{name: ""}))
        for name in ("AVI_USERNAME", "AVI_PASSWORD")
    ],
)
def test_missing_credentials(ran, name):
    all_unknown(ran, "no credentials for the Controller: set AVI_USERNAME and AVI_PASSWORD (or AVI_TOKEN)")


@pytest.mark.ahead(declared(), login=True, AVI_PASSWORD="file:/nowhere/password")
def test_credentials_file_that_is_missing(ran):
    all_unknown(ran, "AVI_PASSWORD names the file /nowhere/password, which cannot be read: No such file")


def another(folder):
    trustme.CA().cert_pem.write_to_path(str(folder / "another.pem"))
    return str(folder / "another.pem")


def nonsense(folder):
    (folder / "nonsense.pem").write_text("no certificate", encoding="utf-8")
    return str(folder / "nonsense.pem")


@pytest.mark.parametrize(
    "sentence",
    [
        pytest.param(sentence, id=name, marks=pytest.mark.ahead(declared(ca_file=ca_file), login=True))
        for name, ca_file, sentence in (
            ("another CA", another, "is not signed by a CA trusted here"),
            ("no CA", None, "is not signed by a CA trusted here"),
            ("nonsense", nonsense, "holds no PEM certificate"),
        )
    ],
)
def test_certificate_that_is_not_trusted(ran, sentence):
    all_unknown(ran, sentence, "controller.ca_file")


@pytest.mark.ahead(declared(api_version="31.1.1"), login=True)
def test_pinned_version_that_is_too_new(ran):
    all_unknown(ran, "it is version 30.2.1 and cannot speak the pinned api_version 31.1.1; pin an older one")


@pytest.mark.ahead(declared(api_version="20.1.6"), login=True)
def test_pinned_older_version(ran):
    """The Controller then shows its objects in the older model's spelling, which is no drift."""
    assert ran.code == 0, ran.out
    assert ran.counts == {"passed": len(ran.cases)}


@lengths.WHOLE_RUN
def test_controller_that_is_too_old(tmp_path):
    with site("empty", "18.2.13") as old:
        ran = run(tmp_path, old.declared(tmp_path), **old.credentials)
    all_unknown(ran, "it is version 18.2.13; the oldest that is supported is 20.1.1")


def test_server_errors_everywhere(lab, tmp_path):
    lab.faults({"path": "^/login", "status": 500, "body": {"error": "database is starting"}})
    ran = run(tmp_path, lab.declared(tmp_path), **lab.credentials)
    all_unknown(ran, "the login was answered with HTTP 500: database is starting")


@lengths.WHOLE_RUN
def test_server_errors_of_one_collection_that_pass(lab, tmp_path):
    lab.faults(
        {"path": "^/api/network\\?", "status": 503, "count": 2, "html": False, "body": "busy"},
        {"path": "^/api/vrfcontext", "close": True, "count": 1},
    )
    ran = run(tmp_path, lab.declared(tmp_path), **lab.credentials)
    assert ran.code == 0, ran.out
    assert [fault["met"] for fault in lab.ask("GET", "/lab/faults")] == [2, 1]


@lengths.WHOLE_RUN
@pytest.mark.parametrize(
    ("collection", "status", "sentence"),
    [
        ("serviceenginegroup", 403, "admin may not read serviceenginegroup in tenant admin: no permission"),
        ("virtualservice-inventory", 500, "virtualservice-inventory answered HTTP 500: no permission"),
    ],
)
def test_one_collection_that_cannot_be_read(lab, tmp_path, collection, status, sentence):
    """Exactly the checks that need it are unknown; every other passes."""
    lab.faults({"path": f"^/api/{collection}(\\?|$)", "status": status, "body": {"error": "no permission"}})
    ran = run(tmp_path, lab.declared(tmp_path), **lab.credentials)
    assert ran.code == 6, ran.out
    assert set(ran.counts) == {"passed", "unknown"}
    assert all(sentence in text for text in ran.of("unknown").values()), ran.of("unknown")
    modules = Counter(node.partition("::")[0] for node in ran.of("unknown"))
    if collection == "serviceenginegroup":
        assert modules["test_se_groups.py"] == 27
        assert "test_dns_services.py::test_on_its_engines[local-dns-site1]" in ran.of("unknown")
        assert ran.cases["test_cloud.py::test_type[Default-Cloud]"][0] == "passed"
    else:
        assert set(ran.of("unknown")) >= {"test_dns_services.py::test_up[local-dns-site1]"}
        assert modules["test_names.py"] == 16
        assert ran.cases["test_dns_services.py::test_exists[local-dns-site1]"][0] == "passed"
    assert not modules.keys() & {"test_networks.py", "test_vrfs.py", "test_dns_profiles.py"}


@lengths.WHOLE_RUN
def test_session_that_expires_in_mid_run(lab, tmp_path):
    """A day passes while the networks are being read: one more login, and the run goes on."""
    lab.faults({"path": "^/api/network\\?", "delay": 2.0, "count": 1})
    process = subprocess.Popen(
        command(tmp_path, lab.declared(tmp_path), "-q"),
        cwd=ROOT,
        env=surroundings(**lab.credentials),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    end = time.monotonic() + 60
    while not any(path == "GET /api/vrfcontext" for path in lab.paths):
        assert time.monotonic() < end
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.05)
    lab.ask("POST", "/lab/clock", {"advance": 25 * 3600})
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0, out
    assert lab.heard["logins"] == 2
    assert 419 in {each["status"] for each in lab.heard["requests"]} | {401}
    assert {each["status"] for each in lab.heard["requests"]} & {401, 419}, "the session did expire"


def test_credentials_from_files(lab, tmp_path):
    (tmp_path / "password").write_text(SECRET + "\n", encoding="utf-8")
    ran = run(
        tmp_path,
        lab.declared(tmp_path),
        "-k",
        "test_system",
        AVI_USERNAME="admin",
        AVI_PASSWORD=f"file:{tmp_path}/password",
    )
    assert ran.code == 0, ran.out


def test_token(lab, tmp_path):
    made = lab.api("POST", "/api/user-token", {"hours": 1})
    ran = run(
        tmp_path, lab.declared(tmp_path), "-k", "test_system", AVI_USERNAME="admin", AVI_TOKEN=made["token"]
    )
    assert ran.code == 0, ran.out
    assert made["token"] not in ran.out


@lengths.WHOLE_RUN
def test_no_artefact_holds_the_password(lab, tmp_path):
    """Even of a Controller that repeats it in its answers."""
    lab.reset("drifted")
    lab.faults(
        {"path": "^/api/serviceenginegroup", "status": 400, "body": {"error": f"password={SECRET} is odd"}}
    )
    ran = run(
        tmp_path / "run",
        lab.declared(tmp_path),
        "-v",
        f"--alluredir={tmp_path}/run/allure",
        f"--snapshot={tmp_path}/run/site.json",
        **lab.credentials,
    )
    assert ran.code == 1, ran.out
    assert SECRET not in ran.out
    files = [path for path in (tmp_path / "run").rglob("*") if path.is_file()]
    assert {"junit.xml", "site.json"} <= {path.name for path in files}
    assert not [path for path in files if SECRET.encode() in path.read_bytes()]
