"""Text from elsewhere does nothing to the terminal that shows it, and is still told apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intent.words import harmless, harmless_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Größe · 名前 ✓", "Größe · 名前 ✓"),
        ("two\nlines", "two\nlines"),
        ("a\tb", "a b"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("over\rwritten", "over\\rwritten"),
        ("back\b\b\x7f", "back\\x08\\x08\\x7f"),
        ("\x9b2J", "\\x9b2J"),
        ("user\u202egnp.exe", "user\\u202egnp.exe"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("half\ud800", "half\\ud800"),
        ("a\u2028b\x85c", "a\\u2028b\\x85c"),
    ],
)
def test_what_is_shown(text, shown):
    assert harmless(text) == shown


@given(st.text())
def test_nothing_is_left_that_is_not_printed_and_once_is_enough(text):
    shown = harmless(text)
    assert shown.replace("\n", "").isprintable()
    assert harmless(shown) == shown
    line = harmless_line(text)
    assert line.isprintable()
    assert harmless_line(line) == line
    assert "  " not in line


@given(st.text(st.characters(categories=["L", "N", "P", "S", "M"])))
def test_what_is_printed_stays_as_it_is(text):
    assert harmless(text) == text == harmless_line(text)
