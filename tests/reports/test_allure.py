import base64
import json
import os
import pstats
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mini_suite import ROOT, case

from intent import Drift, Key
from intent.remediation import FirstResult, RemediationResult, Remedied, StepReport, WriteReport
from reports.allure.attachments import difference_html
from reports.allure.results import full_name_of
from reports.html import Cannot, configuration, find, finished
from tests import lengths


def results_in(path: Path) -> dict[str, dict]:
    """Allure results by object."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            found = [json.loads(archive.read(n)) for n in archive.namelist() if n.endswith("-result.json")]
    else:
        found = [json.loads(one.read_text()) for one in path.glob("*-result.json")]
    return {
        next((p["value"] for p in one.get("parameters", ()) if p["name"] == "object"), one["name"]): one
        for one in found
    }


def labels(result):
    return {(label["name"], label["value"]) for label in result["labels"]}


LIVE = {
    "name": "NET_A",
    "vrf_context_ref": "/api/vrfcontext/1#global",
    "password": "hunter22",
    "note": "<b>&",
}


@lengths.WHOLE_RUN
@pytest.mark.parametrize("arguments", [(), ("-n", "2"), ("--alluredir=raw",), ("--alluredir=raw", "-n", "2")])
def test_one_result_a_check_and_no_containers(suite, arguments):
    ran = suite.run(
        [
            case("drift", "NET_A", as_read=LIVE),
            case(name="NET_B"),
            case("unknown", "NET_C", reason="no answer"),
        ],
        *arguments,
    )
    raw = ran.folder / "raw" if "--alluredir=raw" in arguments else ran.reports / "allure-results.zip"
    names = [one.name for one in raw.iterdir()] if raw.is_dir() else zipfile.ZipFile(raw).namelist()
    assert sorted(re.sub(r"[0-9a-f-]{36}", "ID", name) for name in names if "attachment" not in name) == [
        "ID-globals.json", "ID-result.json", "ID-result.json", "ID-result.json", "categories.json", "environment.properties", "executor.json", "front-page.html",
    ]  # fmt: skip
    found = results_in(raw)
    drift = found["network NET_A"]
    assert drift["name"] == "network NET_A: vrf is global, declared VRF_AZ1"
    assert drift["status"] == "failed"
    assert (drift["statusDetails"]["expected"], drift["statusDetails"]["actual"]) == ("VRF_AZ1", "global")
    assert "Traceback" not in drift["statusDetails"]["trace"]
    assert {("epic", "Step 3"), ("feature", "networks"), ("story", "network NET_A"), ("severity", "critical"), ("outcome", "drift")} <= labels(drift)  # fmt: skip
    assert [a["name"] for a in drift["attachments"]][:2] == ["Declared and found", "Object as read"]
    assert found["network NET_C"]["status"] == "broken"
    assert found["network NET_B"]["status"] == "passed"
    text = "".join((raw / n).read_text() for n in names) if raw.is_dir() else "".join(zipfile.ZipFile(raw).read(n).decode() for n in names)  # fmt: skip
    assert "hunter22" not in text
    assert "<sensitive>" in text


@lengths.WHOLE_RUN
def test_the_history_id_rests_on_identity_alone(suite):
    first = results_in(suite.run([case("drift", "NET_A"), case(name="NET_B")]).reports / "allure-results.zip")
    second = results_in(
        suite.run([case("drift", "NET_A", want="X", have="Y", why="other")], "-n", "2").reports
        / "allure-results.zip"
    )
    assert first["network NET_A"]["historyId"] == second["network NET_A"]["historyId"]
    assert first["network NET_A"]["uuid"] != second["network NET_A"]["uuid"]
    assert first["network NET_A"]["historyId"] != first["network NET_B"]["historyId"]


def test_labels_select_before_anything_runs(suite):
    cases = [case("drift", "NET_A"), case(name="NET_B", severity="minor", step="Step 4")]
    assert "1 passed, 1 deselected" in suite.run(cases, "--allure-severities=minor").out
    assert "1 passed, 1 deselected" in suite.run(cases, "--allure-epics=Step 4").out


def test_what_a_check_says_through_allure_is_kept(suite):
    suite.prepare([case(name="NET_A")])
    path = suite.folder / "test_mini.py"
    path.write_text(
        path.read_text()
        + "    import allure\n"
        + "    allure.dynamic.label('control', 'C-1')\n"
        + "    allure.dynamic.link('https://example.org/x', name='paper')\n"
        + "    allure.attach('password=hunter22', 'said', allure.attachment_type.TEXT)\n"
        + "    with allure.step('outer'):\n"
        + "        with allure.step('inner'):\n"
        + "            allure.attach(bytes([255, 0]), 'raw', allure.attachment_type.PNG)\n"
    )
    for arguments in ((), ("-n", "2")):
        shutil.rmtree(suite.folder / "raw", ignore_errors=True)
        ran = suite.again("--alluredir=raw", *arguments)
        assert ran.code == 0, ran.out
        (result,) = results_in(ran.folder / "raw").values()
        assert ("control", "C-1") in labels(result)
        assert result["links"][-1]["url"] == "https://example.org/x"
        assert (ran.folder / "raw" / result["attachments"][0]["source"]).read_text() == "password=<sensitive>"
        inner = result["steps"][0]["steps"][0]
        assert (result["steps"][0]["name"], inner["name"]) == ("outer", "inner")
        kept = ran.folder / "raw" / inner["attachments"][0]["source"]
        assert (kept.suffix, kept.read_bytes()) == (".png", bytes([255, 0]))


@lengths.WHOLE_RUN
def test_without_allure_pytest_it_is_written_all_the_same(suite):
    suite.prepare([case("drift", "NET_A")])
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--environment", "demo.yaml"],
        cwd=suite.folder, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )  # fmt: skip
    assert done.returncode == 1, done.stdout
    assert len(results_in(suite.folder / "reports/out/demo/allure-results.zip")) == 1


@lengths.WHOLE_RUN
def test_tests_that_are_no_checks_are_written_where_asked(tmp_path):
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["reports.plugin"]\n')
    (tmp_path / "test_x.py").write_text("def test_a():\n    pass\ndef test_b():\n    assert 1 == 2\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "allure_pytest", "--alluredir=raw"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )  # fmt: skip
    assert done.returncode == 1
    assert {name: one["status"] for name, one in results_in(tmp_path / "raw").items()} == {
        "test_a": "passed",
        "test_b": "failed",
    }
    assert not (tmp_path / "reports").exists()


NET_A = Key("network", "NET_A", "", "admin")
WRITE = WriteReport("PUT", "network/1", body={}, before={}, after={}, fate="done", text="200")
STEP = StepReport(NET_A, "amend", "done", "", "safe", (), "", (), (), "", (WRITE,))
REMEDIATED = RemediationResult(
    Remedied.FIXED,
    FirstResult("drift", (Drift(NET_A, "vrf", "VRF_AZ1", "global"),), reason="", start=0.0, stop=0.0),
    plan="abc",
    journal="j",
    steps=(STEP,),
    reason="",
)


def test_a_remediated_check_shows_its_three_steps(suite):
    ran = suite.run([case("remediated", "NET_A", remediation=REMEDIATED, reason="vrf: global -> VRF_AZ1")])
    assert ran.code == 0
    (result,) = results_in(ran.reports / "allure-results.zip").values()
    assert result["status"] == "passed"
    assert [step["status"] for step in result["steps"]] == ["failed", "passed", "passed"]
    assert result["steps"][1]["steps"][0]["name"] == "PUT network/1: done"
    assert ("outcome", "remediated") in labels(result)
    assert [a["name"] for a in result["attachments"]][:2] == [
        "Declared and found, before",
        "Plan, requests, before and after",
    ]


def test_the_first_attempt_is_a_retry(suite):
    """Two results of one history, the earlier one as it was found: the shape in which Allure shows a retry."""
    timed = replace(REMEDIATED, first=replace(REMEDIATED.first, start=1.0, stop=2.0))
    ran = suite.run([case("remediated", "NET_A", remediation=timed, reason="vrf: global -> VRF_AZ1")])
    with zipfile.ZipFile(ran.reports / "allure-results.zip") as archive:
        found = [json.loads(archive.read(n)) for n in archive.namelist() if n.endswith("-result.json")]
    first, last = sorted(found, key=lambda one: one["start"])
    assert (first["status"], last["status"]) == ("failed", "passed")
    assert first["uuid"] != last["uuid"]
    assert (first["name"], last["name"]) == (
        "network NET_A: vrf is global, declared VRF_AZ1",
        "NET_A is in its VRF context.",
    )
    for member in ("historyId", "testCaseId", "fullName", "parameters"):
        assert first[member] == last[member]
    assert (first["statusDetails"]["expected"], first["statusDetails"]["actual"]) == ("VRF_AZ1", "global")
    assert ("outcome", "drift") in labels(first)


def test_what_since_when_and_who_must_act_is_one_table(suite):
    cases = [
        case("drift", "MINOR", severity="minor"),
        case("drift", "<b>GRAVE", severity="blocker", owner="network team", as_read={"url": "https://avi/api/network/1"}),
        case("unknown", "NET_C", reason="no answer", docs="https://wiki.example.org/avi"),
    ]  # fmt: skip
    suite.run(cases)
    ran = suite.run(cases)
    found = results_in(ran.reports / "allure-results.zip")
    grave = found["network <b>GRAVE"]
    assert ("owner", "network team") in labels(grave)
    assert "**To act:** network team" in grave["description"]
    assert [link["url"] for link in grave["links"]] == ["https://avi/api/network/1"]
    assert [link["name"] for link in found["network NET_C"]["links"]] == ["documentation"]
    with zipfile.ZipFile(ran.reports / "allure-results.zip") as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("-globals.json")]
        (attached,) = json.loads(archive.read(name))["attachments"]
        table = archive.read(attached["source"]).decode()
        panel = archive.read("environment.properties").decode()
    assert table.index("GRAVE") < table.index("MINOR") < table.index("no answer")
    assert "<b>GRAVE" not in table
    cells = r"UTC</time> <br>\(\d+ seconds?\)</td><td[^>]*><span class=\"blocker\">blocker</span></td><td[^>]*>network team</td>"
    assert re.search(cells, table)
    assert "To\\ act=network team (1), nobody named (1)" in panel
    assert "Drifting\\ longest=network" in panel
    assert "to act: network team (1), nobody named (1)" in ran.out
    assert "  owner     network team" in ran.out
    assert "| to act |" in (ran.reports / "summary.md").read_text()
    told = json.loads((ran.reports / "drift.json").read_text())
    assert [entry["owner"] for entry in told["drifts"]] == ["", "network team"]


def test_when_nobody_must_act_there_is_no_table(suite):
    ran = suite.run([case(name="NET_A")])
    with zipfile.ZipFile(ran.reports / "allure-results.zip") as archive:
        assert not [name for name in archive.namelist() if "globals" in name]


def test_the_change_is_a_label(suite):
    suite.run([case("drift", "NET_A"), case("drift", "NET_B")])
    found = results_in(suite.run([case(name="NET_A"), case("drift", "NET_B")]).reports / "allure-results.zip")
    assert ("change", "fixed") in labels(found["network NET_A"])
    assert ("change", "still") in labels(found["network NET_B"])


values = st.recursive(
    st.none() | st.text(max_size=40), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3), max_leaves=6
)  # fmt: skip


@given(values, values, st.text(max_size=20))
def test_nothing_of_a_site_becomes_markup(want, have, path):
    page = difference_html([Drift(NET_A, path, want, have)])
    tags = set(re.findall(r"<\s*/?\s*([a-z!]+)", page.split("</style>")[1]))
    assert tags <= {"html", "main", "table", "caption", "tr", "th", "td", "bdi", "wbr", "span"}


def test_two_long_values_show_where_they_differ_and_are_whole_when_opened():
    value = "a" * 3000
    page = difference_html([Drift(NET_A, "key", f"{value}1", f"{value}2")])
    starts = re.findall(r'<span class="start">(.*?)</summary>', page)
    assert [re.search(r"a([12])<", start)[1] for start in starts] == ["1", "2"]
    assert max(map(len, starts)) < 400
    assert f"{value}1" in page
    assert f"{value}2" in page
    assert page.count('<th scope="col">') == 2


def test_full_names():
    assert full_name_of("checks/test_networks.py::test_vrf[A::B]") == "checks.test_networks#test_vrf"
    assert full_name_of("checks/test_x.py::TestIt::test_y") == "checks.test_x.TestIt#test_y"


def calls(suite):
    """Functions that a run calls: what it costs, on any machine and however busy that is."""
    options = ("-q", "-p", "allure_pytest", "--environment", "demo.yaml", "--alluredir=raw")
    subprocess.run(
        [sys.executable, "-m", "cProfile", "-o", "calls", "-m", "pytest", *options],
        cwd=suite.folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        check=True,
        capture_output=True,
    )
    return pstats.Stats(str(suite.folder / "calls")).total_calls


@lengths.WHOLE_RUN
def test_it_costs_less_than_the_listener_it_replaces(suite):
    suite.prepare([case(name=f"N{number}") for number in range(200)])
    ours = calls(suite)
    assert len(list((suite.folder / "raw").glob("*container*"))) == 0
    conftest = suite.folder / "conftest.py"
    conftest.write_text(conftest.read_text().replace('pytest_plugins = ["reports.plugin"]', ""))
    assert ours < calls(suite)


def test_the_tracker_is_taken_out():
    page = (
        'a<script async src="https://www.googletagmanager.com/gtag/js?id=G-1"></script>\n'
        "<script>\n  window.dataLayer = [];\n  gtag('config');\n</script>b<script>mine()</script>"
    )
    assert finished(page) == "ab<script>mine()</script>"
    assert finished("<head></head>").startswith("<head><style>")


def test_the_configuration_has_history_outside_the_page(tmp_path):
    config = configuration(tmp_path, tmp_path, tmp_path / "h.jsonl", append=True)
    assert config["historyPath"] == str(tmp_path / "h.jsonl")
    assert config["plugins"]["awesome"]["options"]["singleFile"] is True
    assert config["categories"]["rules"][0]["name"].startswith("Drift")


def test_nothing_to_build_from_is_a_sentence(tmp_path):
    with pytest.raises(Cannot, match="holds no Allure results"):
        find(str(tmp_path))


def html(folder, **environ):
    return subprocess.run(
        [sys.executable, "-m", "reports.html", str(folder)],
        cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ, **environ},
    )  # fmt: skip


def test_without_node_it_says_what_to_do(suite, tmp_path):
    ran = suite.run([case("drift")])
    done = html(ran.reports, PATH=str(tmp_path))
    if (Path(sys.executable).parent / "node").exists():
        pytest.skip("this virtual environment has a Node.js of its own")
    assert done.returncode == 1
    assert "no Node.js 18 or newer is there" in done.stderr
    assert "Traceback" not in done.stderr


@lengths.WHOLE_RUN
def test_a_registry_that_does_not_answer_is_a_sentence(suite, tmp_path):
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed on this machine")
    ran = suite.run([case("drift")])
    done = html(
        ran.reports,
        XDG_CACHE_HOME=str(tmp_path),
        npm_config_registry="http://127.0.0.1:9/",
        npm_config_fetch_retries="0",
    )
    assert done.returncode == 1
    assert "npm could not install allure" in done.stderr
    assert not list((tmp_path / "avi-compliance").glob("allure-*"))


@lengths.WHOLE_RUN
def test_the_page_is_one_file_with_history_over_runs(suite):
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed on this machine")
    for cases in ([case(name="NET_A")], [case("drift", "NET_A")]):
        ran = suite.run(cases)
        done = html(ran.reports)
        if "npm could not install" in done.stderr:
            pytest.skip("npm's registry cannot be reached from this machine")
        assert done.returncode == 0, done.stderr
    assert html(ran.reports).returncode == 0  # once more: the same run is not added twice
    page = (ran.reports / "report.html").read_text()
    assert "googletagmanager" not in page
    assert len((ran.reports / "allure-history.jsonl").read_text().splitlines()) == 2
    blobs = [
        base64.b64decode(found + "==").decode(errors="replace")
        for found in re.findall(r'"([A-Za-z0-9+/]{200,})={0,2}"', page)
    ]
    assert any("NET_A is in its VRF context." in blob for blob in [*blobs, page])
