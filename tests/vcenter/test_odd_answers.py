"""Answers of a vCenter, or of what stands before it, that are not what was asked for: each is read rightly or not at all."""

from __future__ import annotations

from functools import partial

import pytest

from intent import Unknown
from lab.datacenter.model import Folder, Vm
from lab.tests.vcenter.peers import moid
from live.errors import FateUnknown
from tests import lengths
from tests.live.stub import Fault, after, at_call, status

pytestmark = lengths.WHOLE_SITE

ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>{dtd}<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    "<soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
)
FAULT = (
    "<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>{text}</faultstring><detail>"
    '<{kind}Fault xmlns="urn:vim25" xsi:type="{kind}"/></detail></soapenv:Fault>'
)
XML = {"Content-Type": "text/xml; charset=utf-8"}


def hints(*answers):
    """The answer as it is, behind interim ones."""

    def do(handler):
        for answer in answers:
            handler.wfile.write(answer)
        handler.normal()

    return do


def instead(body, dtd=""):
    return status(200, ENVELOPE.format(dtd=dtd, body=body), XML)


def fault(kind, text="no"):
    return status(500, ENVELOPE.format(dtd="", body=FAULT.format(kind=kind, text=text)), XML)


EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
LOGIN = '<LoginResponse xmlns="urn:vim25"><returnval><key>k</key></returnval></LoginResponse>'
PAGE = '<RetrievePropertiesExResponse xmlns="urn:vim25">{}</RetrievePropertiesExResponse>'
ROOT = '<returnval><objects><obj type="Folder">{root}</obj>{more}</objects></returnval>'
BOMB = (
    "<!DOCTYPE a [<!ENTITY l0 'lol'>"
    + "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 12))
    + "]>"
)
ODD = {
    "empty": status(200, "", XML),
    "half of an envelope": status(200, ENVELOPE.format(dtd="", body=PAGE)[:220], XML),
    "two envelopes": status(200, 2 * ENVELOPE.format(dtd="", body=PAGE.format("")), XML),
    "entities": instead("<a>&l11;</a>", BOMB),
    "an entity from outside": instead(
        "<a>&x;</a>", '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    ),
    "nested": instead("<a>" * 20_000 + "</a>" * 20_000),
    "an answer to something else": instead(LOGIN),
    "a list of texts": instead(PAGE.format("<returnval>x</returnval>")),
    "nothing": instead(PAGE.format("")),
    "an object that is a text": instead(PAGE.format("<returnval><objects>x</objects></returnval>")),
    "an object without identity": instead(PAGE.format("<returnval><objects/></returnval>")),
    "an unknown type": instead(PAGE.format('<returnval xsi:type="Nonsense"/>')),
    "a number that is none": instead(
        PAGE.format(
            '<returnval><objects><obj type="Folder">group-d1</obj><propSet><name>name</name>'
            '<val xsi:type="xsd:int">many</val></propSet></objects></returnval>'
        )
    ),
    "a name that is a list": instead(
        PAGE.format(
            '<returnval><objects><obj type="Folder">group-d1</obj><propSet><name>name</name>'
            '<val xsi:type="ArrayOfString"><string>a</string></val></propSet></objects></returnval>'
        )
    ),
    "a parent that is a text": instead(
        PAGE.format(
            '<returnval><objects><obj type="Folder">group-d1</obj><propSet><name>parent</name>'
            '<val xsi:type="xsd:string">a</val></propSet></objects></returnval>'
        )
    ),
    "no such type of object": instead(
        PAGE.format('<returnval><objects><obj type="Sandwich">group-d1</obj></objects></returnval>')
    ),
    "a fault with status 200": status(
        200, ENVELOPE.format(dtd="", body=FAULT.format(kind="SystemError", text="x")), XML
    ),
    "a fault that is none": status(500, ENVELOPE.format(dtd="", body=PAGE.format("")), XML),
    "a fault of no known type": fault("Sandwich"),
    "a fault that is not one": fault("HostSystem"),
    "JSON": status(200, {"value": []}),
    "no content": status(204, "", XML),
    "a redirect": status(307, "", {"Location": "https://127.0.0.2/sdk"}),
    "another letter set": status(200, '<?xml version="1.0" encoding="klingon"?><a/>', XML),
    "false gzip": status(200, "not gzip", {**XML, "Content-Encoding": "gzip"}),
    "a cookie that is none": status(
        200, ENVELOPE.format(dtd="", body=""), {**XML, "Set-Cookie": "\x01=;;;=\xff"}
    ),
}


@pytest.mark.parametrize("before", [(EARLY,), (CONTINUE, EARLY, EARLY)], ids=["one", "three"])
def test_interim_answers_are_passed_over(between, opened, model, before):
    between.faults.append(Fault("/", hints(*before), times=10_000))
    assert opened.read().machines
    opened.create_folder(moid(model, Folder, "AVI K8S"), "once")
    assert [f.name for f in model.of(Folder)].count("once") == 1


CALLS = ("RetrieveServiceContent", "Login", "CreateContainerView", "RetrievePropertiesEx", "CurrentTime")
ROTATED = [
    pytest.param(CALLS[at % len(CALLS)], answer, id=name) for at, (name, answer) in enumerate(ODD.items())
]
"""Each answer, to another call from one to the next."""


PACKED = {**XML, "Content-Encoding": "gzip"}
LARGE = 2 * 1024 * 1024


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (status(200, ENVELOPE.format(dtd="", body=PAGE.format(" " * LARGE)), XML), "more than 1 MiB"),
        (status(200, ENVELOPE.format(dtd="", body=PAGE.format("")) + " " * LARGE, XML), "more than 1 MiB"),
        (status(200, "whatever is in it", PACKED), "packed as gzip"),
    ],
    ids=["within", "behind", "packed"],
)
def test_an_answer_without_end_is_not_read_to_it(between, opened, monkeypatch, answer, why):
    monkeypatch.setattr("live.vcenter.session.LARGEST_BODY", 1024 * 1024)
    between.faults.append(Fault("/sdk", at_call("RetrievePropertiesEx", answer), times=10_000))
    with pytest.raises(Unknown, match=rf"sends an answer that cannot be read \({why}\)"):
        opened.read()


