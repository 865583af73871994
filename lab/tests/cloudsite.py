"""A client of the simulated Controller in this process: requests as a real one sends them, without sockets."""

import json
from urllib.parse import parse_qsl, urlencode, urlsplit

from lab.assembly import Lab
from lab.control import handle
from lab.controller import Request
from lab.tests.login import enter

BASE = "https://controller.test"


class Client:
    """Logged in as admin; `get`, `post`, `put`, `patch`, `delete` answer (status, body)."""

    def __init__(self, state="empty", version=(30, 2, 1), as_version=None, **options):
        self.lab = Lab.make(version, state, **options)
        self.site = self.lab.site
        self.version = ".".join(map(str, as_version or version))
        self.login()

    def login(self):
        self.headers = enter(self.lab, BASE) | {"x-avi-tenant": "admin", "x-avi-version": self.version}
        return self

    def __call__(self, method, path, body=None, *, login=True, raw=False):
        split = urlsplit(path)
        answer = self.lab.answer(
            Request(
                method,
                split.path,
                tuple(parse_qsl(split.query, keep_blank_values=True)),
                self.headers if login else {"x-avi-version": self.version},
                b"" if body is None else json.dumps(body).encode(),
                BASE,
            )
        )
        return answer.status, answer.body if raw else json.loads(answer.body) if answer.body else None

    def get(self, path):
        status, body = self("GET", path)
        assert status == 200, (status, body)
        return body

    def list(self, path):
        return self.get(path)["results"]

    def one(self, kind, name, **query):
        found = self.list(f"/api/{kind}?" + urlencode({"name": name, **query}))
        assert len(found) == 1, found
        return found[0]

    def post(self, kind, **body):
        status, made = self("POST", f"/api/{kind}", body)
        assert status == 201, (status, made)
        return made

    def put(self, obj, **members):
        """PUT an object as read with members changed; (status, body)."""
        path = urlsplit(obj["url"].partition("#")[0]).path
        body = {k: v for k, v in {**self.get(path), **members}.items() if v is not None}
        return self("PUT", path, body)

    def delete(self, obj):
        return self("DELETE", urlsplit(obj["url"].partition("#")[0]).path)

    def later(self, seconds):
        self.site.clock.advance(seconds)
        self.login()  # sessions end when nobody speaks for a while


def control(lab, path, body):
    """Say something to the control plane; (status, answer)."""
    answer = handle(lab, Request("POST", f"/lab/{path}", (), {}, json.dumps(body).encode(), BASE))
    return answer.status, json.loads(answer.body)


def uuid(ref):
    return ref.partition("#")[0].rpartition("/")[2]


def ip(addr):
    return {"addr": addr, "type": "V6" if ":" in addr else "V4"}


def prefix(text):
    addr, _, mask = text.partition("/")
    return {"ip_addr": ip(addr), "mask": int(mask)}


def pool(text, first, last, kind="STATIC_IPS_FOR_VIP_AND_SE"):
    return {
        "prefix": prefix(text),
        "static_ip_ranges": [{"range": {"begin": ip(first), "end": ip(last)}, "type": kind}],
    }


def service(client, name, group="S1-AZ1-SE-Group", vrf="VRF_AZ1", **more):
    vip = {"auto_allocate_ip": True, "vip_id": "1"}
    vsvip = client.post("vsvip", name=name, vrf_context_ref=f"/api/vrfcontext?name={vrf}", vip=[vip])
    return client.post(
        "virtualservice",
        name=name,
        vsvip_ref=vsvip["url"],
        se_group_ref=f"/api/serviceenginegroup?name={group}",
        services=[{"port": 80}],
        **more,
    )


def engines(client, group="S1-AZ1-SE-Group"):
    return client.list(f"/api/serviceengine?se_group_ref.name={group}&page_size=200")


def change_group(client, name="S1-AZ1-SE-Group", **members):
    status, body = client.put(client.one("serviceenginegroup", name), **members)
    assert status == 200, body


def state(client, engine):
    return client.get(f"/api/serviceengine/{engine['uuid']}/runtime")["oper_status"]["state"]
