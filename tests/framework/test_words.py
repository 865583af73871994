"""Names say what they name: none of those on the word list is given anew, and what is counted as left shrinks."""

from collections import Counter

import pytest

from tests.framework import words


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("found", {"found"}),
        ("_told", {"told"}),
        ("found_networks", set()),
        ("made_by_ako", set()),
        ("Sender", {"sender"}),
        ("_foretold", {"foretold"}),
        ("WISH", {"wish"}),
        ("background", set()),
        ("ProverOfAll", {"prover"}),
        ("one_by_one", set()),
    ],
)
def test_which_words_a_name_has(name, meant):
    assert words.words(name) == meant


def test_one_more_is_told_with_its_place():
    places = {"found": ["live/a.py:1: found", "live/b.py:2: found"]}
    assert words.new(places, Counter({"found": 2})) == []
    (line,) = words.new(places, Counter({"found": 1}))
    assert "live/b.py:2" in line


def test_no_new_name_is_on_the_list():
    lines = words.new(words.places(), words.kept())
    assert not lines, "\n".join(lines)
