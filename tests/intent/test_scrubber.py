"""The scrubber: secrets out of any JSON of a Controller, and out of any text and data that is shown or sent."""

import json
import logging
import os
import string
import threading
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intent.scrubber import LogFilter, Scrubber, environ_for_children, keep_secret, known_secrets, variables
from intent.sensitive import SENSITIVE, scrub

SECRETS = [
    "password",
    "backup_passphrase",
    "auth_password",
    "client_secret",
    "recovery_token",
    "shared_secret",
    "community",
    "aes_key",
    "hmac_key",
    "secret_access_key",
    "private_key",
    "master_key",
    "md5_secret",
    "partition_passwd",
    "key_passphrase",
    "vcenter_rm_cookie",
    "enckey_base64",
]
OPEN = [
    "cookie_name",
    "password_strength_check",
    "minimum_password_length",
    "label_key",
    "key_size",
    "token_endpoint",
    "token_expiration_date",
    "session_cookie_name",
    "public_key",
    "certificate",
    "name",
    "marker_keys",
    "vcenter_credentials_ref",
    "tokens_ref",
]


@pytest.mark.parametrize("member", SECRETS)
def test_secret_members(member):
    assert scrub({"a": [{member: "x", "b": 1}]}) == {"a": [{member: "<sensitive>", "b": 1}]}
    assert scrub({member: ["x", {"y": "z"}]}) == {member: ["<sensitive>", {"y": "<sensitive>"}]}


@pytest.mark.parametrize("member", OPEN)
def test_open_members(member):
    assert scrub({member: "x"}) == {member: "x"}


@pytest.mark.parametrize(
    "plain",
    [
        {"bgp_profile": {"community": ["65001:100"], "ip_communities": [{"community": ["internet"]}]}},
        {"match": {"cookie": {"name": "session", "match_criteria": "HDR_EQUALS", "value": "a"}}},
        {"redirect_action": {"path": {"tokens": [{"type": "URI_TOKEN_TYPE_STRING", "str_value": "/new"}]}}},
        {"rule": {"access_token": {"matches": [{"name": "aud", "type": "JWT_CLAIM_TYPE_STRING"}]}}},
    ],
)
def test_what_is_named_like_a_secret_and_has_the_shape_of_none(plain):
    """BGP communities, cookies of rules, the pieces of a path: they can be declared, compared and written back."""
    assert scrub(plain) is plain
    (name,) = plain
    inside = {name: {**plain[name], "cookie": {"password": "p"}, "tokens": ["t"], "community": "c"}}
    scrubbed = scrub(inside)[name]
    assert [scrubbed[each] for each in ("cookie", "tokens", "community")] == [
        {"password": "<sensitive>"},
        ["<sensitive>"],
        "<sensitive>",
    ]


def test_what_holds_no_secret_is_not_copied_and_what_does_stays_as_it_was():
    plain = {"name": "x", "list": [1, {"b": ["c"]}], "key": "k"}
    assert scrub(plain) is plain
    mixed = {"plain": plain, "more": [plain, {"password": "p", "at": plain}]}
    scrubbed = scrub(mixed)
    assert scrubbed == {"plain": plain, "more": [plain, {"password": "<sensitive>", "at": plain}]}
    assert scrubbed["plain"] is scrubbed["more"][1]["at"] is plain
    assert mixed["more"][1]["password"] == "p"


def test_scrubbing_keeps_what_is_no_text():
    assert scrub({"password": "", "community": None, "token": 5, "key": "x"}) == {
        "password": "",
        "community": None,
        "token": 5,
        "key": "x",
    }
    assert scrub({"key": "x", "certificate": {}})["key"] == "<sensitive>"
    params = [{"name": n, "value": "x", "is_sensitive": n == "a"} for n in ("a", "b")]
    assert [each["value"] for each in scrub(params)] == ["<sensitive>", "x"]


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*SECRETS[:3], *OPEN[:3]]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(JSON)
def test_scrubbing_twice_changes_nothing(value):
    once = scrub(value)
    assert scrub(once) == once


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ('{"password": "hunter2", "x": 1}', "hunter2"),
        ("username=admin&password=hunter2", "hunter2"),
        ("{'vcenter_password': 'hunter2'}", "hunter2"),
        ("Cookie: csrftoken=abcdef; avi-sessionid=ghijkl; sessionid=ghijkl", "ghijkl"),
        ("Cookie: csrftoken=abcdef; x", "abcdef"),
        ("'Authorization': 'Basic YWRtaW46'", "YWRtaW46"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----", "MIIE"),
        ("the word is told-s3cret.", "told-s3cret"),
    ],
)
def test_redacted_text(text, hidden):
    assert hidden not in Scrubber(["told-s3cret"]).text(text)


