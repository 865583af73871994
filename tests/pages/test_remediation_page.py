"""The outputs that docs/remediation.md shows beside its run are those that the program prints, compared line by line."""

from __future__ import annotations

import pytest

from remediate.plan.planner import build
from remediate.plan.text import text
from remediate.write.record import load
from remediate.write.uncertain import resolve_uncertain
from tests.pages.examples import blocks
from tests.pages.shown import missing
from tests.remediate.applied import Run
from tests.remediate.breaking import Hand
from tests.remediate.inprocess import Bench

OUTPUTS = [block for block in blocks("docs/remediation.md") if not block.language]
REVIEWED = "refused, since planned anew"
"""Compared by tests/remediate, which forge such plans."""
REMAINS = "not awaited"
"""Compared by tests/remediate/test_settling.py."""
BEGINNINGS = (
    "$ ",
    "refused: it",
    "amend cloud",
    "awaited",
    "iberia-2026",
    "  8 ~ network",
    REVIEWED,
    REMAINS,
)


def shown(begin):
    """The lines of the page's block that begins so."""
    (block,) = [block for block in OUTPUTS if block.text.startswith(begin)]
    return block.text.splitlines()


def test_every_block_of_output_is_compared_somewhere():
    assert [block.line for block in OUTPUTS if not block.text.startswith(BEGINNINGS)] == []
    assert all(shown(begin) for begin in BEGINNINGS)


def test_a_change_that_is_refused():
    bench = Bench("conforming")
    hand = Hand(bench.gateway)
    more = {"port": 53, "override_network_profile_ref": hand.ref("networkprofile", "System-TCP-Proxy")}
    hand.edit("virtualservice", "local-dns-site1", lambda service: service["services"].append(more))
    site = bench.site()
    printed = text(build(site, bench.drifts(site.live)))
    assert not (differs := missing(shown("refused: it"), printed)), differs


def test_what_an_undo_would_hit():
    bench = Bench("drifted")
    site = bench.site()
    printed = text(build(site, bench.drifts(site.live)))
    assert not (differs := missing(shown("  8 ~ network"), printed)), differs


def test_an_object_that_somebody_has_changed_since_the_review(tmp_path):
    run = Run(tmp_path, "fresh", exact=True)
    Hand(run.gateway).edit("cloud", "Default-Cloud", lambda cloud: cloud.update(mtu=1400))
    run.go()
    printed = "\n".join(line.partition("] ")[2] for line in run.said)
    assert not (differs := missing(shown("amend cloud"), printed)), differs


def test_a_journal_that_was_left_open(tmp_path):
    class Killed(BaseException):
        """The process ends, once the Controller has applied the seventh write and before its answer is heard."""

    def kill(_method, _path, body):
        if body.get("name") == "S1-AZ2-SE-Group":
            raise Killed

    run = Run(tmp_path, "fresh")
    run.gateway.after_write = kill
    with pytest.raises(Killed):
        run.go()
    (path,) = tmp_path.glob("*.jsonl")
    lines = list(resolve_uncertain(load(path), run.gateway))
    assert not (differs := missing(shown("iberia-2026")[:2], "\n".join(lines))), differs


def test_what_is_awaited_is_as_the_readme_shows_it():
    """That page's run is typed by tests/pages/test_readme.py."""
    readme = "\n".join(block.text for block in blocks("README.md"))
    for line in shown("awaited"):
        assert not (differs := missing([line], readme)), differs
