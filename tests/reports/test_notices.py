"""Notices are told in every report, few of them and harmless, and fail a run only where that was asked for."""

import json
from dataclasses import replace

import pytest
from asked import AUTHOR, NOW, Asked
from jsonschema import validate
from mini_suite import case

from intent.notice import AKO, Notice, NoticeSettings, Sort, sentence
from intent.plain_data import to_json
from intent.scrubber import Scrubber
from intent.waivers import Numbered, Waiver
from reports.formats import drift_json, markdown, page, prometheus
from reports.notices import Told, gather, heading, lasting, news, waived
from reports.notify.message import message
from reports.notify.news import LastTold, all_news
from reports.outcomes import CONFORMS, DRIFT
from reports.run import Run
from reports.terminal import MAX_NOTICES, summary_lines
from reports.text import WIDTH

CHANGED = Notice(
    Sort.CHANGED, "pool", "shop (tenant blue)", "pool-1", "objects", "normal", path="lb_algorithm",
    was="LEAST_LOAD", now="ROUND_ROBIN", author=AUTHOR, tenant="blue", bare="shop",
)  # fmt: skip
ILL = Notice(Sort.ILL, "serviceengine", "se-1", "se-1", "service engine vms", "critical", reason="is down")
SCALED = Notice(Sort.ADDED, "pool", "", "", "objects", "trivial", owner=AKO, count=4_211)


@pytest.fixture
def run(tmp_path):
    return Run("demo", tmp_path, Scrubber(["tok-3n-secret"]), started=NOW, ended=NOW)


def told(run):
    """The lines of a message to a receiver who knows nothing of its notices."""
    known = LastTold(anything=True)
    return message(run, all_news(run, (), {}, known, ()), known).lines


def texts(run):
    return [line.text for line in summary_lines(run)]


def waiver(**more):
    about = {"reason": "r", "approver": "a", "ticket": "t", "until": "2027-01-31T18:00:00+01:00"}
    return Numbered(waiver=Waiver.model_validate({**about, **more}), file="demo.waivers.yaml", line=3)


def test_a_notice_in_one_line():
    told = "changed pool shop (tenant blue): lb_algorithm: LEAST_LOAD -> ROUND_ROBIN"
    assert sentence(CHANGED) == f"{told} (eve from 10.1.1.7, 2026-11-30 03:00 UTC)"
    assert (
        sentence(replace(ILL, cause="cloud west")) == "ill serviceengine se-1: is down: because of cloud west"
    )


def test_the_summary_names_the_worst_by_topic_and_counts_what_is_ako_s(run):
    run.notices = [ILL, CHANGED, SCALED]
    lines = texts(run)
    at = lines.index("about what is not declared: 2 notices; AKO: 4,211 added")
    assert lines[at + 1 : at + 4] == [
        "  service engine vms: 1",
        "    critical: ill serviceengine se-1: is down",
        "  objects: 1",
    ]
    assert not any("4,211" in line for line in lines[at + 1 :])


def test_very_many_notices_take_few_lines_in_every_report(run):
    run.notices = [replace(CHANGED, name=f"pool-{n}", uuid=f"u{n}") for n in range(20_000)]
    lines = texts(run)
    assert len(lines) < 3 * MAX_NOTICES
    assert f"  and {20_000 - MAX_NOTICES:,} more; drift.json and the page have them" in lines
    assert len(markdown.render(run)) < 30_000
    assert len(page.render(run)) < 1_000_000
    assert len(told(run)) < 10


HOSTILE = "\x1b]0;x\x07<script>alert(1)</script>\u202e[a](http://x) " + "x" * 5_000


def test_a_hostile_name_does_no_harm(run):
    run.notices = [replace(CHANGED, name=HOSTILE, was=HOSTILE, now="tok-3n-secret", path=HOSTILE)]
    gathered(run, run.notices)
    for text in ("\n".join(texts(run)), markdown.render(run), page.render(run)):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "tok-3n-secret" not in text
    assert "<script>alert" not in page.render(run)
    assert "<script>alert" not in markdown.render(run)
    assert all(len(line) <= WIDTH for line in texts(run))
    assert "tok-3n-secret" not in drift_json.render(run)
    assert "\x1b" not in "".join(told(run))


def gathered(run, notices, settings=None, waivers=(), **options):
    gather(Asked(notices, settings, **options), run, waivers)
    return run


def test_which_notices_fail_a_run(run):
    every = [CHANGED, ILL, SCALED]
    assert gathered(run, every).strict_notices == 0
    assert gathered(run, every, strict=True).strict_notices == 2
    assert gathered(run, every, NoticeSettings(strict=("pool",))).strict_notices == 1
    assert gathered(run, every, NoticeSettings(strict="all", ignore=("pool",))).strict_notices == 1
    assert [notice.type for notice in run.notices] == ["serviceengine"]
    accepted = [waiver(check="notice.ill", object="serviceengine se-*")]
    assert gathered(run, every, strict=True, waivers=accepted).strict_notices == 1
    assert heading(run.notices) == "about what is not declared: 1 notice, 1 waived; AKO: 4,211 added"
    hanging = replace(run.notices[0], cause="cloud west", waived=None)
    text = heading([*run.notices, hanging, hanging])
    assert text.startswith(
        "about what is not declared: 1 notice, 2 more with a cause that is told, 1 waived;"
    )


