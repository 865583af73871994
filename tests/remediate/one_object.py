"""A Controller of one object, for undoing one write at a time."""

from __future__ import annotations

from pathlib import Path

from intent import Environment, Key
from live.avi.snapshot import Live, Snapshot
from live.errors import Conflict, NotFound
from remediate.plan.model import Request
from remediate.plan.view import View, cannot_ask
from remediate.registry import Consent
from remediate.write.journal import Journal
from remediate.write.record import JournalEntry, JournalHead, JournalRecord
from remediate.write.undo import undo_run
from remediate.write.writer import Writer

KEY = Key("SE group", "g", "Default-Cloud", "team")
PATH = "serviceenginegroup/s1"
POST = Request(
    "POST",
    "serviceenginegroup",
    "",
    "g",
    {"name": "g", "a": 1},
    ("a", "name"),
    tenant="team",
    cloud="Default-Cloud",
    makes="/api/serviceenginegroup?name=g",
)
PUT = Request(
    "PUT",
    "serviceenginegroup",
    "s1",
    "g",
    {"name": "g", "a": 1},
    ("a",),
    cloud="Default-Cloud",
    tenant="team",
)
MADE = {
    "uuid": "s1",
    "name": "g",
    "a": 1,
    "tenant_ref": "https://c/api/tenant/tenant-9#team",
    "_last_modified": "7",
}
BEFORE = {**MADE, "a": 0, "_last_modified": "5"}


class Controller:
    """One object, None where it is not there; `users` by collection; each write meets the next of `answers`.

    It stands at `path`, and a POST may have made it, by the log that of `maker`. An answer is called with the object, and returns what it is from then on; or it raises.
    """

    name = "c:443"
    api_version = "30.2.1"

    def __init__(self, now, *answers, users=(), config=(), path=PATH):
        self.path = path
        self.now = now
        self.answers = list(answers)
        self.users = dict(users)
        self.maker = "us"
        self.config = {"url": "https://c/api/systemconfiguration", **dict(config)}
        self.reads, self.writes, self.pauses = [], [], []

    def read(self, path, params=None, *, tenant=None):
        self.reads.append((path, dict(params or {}), tenant))
        if path == "analytics/logs":
            return {"count": 1, "results": [created(self.maker)]}
        if path == "systemconfiguration":
            return self.config
        if "refers_to" in params:
            return self.users.get(path, {"count": 0, "results": []})
        if isinstance(self.now, Exception):
            raise self.now
        if path == self.path:
            if self.now is None:
                raise NotFound("404")
            return self.now
        return {"count": 1, "results": [self.now] if self.now else []}

    def write(self, method, path, body=None, *, tenant=None):
        self.writes.append((method, path, body, tenant))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.now = answer(self.now)
        return self.now or {}


def created(user):
    """The event of a log that says who has made the object."""
    details = {
        "config_create_details": {
            "resource_type": "serviceenginegroup",
            "user": user,
            "user_agent": "avi-compliance/1",
        }
    }
    return {
        "event_id": "CONFIG_CREATE",
        "obj_uuid": "s1",
        "report_timestamp": 1.7e15,
        "event_details": details,
    }


def gone(_now):
    return None


def as_sent(controller):
    return lambda _now: {**controller.writes[-1][2], "_last_modified": "99"}


def conflict(then=lambda now: now):
    """Somebody else was first, and has made this of the object."""

    def answer(controller):
        def act(now):
            controller.now = then(now)
            raise Conflict("Concurrent Update Error")

        return act

    return answer


def raises(error):
    def act(_now):
        raise error

    return act


ON_THE_GROUP = Environment.model_validate(
    {
        "name": "iberia",
        "controller": {"address": "c"},
        "se_groups": [{"name": KEY.name, "tenant": KEY.tenant}],
        "dns_services": [{"name": "v", "tenant": KEY.tenant, "se_group": KEY.name}],
        "system": {"dns_services": ["v"]},
    }
)
"""A virtual service `v` stands on the group, and the system configuration on that."""


def entry(request, before, after, number=1, *, fate="done", key=KEY):
    return JournalEntry(number, key, request, request.body, before, "at", fate, after)


def undone(folder, controller, *entries, **options):
    """What becomes of these, newest first."""
    journal = Journal.begin(folder, "iberia", "c:443", "d")
    controller.journal = journal.path
    writer = Writer(controller, journal, controller.pauses.append)
    controller.writer = writer
    record = JournalRecord(
        Path("j.jsonl"), JournalHead(account="us", client="avi-compliance/1"), list(entries)
    )
    view = View(ON_THE_GROUP, Live(Snapshot("c:443", "30.2.1", "30.2.1")), cannot_ask)
    return undo_run(record, writer, view, consent=Consent(disruptive=True), **options)


def only(found, it):
    (one,) = found
    assert one.entry is it
    return one.outcome, one.text
