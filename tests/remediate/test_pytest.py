"""Remediation as a user starts it: options, exit codes, what is printed and reported."""

import json
import re
import xml.etree.ElementTree as ET

import pytest

from remediate.write.record import load
from tests import lengths
from tests.remediate.site import Runs


def outcome(said):
    """pytest's last line."""
    return said.strip().splitlines()[-1]


def told_in_summary(runs):
    (found,) = (runs.folder / "reports").rglob("summary.md")
    return found.read_text()


@lengths.WHOLE_RUN
def test_fresh_to_conforming_in_one_run_and_nothing_in_the_next(lab, runs):
    lab.reset("fresh")
    code, said = runs("--remediate", f"--junitxml={runs.folder}/junit.xml")
    assert code == 0, said
    assert "14 objects in 15 writes" in said
    assert "CONFORMS" in said
    assert "now holds: local-dns-site1 is operationally up" in told_in_summary(runs)
    assert "does not hold" not in told_in_summary(runs)
    assert len(lab.writes()) == 15
    assert {status for _, _, status in lab.writes()} == {200, 201}
    cases = list(ET.parse(f"{runs.folder}/junit.xml").iter("testcase"))
    assert len(cases) == len({(case.get("classname"), case.get("name")) for case in cases}), "each check once"
    assert not [case for case in cases if len(case)], "with its last word"
    record = load(runs.journal())
    assert [entry.fate for entry in record.entries] == ["done"] * 15
    assert record.end == "14 done"

    lab.forget()
    code, said = runs("--remediate")
    assert code == 0
    assert "nothing to write" in said
    assert lab.writes() == []
    assert len(list(runs.journals.glob("*.jsonl"))) == 1, "a run that writes nothing leaves no journal"


@lengths.WHOLE_RUN
def test_drifted_to_conforming(lab, runs):
    lab.reset("drifted")
    code, said = runs("--remediate")
    assert code == 0, said
    assert "CONFORMS" in said
    lab.forget()
    code, said = runs("--remediate")
    assert (code, lab.writes()) == (0, []), said


@lengths.WHOLE_RUN
def test_what_a_person_does_between_the_passes_is_the_last_word(lab, runs):
    """It is neither called put right, nor still good since it was good before: the second pass reads what there is."""
    lab.reset("drifted")
    edits = {"S1-AZ2-SE-Group": {"buffer_se": 7}, "DNS-SE-Group": {"buffer_se": 3}}
    process = runs.start(
        "--remediate", "-k", "test_buffer", "-p", "tests.remediate.person",
        checks=("checks/test_se_groups.py",), env={"PERSON": json.dumps(edits)},
    )  # fmt: skip
    said, _ = process.communicate(timeout=240)
    assert process.returncode == 1, said
    assert re.search(
        r"^SE group S1-AZ2-SE-Group: buffer is not as declared\n.*\n  found +7$", said, re.MULTILINE
    )
    assert re.search(
        r"^SE group DNS-SE-Group: buffer is not as declared\n.*\n  found +3$", said, re.MULTILINE
    )
    assert re.fullmatch(r"=+ 2 failed, 1 passed in .*", outcome(said)), outcome(said)
    assert [status for _, _, status in lab.writes()] == [200, 200, 200], "one is ours, two are theirs"
    assert "read again it is still not as declared" in said
    assert [(entry.key.name, entry.fate) for entry in load(runs.journal()).entries] == [
        ("S1-AZ2-SE-Group", "done")
    ]
    assert "put right by this run" not in said


WAIVER = """waivers:
  - {check: test_networks.test_vrf, object: REGIONB_VMS_3023, field: vrf, accepts: global, reason: moves later,
     approver: A. Owner, ticket: NET-1, until: 2099-01-01T00:00:00+01:00}
"""


@pytest.mark.parametrize("asked", ["--plan", "--remediate"])
def test_a_waived_drift_is_neither_planned_nor_written(lab, runs, asked):
    lab.reset("drifted")
    waivers = runs.folder / "waivers.yaml"
    waivers.write_text(WAIVER)
    code, said = runs(
        asked, f"--waivers={waivers}", "-k", "test_vrf or test_dhcp", checks=("checks/test_networks.py",)
    )
    assert code == (1 if asked == "--plan" else 0), said
    assert "dhcp: true -> false" in said
    assert "vrf: global ->" not in said
    assert "waived until 2099" in said
    assert len(lab.writes()) == (0 if asked == "--plan" else 1)


