"""Whole runs: what the terminal shows, what the exit code is, what stands in the files."""

import json
import re
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import jsonschema
import pytest
from mini_suite import case

from tests import lengths

GOLDEN = Path(__file__).parent / "golden"
SCHEMA = json.loads((Path(__file__).parents[2] / "reports/formats/drift.schema.json").read_text())

POOLS = [{"range": "10.10.25.40-10.10.25.59", "use": "vip"}]
MIXED = [
    *(case(name=f"N{number}") for number in range(5)),
    case("drift", "D1"),
    case("drift", "D2", check="test_pools", path="subnets[10.10.25.0/24].pools", want=POOLS, have=[]),
    case("failed", "F1", check="test_free", reason="no address is free"),
    case("unknown", "U1", reason="The Controller 10.10.20.10 does not answer; check its address"),
    case("blocked", "B1", reason="network B1 is absent from the Controller"),
]


def summary(out: str) -> str:
    """The summary with what differs from run to run taken out."""
    text = out[out.index("= Avi Compliance") :]
    text = text[: text.rindex("=====")]
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "DATE UTC", text)
    text = re.sub(r"\d+\.\d s\b", "T s", text)
    text = re.sub(r"\d+ (seconds|minutes?)", "SPAN", text)
    return (
        "\n".join(
            line.strip("=").strip() if line.startswith("=") else line for line in text.splitlines()[:-1]
        )
        + "\n"
    )


def results_in(path: Path) -> list[dict]:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            return [json.loads(archive.read(n)) for n in archive.namelist() if n.endswith("-result.json")]
    return [json.loads(found.read_text()) for found in path.glob("*-result.json")]


@pytest.mark.parametrize(
    "arguments", [(), pytest.param(("-n", "2"), marks=lengths.WHOLE_RUN)], ids=["one-process", "distributed"]
)
def test_a_mixed_run(suite, arguments):
    ran = suite.run(MIXED, "--junitxml=junit.xml", *arguments)
    assert ran.code == 1
    if not arguments:
        assert summary(ran.out) == (GOLDEN / "summary-mixed.txt").read_text()
    assert "Traceback" not in ran.out
    assert "DRIFT: 5 of 10 facts as declared, 3 not, 2 could not be judged" in ran.out
    told = json.loads((ran.reports / "drift.json").read_text())
    jsonschema.validate(told, SCHEMA)
    assert [len(told[name]) for name in ("drifts", "unknown", "blocked", "waived")] == [3, 1, 1, 0]
    assert {r["status"] for r in results_in(ran.reports / "allure-results.zip")} == {
        "passed", "failed", "broken", "skipped",
    }  # fmt: skip
    cases = ET.parse(ran.folder / "junit.xml").findall(".//testcase")
    assert len({(c.get("classname"), c.get("name")) for c in cases}) == len(cases) == 10
    assert len(ET.parse(ran.folder / "junit.xml").findall(".//failure")) == 3
    assert len(ET.parse(ran.folder / "junit.xml").findall(".//error")) == 1


def test_the_markdown_summary_is_as_reviewed(suite):
    suite.run(
        [case(name="D2", check="test_pools"), case("drift", "D1"), case("drift", "F1", check="test_free")]
    )
    ran = suite.run(MIXED)
    text = (ran.reports / "summary.md").read_text()
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "DATE UTC", text)
    text = re.sub(r"run `[^`]+`, \d+ s", "run `ID`, T s", text)
    text = re.sub(r"\d{4}-\d\d-\d\d \|", "DATE |", text)
    assert text == (GOLDEN / "summary-mixed.md").read_text()


def test_changes_come_first(suite):
    suite.run([case("drift", "OLD"), case("drift", "FIXED"), case(name="BREAKS"), case("drift", "OTHER")])
    ran = suite.run(
        [case("drift", "OLD"), case(name="FIXED"), case("drift", "BREAKS"), case("drift", "OTHER", have="X")]
    )
    assert "1 new, 1 changed, 1 fixed; 1 still drifting" in ran.out
    lines = ran.out[ran.out.index("= Avi Compliance") :].splitlines()
    assert lines[1].startswith("since ")
    assert lines[2] == "  new      critical: network BREAKS: vrf: declared VRF_AZ1, found global"
    told = json.loads((ran.reports / "drift.json").read_text())
    jsonschema.validate(told, SCHEMA)
    assert {d["object"]["name"]: d["change"] for d in told["drifts"]} == {
        "OLD": "still", "BREAKS": "new", "OTHER": "changed",
    }  # fmt: skip
    assert [f["object"] for f in told["fixed"]] == ["network FIXED"]


