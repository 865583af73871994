"""Texts of a site as HTML: where a name breaks, what is folded, what runs from right to left."""

import re

import pytest

from reports.formats.markup import SHOWN, folded, inline


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("REGIONB_VMS_3023", ["REGIONB_VMS_3023"]),
        ("REGIONB_MGMT_3020_FRONTEND_302/3", ["REGIONB_", "MGMT_3020_", "FRONTEND_302/3"]),
        ("10.10.24.164-10.10.24.169,10.10.25.1", ["10.10.24.164-", "10.10.24.169,", "10.10.25.1"]),
        ("2001:db8:0:1:2:3:4:5/128", ["2001:db8:0:1:2:3:4:5/128"]),
        ("a & b < c", ["a &amp; b &lt; c"]),
        ("local-dns.avi.iberia.example.org", ["local-", "dns.", "avi.", "iberia.", "example.", "org"]),
    ],
)
def test_a_name_breaks_at_its_seams_alone(text, lines):
    assert inline(text).split("<wbr>") == lines


def test_a_run_that_is_longer_than_a_column_may_break_anywhere():
    assert inline("key-" + "A" * 50) == f'key-<wbr><span class="run">{"A" * 50}</span>'


@pytest.mark.parametrize("text", ["שרת-ייצור 302/3", "network א", "ü"])
def test_what_may_run_from_right_to_left_is_isolated(text):
    assert inline(text) == f"<bdi>{text}</bdi>"


def test_a_long_text_is_folded_and_whole():
    text = "a < b, " * 700 + "end"
    html = folded(text)
    shown, whole = re.fullmatch(r"<details.*?<summary>(.*)</summary>(.*)</details>", html).groups()
    assert "all 4,903 characters" in shown
    assert len(shown) < 3 * SHOWN
    assert whole == text.replace("<", "&lt;")


def test_a_sentence_is_not_folded():
    sentence = "it is declared by the platform team. " * 8
    assert folded(sentence) == sentence.strip()


def test_a_long_text_begins_with_what_is_given():
    assert "<bdi>…differs here</bdi>" in folded("x" * 5000, "…differs here")


def test_nothing_that_is_not_printed_is_left():
    assert inline("a\x1b[2J\u202eb<") == "a [2J b&lt;"
