"""Plans and journals that are not of this site, and journals that a kill left open."""

from dataclasses import replace
from pathlib import Path

import pytest

from intent import Unknown, load_environment
from live.site import Site
from remediate.plan.model import Plan, Request
from remediate.run.options import Options
from remediate.run.site_run import SiteRun
from remediate.write.journal import Journal, left_open
from remediate.write.record import load
from tests.remediate.inprocess import APIS, credentials
from tests.site import IBERIA

ONE = ("checks/test_vrfs.py",)


def test_a_plan_of_another_controller_under_the_same_name(lab, runs):
    """Its new objects would be made there all the same: nothing of that name is in the way."""
    Plan("iberia", "10.10.20.10:443", "30.2.1").save(runs.folder / "plan.json")
    code, said = runs(f"--apply-plan={runs.folder}/plan.json", checks=ONE)
    here = f"127.0.0.1:{lab.endpoints['controller']['port']}"
    assert code == 4
    assert "plan.json is a plan for iberia at 10.10.20.10:443, and " in said
    assert f"is of the Controller at {here}" in said


def test_a_journal_of_another_controller(lab, runs):
    journal = Journal.begin(runs.journals, "iberia", "10.10.20.10:443", "d")
    journal.end("done")
    code, said = runs(f"--rollback={journal.path}", checks=ONE)
    assert code == 4
    assert "is a journal of iberia at 10.10.20.10:443" in said


def test_an_open_journal_of_another_controller_is_passed_over(tmp_path):
    journal = Journal.begin(tmp_path, "iberia", "lab:443", "d")
    journal.abandon()
    assert list(left_open(tmp_path, "iberia", "here:443")) == []
    (found,) = left_open(tmp_path, "iberia", "lab:443")
    assert found.path == journal.path


def test_a_plan_in_another_version_s_model(lab, tmp_path):
    lab.reset("drifted")
    target = Site(load_environment(lab.environment_file(tmp_path)), credentials)
    target.needs = set(APIS)
    site_run = SiteRun(target, Options(True, tmp_path, 60, 0.0), lambda _text: None)
    try:
        plan = replace(site_run.plan([]), api_version="20.1.6")
        with pytest.raises(Unknown, match=r"in the model of version 20.1.6, and .* in that of 30.2.1"):
            site_run.apply(plan)
    finally:
        target.close()
    assert not list(tmp_path.glob("*.jsonl")), "nothing was begun"


def without_the_end(path: Path, lines=2):
    """A journal as a kill after its last write leaves it: the answer was never noted."""
    kept = path.read_text().splitlines(keepends=True)[:-lines]
    path.write_text("".join(kept))


def test_the_undo_of_a_killed_run_decides_what_it_did_first(lab, runs):
    lab.reset("drifted")
    runs("--remediate", "-k", "test_buffer", checks=("checks/test_se_groups.py",))
    journal = runs.journal()
    without_the_end(journal)
    (journal.parent / "iberia.lock").write_text('{"pid": 1, "host": "jump1", "since": "then"}')
    code, said = runs(f"--rollback={journal}", checks=ONE)
    assert code == 0, said
    assert "an earlier run ended without a word: process 1 on jump1, since then" in said
    assert "its answer was never heard; read back, it was applied" in said
    assert "1 of 1 write undone" in said
    (entry,) = load(journal).entries
    assert (entry.fate, load(journal).end) == ("done", "killed; closed by a later run")


def test_a_run_with_a_write_of_unknown_fate_stays_open_for_the_next(tmp_path):
    for fate, still_open in (("unknown", True), ("done", False)):
        journal = Journal.begin(tmp_path / fate, "iberia", "c:443", "d")
        key = load_environment(IBERIA).vrfs[0].key
        number = journal.write(key, Request("POST", "vrfcontext", "", "VRF_AZ1", {}), {}, None)
        journal.answer(number, fate)
        SiteRun._close(journal, ["uncertain"])
        assert bool(list(left_open(tmp_path / fate, "iberia", "c:443"))) == still_open
