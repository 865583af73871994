"""What a remediating run refuses before it reads anything, as a user types it."""

import time

import pytest

from tests import lengths
from tests.remediate.site import Runs


@lengths.sampled(3)
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--remediate", "-n", "2"],
            "--remediate writes in one order from one process, so it does not go with -n",
        ),
        (["--remediate", "--plan"], "--plan and --remediate are different things"),
        (["--remediate", "--max-changes=0"], "argument --max-changes: '0': give a whole number from 1 on"),
        (["--allow-disruptive"], "--allow-disruptive says how to put drift right"),
        (["--create-near-twins"], "--create-near-twins says how to put drift right"),
        (["--remediate", "--settle=-1"], "argument --settle: '-1': give seconds from 0 to 86,400"),
        (["--remediate", "--settle=nan"], "argument --settle: 'nan': give seconds from 0 to 86,400"),
        (["--remediate", "--journals=pyproject.toml"], "--journals pyproject.toml: cannot be written"),
        (["--apply-plan=nowhere.json"], "nowhere.json: cannot be read"),
        (["--rollback=nowhere.jsonl"], "nowhere.jsonl: cannot be read"),
        (["--rollback=pyproject.toml"], "pyproject.toml: is not a journal"),
        (
            ["--apply-plan=pyproject.toml"],
            "pyproject.toml: is not a plan of this program but a TOML or INI file",
        ),
        (["--remediate", "--from-snapshot=nowhere"], "needs the live site"),
    ],
)
def test_usage(runs, arguments, said):
    if "nowhere" in arguments[-1] and "snapshot" in arguments[-1]:
        saved = runs.folder / "s.json"
        saved.write_text('{"avi-compliance-snapshot":1,"address":"c"}')
        arguments = [*arguments[:-1], f"--from-snapshot={saved}"]
    code, printed = runs(*arguments, checks=("checks/test_vrfs.py",))
    assert code == 4, printed
    assert said in printed
    assert "Traceback" not in printed


def test_forbidden_by_the_environment_file(lab, tmp_path):
    runs = Runs(lab, tmp_path, lab.environment_file(tmp_path, **{"mode: allowed": "mode: forbidden"}))
    code, said = runs("--remediate")
    assert code == 4
    assert "says `remediation: mode: forbidden`" in said
    lab.reset("drifted")
    code, said = runs("--plan", "-k", "test_buffer")
    assert code == 1
    assert "1 object in 1 write" in said


def test_a_plan_for_another_environment(lab, runs, tmp_path):
    lab.reset("drifted")
    runs(f"--plan-out={tmp_path}/plan.json", "-k", "test_buffer")
    other = Runs(
        lab, tmp_path, lab.environment_file(tmp_path, "other.yaml", **{"name: iberia\n": "name: other\n"})
    )
    code, said = other(f"--apply-plan={tmp_path}/plan.json")
    assert code == 4
    assert "is a plan for iberia, and this environment is other" in said


@lengths.WHOLE_RUN
def test_a_second_run_at_the_same_time(lab, runs):
    lab.reset("fresh")
    lab.control("PUT", "faults", [{"method": "POST", "path": "^/api/", "delay": 1.0}])
    first = runs.start("--remediate")
    deadline = time.monotonic() + 60
    while not lab.writes() and time.monotonic() < deadline:
        time.sleep(0.05)
    code, said = runs("--remediate")
    first.kill()
    first.communicate()
    assert code == 4
    assert "another run is changing iberia: process" in said
