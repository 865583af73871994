"""Names and values of a site do nothing to what shows them: terminal, JUnit, summary."""

import json
import re

from mini_suite import case
from receivers import webhook

EVIL = "\x1b[2J\x1b[1;1HCONFORMS\u202e\x9b31m\r"


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
