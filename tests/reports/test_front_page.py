"""The run's own page: what, declared, found, since when, how bad, who must act; on a phone too, and asking nobody."""

import json
import re
from dataclasses import replace
from types import SimpleNamespace

import browser
import pytest
from mini_suite import Suite, case

from intent import Drift
from intent.remediation import WORST_FIRST
from intent.scrubber import Scrubber
from reports.formats import page
from reports.run import Run
from reports.text import finding
from tests import lengths

EVIL = "<script>alert(1)</script>\x1b[2J\u202e"
LONG = [f"Privilege{number:02}" for number in range(60)]
NAME = "REGIONB_MGMT_3020_PRODUCTION_FRONTEND_302/3"
TEXT = "x" * 3000 + " " + "Only authorised users may log in here. " * 51
PIECE = "[A-Za-z0-9]{1,24}"
"""What holds together wherever its line ends."""


@pytest.fixture(scope="module")
def drifted(tmp_path_factory):
    """The page of a second run that drifts."""
    suite = Suite(tmp_path_factory.mktemp("suite"))
    cases = [
        case("drift", "OLD", owner="network team"),
        case("drift", "BAD", severity="blocker", path="dhcp", want=False, have=True, check="test_dhcp", owner="platform team"),
        case("drift", "LIST", path="privileges", want=LONG, have=LONG[1:], check="test_privileges"),
        case("failed", "FAILED", check="test_free", reason="no address is free", severity="minor"),
        case("unknown", "UNREAD", reason="no answer"),
        case("blocked", "BLOCKED", reason="network X is absent"),
        case(name="GOOD"),
        case("drift", NAME, path=f"folders[{NAME}].name", want=NAME, have=f"{NAME}_2", check="test_name", severity="trivial"),
        case("drift", "TEXT", path="banner", want=TEXT, have=f"{TEXT}2", check="test_banner", severity="trivial"),
        case("drift", "EVIL", have=EVIL, check="test_evil", severity="trivial"),
    ]  # fmt: skip
    suite.run(cases[:1])
    ran = suite.run(cases)
    assert "page.html" in ran.out
    return ran.reports / "page.html"


def rows(page):
    script = (
        "[...document.querySelectorAll('tr')].map(r => [...r.querySelectorAll('td')].map(c => c.innerText))"
    )
    return [row for row in page.evaluate(script) if len(row) == 6]


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    if browser.executable() is None:
        pytest.skip("needs Chromium, which is not installed on this machine")
    with browser.page(tmp_path_factory.mktemp("profile")) as page:
        yield page


@lengths.WHOLE_RUN
def test_the_first_screen_is_the_table(chromium, drifted):
    chromium.open(drifted)
    heads = chromium.evaluate("[...document.querySelector('tr').cells].map(c => c.innerText)")
    assert heads == ["what", "declared", "found", "since when", "how bad", "who must act"]
    assert chromium.evaluate("document.querySelector('table').getBoundingClientRect().top") < 300
    table = rows(chromium)
    assert [row[0].split()[1] for row in table] == ["BAD", "OLD", "LIST", "FAILED", "TEXT", "EVIL", NAME]
    assert table[0][1:3] == ["no", "yes"]
    assert table[0][4:] == ["blocker", "platform team"]
    assert table[1][1:3] == ["VRF_AZ1", "global"]
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", table[1][3])
    assert table[0][3] == "this run (new)"
    assert table[2][1].startswith("missing Privilege00")
    assert table[3][1:3] == ["FAILED is in its VRF context.", "no address is free"]


def test_the_verdict_has_its_own_colour_and_figure(chromium, drifted):
    chromium.open(drifted)
    assert chromium.evaluate("document.querySelector('h1').innerText") == (
        "DRIFT: 7 facts not as declared, 1 fact could not be read"
    )
    red, green, _ = map(
        int, re.findall(r"\d+", chromium.evaluate("getComputedStyle(document.querySelector('h1')).color"))[:3]
    )
    assert red > 2 * green
    assert "%" not in chromium.text()
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", chromium.text())


