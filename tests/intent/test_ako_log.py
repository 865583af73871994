"""The log search: every text of AKO's is recognised with any names in it, however the log is written down."""

from __future__ import annotations

import html
import json
import textwrap
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.ako_log_answer import lines
from intent.ako.log import FRAME, mentions
from intent.ako.texts import HOLDER, NESTED, steps

TEXTS = [(step, text) for step in steps().values() for text in step.texts]
IDS = [f"{step.step}-{text.case or text.since or text.until}" for step, text in TEXTS]
NAMES = st.one_of(
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,40}", fullmatch=True),
    st.text(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=20
    )
    .map(str.strip)
    .filter(lambda name: name.isprintable() and not set(name) & set("[]{}\"'`,")),
    st.sampled_from(["network", "vrf a b", "Default-Cloud", "x not found", "not", "S1 AZ1", "ö–Ω", "under"]),
)
INNER = 'Labels do not match with cluster name for SE group :g. Expected Labels: [{"key":"clustername","value":"c"}]'


def line_of(text, values):
    return text.filled(**{**dict.fromkeys(text.holders, INNER), **values})


def plain(line):
    return f"2025-11-15T10:00:00.123Z\tERROR\tcache/controller_obj_cache.go:3246\t{line}"


def as_json(line):
    return json.dumps({"level": "ERROR", "ts": "2025-11-15T10:00:00.123Z", "caller": "a/b.go:1", "msg": line})


def pieces(line, size):
    return [line[at : at + size] for at in range(0, len(line), size)]


def runtime(line, size, end="\n"):
    """A message as a container runtime cuts it, with another stream's message between two of its pieces."""
    when, (*before, last) = "2025-11-15T10:00:00.123456789Z", pieces(line, size)
    other = f"{when} stderr F {plain('AKO is running with version: v2.2.1')}"
    return end.join([*(f"{when} stdout P {each}" for each in before), other, f"{when} stdout F {last}"])


def docker(line, size):
    rows = [{"log": each, "stream": "stdout"} for each in pieces(f"{line}\n", size)]
    return "\n".join(map(json.dumps, [{"log": f"{plain('before')}\n", "stream": "stdout"}, *rows]))


HOSTILE = (
    "a:b: c",
    'q"x"',
    "it's.a.b",
    "%s%d",
    "{network}",
    "x" * 3000,
    "\\d+(",
    "not found",
    "HTTP code: 403",
    "<b>&amp;",
    "ERROR",
    "日本",
    "stdout F",
)
FORMS = {
    "bare": lambda line: line,
    "plain": plain,
    "json": as_json,
    "docker": lambda line: json.dumps({"log": as_json(line) + "\n", "stream": "stdout"}),
    "kubectl": lambda line: f"[pod/ako-0/ako] 2025-11-15T10:00:00.123456789Z {as_json(line)}",
    "cut": lambda line: as_json(line)[:-1],
    "validation": lambda line: plain(f"Error while validating input: {line}"),
    "event": lambda line: f"  Warning  AKOShutdown  2m  avi-kubernetes  Invalid user input [{line}]",
    "events": lambda line: json.dumps({"items": [{"reason": "AKOShutdown", "message": line}]}, indent=2),
    "mail": lambda line: textwrap.fill(plain(line), 60, subsequent_indent="   "),
    "terminal": lambda line: "\n".join(plain(line)[at : at + 80] for at in range(0, len(plain(line)), 80)),
    "colour": lambda line: f"\x1b[31mERROR\x1b[0m\t{line}",
    "link": lambda line: f"\x1b]8;;http://log/1\x07{plain(line)}\x1b]8;;\x1b\\",
    "loki": lambda line: json.dumps({"streams": [{"values": [["1714550400", as_json(line)]]}]}),
    "page": lambda line: html.escape(plain(line)),
    "chat": lambda line: plain(line).replace(" '", " \u2018").replace("'", "\u2019").replace('"', "\u201d"),
    "unseen": lambda line: plain(line).replace("e", "e\u200b"),
    "pieces of a runtime": lambda line: runtime(plain(line), 30),
    "pieces of JSON": lambda line: runtime(as_json(line), 70, end="\r\n"),
    "pieces of docker": lambda line: docker(as_json(line), 50),
    "behind a prefix": lambda line: f"node-1 ako-0 ako {as_json(line)}",
    "behind a collector's prefix": lambda line: f"ako-1  | {plain(line)}",
    "quoted": lambda line: f"> {plain(line)}",
    "text in a text": lambda line: json.dumps(as_json(line)),
    "member of YAML": lambda line: f"  message: {json.dumps(plain(line))}",
    "row of CSV": lambda line: '"1","' + plain(line).replace('"', '""') + '"',
    "search of events": lambda line: json.dumps([{"result": {"_raw": plain(line)}}]),
    "search of a cloud": lambda line: json.dumps([{"textPayload": plain(line)}]),
    "coloured words": lambda line: " ".join(
        f"\x1b[3{n % 8}m{word}\x1b[0m" for n, word in enumerate(line.split(" "))
    ),
    "windows": lambda line: f"\ufeff{plain('before')}\r\n{as_json(line)}\r\n",
}


@pytest.mark.parametrize(("step", "text"), TEXTS, ids=IDS)
@given(data=st.data())
@settings(max_examples=8, deadline=None)
def test_every_text_leads_to_its_step_whatever_names_stand_in_it(step, text, data):
    values = {name: data.draw(NAMES, label=name) for name in text.holders if name != NESTED}
    seen = mentions(plain(line_of(text, values)))
    assert [mention.text for mention in seen if mention.text is text or NESTED not in text.holders] == (
        [] if step.step == FRAME and NESTED in text.holders else [text]
    )
    assert all(mention.text is text or mention.step.step == "V5c" for mention in seen)