@lengths.sampled(3)
@pytest.mark.parametrize(("call", "answer"), ROTATED)
def test_a_read_is_unknown(between, opened, call, answer):
    between.faults.append(Fault("/sdk", at_call(call, answer), times=10_000))
    with pytest.raises(Unknown, match=r"vCenter 127\.0\.0\.1:\d+ (sends|answered|ends every session)"):
        opened.read()


WRITES = ("CreateFolder", "MoveIntoFolder_Task", "Fetch")
AFTER = [
    pytest.param(WRITES[at % len(WRITES)], answer, id=name) for at, (name, answer) in enumerate(ODD.items())
]


@lengths.sampled(3)
@pytest.mark.parametrize(("call", "answer"), AFTER)
def test_the_fate_of_a_write_is_unknown(between, opened, call, answer, model):
    """It was carried out, once, and nobody says that it was not."""
    opened.connect()
    between.faults.append(Fault("/sdk", at_call(call, after(answer)), times=10_000))
    folder, vm = moid(model, Folder, "AVI K8S"), next(model.of(Vm))
    makes = call == "CreateFolder"
    write = (
        partial(opened.create_folder, folder, "once")
        if makes
        else partial(opened.move_machine, vm.moid, folder)
    )
    with pytest.raises(
        FateUnknown, match=r"its answer lost: |accepted it, and then (sends|answered)"
    ) as caught:
        write()
    assert "attribute" not in str(caught.value)
    assert ([each.name for each in model.of(Folder)].count("once") == 1) if makes else vm.parent == folder
