"""The lab's page: its lab started, and its commands, requests and code typed at it in the page's order."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import socket
import time

import pytest
import yaml

from tests.framework.source import ROOT
from tests.pages.clone import Clone
from tests.pages.examples import blocks, commands
from tests.runs.harness import site

PAGE = "lab/docs/lab.md"
START, *TYPED_THERE = [command for block in blocks(PAGE) for command in block.commands]
TYPED = {PAGE: set(commands(PAGE))}
TABLE = re.compile(r"((?:(?:GET|POST|PUT|DELETE)`, `)*(?:GET|POST|PUT|DELETE)) (/lab/[\w/]+)(?: (\{.*?\}))?`")
"""A request of the control plane's table: its methods, its path, and what is sent."""


def free_ports(count):
    """Ports on which nothing listens, below those that the kernel hands out: one of these is soon somebody's client's."""
    for port in random.sample(range(20_000, 32_000), 200):
        with socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as datagrams:
            try:
                stream.bind(("127.0.0.1", port))
                datagrams.bind(("127.0.0.1", port))
            except OSError:
                continue
        yield str(port)
        count -= 1
        if not count:
            return
    pytest.fail("no port below 32,000 is free")


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A clone in which the page's lab runs; the page's ports stand for free ones."""
    clone = Clone(tmp_path_factory.mktemp("clone"))
    clone.ports = dict(zip(["8443", "8053"], free_ports(2), strict=True))
    clone.type(f"{at_free_ports(START, clone)} > lab.json 2> lab.log &")
    line, deadline = clone.folder / "lab.json", time.monotonic() + 60
    while not line.read_text().endswith("\n") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert line.read_text().endswith("\n"), (clone.folder / "lab.log").read_text()
    clone.line = json.loads(line.read_text())
    yield clone
    os.kill(clone.line["pid"], signal.SIGTERM)


def at_free_ports(text, clone):
    for port, free in clone.ports.items():
        text = re.sub(rf"\b{port}\b", free, text)
    return text


def test_it_says_what_the_page_says(clone):
    assert {
        "controller",
        "vcenter",
        "dns",
        "ca_file",
        "control",
        "version",
        "state",
        "pid",
    } <= clone.line.keys()


def test_avisdk(clone):
    (code,) = [block.text for block in blocks(PAGE) if "ApiSession" in block.text]
    ran = clone.type(
        f"python - <<'END'\n{at_free_ports(code, clone)}\nEND", CURL_CA_BUNDLE=""
    )  # as the page says
    assert ran.code == 0, ran.out
    assert "AVI_FRONTEND_3025" in ran.out.splitlines()


def test_ansible():
    """`vmware.alb` reads these; the lab's tests run the modules' own code with them."""
    (block,) = [block.text for block in blocks(PAGE) if block.language == "yaml"]
    given = yaml.safe_load(block)["avi_credentials"]
    assert given.keys() == {"controller", "port", "username", "password", "api_version"}


def test_what_is_typed_in_a_shell(clone):
    """All in one shell, as the page goes on with its variables: each ends well, and no answer is an error."""
    if shutil.which("dig") is None or shutil.which("curl") is None:
        pytest.skip("needs dig and curl, and one of them is not installed on this machine")
    script = "\n".join(
        f"echo '@@'; {at_free_ports(command, clone)} || echo FAILED" for command in TYPED_THERE
    )
    ran = clone.type(script)
    answers = ran.out.split("@@\n")[1:]
    for command, answer in zip(TYPED_THERE, answers, strict=True):
        assert "FAILED" not in answer, (command, answer)
        if command.startswith("curl"):
            assert "error" not in json.loads(answer or "{}"), (command, answer)
    dug = [answer for command, answer in zip(TYPED_THERE, answers, strict=True) if command.startswith("dig")]
    assert "10.10.24.10" in dug[0]
    assert "NXDOMAIN" in dug[1]


SENT = {"/lab/hosts": {"name": "k8sopsbox", "cut": ["controller"]}, "/lab/faults": []}
"""What goes with a request of which the table says only what it is about."""


def test_every_request_of_the_control_plane():
    """Those of the page's table, sent as they stand there."""
    text = (ROOT / PAGE).read_text(encoding="utf-8").partition("## The control plane")[2]
    requests = TABLE.findall(text.partition("```")[0])
    assert len(requests) >= 10
    with site("conforming") as lab:
        number, export = "", {}
        for methods, path, body in requests:
            for method in methods.split("`, `"):
                left_out = "REGIONB_VMS_3024" if "PortGroup" in body else number
                given = json.loads(body.replace("…", json.dumps(left_out))) if body else None
                if given is None and method in ("PUT", "POST"):
                    given = export if path == "/lab/import" else SENT.get(path)
                if path == "/lab/bgp":
                    peer = {"peer_ip": {"addr": given["peer"], "type": "V4"}, "remote_as": 65001}
                    profile = {"local_as": 65000, "ibgp": False, "peers": [peer]}
                    (vrf,) = lab.api("GET", "/api/vrfcontext?name=VRF_AZ1")["results"]
                    lab.api("PUT", f"/api/vrfcontext/{vrf['uuid']}", vrf | {"bgp_profile": profile})
                answer = lab.ask(method, path, given)
                number = answer.get("id", number) if path == "/lab/snapshot" else number
                export = answer if path == "/lab/export" else export
                if path == "/lab/reset":
                    lab.reset()  # what follows is asked of a site that is set up
                if path == "/lab/extend":
                    lab.ask("POST", path, {"part": "bare"})  # which the table's engine is registered in
