"""The lab itself: start-up from an export of the largest site, pages of 200, writes, failing engines, and memory.

python -m benchmarks.lab [small|medium|large]

In this process and without sockets, so that the numbers are the Controller's own. Times are of the processor: other
work on the machine does not count, though it slows memory down.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from functools import partial

import orjson

from benchmarks.command import add_size, command
from benchmarks.sites.exported import export
from benchmarks.sites.layout import Site
from benchmarks.sites.sizes import SIZES
from lab import exchange
from lab.assembly import Lab
from lab.controller import Request, Response
from lab.datacenter.inventory import vcenters
from lab.datacenter.model import Vm

BASE = "https://127.0.0.1"
PAGES = (
    "virtualservice",
    "virtualservice-inventory",
    "vsvip",
    "network",
    "network-inventory",
    "serviceengine",
    "serviceengine-inventory",
)
ROUNDS = 5
READ = {"x-avi-version": "30.2.1", "x-avi-tenant": "*"}


class Client:
    """A client in this process, logged in as admin."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.login()

    def login(self) -> None:
        """Open a session."""
        lab = self.lab
        body = orjson.dumps({"username": lab.site.username, "password": lab.site.password})
        answer = lab.answer(Request("POST", "/login", (), {"content-type": "application/json"}, body, BASE))
        pairs = [value.partition(";")[0] for name, value in answer.headers if name == "Set-Cookie"]
        token = next(pair.partition("=")[2] for pair in pairs if pair.startswith("csrftoken"))
        self.headers = {"cookie": "; ".join(pairs), "x-csrftoken": token, "referer": BASE, **READ}

    def __call__(
        self, method: str, path: str, query: str = "", body: object = None, **headers: str
    ) -> Response:
        """Ask, and see that it was granted. Raises RuntimeError when it was not."""
        pairs = tuple(
            (key, value) for key, _, value in (each.partition("=") for each in query.split("&") if each)
        )
        sent = self.headers | {key.replace("_", "-"): value for key, value in headers.items()}
        data = b"" if body is None else orjson.dumps(body)
        answer = self.lab.answer(Request(method, path, pairs, sent, data, BASE))
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {answer.body[:200]!r}")
        return answer


def timed(call: Callable[[], object]) -> float:
    """Milliseconds of processor time."""
    began = time.process_time()
    call()
    return (time.process_time() - began) * 1000


def pages(client: Client) -> None:
    """A page of 200 of each kind: the first time, and the best of some more."""
    print(f"{'page of 200':28} {'first':>9} {'again':>9} {'with names':>11}")
    for kind in PAGES:
        plain, named = (
            [timed(partial(client, "GET", f"/api/{kind}", query)) for _ in range(ROUNDS)]
            for query in ("page_size=200", "page_size=200&include_name")
        )
        first = plain[0]
        print(f"{kind:28} {first:6.1f} ms {min(plain):6.1f} ms {min(named):8.1f} ms")


def writes(client: Client) -> None:
    """A PUT back of one object of each kind that much depends on."""
    for kind in ("virtualservice", "vsvip", "network", "serviceenginegroup", "cloud"):
        body = orjson.loads(client("GET", f"/api/{kind}", "page_size=1").body)["results"][0]
        owner = {
            "x_avi_tenant_uuid": str(body.get("tenant_ref", "admin")).rpartition("/")[2],
            "x_avi_tenant": "",
        }
        body.pop("_last_modified", None)
        put = partial(client, "PUT", f"/api/{kind}/{body['uuid']}", "", body, **owner)
        print(f"{'PUT ' + kind:28} {min(timed(put) for _ in range(ROUNDS)):6.1f} ms")


def failing(client: Client) -> None:
    """Every fifth Service Engine's machine is powered off: until that is settled, and pages from then on."""
    site = client.lab.site
    engines = [each.name for each in site.store.all("serviceengine")]
    machines = [vm for vcenter in vcenters(site).values() for vm in vcenter.of(Vm) if vm.name in engines]

    def notice() -> None:
        client.login()
        client("GET", "/api/initial-data")

    for vm in machines[::5]:
        vm.powered = False
    for vcenter in vcenters(site).values():
        vcenter.revision += 1
    print(f"{len(machines[::5])} of {len(engines)} Service Engines powered off")
    print(f"{'seen at once':28} {timed(notice):6.1f} ms")
    site.clock.advance(site.pace.heartbeat + 1)
    print(f"{'down, services moved':28} {timed(notice):6.1f} ms")
    print(f"{'nothing due':28} {timed(notice):6.1f} ms")
    for vcenter in vcenters(site).values():
        vcenter.revision += 1
    print(f"{'vCenter changed':28} {timed(notice):6.1f} ms")
    pages(client)


def main(name: str = "large") -> None:
    """Measure one size and print what it took."""
    size = SIZES[name]
    version = (30, 2, 1)
    data = orjson.dumps(export(Site(size), exchange.exported(Lab.make(version))))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    labs: list[Lab] = []

    def start() -> None:
        labs.append(Lab.make(version))
        exchange.imported(labs[0], orjson.loads(data))

    spent = timed(start)
    store = labs[0].site.store
    objects = sum(store.count(kind) for kind in store.types())
    client = Client(labs[0])
    print(f"{name}: {objects} objects, an export of {len(data) / 1e6:.1f} MB, up after {spent / 1000:.2f} s")
    pages(client)
    writes(client)
    failing(client)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"memory: {after / 1024:.0f} MB at the highest, {before / 1024:.0f} MB of it before the import")


if __name__ == "__main__":
    PARSER = command("lab", __doc__, "", "small")
    add_size(PARSER)
    main(PARSER.parse_args().size)