def test_a_record_is_redacted_whatever_its_arguments():
    log_filter = LogFilter(Scrubber(["s3cret"]))
    for args in (("s3cret",), ("%s",), (1, 2)):
        record = logging.LogRecord("x", 10, "f", 1, "said %s s3cret", args, None)
        assert log_filter.filter(record)
        assert "s3cret" not in record.getMessage()


def test_installing_twice_is_installing_once():
    log_filter = LogFilter(Scrubber())
    log_filter.install()
    log_filter.install()
    logger = logging.getLogger(LogFilter.LOGGERS[0])
    assert logger.filters.count(log_filter) == 1
    for name in LogFilter.LOGGERS:
        logging.getLogger(name).removeFilter(log_filter)


secret = st.text(string.ascii_letters + string.digits + "!#%+/=@\"'\\ü§ ", min_size=6, max_size=30)
around = st.text(max_size=30)


@given(secret, around, around)
def test_a_known_value_is_taken_out_of_any_text(value, before, after):
    scrub = Scrubber([value])
    for written in (value, json.dumps(value), repr(value)):
        text = scrub.text(before + written + after)
        assert value not in text or value in SENSITIVE or value in before + SENSITIVE + after


leaves = st.none() | st.booleans() | st.integers() | st.text(max_size=10)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    secret,
    st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    ),
)
def test_a_known_value_is_taken_out_of_any_data(value, data):
    clean = Scrubber([value]).data({"inner": [data, value, {"x": f"a {value} b"}], "password": "another one"})
    assert clean["inner"][1] == SENSITIVE
    assert value not in clean["inner"][2]["x"] or value in f"a {SENSITIVE} b"
    assert clean["password"] == SENSITIVE


def test_harmless_names_keep_their_values():
    data = {
        "api_token_timeout": 5, "ssl_key_and_certificate_refs": ["/api/x"], "key_type": "RSA", "has_password": True,
        "password": "", "snmp_community_count": 2, "keyboard": "x", "secret_ref": "/api/y",
    }  # fmt: skip
    assert Scrubber().data(data) == data


def test_where_secrets_are_looked_for(tmp_path, monkeypatch):
    (tmp_path / "one").write_text("from-a-file\nsecond line\n")
    (tmp_path / ".env").write_text("AVI_PASSWORD=from-dotenv\nAVI_USERNAME=not-a-secret\n")
    environ = {"VCENTER_PASSWORD": f"file:{tmp_path / 'one'}", "MY_TOKEN": "from-variable", "API_KEY": "abc", "HOME": "/root", "X_SECRET": "file:/none"}  # fmt: skip
    monkeypatch.setattr("os.environ", environ)
    assert known_secrets(tmp_path) == {"from-a-file", "from-dotenv", "from-variable"}


def test_a_pipe_in_the_place_of_the_env_file_is_read(tmp_path, monkeypatch):
    """As managers of secrets have it, which write into it whenever somebody opens it."""
    monkeypatch.setattr("os.environ", {"AVI_USERNAME": "ops"})
    os.mkfifo(tmp_path / ".env")
    content = ("AVI_PASSWORD=from-a-pipe\n",)
    writer = threading.Thread(target=(tmp_path / ".env").write_text, args=content, daemon=True)
    writer.start()
    assert variables(tmp_path) == {"AVI_PASSWORD": "from-a-pipe", "AVI_USERNAME": "ops"}
    writer.join()


