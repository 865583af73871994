"""Who did it: a run tells the person or program behind each drift, also from workers; without a log it says nothing."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

from tests import lengths
from tests.runs.harness import SECRET, run

ANN, CLIENT = ("ann", SECRET), ("terraform", SECRET)
GROUP, NETWORK = "test_ha_mode[S1-AZ1-SE-Group]", "test_dhcp[AVI_FRONTEND_3025]"


def change(lab):
    """Ann changes a group, and a program, an account of its own, a network."""
    role = lab.one("role", "System-Admin")
    access = [{"role_ref": role["url"], "tenant_ref": "/api/tenant/admin"}]
    for name, password in (ANN, CLIENT):
        lab.api("POST", "/api/user", {"name": name, "username": name, "password": password, "access": access})
    group = lab.one("serviceenginegroup", "S1-AZ1-SE-Group")
    shared = {"replace": {"ha_mode": "HA_MODE_SHARED_PAIR"}}
    lab.api("PATCH", f"/api/serviceenginegroup/{group['uuid']}", shared, login=ANN)
    network = lab.one("network", "AVI_FRONTEND_3025")
    lab.api("PUT", f"/api/network/{network['uuid']}", network | {"dhcp_enabled": True}, login=CLIENT)
    lab.forget()


def origins(folder):
    """What drift.json tells of who did it, by the beginning of the check's name; None where it tells nothing."""
    data = json.loads((folder / "reports" / "drift.json").read_text())
    return {
        entry["nodeid"].rpartition("::")[2]: each.get("origin")
        for entry in data["drifts"]
        for each in entry["differences"]
    }


@lengths.WHOLE_RUN
def test_a_person_and_a_program_are_named_right(lab, tmp_path):
    """By workers, in every report, for one request; then without the log, and while it is put right."""
    change(lab)
    declared = lab.declared(tmp_path)
    saved = tmp_path / "site.json"
    ran = run(tmp_path, declared, "-n2", f"--snapshot={saved}", **lab.credentials)
    assert ran.code == 1, ran.out
    assert lab.paths.count("GET /api/analytics/logs") == 1
    told = origins(tmp_path)
    assert {name: each["author"]["user"] for name, each in told.items()} == {
        GROUP: "ann",
        NETWORK: "terraform",
    }
    assert (told[GROUP]["was"], told[GROUP]["now"]) == ("n+m", "active-active")
    assert (told[NETWORK]["was"], told[NETWORK]["now"]) == (False, True)
    junit = {
        case.get("name"): case.findtext("failure") or ""
        for case in ET.parse(tmp_path / "junit.xml").iter("testcase")
    }
    page = (tmp_path / "reports" / "page.html").read_text()
    summary = (tmp_path / "reports" / "summary.md").read_text()
    for name, user, step in ((GROUP, "ann", "n+m -> active-active"), (NETWORK, "terraform", "no -> yes")):
        begin, end = f"changed by {user} from 127.0.0.1, ", f" UTC ({step})"
        for text in (ran.out, junit[name]):
            line = next(line for line in text.splitlines() if begin in line)
            assert line.strip().startswith("who ")
            assert line.endswith(end)
        assert begin in page
        assert "who did it" in summary
        author = begin.partition(" by ")[2]
        listed = " ".join(ran.out.partition("not as declared, by topic")[2].split())
        assert f"({author}" in listed, "the line of the drift names who did it"

    ran = run(tmp_path, declared, f"--from-snapshot={saved}")
    assert ran.code == 1, ran.out
    assert origins(tmp_path) == {GROUP: None, NETWORK: None}

    lab.faults({"path": "/api/analytics/logs", "status": 403})
    ran = run(tmp_path, declared, **lab.credentials)
    assert (ran.code, sorted(ran.of("unknown"))) == (1, []), ran.out
    assert origins(tmp_path) == {GROUP: None, NETWORK: None}
    assert "analytics" not in ran.out
    lab.faults()

    ran = run(tmp_path, declared, "--remediate", f"--journals={tmp_path}", **lab.credentials)
    assert ran.code == 0, ran.out
    data = json.loads((tmp_path / "reports" / "drift.json").read_text())
    first = {
        entry["nodeid"].rpartition("::")[2]: entry["remediation"]["first"]["origins"][0]["author"]["user"]
        for entry in data["remediated"]
    }
    assert first == {GROUP: "ann", NETWORK: "terraform"}
