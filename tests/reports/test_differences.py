"""The element that differs is named first in every form of report, however long the list is that it stands in."""

import json
import zipfile
from dataclasses import replace

import pytest
from mini_suite import case
from receivers import webhook

from intent import Key
from intent.remediation import Change
from remediate.plan.model import Plan, Step, Unplanned
from remediate.plan.text import lines

PRIVILEGES = [f"VirtualMachine.Config.Privilege{number:02}" for number in range(36)]
LOST, MORE = PRIVILEGES[31], "Global.Licenses"
HAVE = [*PRIVILEGES[:31], *PRIVILEGES[32:], MORE]
ACCOUNT = Key("network", "NET_A", "Default-Cloud", "admin")


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """Every report of a run with one drift in a list of 36, by name."""
    from mini_suite import Suite

    suite = Suite(tmp_path_factory.mktemp("suite"))
    drift = case("drift", "NET_A", path="privileges", want=PRIVILEGES, have=HAVE)
    with webhook() as hook:
        ran = suite.run([drift], "--notify", hook.url, "--junitxml=junit.xml")
    archive = zipfile.ZipFile(ran.reports / "allure-results.zip")
    files = {name: archive.read(name).decode() for name in archive.namelist()}
    (result,) = (json.loads(text) for name, text in files.items() if name.endswith("-result.json"))
    tables = {text for name, text in files.items() if name.endswith("-attachment.html")}
    failure, _, summary = ran.out.partition("Avi Compliance: demo")
    return {
        "failure text": failure,
        "summary": summary,
        "junit": (ran.folder / "junit.xml").read_text(),
        "Markdown": (ran.reports / "summary.md").read_text(),
        "webhook": "\n".join(hook.got[-1][1]["lines"]),
        "Allure's description": result["description"],
        "Allure's message": result["statusDetails"]["message"],
        "Allure's expected and actual": result["statusDetails"]["expected"]
        + result["statusDetails"]["actual"],
        "declared and found": without_breaks(next(text for text in tables if 'class="fixed"' in text)),
        "the page": without_breaks((ran.reports / "page.html").read_text()),
        "drift.json": (ran.reports / "drift.json").read_text(),
    }


def without_breaks(html):
    """HTML whose names are in one piece."""
    return html.replace("<wbr>", "")


@pytest.mark.parametrize(
    "form",
    [
        "failure text",
        "summary",
        "junit",
        "Markdown",
        "webhook",
        "Allure's description",
        "Allure's message",
        "Allure's expected and actual",
        "declared and found",
        "the page",
    ],
)
def test_what_differs_stands_before_what_does_not(reports, form):
    text = reports[form]
    common = min(at for name in HAVE[:-1] if (at := text.find(name)) >= 0) if HAVE[0] in text else len(text)
    assert 0 <= text.find(LOST) < common
    assert 0 <= text.find(MORE) < (common if form != "Allure's expected and actual" else len(text))


def test_programs_get_it_apart(reports):
    (drift,) = json.loads(reports["drift.json"])["drifts"]
    (difference,) = drift["differences"]
    assert difference["missing"] == [LOST]
    assert difference["extra"] == [MORE]
    assert difference["declared"] == PRIVILEGES
    assert difference["found"] == HAVE


def test_a_plan_shows_what_comes_and_goes_and_what_stays():
    change = Change("privileges", HAVE, PRIVILEGES, "safe")
    left = Unplanned(ACCOUNT, "privileges", HAVE, PRIVILEGES, "nothing here can write it", (), ())
    plan = Plan("demo", "c:443", "30.2.1", steps=(Step(ACCOUNT, "amend", (change,), (), "none"),))
    for text in (lines(plan), lines(replace(plan, steps=(), unanswered=(left,)))):
        words = " ".join(" ".join(text).split())
        assert f"+ {LOST} - {MORE} stays: {PRIVILEGES[0]}, {PRIVILEGES[1]}, " in words
        assert PRIVILEGES[35] in words
