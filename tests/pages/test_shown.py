"""The comparison of pages with outputs tells what differs, and only that."""

import pytest

from tests.pages.shown import missing

PRINTED = "=== first in 1.7 s ===\nsecond 20261123T133213\nthird\nfourth\n"


@pytest.mark.parametrize(
    ("page", "differs"),
    [
        ("==== first in 20.1 s =====\nsecond 20270101T000000", False),
        ("second 20261123T133213\n...\nfourth", False),
        ("second 20261123T133213\nfourth", True),
        ("third\n...\nsecond 20261123T133213", True),
        ("third, too", True),
        ("...\n\nthird\n\nfourth", False),
    ],
)
def test_what_differs(page, differs):
    assert bool(missing(page.splitlines(), PRINTED)) == differs


def test_it_names_the_line():
    assert missing(["third", "fifth"], PRINTED) == "the page has  fifth\nprinted was   fourth"


def test_a_shortened_page_leaves_lines_out():
    assert not missing(["=== first in 1 s ===", "third"], PRINTED, shortened=True)
    assert missing(["third", "=== first in 1 s ==="], PRINTED, shortened=True)
