"""One count, made once: every report of a run gives the same numbers."""

import json
import re
import subprocess
import sys
import zipfile

from mini_suite import ROOT, case
from receivers import webhook

CASES = [
    case("drift", "A"),
    case("drift", "A", check="test_dhcp", path="dhcp", want=False, have=True),
    case("failed", "A", check="test_free", reason="no address is free"),
    case("failed", "B", check="test_free", reason="no address is free"),
    case("unknown", "C", reason="no answer"),
    case("blocked", "D", reason="network D is absent"),
    case(name="D", check="test_free"),
    case(name="E"),
]
OBJECTS, WITH_DRIFT, FACTS, NOT, UNJUDGED = 5, 2, 8, 4, 2


def test_every_report_gives_the_same_numbers(suite):
    with webhook() as hook:
        ran = suite.run(CASES, "--notify", hook.url)
    assert ran.code == 1
    drift = json.loads((ran.reports / "drift.json").read_text())
    archive = zipfile.ZipFile(ran.reports / "allure-results.zip")
    panel = archive.read("environment.properties").decode().replace("\\", "")
    history = subprocess.run(
        [sys.executable, "-m", "reports.history", "--environment", str(ran.reports), "list"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    verdict = (
        f"{FACTS - NOT - UNJUDGED} of {FACTS} facts as declared, {NOT} not, {UNJUDGED} could not be judged"
    )
    assert f"DRIFT: {verdict}" in ran.out
    assert f"{OBJECTS} objects ({WITH_DRIFT} with drift) · {FACTS} facts" in ran.out
    assert f"not as declared, by topic ({NOT})" in ran.out
    assert verdict in (ran.reports / "summary.md").read_text()
    assert verdict in hook.got[-1][1]["subject"]
    assert verdict in drift["run"]["verdict"]
    assert len(drift["drifts"]) == NOT
    assert drift["run"]["site"]["objects"] == OBJECTS
    assert f"DRIFT: {verdict}" in history
    assert f"Objects={OBJECTS} ({WITH_DRIFT} with drift)" in panel
    assert f"Not as declared={NOT}" in panel
    for counts in (drift["counts"], hook.got[-1][1]["counts"]):
        assert counts["not_as_declared"] == NOT == counts["drift"] + counts["failed"]
        assert counts["not_judged"] == UNJUDGED == counts["unknown"] + counts["blocked"]
        assert (counts["objects"], counts["objects_with_drift"], counts["facts"]) == (
            OBJECTS,
            WITH_DRIFT,
            FACTS,
        )
    samples = re.findall(r'facts{.*outcome="(\w+)"} (\d+)', (ran.reports / "avi_compliance.prom").read_text())
    assert sum(int(number) for outcome, number in samples if outcome in ("drift", "failed")) == NOT
