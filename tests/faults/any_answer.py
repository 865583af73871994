"""A whole run (check, plan, remediate, undo) in this process against a lab, one kind of answer of which is damaged.

The gateway is the product's own; in place of its HTTP session stands one that hands each request to the lab and damages
what comes back: any junk in any place of the JSON, text that no JSON parser takes alike, headers, statuses.
"""

from __future__ import annotations

import copy
import json
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from unittest import mock

from pydantic import SecretStr

from intent import Blocked, Controller, Unknown, compare
from intent.drift import EXISTENCE, Drift
from lab.assembly import Lab
from lab.controller import Request
from lab.tests.login import enter
from live.avi import gateway as gateway_module
from live.avi.gateway import Gateway
from live.avi.http_answers import HttpAnswer
from live.avi.reader import read_snapshot
from live.avi.session import Credentials, Denied, Login
from live.avi.snapshot import Live, Snapshot
from live.bootstrap import Bootstrap
from live.facts import isolation, runtime, usage
from live.kinds import KINDS
from remediate.plan.planner import build
from remediate.plan.view import View, asked_tenant
from remediate.write.applier import Applier
from remediate.write.journal import Journal
from remediate.write.record import BadJournal, load
from remediate.write.uncertain import DENIED, resolve_uncertain
from remediate.write.undo import undo_run
from remediate.write.unproved import Rehearsal
from remediate.write.writer import Writer
from tests.remediate.inprocess import BASE, environment

INVENTORIES = [
    "cloud-inventory", "cluster/runtime", "network-inventory", "serviceengine", "serviceengine-inventory",
    "virtualservice-inventory",
]  # fmt: skip
APIS = sorted({api for kind in KINDS.values() for api in kind.reads} | {*INVENTORIES, "tenant"})

JUNK = [
    None, 0, -1, 7, 1 << 80, 1.5, "", "x", "\x1b[31m", "/api/", "https://c/api/network/x#y", True, [], {}, [{}], [None],
    ["x"], [[]], {"error": "busy"}, {"uuid": [], "name": {}}, "9" * 5000, json.loads("[" * 190 + "]" * 190),
]  # fmt: skip
TEXTS = [
    "NaN", "-Infinity", "1e999", "9" * 5000, '"\\ud800"', '{"\\udc00": 1}', '{"a": 1, "a": 2}',
    "[" * 500 + "]" * 500, "{", '"\\u0000"', "01", "",
]  # fmt: skip
BODIES = [
    "", " ", "{}", "[]", "null", '"x"', "7", "<html><title>log in</title></html>", '{"error": "busy"}', "[" * 5000,
    '{"count": 0, "results": []}', '{"count": 0, "results": [], "error": "busy"}', '{"count": 1, "results": [{}]}',
    '{"results": null}', "\ufeff{}", "{" * 400,
]  # fmt: skip
HEADERS = [
    {"Retry-After": "²"}, {"Retry-After": "9" * 400}, {"Retry-After": "Mon, 99999999999 Jan 2026 00:00:00 GMT"},
    {"Retry-After": "-1"}, {"Retry-After": "\ud800"}, {"Location": "\x1b]8;;"}, {"Retry-After": "nan"},
]  # fmt: skip
STATUSES = [199, 202, 204, 299, 302, 400, 401, 403, 404, 409, 412, 419, 429, 500, 503, 600]


JOURNAL = "the journal"
"""What is damaged in place of an answer."""


