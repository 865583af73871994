"""What the script's answer means."""

from __future__ import annotations

import pytest

from intent import Unknown
from live.sources import host_script
from live.sources.host_script import Asked, Questions


def answer(*sections: str) -> str:
    return "banner of the login shell\n" + "\n".join(sections) + "\n@@ end\n"


def test_reached_and_not():
    facts = host_script.read(
        answer(
            "@@ path 10.10.20.10 443\n@ok",
            "@@ path 10.10.20.5 443\nbash: connect: No route to host\nbash: /dev/tcp/10.10.20.5/443: No route to host",
            "@@ path 10.10.20.6 443\nno answer in 3 s",
            "@@ path 10.10.20.7 443",
            "@@ path 10.10.20.8 443\nbash: line 1: /dev/tcp/10.10.20.8/443: No such file or directory",
        )
    )
    assert facts.paths == {
        ("10.10.20.10", 443): "",
        ("10.10.20.5", 443): "No route to host",
        ("10.10.20.6", 443): "no answer in 3 s",
        ("10.10.20.7", 443): "no answer",
    }


def test_what_cannot_be_told_is_left_out():
    facts = host_script.read(
        answer("@@ path a 1\n@unknown", "@@ own x", "@@ own y\n@rc 1", "@@ asked b 53 x A\nsh: dig: broken")
    )
    assert (facts.paths, facts.names, facts.asked) == ({}, {}, {})


def test_own_resolver():
    lines = "10.10.24.10 STREAM x\n10.10.24.10 DGRAM\n10.10.24.10 RAW\n@rc 0"
    facts = host_script.read(answer(f"@@ own x\n{lines}", "@@ own y\n@rc 2"))
    assert facts.names == {"x": ("10.10.24.10",), "y": ()}


DIG = """@@ asked 10.10.25.40 53 test.avi.iberia.local A
; <<>> DiG 9.18 <<>> test.avi.iberia.local
;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 60053
;; ANSWER SECTION:
test.avi.iberia.local.\t30\tIN\tA\t10.10.24.10
"""


def test_dns_service():
    facts = host_script.read(
        answer(DIG, "@@ asked 10.10.25.40 53 y A\n;; no servers could be reached\n@none")
    )
    assert facts.asked["10.10.25.40", 53, "test.avi.iberia.local", "A"] == Asked("NOERROR", ("10.10.24.10",))
    assert facts.asked["10.10.25.40", 53, "y", "A"] is None


@pytest.mark.parametrize(
    ("resolv", "stub", "servers"),
    [
        (
            "search iberia.local\nnameserver 10.10.20.2\nnameserver 10.10.20.3",
            "",
            ("10.10.20.2", "10.10.20.3"),
        ),
        ("nameserver 127.0.0.53\noptions edns0", "nameserver 10.10.20.2", ("10.10.20.2",)),
        ("nameserver 127.0.0.53", "", None),
        ("nameserver 127.0.0.54", "nameserver fe80::1%eth0", ("fe80::1%eth0",)),
        ("nameserver 2001:db8::53\nnameserver 10.10.20.2", "", ("2001:db8::53", "10.10.20.2")),
        ("# nameserver 1.1.1.1", "", None),
    ],
)
def test_nameservers(resolv, stub, servers):
    assert host_script.read(answer(f"@@ resolv\n{resolv}", f"@@ stub\n{stub}")).nameservers == servers


@pytest.mark.parametrize(
    ("text", "servers"),
    [
        ("server 10.10.20.2 iburst\npool pool.ntp.org\n#server 1.1.1.1", ("10.10.20.2", "pool.ntp.org")),
        ("Server 10.10.20.2\n  server 10.10.20.2", ("10.10.20.2",)),
        ("[Time]\nNTP = 10.10.20.2", ("10.10.20.2",)),
        ("[Time]\nNTP=10.10.20.2 10.10.20.3\n#FallbackNTP=x", ("10.10.20.2", "10.10.20.3")),
        ("", None),
    ],
)
def test_ntp(text, servers):
    assert host_script.read(answer(f"@@ ntp\n{text}")).ntp_servers == servers


@pytest.mark.parametrize(
    ("said", "clock"), [("1605566482.25", 1605566482.25), ("1605566482.N", 1605566482.0), ("", None)]
)
def test_clock(said, clock):
    assert host_script.read(answer(f"@@ clock\n{said}")).clock == clock


@pytest.mark.parametrize("output", ["", "bash: no such", "@@ path a 1\n@ok\n"])
def test_a_script_that_was_cut_off_is_unknown(output):
    with pytest.raises(Unknown):
        host_script.read(output)


def test_names_cannot_leave_their_place_in_the_script():
    text = host_script.script(Questions(names=("$(reboot)",), paths=(("; reboot", 1),)))
    assert "own '$(reboot)'" in text
    assert "reach '; reboot' 1" in text
