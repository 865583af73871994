"""The simulated Controller in this process, spoken to through the same five methods as the gateway."""

import json
from pathlib import Path

from pydantic import SecretStr

from intent import Unknown, compare, load_environment
from intent.drift import EXISTENCE, Drift
from intent.sensitive import scrub
from lab.assembly import Lab
from lab.controller import Request
from lab.tests.login import enter
from live.avi.http_answers import sentence
from live.avi.session import Credentials
from live.avi.shapes import NotUnderstood, admitted
from live.avi.snapshot import Live, Snapshot
from live.errors import Conflict, FateUnknown, NotFound, Refused
from live.kinds import KINDS, named_by
from remediate.plan.view import View, asked_tenant
from tests.site import IBERIA

ROOT = Path(__file__).parents[2]
BASE = "https://controller.test"


class InProcess:
    """A writable gateway without sockets. `before_write` and `after_write` let a test interfere."""

    name = "controller.test:443"
    api_version = "30.2.1"
    writable = True
    client = "avi-compliance/1"

    def __init__(self, lab):
        self.lab = lab
        self.user = lab.site.username
        self.requests = self.writes = 0
        self.before_write = self.after_write = lambda _method, _path, _body: None
        self.log = []
        self.login()

    @property
    def known_as(self):
        """What a journal says of who writes."""
        return {"account": self.user, "client": self.client}

    def login(self):
        self.headers = enter(self.lab, BASE) | {"x-avi-version": self.api_version}

    def connect(self):
        pass

    def send(self, method, path, params=None, body=None, tenant="admin", *, again=False):
        self.requests += 1
        raw = b"" if body is None else json.dumps(body).encode()
        headers = {**self.headers, "x-avi-tenant": tenant, "user-agent": self.client}
        answer = self.lab.answer(
            Request(method, "/api/" + path, tuple((params or {}).items()), headers, raw, BASE)
        )
        if answer.status in (401, 419) and not again:
            self.login()
            return self.send(method, path, params, body, tenant, again=True)
        text = answer.body.decode()
        return answer.status, json.loads(text) if text else {}, text

    def read(self, path, params=None, *, tenant=None):
        status, body, text = self.send("GET", path, params, tenant=tenant or "admin")
        if status == 404:
            raise NotFound(sentence(text))
        assert status == 200, (status, text)
        try:
            return admitted(path, body, partial="fields" in (params or {}))
        except NotUnderstood as why:
            raise Unknown(str(why)) from None

    def write(self, method, path, body=None, *, tenant=None):
        self.before_write(method, path, body)
        self.writes += 1
        self.log.append((method, path, body))
        status, found, text = self.send(method, path, body=body, tenant=tenant or "admin")
        self.after_write(method, path, body)
        if status == 412:
            raise Conflict(sentence(text))
        if status >= 500:
            raise FateUnknown(sentence(text))
        if status >= 400:
            raise Refused(status, sentence(text))
        return found

    def snapshot(self, apis):
        objects = {}
        for api in apis:
            rows, page = [], 1
            while True:
                params = {"page_size": "200", "page": str(page), "include_name": "true"}
                got = self.read(api, params, tenant=asked_tenant(api))
                rows += got.get("results", [got] if "results" not in got else [])
                page += 1
                if not got.get("next"):
                    break
            objects[api] = scrub(rows)
        return Snapshot(self.name, "30.2.1", self.api_version, objects=objects)


def environment(name="iberia"):
    return load_environment(ROOT / "environments" / f"{name}.yaml")


def declared(folder, *replaced):
    """The blog's environment with some text of its file replaced, as pairs (old, new)."""
    text = IBERIA.read_text(encoding="utf-8")
    for old, new in replaced:
        assert old in text, old
        text = text.replace(old, new)
    path = folder / "site.yaml"
    path.write_text(text, encoding="utf-8")
    return load_environment(path)


APIS = sorted({api for kind in KINDS.values() for api in kind.reads})


class Bench:
    """One lab in one state, the environment, and what every check would say of it."""

    def __init__(self, state="fresh", declared=None):
        self.lab = Lab.make((30, 2, 1), state)
        self.gateway = InProcess(self.lab)
        self.environment = declared or environment()

    def live(self):
        return Live(self.gateway.snapshot(sorted({*APIS, *named_by(self.environment)})))

    def site(self):
        return View(self.environment, self.live(), self.ask)

    def ask(self, path, params, *, tenant=None):
        return scrub(self.gateway.read(path, params, tenant=tenant or asked_tenant(path)))

    def drifts(self, live=None):
        """(drift, check) as the checks would find them; members of what is absent are not asked."""
        live = live or self.live()
        found = []
        for want in self.environment:
            if type(want) not in KINDS:
                continue
            rows = live.found(want)
            if len(rows) != 1:
                have = "absent" if not rows else f"{len(rows)} objects of this name"
                found.append((Drift(want.key, EXISTENCE, "exactly one", have), "test_exists"))
                continue
            found += [(drift, f"test_{drift.field}") for drift in compare(want, live[want])]
        return found


def credentials():
    return Credentials("admin", SecretStr("avi-lab"))


def act(bench, api, name, change):
    """Write one object as a person would, beside the product."""
    params = {"name": name} if name else {}
    answer = bench.gateway.read(api, params)
    (row,) = answer.get("results", [answer])
    path = api if not name else f"{api}/{row['uuid']}"
    row = bench.gateway.read(path)
    change(row)
    bench.gateway.write("PUT", path, row)