class Damage:
    """What is done to answers: `random` decides, `kind` says to which, as `GET network`; `times` to how many."""

    def __init__(self, random, kind, times):
        self.random, self.kind, self.times = random, kind, times
        self.done = []

    def __call__(self, kind, answer):
        if kind != self.kind or not self.times:
            return answer
        self.times -= 1
        harmed = self.harmed(answer)
        self.done.append(harmed)
        return harmed

    def harmed(self, answer):
        choice = self.random.randrange(20)
        if choice == 0:
            return HttpAnswer(self.random.choice(STATUSES), answer.text, self.random.choice(HEADERS))
        if choice == 1:
            return HttpAnswer(
                self.random.choice(STATUSES), self.random.choice(BODIES), self.random.choice(HEADERS)
            )
        if choice == 2:
            return HttpAnswer(answer.status, self.random.choice(BODIES))
        if choice == 3:
            return HttpAnswer(answer.status, answer.text, readable=False)
        with suppress(ValueError):
            return HttpAnswer(answer.status, self.spoiled(json.loads(answer.text), in_text=choice < 8))
        return answer

    def file(self, path):
        """Damage one line of a journal: nothing proves it any more, and what it would undo is shown."""
        lines = path.read_text(encoding="utf-8").splitlines()
        at = self.random.randrange(len(lines))
        lines[at] = self.spoiled(json.loads(lines[at]), in_text=self.random.randrange(3) == 0)
        self.done.append(lines[at])
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def spoiled(self, body, *, in_text):
        holders = list(messages(body))
        if not holders:
            return json.dumps(self.random.choice(JUNK))
        holder, key = self.random.choice(holders)
        mark = "a mark that is replaced"
        if not in_text and self.random.randrange(4) == 0:
            del holder[key]
        else:
            holder[key] = mark if in_text else copy.deepcopy(self.random.choice(JUNK))
        return json.dumps(body).replace(f'"{mark}"', self.random.choice(TEXTS))


def messages(value):
    """(message or list, key) of every place below a value."""
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, inner in list(members):
        yield value, key
        yield from messages(inner)


class LabSession:
    """In the place of an HTTP session: asks the lab in this process."""

    ahead = api_version = None

    def __init__(self, lab, headers, damage, log, meter):
        self.lab, self.headers, self.damage, self.log, self.meter = lab, headers, damage, log, meter

    def log_in(self, number, *_terms):
        return Login(number, "csrf", "cookie", "30.2.1")

    def adopt(self, _login=None):
        """Nothing: all sessions share one login."""

    close = forget = adopt

    def exchange(self, method, path, *, params=None, body=None, tenant=None, model=None, **_terms):
        self.meter(method, f"/api/{path}")
        raw = b"" if body is None else json.dumps(body).encode()
        headers = {**self.headers, "x-avi-tenant": tenant or "admin"}
        headers |= {"x-avi-version": model} if model else {}
        got = self.lab.answer(
            Request(method, f"/api/{path}", tuple((params or {}).items()), headers, raw, BASE)
        )
        api, _, rest = path.partition("/")
        if method != "GET":
            self.log.append((method, api, (body or {}).get("name") or path))
        kind = f"{method} {api}{'/…' if rest else ''}{rest[rest.index('/') :] if '/' in rest else ''}"
        answer = self.damage(kind, HttpAnswer(got.status, got.body.decode()))
        if answer.status in (401, 419):
            raise Denied(answer)
        return answer


@contextmanager
def site(state, damage, folder, log):
    """A gateway to a lab in some state, whose answers are damaged."""
    lab = Lab.make((30, 2, 1), state)
    headers = enter(lab, BASE) | {"x-avi-version": "30.2.1"}

    def session(*_given, meter, **_terms):
        return LabSession(lab, headers, damage, log, meter)

    controller = Controller(address="controller.test")
    with (
        mock.patch.object(gateway_module, "Session", session),
        mock.patch.object(gateway_module, "rest", return_value=False),
    ):
        yield Gateway(controller, Credentials("admin", SecretStr("none")), base=folder, writable=True)


def look(live, declared):
    """What every check would say of the Controller, as far as it is no vCenter's: drifts."""
    drifts = []
    for want in declared:
        if type(want) not in KINDS:
            continue
        with suppress(Unknown, Blocked):
            rows = live.found(want)
            if len(rows) != 1:
                drifts.append((Drift(want.key, EXISTENCE, "exactly one", "absent"), "test_exists"))
                continue
            drifts += [(drift, f"test_{drift.field}") for drift in compare(want, live[want])]
    facts = [
        *((runtime.cloud_state, cloud) for cloud in declared.clouds),
        *((usage.pool_usage, network) for network in declared.networks),
        *((isolation.overlaps, vrf) for vrf in declared.vrfs),
        *((fact, service) for service in declared.dns_services
          for fact in (runtime.engine_problem, runtime.service_engines_of, usage.vips_outside_pools)),
    ]  # fmt: skip
    for fact, want in facts:
        with suppress(Unknown, Blocked):
            fact(live, want)
    for fact in (runtime.cluster_state, runtime.inactive_nodes):
        with suppress(Unknown):
            fact(live)
    return drifts


