"""The HTML page in a real browser: three runs, clicked through."""

import shutil

import browser
import pytest
from mini_suite import Suite, case
from test_allure import REMEDIATED, html

from tests import lengths

TITLE = "NET_A is in its VRF context."
FOUND = "network NET_A: vrf is global, declared VRF_AZ1"
FIRST = "document.getElementById('front-page')"


def all_checks(page):
    """From the run's own page, which lies over Allure's, to Allure's."""
    page.wait(f"!!{FIRST} && !!{FIRST}.contentDocument.getElementById('all')")
    page.evaluate(f"{FIRST}.contentDocument.getElementById('all').click()")
    page.wait(f"{FIRST}.style.display === 'none'")


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The pages of a conforming, a drifted and a remediated run."""
    if browser.executable() is None or shutil.which("npm") is None:
        pytest.skip("needs Chromium and npm, and one of them is not installed on this machine")
    folder = tmp_path_factory.mktemp("pages")
    suite = Suite(tmp_path_factory.mktemp("suite"))
    others = [case(name="NET_B"), case(name="NET_C", step="Step 4", topic="se groups")]
    found = []
    for outcome, more in (
        ("passed", {}),
        ("drift", {"as_read": {"name": "NET_A"}}),
        ("remediated", {"remediation": REMEDIATED}),
    ):
        ran = suite.run([case(outcome, "NET_A", **more), *others])
        done = html(ran.reports)
        if "npm could not install" in done.stderr:
            pytest.skip("npm's registry cannot be reached from this machine")
        assert done.returncode == 0, done.stderr
        found.append(folder / f"page-{outcome}.html")
        (ran.reports / "report.html").rename(found[-1])
    return found


@lengths.WHOLE_RUN
def test_three_runs_clicked_through(pages, tmp_path):
    with browser.page(tmp_path / "profile") as page:
        _, drifted, remediated = pages

        page.open(drifted)
        first = page.wait(f"{FIRST} && {FIRST}.contentDocument && {FIRST}.contentDocument.body.innerText")
        assert first.startswith("DRIFT: 1 fact not as declared")
        assert "%" not in first
        all_checks(page)
        page.shows("Avi Compliance: demo: DRIFT")
        ring = "document.querySelector('[data-testid=report-header]').nextElementSibling"
        assert page.evaluate(f"{ring} === null || {ring}.offsetParent === null"), (
            "a share of green is no verdict"
        )
        page.shows("DRIFT: 2 of 3 facts as declared, 1 not")
        assert page.evaluate("document.querySelector('[data-tree-scroll-container]').scrollTop") == 0
        page.click("Global Attachments 1")
        page.click("What, since when, who must act")
        page.wait("document.querySelectorAll('iframe').length > 0")
        assert "Retried tests" not in page.text()
        page.click("Categories 1")
        page.shows("Drift: not as declared")
        page.click("Results 3")
        page.click(FOUND)
        page.shows("drift: network NET_A: vrf: declared VRF_AZ1, found global")
        page.shows("Declared and found")
        page.shows("Object as read")
        page.click("Declared and found")
        page.wait(
            "[...document.querySelectorAll('iframe')].length > 0 || document.body.innerText.includes('VRF_AZ1')"
        )
        page.click("History 1")

        page.open(remediated)
        all_checks(page)
        page.shows("CONFORMS: 3 of 3 facts as declared, of 3 declared objects")
        page.click("Categories 1")
        page.shows("Put right by this run")
        page.click("Results 3")
        for closed in ("Step 3", "networks", "network NET_A", TITLE):
            page.click(closed)
        page.shows("1. Check: not as declared")
        page.shows("3. Check again on a fresh read: as declared")
        page.click("History 2")

        page.open(remediated)
        all_checks(page)
        page.click("Report")
        page.click("Graphs")
        page.shows("Status dynamics")
        page.shows("Status transitions")


@lengths.WHOLE_RUN
def test_the_page_asks_nobody(pages, tmp_path):
    with browser.page(tmp_path / "profile") as page:
        page.open(pages[1])
        page.shows("Avi Compliance: demo")
        asked = page.evaluate(
            "performance.getEntriesByType('resource').map(e => e.name).filter(n => n.startsWith('http'))"
        )
        assert asked == []