@pytest.mark.parametrize(
    "arguments",
    [("-x",), pytest.param(("-x", "-n", "2"), marks=lengths.WHOLE_RUN)],
    ids=["one-process", "distributed"],
)
def test_stopping_at_the_first_drift_is_drift(suite, arguments):
    ran = suite.run([case("drift", f"D{number}") for number in range(8)], *arguments)
    assert ran.code == 1


def test_unknown_alone_is_six(suite):
    ran = suite.run(
        [case("unknown", f"U{number}", reason="no answer; look at it") for number in range(4)], "-n", "2"
    )
    assert ran.code == 6
    assert "4 x no answer; look at it" in ran.out
    assert "UNKNOWN: 0 of 4 facts as declared, 4 could not be judged" in ran.out


def test_conforming_is_zero_and_quiet(suite):
    ran = suite.run([case(name=f"N{number}") for number in range(3)])
    assert ran.code == 0
    assert "CONFORMS: 3 of 3 facts as declared, of 3 declared objects" in ran.out


def test_no_checks_is_five_and_leaves_nothing(suite):
    suite.run([case()])
    ran = suite.again("-k", "nothing", "--report-dir", "elsewhere")
    assert ran.code == 5
    assert "NOTHING CHECKED: -k, -m or --deselect leaves no check" in ran.out
    assert not (ran.folder / "elsewhere").exists()


def test_collecting_alone_leaves_nothing(suite):
    ran = suite.run([case()], "--collect-only", "-q")
    assert ran.code == 0
    assert not ran.reports.exists()


def test_a_broken_test_that_is_no_check_fails_the_run(suite):
    (suite.folder / "other").mkdir()
    (suite.folder / "other" / "test_other.py").write_text("def test_it():\n    assert False\n")
    (suite.folder / "conftest.py").write_text(
        (suite.folder / "conftest.py")
        .read_text()
        .replace("    names = ", "    names = ")
        .replace(
            "def pytest_generate_tests(metafunc):\n",
            "def pytest_generate_tests(metafunc):\n    if 'case' not in metafunc.fixturenames:\n        return\n",
        )
        .replace(
            "    for item in items:\n",
            "    for item in items:\n        if not hasattr(item, 'callspec'):\n            continue\n",
        )
        .replace(
            "    report = yield\n",
            "    report = yield\n    if not hasattr(item, 'callspec'):\n        return report\n",
        )
    )
    ran = suite.run([case()])
    assert ran.code == 1
    assert "1 other test failed" in ran.out


def test_the_report_folder_can_be_chosen(suite):
    ran = suite.run([case("drift")], "--report-dir", "out/here", "--metrics", "m/avi.prom")
    assert (ran.folder / "out/here/drift.json").is_file()
    assert not ran.reports.exists()
    assert (
        'avi_compliance_drift{environment="demo",topic="networks"} 1'
        in (ran.folder / "m/avi.prom").read_text()
    )


def test_a_run_of_a_part_ends_no_alert(suite):
    suite.run([case("drift", "NET_A"), case(name="NET_B")])
    metrics = suite.folder / "reports/out/demo/avi_compliance.prom"
    before = metrics.read_text()
    ran = suite.again("-k", "NET_B")
    assert (ran.code, metrics.read_text()) == (0, before)
    assert "avi_compliance.prom" not in ran.out
    suite.again()
    last = "avi_compliance_last_conforming_timestamp_seconds"
    assert last not in metrics.read_text()  # the part did conform, the site did not


def drift_metric(ran):
    text = (ran.reports / "avi_compliance.prom").read_text()
    return dict(
        re.findall(r'^avi_compliance_drift{environment="demo",topic="(\w+)"} (\d+)$', text, re.MULTILINE)
    )


def since_line(ran):
    return next(line for line in ran.out.splitlines() if line.startswith("since ")).partition("UTC: ")[2]


@lengths.WHOLE_RUN
def test_a_run_that_can_read_nothing_ends_no_alert(suite):
    names = ("D1", "D2", "F1", "N1")
    cases = [case("drift", "D1"), case("drift", "D2"), case("failed", "F1", reason="no"), case(name="N1")]
    assert drift_metric(suite.run(cases)) == {"networks": "3"}
    nothing = [case("unknown", name, reason="wrong password; correct it") for name in names]
    ran = suite.run([*nothing[:3], case("blocked", "N1", reason="not asked")])
    assert (ran.code, drift_metric(ran)) == (6, {"networks": "3"})
    assert since_line(ran) == "4 can no longer be judged"
    assert "4 can no longer be judged." in (ran.reports / "summary.md").read_text()
    ran = suite.run(nothing)
    assert (drift_metric(ran), since_line(ran)) == ({"networks": "3"}, "nothing has changed")
    ran = suite.run([case(name="D1"), case("drift", "D2"), *nothing[2:]])
    assert drift_metric(ran) == {"networks": "2"}  # what was put right is counted no more
    assert drift_metric(suite.run([case(name=name) for name in names])) == {"networks": "0"}
    assert drift_metric(suite.run(nothing)) == {"networks": "0"}