@pytest.mark.parametrize(
    "piece",
    [
        "a-", "a.", "password ", "password=", 'password="', "token='", "token  ", "authorization: x", "authorization=",
        "://a", "://a:", "://a:b", "-----BEGIN ", "-----BEGIN A PRIVATE KEY-----", "-----END ", "basic ", "sessionid=",
        "cookie\n", "x-csrftoken: ",
    ],
)  # fmt: skip
def test_no_text_takes_longer_than_it_is_long(piece):
    """What a Controller answers is not ours to choose: a pattern that went back again and again would hold up a run."""

    def seconds(count):
        begin = time.process_time()
        Scrubber(["planted-secret"]).text("password token :// " + piece * count)
        return time.process_time() - begin

    small, large = (min(seconds(count) for _ in range(3)) for count in (2_000, 20_000))
    assert large < 40 * small + 0.05


@pytest.mark.parametrize("secret", ["a", "ab", "abc"])
def test_a_secret_of_three_letters_does_not_blank_everything(secret):
    text = "cab abc: a declared list, found abc"
    assert Scrubber([secret]).text(text) == text
    assert Scrubber([secret]).data({"password": secret, "list": secret}) == {
        "password": SENSITIVE,
        "list": secret,
    }


@pytest.mark.parametrize(
    "secret", ["a" * 12 + "z", "\\" * 20 + "z", "%" * 20 + "z", "&#" * 8 + ";", "aaaa" * 8]
)
@pytest.mark.parametrize("piece", ["a", "\\", "%", "%25", "&#", "&#0", "&amp;", "%5c\\", "\\u005c", "YWFh"])
def test_known_values_take_time_in_proportion_to_the_text(secret, piece):
    scrubber = Scrubber([secret])

    def seconds(count):
        begin = time.process_time()
        scrubber.text(piece * count)
        return time.process_time() - begin

    small, large = (min(seconds(count) for _ in range(3)) for count in (5_000, 10_000))
    assert large < 4 * small + 0.02, "twice the length, twice the time"


def test_a_controller_that_repeats_a_secret_does_not_have_it_kept():
    scrubber = Scrubber(["Default-Cloud", "c00kie-of-this-session"])
    known = frozenset({"Default-Cloud", "of Default-Cloud"})
    answer = {
        "name": "Default-Cloud", "url": "https://x/api/cloud/c#Default-Cloud", "tenant_ref": "x#Default-Cloud",
        "text": "Default-Cloud", "note": "of Default-Cloud", "other": "password Default-Cloud",
        "list": [{"headers": "Cookie c00kie-of-this-session"}, 7],
    }  # fmt: skip
    assert scrubber.echoes(answer, known) == answer | {
        "other": SENSITIVE,
        "list": [{"headers": SENSITIVE}, 7],
    }


def test_children_get_no_credentials(monkeypatch):
    environ = {
        "AVI_PASSWORD": "x", "AVI_PASSWORD__NORTH": "x", "avi_token": "x", "VCENTER_PASSWORD__EAST": "file:/x",
        "AVI_COMPLIANCE_NOTIFY": "https://hook", "AVI_JOURNAL_SECRET": "x", "MY_PW": "told-to-nobody",
        "AVI_USERNAME": "admin", "PATH": "/bin", "SSH_AUTH_SOCK": "/s", "AWS_SECRET_ACCESS_KEY": "kubectl's own",
    }  # fmt: skip
    keep_secret("told-to-nobody")
    monkeypatch.setattr("os.environ", environ)
    assert environ_for_children().keys() == {
        "AVI_USERNAME",
        "PATH",
        "SSH_AUTH_SOCK",
        "AWS_SECRET_ACCESS_KEY",
    }


def test_what_is_hidden_later_is_hidden_from_then_on():
    scrubber = Scrubber()
    assert scrubber.text("a planted word") == "a planted word"
    scrubber.hide("planted", None, "", "abc")
    assert scrubber.text("a planted word, abc") == f"a {SENSITIVE} word, abc"
    assert scrubber.data({"planted": 1}) == {SENSITIVE: 1}


@pytest.mark.parametrize(
    "text",
    [
        'password: "two\nlines"', "Authorization: Basic abc=", "https://me:pl4nt3d@host/", "Bearer abcdefgh1",
        'set-cookie: avi-sessionid=a,b"c;', "X-CSRFToken: abc", "api_key=1",
    ],
)  # fmt: skip
def test_every_form_is_hidden(text):
    assert SENSITIVE in Scrubber().text(text)
    for secret in ("two", "lines", "abc", "pl4nt3d", "avi-sessionid=a", "=1"):
        assert secret not in Scrubber().text(text)
