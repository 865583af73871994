"""The scrubber: a known secret in every spelling in which a text or an answer may hold it."""

import base64
import html
import json
import re
import string
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from intent.scrubber import Scrubber
from intent.sensitive import SENSITIVE
from tests import lengths

SPELLINGS = [
    lambda s: s,
    json.dumps,
    lambda s: json.dumps(s, ensure_ascii=False),
    lambda s: json.dumps(json.dumps(s)),
    repr,
    quote,
    lambda s: quote(s, safe=""),
    quote_plus,
    lambda s: re.sub("%..", lambda code: code[0].lower(), quote(s, safe="")),
    lambda s: "".join(f"%{byte:02X}" for byte in s.encode()),
    html.escape,
    lambda s: html.escape(s).replace("&#x27;", "&#39;"),
    lambda s: "".join(f"&#{ord(letter)};" for letter in s),
    lambda s: "".join(f"&#x{ord(letter):04X};" for letter in s),
    lambda s: s.encode().hex(),
    lambda s: s.encode().hex().upper(),
]
plain_secret = st.text(string.ascii_letters + string.digits + "!#%+/=@&<>\"'ü§€ ", min_size=6, max_size=30)


ESCAPES = ["00%25", "&amp;", "&#38;", "&#x26;", "\\u0041", "\\n", "\\\\", "%2525", '"', "§"]


@pytest.mark.parametrize("spell", SPELLINGS)
@pytest.mark.parametrize("first", ESCAPES)
def test_a_value_that_holds_what_looks_like_an_escape_is_taken_out(first, spell):
    for other in ESCAPES:
        value = f"{first}{other}§x"
        assert Scrubber([value]).text(f"a {spell(value)} z").count(SENSITIVE) == 1, value


@settings(max_examples=lengths.of(100, 300), deadline=None)
@given(
    plain_secret,
    st.sampled_from(SPELLINGS),
    st.sampled_from(["", "a ", "ü: "]),
    st.sampled_from(["", " z", "."]),
)
def test_a_known_value_is_taken_out_however_it_is_spelled(value, spell, before, after):
    clean = Scrubber([value]).text(before + spell(value) + after)
    assert clean.replace(SENSITIVE, "", 1).strip("'\"\\ zaü:.") == "", clean


ESCAPE_LIKE = [*'%&\\§ü" /25a', "%25", "%2525", "&amp;", "&#38;", "\\\\", "\\x5c", "\\u00a7"]


@settings(max_examples=lengths.of(100, 300), deadline=None)
@given(
    st.lists(st.sampled_from(ESCAPE_LIKE), min_size=6, max_size=12).map("".join), st.sampled_from(SPELLINGS)
)
@example("00%25§", json.dumps)
@example("Pa\\\\ss§1", json.dumps)
@example("Pass1\\§", lambda s: json.dumps(json.dumps(s)))
@example("a&amp;b§c", json.dumps)
def test_a_known_value_that_reads_like_an_escape_is_taken_out(value, spell):
    """Where other letters of it are escaped, what reads like an escape may stand as it is."""
    clean = Scrubber([value]).text(f"ä:{spell(value)}z")
    assert clean.removeprefix("ä:").removesuffix("z").strip("'\"\\") == SENSITIVE


@pytest.mark.parametrize("value", ["\\" * 16 + "§", "\\§" * 12 + "z", "%25" * 10 + "§", "&amp;" * 6 + "§"])
def test_a_value_of_escapes_takes_no_longer_however_often_it_fails(value):
    """Steps that multiply with each other would take ages here, not seconds."""
    scrub = Scrubber([value])
    for text in (
        "\\" * 30_000,
        r"\\\\\\\\u00a7" * 3_000,
        "%25" * 10_000,
        "%2525" * 6_000,
        "&amp;amp;" * 3_000,
    ):
        scrub.values(text)


@settings(max_examples=lengths.of(100, 300), deadline=None)
@given(plain_secret, st.binary(max_size=7), st.binary(max_size=7), st.booleans())
def test_a_known_value_is_taken_out_of_base64_wherever_it_stands(value, before, after, url_safe):
    """As of `user:password` in a header: what stands before it moves the letters by one or two."""
    encode = base64.urlsafe_b64encode if url_safe else base64.b64encode
    text = encode(before + value.encode() + after).decode()
    clean = Scrubber([value]).text(f"code {text}")
    assert SENSITIVE in clean
    rest = clean.removeprefix("code ").replace(SENSITIVE, "")
    assert len(rest) <= len(encode(before)) + len(encode(after)) + 4, (
        "nothing of it is left but what it shares"
    )


@settings(max_examples=lengths.of(70, 200), deadline=None)
@given(plain_secret, st.binary(max_size=9), st.binary(max_size=9), st.booleans())
def test_a_known_value_is_taken_out_of_base32_wherever_it_stands(value, before, after, lower):
    """As one-time codes and some identifiers are written: five bits a letter."""
    text = base64.b32encode(before + value.encode() + after).decode()
    clean = Scrubber([value]).text(f"code {text.lower() if lower else text}")
    assert SENSITIVE in clean
    rest = clean.removeprefix("code ").replace(SENSITIVE, "")
    most = len(base64.b32encode(before)) + len(base64.b32encode(after)) + 8
    assert len(rest) <= most, "nothing of it is left but what it shares"
