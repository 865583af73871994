"""`--ako-verdict` and the checks of AKO, as a user runs them."""

from __future__ import annotations

import json

from intent.ako.boot import CACHED
from intent.ako.site_holes import READ, WRITE
from tests import lengths
from tests.ako.site import declared
from tests.runs.harness import run


@lengths.WHOLE_RUN
def test_right_and_wrong_values(lab, tmp_path):
    wrong = {"ControllerSettings.cloudName": "nosuch", "AKOSettings.clusterName": "s1az9"}
    akos = (({}, "2.2.1"), (wrong, "1.13.4"))
    ran = run(
        tmp_path,
        declared(lab, tmp_path, *akos),
        "--ako-verdict",
        f"--report-dir={tmp_path}/reports",
        **lab.credentials,
    )
    assert ran.code == 1, ran.out
    assert "AKO 2.2.1 of s1az1: starts\n" in ran.out
    assert "AKO 1.13.4 of s1az9: does not start\n" in ran.out
    assert "AKO logs (step V6e): no networks found for networkName: REGIONB_VMS_3024" in ran.out
    assert {line.split()[0] for line in lab.paths} == {"GET", "POST"}
    assert {line for line in lab.paths if line.startswith("POST")} == {"POST /login", "POST /logout"}
    failed = {name for name, (outcome, _) in ran.cases.items() if outcome in ("drift", "failed")}
    assert failed == {f"test_ako.py::test_step[s1az9 {step}]" for step in ("V2", "V4d", "V6e")}
    assert not [name for name in ran.cases if "V8" in name or "H20" in name]  # do not apply, or are not seen
    document = json.loads((tmp_path / "reports" / "drift.json").read_text())
    right, wrong = document["ako"]
    assert (right["verdict"], wrong["verdict"]) == ("starts", "does not start")
    assert wrong["logged"] == "no networks found for networkName: REGIONB_VMS_3024"
    assert "does not start" in (tmp_path / "reports" / "summary.md").read_text()
    for text in [ran.out, *(path.read_text() for path in (tmp_path / "reports").glob("*.[jm]*"))]:
        assert "never-shown-ako" not in text


@lengths.WHOLE_RUN
def test_as_ako(lab, tmp_path):
    """The one is not let in; the other may read all but networks."""
    for name, denied in (("ako-wrong", ""), ("ako-narrow", "PERMISSION_NETWORK")):
        granted = [
            {"resource": f"PERMISSION_{each}", "type": "WRITE_ACCESS"}
            for each in (*WRITE, *READ)
            if f"PERMISSION_{each}" != denied
        ]
        role = lab.api("POST", "/api/role", {"name": name, "privileges": granted})
        access = {"role_ref": role["url"], "tenant_ref": "/api/tenant/admin", "all_tenants": False}
        user = {"name": name, "username": name, "password": "Never-Shown-1", "access": [access]}
        lab.api("POST", "/api/user", user | {"default_tenant_ref": "/api/tenant/admin"})
    akos = [
        (
            {
                "AKOSettings.clusterName": name,
                "avicredentials.username": name,
                "avicredentials.password": password,
            },
            "2.2.1",
        )
        for name, password in (("ako-wrong", "Never-Shown-2"), ("ako-narrow", "Never-Shown-1"))
    ]
    lab.forget()
    ran = run(tmp_path, declared(lab, tmp_path, *akos), "--ako-verdict", "--as-ako", **lab.credentials)
    assert ran.code == 1, ran.out
    assert "AKO logs (step B2): Avi client not initialized" in ran.out
    assert (
        "AKO logs (step V9b): failed to validate Network Names" in ran.out
        or "AKO logs (step V6e): get uri" in ran.out
    )
    assert "no role of user ako-narrow in tenant admin may read it (PERMISSION_NETWORK)" in ran.out
    assert {each.lower() for each in CACHED} <= {
        line.partition("/api/")[2].partition("?")[0] for line in lab.paths
    }
    assert {line.split()[0] for line in lab.paths} == {"GET", "POST"}
    assert {line for line in lab.paths if line.startswith("POST")} == {"POST /login", "POST /logout"}
    assert "Never-Shown" not in ran.out


def test_wrong_keys_name_their_line(tmp_path):
    (tmp_path / "values.yaml").write_text(
        "NetworkSettings:\n  vipNetworkLists: []\nAKOSettings:\n  clustername: x\n"
    )
    path = tmp_path / "site.yaml"
    path.write_text(
        "name: mine\ncontroller: {address: 10.0.0.1}\nako: [{values: values.yaml, version: 2.2.1}]\n"
    )
    ran = run(tmp_path, f"--environment={path}", "--ako-verdict")
    assert ran.code == 4
    assert "values.yaml:2: NetworkSettings.vipNetworkLists: unknown key" in ran.out
    assert "did you mean 'vipNetworkList'?" in ran.out
    assert "values.yaml:4: AKOSettings.clustername: unknown key" in ran.out
