"""The page of evidence is the one the tests' own marks give, and every mark says something known."""

from __future__ import annotations

from lab.tests.evidence import PAGE, TAGS, claims, page


def test_the_page_is_current():
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m lab.tests.evidence"


def test_every_tag_is_known_and_every_part_of_the_reference_is_claimed():
    found = claims()
    assert {tag for rows in found.values() for tag, _, _ in rows} <= set(TAGS)
    for section in (
        "§1.1",
        "§1.2",
        "§1.3",
        "§1.4",
        "§1.5",
        "§1.6",
        "§1.7",
        *(f"§2.{n}" for n in range(1, 12)),
    ):
        assert section in found, section
