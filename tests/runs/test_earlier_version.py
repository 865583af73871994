"""What a team's repository holds when it is upgraded: the files in `earlier`, all of one earlier version, are read.

The first version that could begin a repository of one's own wrote them (commit fbb9e132c73d). Its journals and plans
are in `tests/remediate/journals`.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from reports.history.__main__ import main
from reports.history.store import History
from tests import lengths
from tests.runs.harness import run

EARLIER = Path(__file__).parent / "earlier"


@pytest.fixture
def reports(tmp_path):
    """The folder of reports of an environment, with the history that the earlier version has kept."""
    folder = tmp_path / "reports" / "acme"
    folder.mkdir(parents=True)
    with closing(sqlite3.connect(folder / "history.sqlite")) as database:
        database.executescript((EARLIER / "history.sql").read_text(encoding="utf-8"))
    return folder


@lengths.WHOLE_RUN
def test_environment_waivers_snapshot_and_history_go_on(tmp_path, reports):
    given = (f"--environment={EARLIER}/acme.yaml", f"--from-snapshot={EARLIER}/site.json")
    ran = run(tmp_path, *given, f"--report-dir={reports}")
    assert ran.code == 1, ran.out
    assert [nodeid for nodeid, (outcome, _) in ran.cases.items() if outcome == "drift"] == [
        "test_dns_profiles.py::test_ttl[DNS_Default]"
    ]
    assert json.loads((reports / "drift.json").read_text())["counts"]["waived"] == 1
    with History(reports / "history.sqlite") as history:
        assert [past.exit_code for past in history.runs()] == [1, 1, 1]


def test_its_history_is_listed_and_each_drift_keeps_its_age(reports, capsys):
    assert main(["-e", str(reports), "list"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed] == ["1", "2"]
    assert "2026-12-01 04:38:09 UTC" in listed[1]
    assert main(["-e", str(reports), "drifts"]) == 1
    drifts = capsys.readouterr().out
    still = (
        "still (2)\n  critical, for 5 seconds, since 2026-12-01 04:38 UTC: VRF context VRF_AZ1: does not hold: "
        "VRF_AZ1 holds only the networks declared for it"
    )
    assert still in drifts
    assert (
        "fixed (1)\n  minor, had drifted 5 seconds: DNS profile DNS_Default: DNS_Default registers names with the declared TTL"
        in drifts
    )