OTHER_PORT = {"port: 53, protocol: udp": "port: 5353, protocol: udp", "ttl: 30\n\nipam": "ttl: 31\n\nipam"}
"""A declaration that a conforming site does not meet: in one point harmless, in one not."""
PORTS = "checks/test_dns_services.py::test_ports[local-dns-site1]"


@lengths.WHOLE_RUN
def test_what_would_hit_something_is_refused_by_name_and_stays_a_failure(lab, tmp_path):
    lab.reset("conforming")
    runs = Runs(lab, tmp_path, lab.environment_file(tmp_path, **OTHER_PORT))
    checks = ("checks/test_dns_services.py", "checks/test_dns_profiles.py")
    code, said = runs("--remediate", "-k", "test_ports or test_ttl", checks=checks)
    assert code == 1
    assert "would hit: virtual service local-dns-site1" in said
    assert re.search(r"1 failed, .*1 put right", outcome(said)), outcome(said)
    assert "left as it is: it would no longer listen on udp/53" in said
    assert list(json.loads((runs.folder / "cache/v/cache/lastfailed").read_text())) == [PORTS]
    assert len(lab.writes()) == 1
    code, said = runs("--remediate", "--allow-disruptive", "--lf", "-k", "test_ports", checks=checks)
    assert code == 0, said
    assert re.search(r"1 put right", outcome(said))


@lengths.WHOLE_RUN
@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "two workers"])
def test_plan_changes_nothing(lab, runs, workers):
    lab.reset("drifted")
    code, said = runs("--plan", *workers)
    assert code == 1
    assert "plan for iberia" in said
    assert "13 objects in 13 writes" in said
    assert "nothing was changed; --remediate carries it out" in said
    assert lab.writes() == []


def test_plan_of_a_conforming_site(lab, runs):
    lab.reset("conforming")
    code, said = runs("--plan")
    assert code == 0, said
    assert "no drift that was read: nothing to do" in said


def test_plan_of_facts_that_no_write_puts_right(lab, runs):
    lab.reset("drifted")
    code, said = runs("--plan", "-k", "test_resolves", checks=("checks/test_names.py",))
    assert code == 1
    assert "nothing to write: 2 failed checks compared no declared value" in said
    assert "nothing to do" not in said


@lengths.WHOLE_RUN
def test_a_reviewed_plan_is_applied_as_it_is(lab, runs):
    lab.reset("drifted")
    code, said = runs(f"--plan-out={runs.folder}/plan.json")
    assert (code, lab.writes()) == (1, [])
    assert "nothing was changed\n" in said, "a plan that is saved for review has one next step"
    plan = json.loads((runs.folder / "plan.json").read_text())
    code, said = runs(f"--apply-plan={runs.folder}/plan.json", "-k", "test_buffer")
    assert (code, lab.writes()) == (4, []), "what is written must be asked whether it helped"
    assert "would not be asked whether it helped" in " ".join(said.split())
    code, said = runs(f"--apply-plan={runs.folder}/plan.json")
    assert code == 0, said
    assert f"of the reviewed plan {plan['digest'][:12]}, this is to do now" in said
    assert len(lab.writes()) == 13
    assert load(runs.journal()).head.plan == plan["digest"]
    assert "13 done" in load(runs.journal()).end
    code, said = runs(f"--apply-plan={runs.folder}/plan.json")
    assert code == 0, "nothing drifts, and nothing of the plan is done"
    assert len(lab.writes()) == 13, "everything is done: nothing is written again"
    assert said.count("already: it is as the plan makes it") >= 13


@lengths.WHOLE_RUN
def test_how_to_go_on_with_a_reviewed_plan(lab, runs):
    """One that broke off is given again; for what has moved a new one is made."""
    lab.reset("drifted")
    only = ("-k", "test_ttl", "--settle=0")
    checks = ("checks/test_dns_profiles.py",)
    plan = runs.folder / "plan.json"
    runs(f"--plan-out={plan}", *only, checks=checks)
    lab.control(
        "PUT", "faults", [{"method": "PUT", "path": "^/api/", "status": 403, "body": {"error": "no"}}]
    )
    code, said = runs(f"--apply-plan={plan}", *only, checks=checks)
    assert code == 1
    assert f"to go on, give --apply-plan={plan} again" in said
    lab.reset("fresh")
    code, said = runs(f"--apply-plan={plan}", *only, checks=checks)
    assert code == 6, "its profile is not there, and the check is blocked"
    assert "moved: it is not there any more" in said
    assert f"to go on, make a new plan with --plan --plan-out={plan}" in said
    assert "run again" not in said


