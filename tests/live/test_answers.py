"""One sentence out of any body and any failure."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests import exceptions as http

from intent.scrubber import SCRUBBER
from live.avi.http_answers import (
    LONGEST,
    HttpAnswer,
    failure,
    is_tls,
    never_sent,
    parsed,
    seconds_of,
    sentence,
)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"error": "VsVip object not found!"}', "VsVip object not found!"),
        (
            '{"detail": "CSRF Failed: CSRF token missing or incorrect."}',
            "CSRF Failed: CSRF token missing or incorrect.",
        ),
        ("CSRF token missing or incorrect.", "CSRF token missing or incorrect."),
        (
            '{"error": "{\\"vh_matches\\":\\"{\\"path\\":\\"Field check for path failed : There must be at least 1 path\\"}\\"}"}',
            "vh_matches: path: Field check for path failed : There must be at least 1 path",
        ),
        ('{"error": "{\\"error\\": \\"inner\\"}", "obj_name": "x"}', "inner"),
        ('{"a": 1, "b": "two"}', "a: 1, b: two"),
        (
            "<!DOCTYPE html><html><head><title>502 Bad\nGateway</title></head><body>nginx</body></html>",
            "an HTML page: 502 Bad Gateway",
        ),
        (
            "<html><script>evil()</script><body>Sorry &amp; <b>bye</b></body></html>",
            "an HTML page: Sorry & bye",
        ),
        ("<html></html>", "an HTML page:"),
        ("two\nlines\x00\x1b[31m", "two lines [31m"),
        ("", ""),
        ('{"error": ', "error: "[:-1]),
        ('{"error": null}', "None"),
        ("[1, 2]", "[1, 2]"),
    ],
)
def test_sentence(body, said):
    assert sentence(body) == said


@given(st.text())
def test_any_body_is_one_short_line(body):
    said = sentence(body)
    assert len(said) <= LONGEST
    assert said.isprintable()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["error", "detail", "x"]), inner),
    )
)
def test_any_json_is_one_short_line(value):
    said = sentence(json.dumps(value))
    assert len(said) <= LONGEST
    assert said.isprintable()


@pytest.mark.parametrize("said", ["", "soon", "-5", "Mon, 99 Foo", "1e9", "²", "٥", "9" * 400])
def test_a_retry_after_that_is_none(said):
    assert HttpAnswer(429, "", {"Retry-After": said}).retry_after is None


def refused(kind, *arguments):
    """An error of requests as urllib3's reason makes it."""
    reason = type(kind, (Exception,), {})("no")
    return http.ConnectionError(type("MaxRetryError", (Exception,), {"reason": reason})("no"))


@pytest.mark.parametrize(
    ("error", "sent"),
    [
        (refused("NewConnectionError"), False),
        (refused("NameResolutionError"), False),
        (refused("ConnectTimeoutError"), False),
        (refused("ReadTimeoutError"), True),
        (refused("ProtocolError"), True),
        (http.ConnectTimeout("x"), False),
        (http.ReadTimeout("x"), True),
        (http.ConnectionError(), True),
        (http.SSLError("[SSL: CERTIFICATE_VERIFY_FAILED] unable to get local issuer"), False),
        (http.SSLError("EOF occurred in violation of protocol"), True),
    ],
)
def test_what_surely_was_not_sent(error, sent):
    assert never_sent(error) is not sent


@pytest.mark.parametrize(
    ("error", "useless"),
    [
        (http.SSLError("certificate has expired"), True),
        (http.SSLError("WRONG_VERSION_NUMBER"), True),
        (http.SSLError("EOF occurred in violation of protocol"), False),
        (http.ConnectionError("certificate has expired"), False),
        (http.ReadTimeout("x"), False),
    ],
)
def test_when_trying_again_is_useless(error, useless):
    assert is_tls(error) is useless


def test_a_list_in_a_string_and_a_script_on_a_page():
    assert sentence('{"error": "[1, 2]"}') == "[1, 2]"
    assert sentence("<HTML><SCRIPT>evil()</SCRIPT><BODY>gone\nfishing</BODY>") == "an HTML page: gone fishing"
    assert sentence("<html><head><TITLE>Bad\nGateway</TITLE></head>") == "an HTML page: Bad Gateway"


# An answer as a whole.


def test_a_body_as_json():
    assert parsed('{"a": [1, null, "x"]}') == ({"a": [1, None, "x"]}, False)
    assert parsed(r'"\ud800"') == ("\ud800", True), "half of a pair, which only one of the two readers takes"
    with pytest.raises(ValueError, match="is nested too deeply"):
        parsed("[" * 100_000)
    with pytest.raises(ValueError, match="Expecting"):
        parsed("{")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "did not answer with a JSON object but with: no reason given"),
        ("[1]", "did not answer with a JSON object but with: [1]"),
        ("null", "did not answer with a JSON object but with: null"),
        ("<html><title>Login</title>", "did not answer with whole JSON but with: an HTML page: Login"),
        ('{"error": ', "did not answer with whole JSON but with: error:"),
    ],
)
def test_a_body_that_is_no_object(text, said):
    with pytest.raises(ValueError, match="did not answer") as caught:
        HttpAnswer(200, text).object()
    assert str(caught.value) == said
    assert HttpAnswer(200, '{"a": 1}').object() == ({"a": 1}, False)


