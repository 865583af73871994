"""A whole run says how much of the site is declared; what it may not list is a count, and no run of some checks lists anything."""

from __future__ import annotations

import json

import jsonschema

from tests import lengths
from tests.runs.harness import ROOT, run

SCHEMA = json.loads((ROOT / "reports/formats/drift.schema.json").read_text())


@lengths.WHOLE_RUN
def test_a_whole_run_says_how_much_is_declared(lab, tmp_path):
    for name, owner in (("by-hand", {}), ("ako", {"created_by": "ako-k8s"})):
        body = {
            "name": name,
            "default_server_port": 8080,
            "cloud_ref": "/api/cloud?name=Default-Cloud",
            **owner,
        }
        lab.api("POST", "/api/pool", body)
    lab.faults(
        {"path": r"^/api/(role|user)\?", "status": 403, "body": {"error": "no permission"}},
        {"path": r"^/api/wafcrs\?", "status": 400, "body": {"error": "no"}},
    )
    lab.forget()
    ran = run(tmp_path, lab.declared(tmp_path), "--uncovered", **lab.credentials)
    assert ran.code == 0, ran.out
    paths = lab.paths
    assert len(paths) == len(set(paths)), "each type once"
    assert {"GET /api/controllerproperties", "GET /api/webhook"} < set(paths)
    assert "\npool by-hand\n" in ran.out
    assert "pool ako" not in ran.out
    assert "(1 of AKO's and " in ran.out
    assert "; 3 types could" in ran.out
    document = json.loads((tmp_path / "reports" / "drift.json").read_text())
    jsonschema.validate(document, SCHEMA)
    coverage = document["coverage"]
    assert {"objects": 1, "declared": 0, "ako": 1}.items() <= coverage["types"]["pool"].items()
    assert coverage["not_listed"].keys() == {"role", "user", "wafcrs"}
    assert {"type": "pool", "name": "by-hand", "members": []} in coverage["uncovered"]
    page = (tmp_path / "reports" / "page.html").read_text()
    assert 'data-head="type">pool</td><td data-head="objects declared">0 of 1<' in page


def test_what_is_not_declared_is_told_by_whole_runs_alone(lab, tmp_path):
    ran = run(tmp_path, lab.declared(tmp_path), "--uncovered", "-k", "test_system", **lab.credentials)
    assert ran.code == 4
    assert "--uncovered needs a whole run of a live site: leave -k out" in ran.out
