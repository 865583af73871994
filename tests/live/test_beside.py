"""What stands beside a declaration: counted where no list is exact, in every summary."""

from datetime import UTC, datetime
from pathlib import Path

from intent.exact import Lists, beside
from intent.scrubber import SCRUBBER
from live.kinds import KINDS
from live.site import Site
from reports.run import Run
from reports.terminal import summary_lines
from tests.live import world

VERSION = "30.2.1"
BESIDE = {
    "domains[theirs.example]",
    "subnets[10.10.128.0/24]",
    "records[c.avi.iberia.local A]",
    "records[d.avi.iberia.local CNAME]",
    "bgp.peers[10.10.25.9]",
    "markers[theirs]",
    "ntp_servers[192.0.2.1]",
    "names[other.iberia.local]",
    "privileges[PERMISSION_POOL]",
}
"""What the live world has besides: AKO's routes and label, and what lists say wholly, are not among it."""


def test_every_element_beside_a_declared_list_is_counted_once():
    live = world.live(world.objects(VERSION), VERSION)
    wants = [want for want in world.declared() if isinstance(want, Lists)]
    assert {place for want in wants for place in beside(want, live[want])} == BESIDE


def test_a_site_counts_what_it_has_read_and_reads_nothing_for_it():
    site = Site(world.environment(), lambda: None)
    assert site.beside == 0
    site._live.keep(site.name, world.live(world.objects(VERSION), VERSION))
    assert site.beside == len(BESIDE)
    assert site.requests == 0


def test_what_could_not_be_read_counts_for_nothing():
    objects = world.objects(VERSION)
    site = Site(world.environment(), lambda: None)
    site._live.keep(site.name, world.live({**objects, "network": []}, VERSION))
    assert site.beside == len(BESIDE) - 1


def test_the_summary_says_how_much():
    for count, words in ((3, "3 list elements are there"), (1, "1 list element is there"), (0, "")):
        run = Run("site", Path(), SCRUBBER, facts={"beside": count}, ended=datetime.now(UTC))
        lines = [line.text for line in summary_lines(run) if "not declared" in line.text]
        assert [line.startswith(words) for line in lines] == ([True] if words else [])


def test_every_kind_with_a_list_that_may_hold_more_can_be_exact():
    """A list that says at least what must be there can be told to say all."""
    from intent.base import Keyed, Unordered
    from intent.exact import lists

    loose = {
        kind
        for kind in KINDS
        for marker in lists(kind).values()
        if isinstance(marker, Keyed | Unordered) and not marker.exact
    }
    assert {kind.__name__ for kind in loose if not issubclass(kind, Lists)} == set()