def run(state, damage, folder):
    """One whole run; (the writes that were sent, those of the undo, the kinds of answers that came)."""
    log, undone, kinds = [], [], set()

    def damaged(kind, answer):
        kinds.add(kind)
        return damage(kind, answer) if damage else answer

    declared = environment()
    with site(state, damaged, folder, log) as gateway:
        with suppress(Unknown):
            _remediated(gateway, declared, folder)
        sent = list(log)
        log.clear()
        for path in sorted(folder.glob("iberia-*.jsonl")):
            if damage is not None and damage.kind == JOURNAL:
                damage.file(path)
            with suppress(BadJournal):
                _undone(gateway, declared, folder, path)
        undone += log
    return sent, undone, kinds


def _ask(gateway):
    def ask(path, params, *, tenant=None):
        return gateway.read(path, dict(params), tenant=tenant or asked_tenant(path))

    return ask


def _remediated(gateway, declared, folder):
    snapshot = read_snapshot(gateway, APIS)
    snapshot.save(folder / "site.json")
    live = Live(Snapshot.load(folder / "site.json"))
    Bootstrap(live)
    view = View(declared, live, _ask(gateway))
    plan = build(view, look(live, declared))
    journal = Journal.begin(folder, "iberia", "controller.test:443", plan.digest)
    writer = Writer(gateway, journal, sleep=lambda _seconds: None)
    try:
        results = Applier(writer, view).apply(plan)
    finally:
        record = load(journal.path)
        assert all(entry.fate for entry in record.entries), "what was sent has its fate in the journal"
    assert len(results) == len(plan.steps), "each step is answered"
    journal.end("done")


def _undone(gateway, declared, folder, path: Path):
    record = load(path)
    if record.unproved:
        with suppress(Unknown):
            live = Live(read_snapshot(gateway, APIS))
            undo_run(record, Rehearsal(gateway), View(declared, live, _ask(gateway)))
    resolve_uncertain(record, gateway)
    journal = Journal.begin(folder, "undo", "controller.test:443", "", undoes=path.name)
    writer = Writer(gateway, journal, sleep=lambda _seconds: None)
    with suppress(Unknown):
        live = Live(read_snapshot(gateway, APIS))
        results = undo_run(record, writer, View(declared, live, _ask(gateway)))
        assert not record.unproved or not writer.sent
        applied = {entry.number for entry in record.entries if entry.fate not in DENIED}
        answered = [result.entry.number for result in results]
        assert applied <= set(answered)
        assert len(set(answered)) == len(answered)
    journal.end("done")
    load(journal.path)


def once(seed, folder):
    """One damaged run, held against the sound one; the description of what was damaged."""
    random = Random(seed)
    state = random.choice(["fresh", "fresh", "drifted"])
    sound, kinds = sound_run(state, folder)
    kind = JOURNAL if random.randrange(4) == 0 else random.choice(kinds)
    damage = Damage(random, kind, random.choice([1, 1, 2, 999]))
    own = folder / f"run-{seed}"
    own.mkdir(exist_ok=True)
    for old in own.iterdir():
        old.unlink()
    sent, undone, _ = run(state, damage, own)
    extra = set(sent) - sound
    assert not extra, (seed, state, damage.kind, extra, damage.done)
    creations = {(api, name) for method, api, name in sound if method == "POST"}
    assert len({each for each in undone if each[0] == "DELETE"}) <= len(creations), undone
    return f"{state} {damage.kind}"


_SOUND = {}


def sound_run(state, folder):
    """(writes of a run that nobody damages, the kinds of answers that come in it), once per state."""
    if state not in _SOUND:
        own = folder / f"sound-{state}"
        own.mkdir(exist_ok=True)
        sent, undone, kinds = run(state, None, own)
        assert sent
        assert undone
        _SOUND[state] = frozenset(sent), sorted(kinds)
    return _SOUND[state]
