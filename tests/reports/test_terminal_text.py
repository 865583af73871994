"""Names and values of a site do nothing to what shows them: terminal, JUnit, summary."""

import json
import re

import pytest
from mini_suite import case
from receivers import webhook

EVIL = "\x1b[2J\x1b[1;1HCONFORMS\u202e\x9b31m\r"

RANGE = "subnets[10.10.24.0/24].pools[10.10.24.164-10.10.24.169].use"


@pytest.mark.parametrize("columns", ["60", "80", "100", "160"])
def test_the_text_is_as_wide_as_the_terminal(suite, columns):
    """As pytest's own lines are; a name that is longer goes on in the next one, and the verdict is whole."""
    suite.environ["COLUMNS"] = columns
    cases = [
        case("drift", "REGIONB_VMS_3024", path=RANGE, want="se", have="vip-and-se"),
        case("unknown", "NET_A", reason="the Controller at 10.10.20.10:443 refuses the password; see AVI_PASSWORD " * 2),
        case("blocked", "NET_B", reason="network NET_A has no subnets"),
        case("waived", "NET_C", reason="no address is free", waiver="until 2027-01-31: it moves (approved by A, T-1)"),
    ]  # fmt: skip
    out = suite.run(cases).out
    ours = [
        line
        for line in out.splitlines()
        if not line.startswith(("test_mini", "rootdir", "plugins", "platform"))
    ]
    assert int(columns) - 12 <= max(map(len, ours)) <= int(columns)
    in_one = [line for line in ours if f"REGIONB_VMS_3024: {RANGE}: declared se, found vip-and-se" in line]
    assert bool(in_one) == (columns == "160")
    words = " ".join(out.split())
    assert "found vip-and-se" in words
    assert "DRIFT: 0 of 4 facts as declared, 1 not, 1 waived, 2 could not be judged" in words


def test_what_is_waived_says_how_bad_it_would_be_the_worst_first(suite):
    """Who decides whether a waiver is prolonged looks here."""
    cases = [
        case("waived", name, severity=severity, waiver="until 2027-01-31: it moves (approved by A, T-1)")
        for name, severity in (("NET_A", "minor"), ("NET_B", "blocker"))
    ]
    out = suite.run(cases).out
    assert re.findall(r"(\w+): network (NET_\w)", out) == [("blocker", "NET_B"), ("minor", "NET_A")], out


def test_where_there_is_no_terminal_a_line_has_100_columns(suite):
    """In CI; a file has as many wherever it is written."""
    suite.environ["COLUMNS"] = ""
    why = "a network outside its VRF gives its virtual services no route to their cluster, " * 3
    ran = suite.run([case("drift", why=why)], "--junitxml=junit.xml")
    wide = [line for line in ran.out.splitlines() if line.strip().startswith(("why", "services"))]
    assert max(map(len, wide)) in range(90, 101)
    suite.environ["COLUMNS"] = "60"
    suite.run([case("drift", why=why)], "--junitxml=narrow.xml")
    whys = [(ran.folder / name).read_text().split("why")[1][:300] for name in ("junit.xml", "narrow.xml")]
    assert whys[0] == whys[1]


def test_no_control_character_reaches_anybody(suite):
    more = {"title": f"title{EVIL}.", "why": f"why{EVIL}", "do": f"do{EVIL}", "owner": f"owner{EVIL}"}
    cases = [
        case("drift", "A", have=f"have{EVIL}", **more),
        case("drift", "B", have=[f"have{EVIL}", "x" * 99], want=["y" * 99, "z"], **more),
        case("failed", "C", check="test_free", reason=f"reason{EVIL}\nand more", **more),
        case("unknown", "D", reason=f"reason{EVIL}", **more),
        case("blocked", "E", reason=f"reason{EVIL}", **more),
        case("unknown", "F", reason=f"reason{EVIL}", **more),
    ]
    with webhook() as hook:
        ran = suite.run(cases, "--junitxml=junit.xml", "--notify", hook.url, "-rA", "-vv")
    assert ran.code == 1, ran.out
    summary = (ran.reports / "summary.md").read_text(encoding="utf-8")
    junit = (ran.folder / "junit.xml").read_text(encoding="utf-8")
    for told in (ran.out, summary, junit, json.dumps(hook.got, ensure_ascii=False)):
        assert re.findall(r"[^\S\n]?[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", told) == []
    assert r"have\x1b[2J\x1b[1;1HCONFORMS\u202e\x9b31m\r" in ran.out
    drifts = json.loads((ran.reports / "drift.json").read_text(encoding="utf-8"))["drifts"]
    have = [difference["found"] for drift in drifts for difference in drift["differences"]]
    assert f"have{EVIL}" in have, "programs get what was found, as it is"