@lengths.WHOLE_RUN
def test_drift_that_is_not_in_the_reviewed_plan(lab, runs):
    """Once all of the plan is done, drift beside it is not said to be none."""
    lab.reset("drifted")
    plan = f"{runs.folder}/plan.json"
    runs(f"--plan-out={plan}", "-k", "test_ttl", checks=("checks/test_dns_profiles.py",))
    both = {"checks": ("checks/test_dns_profiles.py", "checks/test_se_groups.py")}
    for _ in range(2):
        code, said = runs(f"--apply-plan={plan}", "-k", "test_ttl or test_buffer", **both)
        assert code == 1, said
    assert "nothing to write of the drift that was read: it is not in the plan file" in said
    assert len(lab.writes()) == 1


def test_only_what_was_selected_is_written(lab, runs):
    lab.reset("drifted")
    code, said = runs("--remediate", "-k", "test_buffer")
    assert code == 0, said
    ((method, path, status),) = lab.writes()
    assert (method, status) == ("PUT", 200)
    assert path.startswith("/api/serviceenginegroup/")


def test_stops_at_the_first_drift_with_x(lab, runs):
    lab.reset("drifted")
    code, said = runs("--remediate", "-x")
    assert code == 0, said
    assert "1 object in 1 write" in said
    assert len(lab.writes()) == 1
    assert re.search(r"1 put right.* in ", outcome(said))


@lengths.WHOLE_RUN
def test_more_changes_than_allowed(lab, runs):
    lab.reset("fresh")
    code, said = runs("--remediate", "--max-changes=14")
    assert code == 1
    assert said.count("the plan has 15 writes and at most 14 are allowed") == 2, (
        "before the failures and after them"
    )
    assert lab.writes() == []
    assert "first pass" in said


def test_a_write_that_does_not_help_is_no_fix(lab, runs):
    """The Controller says 200 to every write of a group and keeps it as it was."""
    lab.reset("drifted")
    sticky = {"method": "PUT", "path": "/api/serviceenginegroup/", "status": 200, "body": {}}
    lab.control("PUT", "faults", [sticky])
    code, said = runs("--remediate", "-k", "test_buffer", "--settle=5")
    assert code == 1
    assert "it was written and accepted, and read again it is still not as declared" in said
    assert re.search(r"1 failed, .*passed", outcome(said))


@pytest.mark.parametrize("away", [True, False], ids=["for good", "for a moment"])
def test_a_write_that_cannot_be_read_again_is_unknown(lab, runs, away):
    """The first pass reads the groups, the second cannot; what could be read before is awaited."""
    lab.reset("drifted")
    down = {
        "method": "GET",
        "path": "^/api/serviceenginegroup\\?",
        "status": 500,
        "body": {"error": "down"},
        "skip": 1,
        "count": None if away else 5,
    }
    lab.control("PUT", "faults", [down])
    settle = f"--settle={0 if away else 60}"
    code, said = runs("--remediate", "-k", "test_buffer", settle, checks=("checks/test_se_groups.py",))
    if not away:
        assert code == 0, said
        assert re.search(r"awaited for \d+ s: all there", said)
        return
    assert code == 6, said
    assert "nobody has seen that it helped" in said
    assert "put right" not in outcome(said)
    assert "1 of 1 write done; undo with --rollback" in said


def test_what_was_not_read_is_not_planned(lab, runs):
    lab.reset("drifted")
    broken = {
        "method": "GET",
        "path": "/api/serviceenginegroup($|\\?)",
        "status": 500,
        "body": {"error": "down"},
    }
    lab.control("PUT", "faults", [broken])
    code, said = runs(
        "--remediate", "--settle=20", checks=("checks/test_se_groups.py", "checks/test_ipam_profiles.py")
    )
    assert code == 6
    assert "awaited" not in said, "what was never read will not be readable later"
    assert {path.split("/")[2] for _, path, _ in lab.writes()} == {"ipamdnsproviderprofile"}
    assert "1 object in 1 write" in said