def test_it_is_good_on_a_phone(chromium, drifted):
    chromium.call(
        "Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=2, mobile=True
    )
    try:
        chromium.open(drifted)
        assert chromium.evaluate("document.documentElement.scrollWidth") <= 390
        assert chromium.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 14
        label = "getComputedStyle(document.querySelector('td[data-head=\"how bad\"]'), '::before').content"
        assert "how bad" in chromium.evaluate(label)
    finally:
        chromium.call(
            "Emulation.setDeviceMetricsOverride", width=1400, height=1000, deviceScaleFactor=1, mobile=False
        )


def sized(chromium, width):
    chromium.call(
        "Emulation.setDeviceMetricsOverride", width=width, height=1000, deviceScaleFactor=1, mobile=False
    )


@pytest.mark.parametrize("width", [360, 800, 1100, 1280, 1400])
def test_a_name_breaks_behind_what_separates_its_parts(chromium, drifted, width):
    broken = f"""(() => {{
        const walk = document.createTreeWalker(document.querySelector('table'), NodeFilter.SHOW_TEXT), found = [];
        while (walk.nextNode()) {{
            for (const piece of walk.currentNode.data.matchAll(/(?<![A-Za-z0-9]){PIECE}(?![A-Za-z0-9])/g)) {{
                const range = document.createRange();
                range.setStart(walk.currentNode, piece.index);
                range.setEnd(walk.currentNode, piece.index + piece[0].length);
                if (range.getClientRects().length > 1) found.push(piece[0]);
            }}
        }}
        return found;
    }})()"""
    sized(chromium, width)
    try:
        chromium.open(drifted)
        assert chromium.evaluate(broken) == []
        assert chromium.evaluate("document.documentElement.scrollWidth") <= width
    finally:
        sized(chromium, 1400)


def test_a_long_value_does_not_fill_the_table_and_is_there_as_a_whole(chromium, drifted):
    chromium.open(drifted)
    row = "[...document.querySelectorAll('tr')].find(row => row.innerText.includes('network TEXT'))"
    assert chromium.evaluate(f"{row}.offsetHeight") < 300
    chromium.evaluate(f"{row}.querySelectorAll('.fold').forEach(each => {{ each.open = true }})")
    assert chromium.evaluate(f"{row}.cells[2].innerText").endswith(" here. 2")
    assert TEXT.strip() in chromium.evaluate(f"{row}.cells[1].innerText")


def test_on_paper_every_row_is_open_and_black(chromium, drifted):
    chromium.open(drifted)
    hidden = "[...document.querySelectorAll('details > :not(summary)')].filter(each => !each.checkVisibility()).length"
    dimmed = (
        "[...document.querySelectorAll('.blocker, .normal, h1')].map(each => getComputedStyle(each).color)"
    )
    assert chromium.evaluate(hidden) > 0
    chromium.call("Emulation.setEmulatedMedia", media="print")
    try:
        assert chromium.evaluate(hidden) == 0
        assert set(chromium.evaluate(dimmed)) == {"rgb(0, 0, 0)"}
        assert (
            chromium.evaluate("getComputedStyle(document.querySelector('tbody tr')).breakInside") == "avoid"
        )
    finally:
        chromium.call("Emulation.setEmulatedMedia", media="")


def test_it_can_be_read_aloud(chromium, drifted):
    chromium.open(drifted)
    assert chromium.evaluate("document.documentElement.lang") == "en"
    assert chromium.evaluate("[...document.body.children].map(each => each.localName)") == [
        "header",
        "main",
        "script",
    ]
    scopes = "[...new Set([...document.querySelectorAll('th')].map(each => each.scope))]"
    assert chromium.evaluate(scopes) == ["col"]


def test_a_row_opens_to_the_fact_in_a_sentence(chromium, drifted):
    chromium.open(drifted)
    chromium.evaluate("document.querySelector('details').open = true")
    chromium.shows("network BAD: dhcp is on, declared off")
    chromium.shows("why a network outside its VRF")


