"""A conforming lab with two people, what they change on it, and what is told of that."""

from __future__ import annotations

import json

import pytest

from avi_schema import parse_version
from intent import Drift, load_environment
from intent.drift import compare
from lab.assembly import Lab
from lab.controller import Request
from lab.tests.login import knock, papers
from live.avi.config_log import ConfigLog
from live.avi.snapshot import Live, Snapshot
from live.facts.origins import Accounts, Origins
from tests.site import IBERIA

BASE = "https://avi.example"
READ = (
    *(
        "cloud",
        "tenant",
        "network",
        "vrfcontext",
        "serviceenginegroup",
        "ipamdnsproviderprofile",
        "role",
        "user",
    ),
    *("virtualservice", "vsvip", "applicationprofile", "networkprofile", "systemconfiguration"),
)
SHARED = "HA_MODE_SHARED_PAIR"
WORD = "An-Old.Secret1"


class Person:
    """A user of the lab's Controller, with an address of its own."""

    def __init__(self, lab, name="", address="10.0.0.1", agent="curl/8"):
        self.lab, self.address = lab, address
        self.name = name or lab.site.username
        if name:
            self.admin = Person(lab)
            (role,) = self.admin.list("role", name="System-Admin")
            access = [{"role_ref": role["url"], "tenant_ref": "/api/tenant/admin"}]
            self.admin("POST", "user", {"name": name, "username": name, "password": WORD, "access": access})
        answer = knock(lab, BASE, self.name, WORD if name else lab.site.password)
        self.headers = papers(answer, BASE) | {
            "x-avi-version": "30.2.1",
            "user-agent": agent,
            "x-avi-tenant": "*",
        }

    def __call__(self, method, path, body=None, **query):
        data = b"" if body is None else json.dumps(body).encode()
        asked = Request(method, f"/api/{path}", tuple(query.items()), self.headers, data, BASE, self.address)
        answer = self.lab.answer(asked)
        assert answer.status < 300, (answer.status, answer.body)
        return json.loads(answer.body) if answer.body else None

    def list(self, api, **query):
        return self("GET", api, include_name="true", page_size="200", **query)["results"]

    def set(self, api, called, **members):
        (row,) = self.list(api, name=called)
        return self("PATCH", f"{api}/{row['uuid']}", {"replace": members})


class Bench:
    """A conforming site with two people, and what is told of its drift."""

    def __init__(self, lab):
        self.lab = lab
        self.ann, self.bob = Person(lab, "ann", "10.0.0.7"), Person(lab, "bob", "10.0.0.8")
        self.environment = load_environment(IBERIA)
        self.asked = []

    def ask(self, query, seconds):
        assert seconds > 0
        self.asked.append(dict(query))
        return self.ann("GET", "analytics/logs", None, **query)

    def live(self):
        objects = {
            api: self.ann.list(api) if api != "systemconfiguration" else [self.ann("GET", api)]
            for api in READ
        }
        return Live(Snapshot("c", "30.2.1", "30.2.1", objects=objects), self.environment)

    def origins(self, *, ask=None, own=(), ako=(), ahead=0.0):
        return Origins(
            self.live(), self.environment, ConfigLog(ask or self.ask), Accounts(own, ako), lambda: ahead
        )

    def of(self, kind, name, path, **options):
        """The one drift of a declared object at a path, and its origin."""
        origins = options.pop("origins", None) or self.origins(**options)
        (want,) = self.environment.named(kind, name)
        (drift,) = [each for each in compare(want, origins.live[want]) if each.path == path]
        return origins.of(drift, origins.live.raw(want))

    def absence(self, kind, name, origins=None, **options):
        (want,) = self.environment.named(kind, name)
        return (origins or self.origins(**options)).of(Drift(want.key, "", "exactly one", "absent"), None)


@pytest.fixture(scope="module")
def people_lab():
    bench = Bench(Lab.make(parse_version("30.2.1"), "conforming"))
    return bench, bench.lab.snapshot()


@pytest.fixture
def bench(people_lab):
    bench, conforming = people_lab
    bench.lab.restore(conforming)
    bench.asked.clear()
    return bench


def group(bench, **options):
    """The origin of what one group's mode is, where that is not as declared."""
    return bench.of("SE group", "S1-AZ1-SE-Group", "ha_mode", **options)