def test_a_controller_that_is_gone(lab, runs):
    closed = Runs(lab, runs.folder, lab.environment_file(runs.folder, "closed.yaml"))
    text = closed.file.read_text().replace(f"port: {lab.endpoints['controller']['port']}", "port: 1")
    closed.file.write_text(text)
    code, said = closed("--remediate")
    assert code == 6, said
    assert "nothing listens there" in said


@lengths.WHOLE_RUN
def test_refused_in_the_middle(lab, runs):
    lab.reset("fresh")
    upgrade = {"method": "POST", "path": "/api/serviceenginegroup", "status": 403,
               "body": {"error": "Configuration is disallowed during upgrade"}}  # fmt: skip
    lab.control("PUT", "faults", [upgrade])
    code, said = runs("--remediate")
    assert code == 1
    assert "refused: the Controller refused: Configuration is disallowed during upgrade" in said
    assert "not tried, since the run stopped at SE group S1-AZ1-SE-Group: SE group S1-AZ2-SE-Group, " in said
    assert "5 of 15 writes done; undo with --rollback" in said
    assert "to go on, run again" in said
    assert "put right" in outcome(said), "what was written until then is proved"
    lab.control("DELETE", "faults")
    code, said = runs("--remediate")
    assert code == 0, said


@lengths.WHOLE_RUN
def test_a_write_that_was_never_answered_is_undone_where_the_log_says_that_it_was_ours(lab, runs):
    lab.reset("drifted")
    lab.control(
        "PUT", "faults", [{"method": "PUT", "path": "^/api/serviceenginegroup", "lost": True, "count": 1}]
    )
    _, said = runs("--remediate", "-k", "test_buffer")
    told = (
        "\n  1 of them never answered: undone only where the Controller's log says that this run made it so"
    )
    assert "1 of 1 write done" in said, said
    assert told in said, said
    code, said = runs(f"--rollback={runs.journal()}")
    assert (code, "1 of 1 write undone" in said) == (0, True), said


@lengths.WHOLE_RUN
def test_undo(lab, runs):
    lab.reset("drifted")
    runs("--remediate", "-k", "test_buffer or test_name_prefix or test_dhcp")
    journal = runs.journal()
    code, said = runs(f"--rollback={journal}")
    assert code == 1, "DHCP is not turned on again under a Service Engine that has its address from the pool"
    assert "kept: it would hit Service Engine dns-se-" in said
    assert "1 of 2 writes undone; 1 stays, for the reason above" in said
    writes = len(lab.writes())
    code, said = runs(f"--rollback={journal}", "-k", "test_dhcp")
    assert (code, len(lab.writes())) == (4, writes), said
    assert "--rollback undoes a run as a whole" in said
    code, said = runs(f"--rollback={journal}", "--allow-disruptive")
    assert code == 0, said
    assert "1 of 2 writes undone, 1 undone before" in said
    journals = sorted(runs.journals.glob("*.jsonl"))
    code, said = runs(f"--rollback={journal}")
    assert (code, said.count(": already")) == (0, 2), said
    assert sorted(runs.journals.glob("*.jsonl")) == journals, "what writes nothing leaves no journal"
    assert "0 of 2 writes undone, 2 undone before" in said
    code, said = runs("--plan", "-k", "test_buffer or test_name_prefix or test_dhcp")
    assert "2 objects in 2 writes" in said, said


@lengths.WHOLE_RUN
def test_what_cannot_be_undone_is_marked_and_said(lab, runs):
    lab.reset("fresh")
    code, said = runs("--remediate")
    assert "CANNOT BE UNDONE: once a DNS service is listed" in said
    assert ".jsonl\n  9 of them cannot be undone\n" in said
    code, said = runs(f"--rollback={runs.journal()}")
    assert code == 1
    assert "cannot be emptied again" in said
    assert re.search(r"6 of 15 writes undone; 9 stay", said), said


@lengths.WHOLE_RUN
def test_fixed_is_labelled_in_the_reports(lab, runs):
    lab.reset("drifted")
    runs("--remediate", "-k", "test_buffer")
    (found,) = (runs.folder / "reports").rglob("drift.json")
    report = json.loads(found.read_text())
    (entry,) = report["remediated"]
    assert entry["remediation"]["outcome"] == "fixed"
    (step,) = entry["remediation"]["steps"]
    (request,) = step["requests"]
    assert (request["before"]["buffer_se"], request["after"]["buffer_se"]) == (1, 0)
    assert request["method"] == "PUT"


# What cannot be had.