def test_an_answer_keeps_its_body_to_itself():
    assert repr(HttpAnswer(200, "hush", {"Set-Cookie": "hush"})) == "HttpAnswer(status=200)"
    assert HttpAnswer(200, "").headers == {}
    assert HttpAnswer(200, "").sentence == "no reason given"
    assert HttpAnswer(200, '{"error": "no"}').sentence == "no"


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7.0),
        (" 120 ", 120.0),
        ("0", 0.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Wed, 21 Oct 2015 07:28:00 -0000", None),  # of no zone, so it cannot be told how long that is
    ],
)
def test_a_retry_after(said, seconds):
    assert HttpAnswer(503, "", {"Retry-After": said}).retry_after == seconds
    assert HttpAnswer(503, "", {}).retry_after is None


def test_an_http_date():
    assert seconds_of("Wed, 21 Oct 2015 07:28:00 GMT") == 1445412480
    assert [
        seconds_of(date) for date in (None, "", "soon", "Mon, 99 Foo", "Wed, 21 Oct 2015 07:28:00 -0000")
    ] == [None] * 5


# One sentence.


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"reason": "r", "message": "m"}', "m"),
        ('{"reason": "r", "detail": "d", "message": "m"}', "d"),
        ('{"detail": "d", "error": "e"}', "e"),
        ('{"reason": "r"}', "r"),
        ('{"error": 5}', "5"),
        ('{"error": {"a": 1}}', "{'a': 1}"),
        ('{"error": " {\\"detail\\": \\"d\\"} "}', "d"),
        ('{"a": 1, "b": "{\\"error\\": \\"x\\"}", "c": 3, "d": 4, "e": 5, "f": 6}', "a: 1, b: x, c: 3, d: 4, e: 5"),
        ('{"error": "[1,2]"}', "[1, 2]"),
        ('{"error": "X [EOF', "error: X EOF"),
        ("{}", ""),
        ('["a"]', "['a']"),
        ('{"error": "a" "b" : [x]', "error: a b: x"),
        ("plain {text} <b>", "plain {text} <b>"),
        ("<?xml version='1.0'?><Error><Code>NoSuch</Code></Error>", "an HTML page: NoSuch"),
        ("<BODY>x<br/>y</BODY>", "an HTML page: x y"),
        ("<head><title lang='en'>T &lt; U</title></head>", "an HTML page: T < U"),
        ("<html><style>a{}</style>seen<script>b", "an HTML page: seen"),
        ("<p>no page</p>", "<p>no page</p>"),
    ],
)  # fmt: skip
def test_more_sentences(body, said):
    assert sentence(body) == said


def test_how_long_a_sentence_is():
    assert sentence("x" * LONGEST) == "x" * LONGEST
    assert sentence("x" * (LONGEST + 1)) == "x" * (LONGEST - 3) + "..."
    # White space counts for nothing; what stands far behind is not looked at.
    assert sentence("a" + " " * (LONGEST * 20 - 2) + "bc") == "a b"
    assert sentence(f"<html><p {'a' * 65_525}>xyz") == "an HTML page: x"


def test_a_sentence_hides_what_is_known_as_secret():
    SCRUBBER.hide("pl4nted-in-a-body")
    assert "pl4nted" not in sentence('{"error": "no such pl4nted-in-a-body"}')


# Why no answer came.


AGAIN = "try again, and look at what stands between"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (http.SSLError("certificate has expired"), "its TLS certificate has expired; renew it on the Controller"),
        (http.ConnectionError("SSL: WRONG_VERSION_NUMBER"), "it does not speak TLS on that port; check controller.port"),
        (http.SSLError("odd <b>thing</b>"), f"TLS failed: odd <b>thing</b>; {AGAIN}"),
        (http.SSLError("Connection reset by peer"), "the connection was reset; try again, and look at what stands between"),
        (http.ConnectTimeout("x"), "no answer to the connection; check controller.address and the firewalls between"),
        (http.ReadTimeout("x"), "no answer in time; see how busy the Controller is, and try again"),
        (http.ReadTimeout("Connection refused"), "no answer in time; see how busy the Controller is, and try again"),
        (http.ConnectionError("[Errno 111] Connection refused"),
         "nothing listens there; check controller.address and controller.port"),
        (http.ConnectionError("certificate has expired, says a page"),
         f"the connection failed: certificate has expired, says a page; {AGAIN}"),
        (http.ConnectionError("a\nb"), f"the connection failed: a b; {AGAIN}"),
    ],
)  # fmt: skip
def test_why_no_answer_came(error, words):
    assert failure(error) == words


@pytest.mark.parametrize("page", ["", "<title>"])
@pytest.mark.parametrize(
    "part", ["<", "<title", "<title>", "<TITLE>x", "</", "<!--", "<p ", "<script", "<style>", "&#"]
)
def test_a_page_takes_time_in_proportion_to_its_length(page, part):
    """Whatever stands in it: four times the length would take sixteen times as long, were it gone through once a tag."""

    def took(length):
        begun = time.thread_time()
        assert sentence("<html>" + page + part * (length // len(part))).startswith("an HTML page:")
        return time.thread_time() - begun

    assert min(took(64_000) for _ in range(5)) < 10 * min(took(16_000) for _ in range(5))
