"""The next whole run tells what a person has changed beside the declaration, and counts what AKO has."""

from __future__ import annotations

import json

import jsonschema

from tests.runs.harness import ROOT, run

SCHEMA = json.loads((ROOT / "reports/formats/drift.schema.json").read_text())
POOL = {"default_server_port": 8080, "cloud_ref": "/api/cloud?name=Default-Cloud"}


def test_what_somebody_has_changed_is_told_once(lab, tmp_path):
    declared = lab.declared(tmp_path)
    pool = lab.api("POST", "/api/pool", {"name": "by-hand", **POOL})
    first = run(tmp_path, declared, **lab.credentials)
    assert "changes beside the declaration: told from the next whole run on (this is the first)" in first.out
    lab.api("PUT", f"/api/pool/{pool['uuid']}", {**pool, "default_server_port": 8443})
    lab.api("POST", "/api/pool", {"name": "of-ako", "created_by": "ako-k8s", **POOL})
    user = {"name": "eve", "username": "eve", "password": "Corr3ct-Horse.staple"}
    lab.api("POST", "/api/user", {**user, "access": []})
    second = run(tmp_path, declared, "--strict-notices", **lab.credentials)
    assert second.code == 1
    assert "beside the declaration: 2 notices; AKO: 1 added" in second.out
    assert "normal: changed pool by-hand: default_server_port: 8080 -> 8443" in second.out
    assert "critical: added user eve" in second.out
    document = json.loads((tmp_path / "reports" / "drift.json").read_text())
    jsonschema.validate(document, SCHEMA)
    assert [(each["type"], each["was"], each["now"]) for each in document["notices"]][1] == (
        "pool",
        8080,
        8443,
    )
    for path in (tmp_path / "reports").rglob("*"):
        assert path.is_dir() or b"Corr3ct-Horse.staple" not in path.read_bytes()
