"""Secrets that were planted on the site are looked for in everything that a run keeps, prints, logs or sends."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import pytest

from live.avi.snapshot import Snapshot
from remediate.plan.model import Plan
from tests.reports.receivers import webhook
from tests.runs.harness import SECRET, ZYGOTE, Site, command, surroundings

PLANTED = {
    "Controller password": SECRET,
    "vCenter password": "pl4nted-vcenter-s3cret",
    "SNMP community": "pl4nted-c0mmunity",
    "SSL key": "pl4ntedKEYpl4ntedKEYpl4ntedKEY",
}
PEM = f"-----BEGIN PRIVATE KEY-----\n{PLANTED['SSL key']}\n-----END PRIVATE KEY-----\n"
KEPT = re.compile(r"(^|/)(journals/.*|site\.json|plan\.json|history[^/]*)$")
"""Files that tell of a site over time: for their owner only."""


@pytest.fixture(scope="module")
def planted():
    """An old Controller, which shows TLS ticket keys, with secrets everywhere; and those secrets."""
    site = Site("drifted", "20.1.6", "--password", SECRET)
    try:
        secrets = dict(PLANTED)
        system = site.api("GET", "/api/systemconfiguration")
        system["snmp_configuration"] = {"version": "SNMP_VER2", "community": PLANTED["SNMP community"]}
        site.api("PUT", "/api/systemconfiguration", system)
        cloud = site.api("GET", "/api/cloud?name=Default-Cloud")["results"][0]
        cloud["vcenter_configuration"]["password"] = PLANTED["vCenter password"]
        site.api("PUT", f"/api/cloud/{cloud['uuid']}", cloud)
        certificate = {"certificate": "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"}
        held = {"name": "planted", "key": PEM, "certificate": certificate}
        site.ask("POST", "/lab/import", _with(site.ask("GET", "/lab/export"), "sslkeyandcertificate", held))
        service = site.api("GET", "/api/virtualservice")["results"][0]
        for number, ticket in enumerate(service["tls_ticket_key"]):
            secrets |= {f"TLS ticket {name} {number}": ticket[name] for name in ("aes_key", "hmac_key")}
        yield site, secrets
    finally:
        site.close()


def _with(export, kind, body):
    export.setdefault(kind, []).append({"uuid": f"{kind}-planted", "tenant_ref": "/api/tenant/admin", **body})
    return export


@pytest.fixture(scope="module")
def runs(planted, tmp_path_factory):
    """Every mode with everything kept: {mode: (folder, output, what was sent to the webhook)}."""
    site, _ = planted
    folder, found = tmp_path_factory.mktemp("secrets"), {}
    environment = site.declared(folder)
    loud = ["--showlocals", "-vv", "-rA", "-o", "log_level=DEBUG", "-o", "log_cli=true", "--tb=long"]
    with webhook() as hook:
        for mode, arguments in (
            ("check", [f"--snapshot={folder}/check/site.json"]),
            ("plan", ["--plan", f"--plan-out={folder}/plan/plan.json"]),
            ("remediate", ["--remediate", "--settle", "1"]),
            ("trouble", ["--remediate", "--settle", "1"]),
        ):
            here = folder / mode
            here.mkdir()
            if mode == "trouble":
                # A Controller that repeats what it was sent, and a login that is repeated in its refusals.
                site.reset("drifted")
                echo = {"error": f"no good: password={SECRET} community: {PLANTED['SNMP community']}"}
                site.faults(
                    {"path": "^/api/serviceenginegroup", "status": 400, "body": echo},
                    {"method": "PUT|PATCH", "path": "^/api/", "status": 400, "body": {"error": PEM}},
                )
            given = command(here, environment, *arguments, *loud, f"--alluredir={here}/allure")[3:]
            given += [f"--journals={here}/journals", f"--notify={hook.url}"]
            given += [f"--log-file={here}/log", "--log-file-level=DEBUG"]
            code = ZYGOTE.run(given, surroundings(**site.credentials), here / "out", 90).code
            found[mode] = (here, code, json.dumps(hook.got))
            hook.got.clear()
    return found


def _contents(path: Path):
    """(name, bytes) of a file, and of each file inside it."""
    yield str(path), path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield f"{path}!{name}", archive.read(name)


@pytest.mark.parametrize("mode", ["check", "plan", "remediate", "trouble"])
def test_nothing_that_is_kept_printed_or_sent_holds_a_secret(planted, runs, mode):
    folder, code, sent = runs[mode]
    out = (folder / "out").read_text(encoding="utf-8")
    assert code in (0, 1, 6), out[-3000:]
    if mode != "check":  # its only requests are made before pytest's own logging begins
        logged = (folder / "log").read_text(encoding="utf-8")
        assert "connectionpool" in logged, "the libraries' own log is there to be searched"
    names = {path.name for path in folder.rglob("*") if path.is_file()}
    assert {"out", "junit.xml", "drift.json"} <= names
    assert {"check": "site.json", "plan": "plan.json"}.get(mode, "out") in names
    assert mode not in ("remediate", "trouble") or list(folder.glob("journals/*.jsonl"))
    found = [(folder, "the webhook", sent.encode())] + [
        (path, name, data) for path in folder.rglob("*") if path.is_file() for name, data in _contents(path)
    ]
    leaks = [
        f"{what} in {name}"
        for what, secret in planted[1].items()
        for _, name, data in found
        if secret.encode() in data
    ]
    assert leaks == []


@pytest.mark.parametrize("mode", ["check", "plan", "remediate"])
def test_what_is_kept_over_time_is_for_its_owner_only(runs, mode):
    folder, _, _ = runs[mode]
    kept = [
        path for path in folder.rglob("*") if path.is_file() and KEPT.search(str(path.relative_to(folder)))
    ]
    assert kept
    assert {str(path.relative_to(folder)): oct(path.stat().st_mode & 0o777) for path in kept} == {
        str(path.relative_to(folder)): "0o600" for path in kept
    }


def test_the_search_would_find_them(planted, tmp_path):
    """A secret inside an archive is seen: the test above can fail."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x", planted[1]["SNMP community"])
    assert any(planted[1]["SNMP community"].encode() in data for _, data in _contents(tmp_path / "a.zip"))


def test_a_file_that_others_could_read_is_theirs_no_more(tmp_path):
    for save in (Snapshot("c").save, Plan("a", "c", "30.2.1").save):
        path = tmp_path / "kept.json"
        path.write_text("old")
        path.chmod(0o644)
        save(path)
        assert path.stat().st_mode & 0o777 == 0o600
        assert "old" not in path.read_text()