def test_what_no_run_has_judged_is_not_told_to_be_without_drift(suite):
    cases = [
        case("unknown", "U1", reason="no answer; look at it"),
        case(name="N1"),
        case("unknown", "U2", topic="pools", reason="no answer; look at it"),
        case("drift", "D2", topic="pools"),
        case(name="N3", topic="dns"),
    ]
    (suite.folder / "taken/history.sqlite").mkdir(parents=True)
    suite.run(cases, "--report-dir", "taken", "--metrics", "m/avi.prom")
    for ran in (suite.run(cases), suite.again()):
        assert drift_metric(ran) == {"pools": "1", "dns": "0"}
    told = re.findall(r'drift{environment="demo",topic="(\w+)"}', (suite.folder / "m/avi.prom").read_text())
    assert told == ["dns", "pools"]


def test_a_report_that_cannot_be_written_never_changes_the_verdict_and_is_told_beside_it(suite):
    (suite.folder / "r/drift.json").mkdir(parents=True)
    (suite.folder / "r/allure-results.zip").mkdir()
    ran = suite.run([case()], "--report-dir", "r")
    assert ran.code == 0
    assert "drift.json could not be written" in " ".join(ran.out.split())
    (last,) = [line for line in ran.out.splitlines() if line.startswith("CONFORMS")]
    assert last.endswith("; not written: allure-results.zip, drift.json")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("taken", "is a file; name a folder"),
        ("taken/r", "taken is a file; name a folder"),
        ("link", "is a symbolic link to nowhere; name a folder"),
    ],
)
def test_a_folder_of_reports_that_is_none_is_bad_usage(suite, given, why):
    (suite.folder / "taken").write_text("a file, not a folder")
    (suite.folder / "link").symlink_to("nowhere")
    ran = suite.run([case()], "--report-dir", given)
    assert ran.code == 4
    assert f"--report-dir {given}: " in ran.out
    assert why in ran.out.replace(f"{suite.folder}/", "")


def test_what_was_found_can_be_read_to_its_end(suite):
    pools = [f"10.10.20.{n}0-10.10.20.{n}9" for n in range(1, 4)]
    ran = suite.run(
        [case("drift", "REGIONB_MGMT_3020", path="subnets[10.10.20.0/24].pools", want=pools, have=pools[:2])]
    )
    assert "missing 10.10.20.30-10.10.20.39 (declared 10.10.20.10-10.10.20.19, " in " ".join(ran.out.split())
    assert "found 10.10.20.10-10.10.20.19, 10.10.20.20-10.10.20.29)" in " ".join(ran.out.split())


def test_one_screen_at_twenty_thousand_results():
    from datetime import UTC, datetime
    from types import SimpleNamespace

    from intent.scrubber import Scrubber
    from reports.run import Run
    from reports.terminal import summary_lines

    run = Run("demo", Path("out"), Scrubber(), ended=datetime.now(UTC), exit_code=1)
    for number in range(20_000):
        outcome = ("passed", "drift", "unknown", "blocked", "waived", "remediated", "failed")[number % 7]
        check, step = f"test_{number % 50}", f"Step {number % 6}"
        result = case(outcome, f"N{number}", check=check, reason=f"reason {number % 30}", step=step)
        at = SimpleNamespace(nodeid=f"n{number}", when="call", start=0, stop=0, sections=[])
        run.results.add(at, result)
    run.faults = [f"waiver {number}" for number in range(100)]
    lines = list(summary_lines(run))
    assert len(lines) <= 50
    assert max(len(line.text) for line in lines) <= 100
    assert lines[-1].text.startswith("DRIFT: 5,")


@lengths.WHOLE_RUN
@pytest.mark.parametrize(("arguments", "shown"), [((), 100), (("-v",), 130)])
def test_of_many_failures_a_hundred_are_shown(suite, arguments, shown):
    """All are counted, all are in the files, and `-v` shows all."""
    ran = suite.run([case("drift", f"NET_{number:03}") for number in range(130)], *arguments)
    assert ran.out.count("  why  ") == shown
    assert ("and 30 more like these" in ran.out) == (shown == 100)
    assert "130 failed" in ran.out.splitlines()[-1]
    assert len(json.loads((ran.reports / "drift.json").read_text())["drifts"]) == 130


def test_a_lab_in_another_state_is_named_where_its_run_is_compared_with(suite):
    for state, named in (("drifted", False), ("fresh", True), ("fresh", False)):
        suite.facts |= {"lab": True, "site": f"lab, {state}"}
        ran = suite.run([case("drift" if state == "drifted" else "passed")])
        assert (" UTC (lab, drifted): 1 fixed" in ran.out) is named, ran.out