@pytest.mark.parametrize("form", FORMS)
def test_every_text_is_recognised_in_every_form_of_a_log(form):
    for step, text in TEXTS:
        if step.step == FRAME:
            continue
        seen = mentions(FORMS[form](line_of(text, dict.fromkeys(text.holders, "az1-x") | {NESTED: INNER})))
        assert text in [mention.text for mention in seen], (form, step.step, text.text)


@pytest.mark.parametrize("name", HOSTILE)
def test_every_text_is_recognised_with_a_hostile_name_in_it(name):
    for step, text in TEXTS:
        if step.step != FRAME and text.holders:
            line = line_of(text, dict.fromkeys(text.holders, name) | {NESTED: INNER})
            assert text in [mention.text for mention in mentions(plain(line))], (step.step, text.text)


def test_pieces_of_two_messages_are_not_mixed():
    first, second = (steps()["V3"].text().filled(vrf=name) for name in ("one", "two"))
    log = "\n".join([runtime(plain(first), 40), runtime(plain(second), 25)])
    assert [(mention.value("vrf"), mention.line) for mention in mentions(log)] == [("one", 1), ("two", 5)]
    unfinished = runtime(plain(first), 200).replace("stdout F", "stdout P")
    assert [mention.value("vrf") for mention in mentions(unfinished)] == ["one"]


@pytest.mark.parametrize("form", [form for form in FORMS if form != "mail"])
def test_names_are_read_as_they_are(form):
    line = steps()["V4d"].text().filled(network="my network 5", vrf="VRF_AZ1")
    (mention,) = mentions(FORMS[form](line))
    assert dict(mention.values) == {"network": "my network 5", "vrf": "VRF_AZ1"}


@pytest.mark.parametrize("before", ["", "Error while validating input: ", "Invalid user input "])
def test_an_error_of_the_controller_is_a_text_only_where_it_stands_alone(before):
    error = "Encountered an error on GET request to URL https://c/api/x?y: HTTP code: 403; map[error:no]"
    (alone,) = mentions(before + error)
    assert (alone.step.step, alone.value("uri")) == ("V9c", "https://c/api/x?y")
    (within,) = mentions(f"{before}get uri /api/network/?a returned err {error}")
    assert (within.step.step, within.value("error")) == ("V4d", error)


def test_a_name_may_be_missing():
    (mention,) = mentions(plain("network zz not found under vrf "))
    assert dict(mention.values) == {"network": "zz", "vrf": ""}


def test_a_whole_log_gives_each_failure_once_and_no_line_around_it():
    boot = [
        "Setting route for GET /api/status",
        "Invalid input detected, AKO will be rebooted to retry no networks found for networkName: zz",
        "Error while validating input: no networks found for networkName: zz",
        steps()[FRAME].text("end").filled(text=steps()[FRAME].text("bootup").text),
    ]
    log = "\n".join(map(plain, [*boot, *boot, "Avi client not initialized"]))
    seen = {mention.step.step: (mention.line, mention.times) for mention in mentions(log)}
    assert seen == {"V6e": (2, 4), "B2": (9, 1)}


def test_a_text_around_another_names_both():
    outer = steps()["V5b"].text().filled(group="g", cluster="b", text=INNER)
    assert [mention.step.step for mention in mentions(outer)] == ["V5c", "V5b"]


def test_a_log_in_one_line_is_taken_apart():
    log = "Invalid input detected, sync will be disabled. vrf a details not found Avi client not initialized"
    assert [mention.step.step for mention in mentions(log)] == ["V3", "B2"]


@pytest.mark.parametrize(
    "line",
    [
        "AKO is running with version: v2.2.1",
        "Setting VRF a found from network b",
        "network zz found under vrf a",
        "tenant details found",
        "Labels match with cluster name",
    ],
)
def test_what_is_no_text_is_none(line):
    assert mentions(plain(line)) == []


def test_an_unknown_error_is_told_as_one():
    (mention,) = mentions(plain("Error while validating input: the moon is full"))
    assert (mention.step.step, mention.unknown) == (FRAME, "the moon is full")


@pytest.mark.parametrize(
    "piece",
    [
        "x network y not found ",
        "Error while validating input: ",
        "vrf ",
        '"a" not found on controller ',
        "{" * 40,
        "[pod/",
    ],
)
def test_time_is_in_proportion_to_the_log(piece):
    def seconds(times):
        start = time.process_time()
        mentions(piece * times)
        return time.process_time() - start

    short = max(seconds(2_000), 0.01)
    assert seconds(10_000) < 20 * short


def test_a_person_reads_what_it_is_and_that_others_may_have_failed():
    text = "\n".join(lines(mentions(plain(f"Error while validating input: {INNER}"))))
    for part in (
        "AKO does not start: step V5c, group R",
        INNER,
        "SE group g",
        "  do  ",
        "V4 (",
        "others may have failed",
    ):
        assert part in text


def test_a_false_alarm_is_told_as_one():
    soft = steps()["V6d"].text().filled(uuid="network-1", vrf="VRF_AZ1")
    assert "\n".join(lines(mentions(plain(f"Error while validating input: {soft}")))).startswith(
        "no failure: step V6d"
    )


def test_every_place_holder_is_filled():
    for step, text in TEXTS:
        shown = "\n".join(
            lines(mentions(line_of(text, dict.fromkeys(text.holders, "az1-x") | {NESTED: "zz"})))
        )
        assert not HOLDER.search(shown), step.step