def test_nothing_of_the_sites_is_markup_and_nobody_is_asked(chromium, drifted):
    text = drifted.read_text(encoding="utf-8")
    assert "<script>alert" not in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert not re.findall(r"(?:src|href)=[\"']?http", text)
    chromium.open(drifted)
    asked = "performance.getEntriesByType('resource').map(e => e.name).filter(n => n.startsWith('http'))"
    assert chromium.evaluate(asked) == []


@pytest.mark.parametrize(
    ("outcome", "code", "word"),
    [("passed", 0, "CONFORMS"), ("unknown", 6, "UNKNOWN"), ("drift", 1, "DRIFT")],
)
def test_every_run_leaves_one(suite, outcome, code, word):
    ran = suite.run([case(outcome, "A", reason="no answer")])
    assert ran.code == code
    assert f"<h1>{word}" in (ran.reports / "page.html").read_text()
    assert json.loads((ran.reports / "drift.json").read_text())["run"]["exit_code"] == code


FINDINGS = [
    (case("drift", path="dhcp", want=False, have=True), "network NET_A: dhcp is on, declared off"),
    (case("drift"), "network NET_A: vrf is global, declared VRF_AZ1"),
    (case("drift", have=None), "network NET_A: vrf is not set, declared VRF_AZ1"),
    (case("drift", path="", want="exactly one", have="absent"), "network NET_A: absent"),
    (case("drift", path="privileges", want=["a", "b"], have=["a"]), "network NET_A: privileges: missing b (declared a, b, found a)"),
    (case("failed", reason="no address\nis free"), "network NET_A: no address is free; expected: NET_A is in its VRF context"),
    (case("unknown", reason="no answer"), "not known, since it could not be read: NET_A is in its VRF context"),
    (case("blocked", reason="gone"), "not asked: NET_A is in its VRF context"),
    (case(), "NET_A is in its VRF context."),
    (case("remediated"), "NET_A is in its VRF context."),
]  # fmt: skip


@pytest.mark.parametrize(("result", "title"), FINDINGS)
def test_a_title_states_what_was_found(result, title):
    assert finding(result) == title


def test_titles_cover_every_outcome():
    drift = case("drift")
    two = replace(drift, drifts=(*drift.drifts, Drift(drift.fact.key, "dhcp", want=False, have=True)))
    assert finding(two).endswith("declared VRF_AZ1 (and 1 more)")
    assert finding(replace(drift, outcome="waived")).endswith("declared VRF_AZ1 (waived)")
    assert {result.outcome for result, _ in FINDINGS} | {"waived"} == set(WORST_FIRST)


def test_of_many_drifts_the_first_are_shown_and_no_other_is_worded(monkeypatch, tmp_path):
    run, worded = Run("demo", tmp_path, Scrubber(), exit_code=1), []
    for number in range(page.MAX_ROWS + 100):
        at = SimpleNamespace(nodeid=f"n{number}", when="call", start=0, stop=0, sections=[])
        run.results.add(at, case("drift", f"N{number}"))
    rows = page.drift_rows
    monkeypatch.setattr(page, "drift_rows", lambda *about: worded.append(about) or rows(*about))
    html = page.render(run)
    assert "Not as declared (600 facts; the first 500 rows)" in html
    assert html.count("<tr>") == 501
    assert {result.fact.key.name for result, _ in worded} == {f"N{number}" for number in range(500)}


@lengths.WHOLE_RUN
def test_the_page_counts_facts_and_shows_no_empty_column(suite):
    two = replace(
        case("drift", "B"), drifts=(*case("drift", "B").drifts, *case("drift", "B", path="dhcp").drifts)
    )
    page = (suite.run([case("drift", "A"), two]).reports / "page.html").read_text()
    assert "DRIFT: 2 facts not as declared" in page
    assert "Not as declared (2 facts, 3 differences)" in page
    assert '<th scope="col">who must act</th>' not in page
    page = (
        suite.run([case("drift", "A", owner="network team"), case("drift", "B")]).reports / "page.html"
    ).read_text()
    assert "Not as declared (2 facts)" in page
    assert '<th scope="col">who must act</th>' in page
