"""Faults times modes, as data: what is ordered of the lab, and what the run must then come to.

A row is one fault in one mode. Its faults are what `/lab/faults` takes; its exit code and its words are what a run of
pytest must say. Reading faults meet the list of networks, writing faults the first write; `dns` and `soap` faults meet
the other two services of the site.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

MODES = ("check", "plan", "remediate", "rollback")
LIST = "^/api/network\\?"
OBJECT = "^/api/network[/?]"
ALL_WRITES = "PUT|POST|PATCH|DELETE"
FOREVER = 100_000

Json = dict[str, Any]


@dataclass(frozen=True)
class Expected:
    """What a run must come to: its exit code, what it must say, and what it must not have read."""

    code: int
    says: str = ""
    unread: bool = False
    """Whether no network may be reported as read."""
    fails: str = ""
    """Whose failure is the truth: that a service answers is a fact of its own."""


@dataclass(frozen=True)
class Row:
    """One row of the matrix."""

    fault: str
    mode: str
    what: str
    faults: tuple[Json, ...]
    expected: Expected
    arguments: tuple[str, ...] = ()
    site: str = "controller"

    @property
    def lasts(self) -> bool:
        """Whether its faults never end, so that a run tries as often as it ever does."""
        return any(one.get("count", FOREVER) == FOREVER for one in self.faults)

    @property
    def id(self) -> str:
        """Its name: `pytest tests/faults -k "<id>"` repeats it."""
        return f"{self.fault}-{self.mode}"


@dataclass(frozen=True)
class Trouble:
    """One fault, as it is ordered for reading and for writing modes.

    `reads` comes over the list of networks while a run checks or plans; `writes` while one writes, None where it is the
    same. `expect` holds, by mode, what is not as usual.
    """

    name: str
    what: str
    reads: Json | list[Json] | None
    writes: Json | list[Json] | None = None
    expect: dict[str, Expected] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    site: str = "controller"

    def rows(self) -> list[Row]:
        """Its four rows."""
        usual = {
            "check": Expected(1),
            "plan": Expected(1),
            "remediate": Expected(0),
            "rollback": Expected(0),
        }
        found = []
        for mode in MODES:
            given = (
                self.writes if mode in ("remediate", "rollback") and self.writes is not None else self.reads
            )
            faults = () if given is None else (given,) if isinstance(given, dict) else tuple(given)
            expected = self.expect.get(mode) or self.expect.get("*") or usual[mode]
            found.append(Row(self.name, mode, self.what, faults, expected, self.arguments, self.site))
        return found


def lasting(says: str) -> dict[str, Expected]:
    """Reading the networks never works: drift of the rest is still found, and no network is called right."""
    return {
        "check": Expected(1, says, unread=True),
        "plan": Expected(1, says, unread=True),
        "remediate": Expected(6, says, unread=True),
        "rollback": Expected(1, says),
    }


def read(**what: Any) -> Json:
    """A fault that meets every read of the networks."""
    return {"method": "GET", "path": OBJECT, **what}


def write(count: int = 1, **what: Any) -> Json:
    """A fault that meets the first writes."""
    return {"method": ALL_WRITES, "path": "^/api/", "count": count, **what}


SHORT = ("--request-timeout", "2")

READING = [
    Trouble("closed", "the connection is closed without an answer, always", read(close=True), None, lasting("closed without an answer|reset")),
    Trouble("reset-in-body", "the connection is reset in the middle of the body, always", read(truncate=40, reset=True), None, lasting("broke off|reset")),
    Trouble("stall", "the answer stops in the middle and nothing more comes", read(truncate=40, hold=30), None, lasting("no answer in time|broke off"), SHORT),
    Trouble("slow-drip", "ten bytes a second, beyond the deadline of the exchange", read(drip=10), None, lasting("its answer came too slowly"), (*SHORT, "--exchange-timeout", "3")),
    Trouble("slow-headers", "its headers at ten bytes a second", read(drip=10, stage="headers"), None, lasting("its answer came too slowly"), (*SHORT, "--exchange-timeout", "3")),
    Trouble("slow-chunks", "its body in chunks of a byte, ten a second", read(drip=10, stage="chunks"), None, lasting("its answer came too slowly"), (*SHORT, "--exchange-timeout", "3")),
    Trouble("interim", "100 Continue without end", read(drip=10, stage="interim"), None, lasting("its answer came too slowly"), (*SHORT, "--exchange-timeout", "3")),
    Trouble("endless", "behind each page of a list there is a further one", [{"method": "GET", "path": LIST, "endless": True, "page": 3}], None, {
        "check": Expected(1, "could not be read whole in 4 attempts", unread=True),
        "plan": Expected(1, "could not be read whole in 4 attempts", unread=True),
        "remediate": Expected(6, "could not be read whole in 4 attempts", unread=True),
    }),
    Trouble("cut-json", "whole HTTP, half of the JSON", read(clip=60), None, lasting("did not answer with whole JSON")),
    Trouble("html", "a proxy's page with status 200", read(html=True, status=200), None, lasting("an HTML page")),
    Trouble("bad-gateway", "a proxy's page with status 502", read(html=True), None, lasting("HTTP 502")),
    Trouble("error-500", "HTTP 500", read(status=500, body={"error": "database is starting"}), None, lasting("HTTP 500: database is starting")),
    Trouble("error-503", "HTTP 503", read(status=503, body={"error": "busy"}), None, lasting("HTTP 503: busy")),
    Trouble("no-permission", "403 by permission", read(status=403, body={"error": "no permission"}), None, lasting("may not read")),
    Trouble("redirect", "a redirect to another host", read(status=302, headers={"Location": "https://127.0.0.2/api/network"}), None, lasting("redirects to https://127.0.0.2")),
    Trouble("session-denied", "401, whatever login", read(status=401, body={"error": "no session"}), None, lasting("denied to admin even after a new login")),
    Trouble("too-many", "429 without Retry-After, always", read(status=429, body={"error": "slow down"}), None, lasting("HTTP 429: slow down")),
    Trouble("too-many-for-long", "429 with Retry-After of an hour", read(status=429, headers={"Retry-After": "3600"}, body={"error": "slow down"}), None, lasting("HTTP 429: slow down")),
    Trouble("moving-list", "the list changes between its pages, always", [{"method": "GET", "path": LIST, "page": 5, "churn": True}], None, {
        "check": Expected(1, "could not be read whole in 4 attempts", unread=True),
        "plan": Expected(1, "could not be read whole in 4 attempts", unread=True),
        "remediate": Expected(6, "could not be read whole in 4 attempts", unread=True),
    }),
]  # fmt: skip
"""Reads that never come right: unknown, never a pass, never a write."""

RIDDEN = [
    Trouble("content-type", "the right JSON under a wrong content type", read(content_type="text/plain")),
    Trouble("early-hints", "three 103 Early Hints before every answer", {"path": "^/", "early": 3}),
    Trouble("small-pages", "pages of three where 200 were asked for", [{"method": "GET", "path": LIST, "page": 3}]),
    Trouble("closed-once", "one connection closed without an answer", read(close=True, count=1)),
    Trouble("reset-once", "one connection reset in the middle of the body", read(truncate=40, reset=True, count=1)),
    Trouble("expired-once", "one 401 in mid-run", read(status=401, count=1)),
    Trouble("csrf-once", "one 419 in mid-run", read(status=419, count=1), write(status=419)),
    Trouble("retry-after", "two 429 with Retry-After of one second", read(status=429, headers={"Retry-After": "1"}, count=2)),
    Trouble("busy-twice", "two 503", read(status=503, count=2)),
    Trouble("refused", "nobody listens for half a second", read(refuse=0.5, count=1)),
    Trouble("delayed", "every answer half a second late", {"method": "GET", "path": "^/api/", "delay": 0.5, "count": 40}),
]  # fmt: skip
"""Reads that come right in the end: ridden out, and nothing is said but the truth."""

WRITING = [
    Trouble("write-lost", "the write is applied and its answer lost", None, write(lost=True)),
    Trouble("write-reset", "the write is applied and its answer reset", None, write(lost=True, reset=True)),
    Trouble("write-dropped", "the connection is closed before the write is heard", None, write(close=True)),
    Trouble("write-cut", "the write is applied and its answer cut in the middle", None, write(truncate=20)),
    Trouble("write-clipped", "the write is applied and its answer is half of its JSON", None, write(clip=20)),
    Trouble("write-502", "a proxy's 502 instead of the write", None, write(html=True)),
    Trouble("write-500", "500 instead of the write", None, write(status=500, body={"error": "internal"})),
    Trouble("write-stalled", "the write's answer stalls", None, write(truncate=20, hold=30), {}, SHORT),
    Trouble("write-slow-headers", "the write is applied and the headers of its answer come at ten bytes a second", None, write(drip=10, stage="headers"), {}, (*SHORT, "--exchange-timeout", "3")),
    Trouble("write-interim", "the write is applied, and 100 Continue comes without end", None, write(drip=10, stage="interim"), {}, (*SHORT, "--exchange-timeout", "3")),
    Trouble("write-refused", "nobody listens from the first write on, for a second", None, write(refuse=1.0)),
    Trouble("conflict-once", "one 412", None, write(status=412, body={"error": "Concurrent Update Error"})),
    Trouble("stale-read", "what is read after the writes is as before the last of them, for a while", None, {"method": "GET", "path": "^/api/[a-z]+/", "stale": True, "count": 1, "skip": 1}),
    Trouble("conflict-storm", "every write meets 412", None, write(FOREVER, status=412, body={"error": "Concurrent Update Error"}), {
        "remediate": Expected(1, "given up after 5 attempts.*Concurrent Update"),
        "rollback": Expected(1, "given up after 5 attempts.*Concurrent Update"),
    }),
    Trouble("upgrade", "an upgrade has begun: 403 on every write", None, write(FOREVER, status=403, body={"error": "Upgrade is in progress, configuration is not allowed"}), {
        "remediate": Expected(1, "Upgrade is in progress"),
        "rollback": Expected(1, "Upgrade is in progress"),
    }),
    Trouble("write-429", "429 on every write", None, write(FOREVER, status=429, body={"error": "slow down"}), {
        "remediate": Expected(1, "slow down"),
        "rollback": Expected(1, "slow down"),
    }),
    Trouble("write-503", "503 on every write", None, write(FOREVER, status=503, body={"error": "busy"}), {
        "remediate": Expected(1, "HTTP 503: busy"),
        "rollback": Expected(1, "HTTP 503: busy"),
    }),
    Trouble("away-after-write", "the answer of the first write is lost, and no read comes through after it", None, [write(lost=True), {"method": "GET", "path": "^/api/[a-z]+[/?]", "status": 503, "skip": 12}], {
        "remediate": Expected(6, "HTTP 503"),
        "rollback": Expected(1, "could not be read|does not tell"),
    }),
]  # fmt: skip
"""Writes that go wrong: sent once, read back, explained."""

RANDOM = [
    Trouble(f"random-{seed}", f"every tenth request meets 503, seed {seed}", {"path": "^/api/", "method": "GET", "status": 503, "probability": 0.1, "seed": seed}, {"path": "^/api/", "probability": 0.1, "seed": seed, "status": 503})
    for seed in (1, 2)
]  # fmt: skip

DNS = [
    Trouble(f"dns-{answer}", what, {"dns": "", "answer": answer}, None, {
        "check": Expected(1, says, fails=fails), "remediate": Expected(1 if fails else 6, says, fails=fails),
    }, ("--settle", "0"), "dns")
    for answer, what, says, fails in (
        ("servfail", "DNS answers SERVFAIL", "SERVFAIL", "test_answers"),
        ("timeout", "DNS gives no answer", "gave no answer", "test_answers"),
        ("truncated", "DNS answers with TC and nothing else", "truncated, TC", "test_answers"),
        ("wrong-id", "DNS answers with another question's id", "gave no answer|no DNS answer", "test_answers"),
        ("lame", "DNS refers to the root", "is not in charge of", "test_answers"),
    )
]  # fmt: skip

SOAP = [
    Trouble(f"vcenter-{name}", what, {"soap": soap, **fault}, None, {
        "check": Expected(1, says), "remediate": Expected(6, says),
    }, ("--settle", "0", *SHORT), "vcenter")
    for name, what, soap, fault, says in (
        ("login", "vCenter refuses the login", "Login", {"fault": "InvalidLogin"}, "refuses the password"),
        ("session", "vCenter's session ends in mid-read", "RetrievePropertiesEx", {"fault": "NotAuthenticated"}, "ends every session at once"),
        ("permission", "vCenter denies the inventory", "RetrievePropertiesEx", {"fault": "NoPermission"}, "lacks a permission"),
        ("defect", "vCenter answers with a system error", "RetrievePropertiesEx", {"fault": "SystemError"}, "answered with a fault"),
        ("html", "a proxy's page before vCenter", ".*", {"html": True, "status": 503}, "answered HTTP 503"),
        ("closed", "vCenter closes the connection", "RetrievePropertiesEx", {"close": True}, "closed the connection|cannot be reached"),
        ("cut", "vCenter's answer is cut", "RetrievePropertiesEx", {"truncate": 200}, "sends an answer that cannot be read"),
        ("stall", "vCenter does not answer", "RetrievePropertiesEx", {"delay": 30.0}, "gave no answer in time"),
    )
]  # fmt: skip

TROUBLES = [*READING, *RIDDEN, *WRITING, *RANDOM, *DNS, *SOAP]
ROWS = [
    row
    for trouble in TROUBLES
    for row in trouble.rows()
    if row.faults and (row.site == "controller" or row.mode in ("check", "remediate"))
]
"""Every row that has a fault: one that only meets writes has none while checking and planning, where nothing is written.

A plan asks DNS and vCenter what a check asks them, and an undo asks them nothing.
"""