@pytest.mark.parametrize(
    ("selector", "accepted"),
    [
        ({"check": "notice.changed"}, True),
        ({"check": "notice.*", "object": "shop", "tenant": "blue"}, True),
        ({"check": "notice.*", "object": "shop", "tenant": "green"}, False),
        ({"check": "notice.*", "object": "pool"}, True),
        ({"check": "notice.changed", "field": "lb_algorithm", "accepts": "ROUND_ROBIN"}, True),
        ({"check": "notice.changed", "field": "lb_algorithm", "accepts": "LEAST_LOAD"}, False),
        ({"check": "notice.added"}, False),
        ({"check": "*", "object": "*shop*"}, False),
    ],
)
def test_what_a_waiver_of_notices_is_about(selector, accepted):
    told = waived(CHANGED, [waiver(**selector)], NOW)
    assert (told.waived is not None) == accepted
    assert not accepted or told.waived.place == "demo.waivers.yaml:3"
    assert waived(CHANGED, [waiver(**selector)], NOW.replace(year=2028)).waived is None


@pytest.mark.parametrize(("check", "accepted"), [("removed", True), ("not_seen", True), ("changed", False)])
def test_who_accepts_that_it_is_gone_accepts_that_it_is_not_seen(check, accepted):
    unseen = replace(CHANGED, sort=Sort.NOT_SEEN, path="", was=None, now=None)
    assert (waived(unseen, [waiver(check=f"notice.{check}")], NOW).waived is not None) == accepted


def test_a_state_is_told_once_to_a_receiver_and_a_change_always():
    known = frozenset(lasting([ILL, CHANGED, SCALED]))
    assert len(known) == 1
    assert news([ILL, CHANGED, SCALED], known) == [Told(sentence(CHANGED), CHANGED.severity)]
    assert len(news([replace(ILL, uuid="se-2"), ILL], known)) == 1


def test_every_report_says_how_many_are_listed_and_how_many_are_beneath_these(run):
    beneath = [replace(ILL, name=f"se-{n}", uuid=f"u{n}", cause="cloud west") for n in range(3)]
    gathered(run, [ILL, CHANGED, *beneath], waivers=[waiver(check="notice.changed")])
    counts = {"listed": 1, "beneath": 3, "waived": 1}
    document = drift_json.document(run)
    assert document["notice_counts"] == counts
    assert len(document["notices"]) == sum(counts.values())
    told = "1 notice, 3 more with a cause that is told, 1 waived"
    assert f"about what is not declared: {told}" in texts(run)
    for text in (markdown.render(run), page.render(run)):
        assert f"About what is not declared ({told})" in text


def test_the_page_says_each_part_of_a_notice_once_and_markdown_how_bad_it_is(run):
    gathered(run, [CHANGED])
    html = page.render(run)
    table = html[html.index("About what is not declared") :]
    assert table.count("pool shop (tenant blue)") == table.count("eve from 10.1.1.7") == 1
    assert "lb_algorithm: LEAST_LOAD -&gt; ROUND_ROBIN</td>" in table
    assert "- normal: changed pool shop" in markdown.render(run)


def test_drift_json_has_every_notice_by_its_schema(run):
    gathered(run, [CHANGED, ILL, SCALED])
    document = json.loads(drift_json.render(run))
    validate(document, json.loads(drift_json.SCHEMA.read_text()))
    assert [each["sort"] for each in document["notices"]] == ["ill", "changed", "added"]
    assert document["notices"][1]["author"]["user"] == "eve"


def test_metrics_count_what_people_have_to_look_at(run):
    run.notices = [CHANGED, replace(CHANGED, name="", count=40), ILL, SCALED]
    text = prometheus.render(run)
    for sort, number in {"changed": 41, "ill": 1, "added": 0, "removed": 0, "runs out": 0}.items():
        assert f'avi_compliance_notices{{environment="demo",sort="{sort}"}} {number}\n' in text


def test_a_run_that_is_strict_fails_and_says_why(suite):
    (suite.folder / "notices.json").write_text(json.dumps([to_json(CHANGED)]))
    lenient = suite.run([case(name="A")])
    assert lenient.code == CONFORMS
    assert "about what is not declared: 1 notice" in lenient.out
    strict = suite.again("--strict-notices")
    assert strict.code == DRIFT
    assert "FAILED: 1 of 1 fact as declared, but 1 notice about what is not declared" in strict.out
