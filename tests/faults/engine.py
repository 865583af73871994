"""Carries out rows of the matrix: a site that is broken in seven places, a run under a fault, and what must hold after it."""

from __future__ import annotations

import itertools
import json
import queue
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.faults.matrix import Row
from tests.runs.harness import IBERIA, ZYGOTE, Site, cases, command, surroundings

LIMIT = 60.0
"""Seconds after which a run hangs."""
SITES = {
    "controller": ("dns_profiles", "networks", "se_groups"),
    "dns": ("dns_profiles", "ipam_profiles", "clouds", "vrfs", "networks", "se_groups", "dns_services"),
    "vcenter": ("dns_profiles", "networks", "se_groups", "vcenter"),
}
"""The sections that each of the three environment files declares."""
TOPICS = {
    "controller": ("dns_profiles", "networks", "se_groups"),
    "dns": ("dns_profiles", "names", "networks", "se_groups"),
    "vcenter": ("dns_profiles", "networks", "se_groups", "vcenter"),
}
"""The checks that are run of it."""


def _pool(network: dict[str, Any]) -> None:
    network["configured_subnets"][0]["static_ip_ranges"][0]["range"]["end"]["addr"] = "10.10.24.168"


class Broken(NamedTuple):
    """What is done to one object; None: it is deleted. `place`: its tenant and cloud, but admin and Default-Cloud."""

    kind: str
    name: str
    change: Callable[[dict[str, Any]], None] | None
    place: str = ""

    @property
    def key(self) -> str:
        """What it stands under in the states of a row."""
        return key_of(self.kind, self.name, self.place)


def key_of(kind: str, name: Any, place: str) -> str:
    return f"{kind} {name} {place}".rstrip()


BREAKS = (
    Broken("network", "REGIONB_VMS_3024", _pool),
    Broken("network", "REGIONB_VMS_3023", lambda one: one.update(dhcp_enabled=True)),
    Broken("serviceenginegroup", "S1-AZ1-SE-Group", lambda one: one.update(se_name_prefix="zz")),
    Broken("ipamdnsproviderprofile", "DNS_Default", lambda one: one["internal_profile"].update(ttl=60)),
    Broken("serviceenginegroup", "S1-AZ2-SE-Group", None),
    # Of these names there are others in another cloud and another tenant.
    Broken("serviceenginegroup", "Default-Group", lambda one: one.update(se_name_prefix="zz"), "bare-east"),
    Broken("serviceenginegroup", "DNS-SE-Group", lambda one: one.update(se_name_prefix="zz"), "blue"),
)
VOLATILE = frozenset({"_last_modified", "uuid", "url"})


Cases = dict[str, tuple[str, str]]
"""(outcome, message) by node id."""


@dataclass
class Came:
    """What a row came to."""

    row: Row
    code: int
    seconds: float
    out: str
    cases: Cases
    baseline: Cases
    writes: list[tuple[str, str, int]]
    """(method, path, status) of every write that the lab acted on."""
    journals: list[list[dict[str, Any]]]
    """The lines of the journals of this run."""
    before: dict[str, Any]
    after: dict[str, Any]
    """What the site holds, by type and name."""
    whole: dict[str, Any]
    """The same of the site that is as declared."""
    modes: dict[str, int] = field(default_factory=dict)
    """The mode of every file that was kept."""

    @property
    def counts(self) -> dict[str, int]:
        return dict(Counter(word for word, _ in self.cases.values()))


class Baselines:
    """What the checks say of the broken site when nothing is wrong with it, asked once for all benches."""

    def __init__(self) -> None:
        self._found: dict[str, Cases] = {}
        self._locks = {site: threading.Lock() for site in SITES}

    def of(self, bench: Bench, site: str) -> Cases:
        with self._locks[site]:
            if site not in self._found:
                came = bench.run(Row(f"none-{site}", "check", "", (), None, site=site))  # type: ignore[arg-type]
                assert came.code == 1, came.out
                assert not {"unknown"} & set(came.counts), came.out
                self._found[site] = came.cases
            return self._found[site]


class Bench:
    """One lab, for the rows of one thread."""

    def __init__(self, folder: Path, baselines: Baselines) -> None:
        self.folder = folder
        self.baselines = baselines
        folder.mkdir(parents=True, exist_ok=True)
        self.site = Site("conforming+bare+tenants")
        self.whole = self.held()
        self.journal = folder / "healing.jsonl"
        self.states: dict[str, str] = {}
        self._break()
        self.states["broken"] = self._snapshot()
        self._heal()
        self.states["healed"] = self._snapshot()

    def close(self) -> None:
        self.site.close()

    def _snapshot(self) -> str:
        return str(self.site.ask("POST", "/lab/snapshot", {})["id"])

    def _break(self) -> None:
        for broken in BREAKS:
            rows = self.site.api(
                "GET", f"/api/{broken.kind}?name={broken.name}&include_name=true", tenant="*"
            )["results"]
            (found,) = [row for row in rows if _place(row, lambda ref: ref.partition("#")[2]) == broken.place]
            path = f"/api/{broken.kind}/{found['uuid']}"
            if broken.change is None:
                self.site.api("DELETE", path)
            else:
                broken.change(found)
                self.site.api("PUT", path, found, tenant="*")

    def _heal(self) -> None:
        row = Row("none", "remediate", "", (), None)  # type: ignore[arg-type]
        came = self.run(row)
        assert came.code == 0, came.out
        (found,) = (self.folder / "none-remediate" / "journals").glob("*.jsonl")
        shutil.copy(found, self.journal)

    def held(self) -> dict[str, Any]:
        """What the site holds, without what every write changes."""
        found = self.site.ask("GET", "/lab/export")
        kinds = {broken.kind for broken in BREAKS} | {"vrfcontext", "cloud", "virtualservice", "vsvip"}
        names = {one["uuid"]: one["name"] for kind in ("cloud", "tenant") for one in found[kind]}
        return {
            key_of(
                kind,
                one.get("name"),
                _place(one, lambda ref: names[ref.rpartition("/")[2].partition("#")[0]]),
            ): {k: v for k, v in one.items() if k not in VOLATILE}
            for kind in kinds
            for one in found.get(kind, [])
        }

    def run(self, row: Row) -> Came:
        """One row, on the site as the row wants it."""
        folder = self.folder / row.id
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        if self.states and "healed" in self.states:
            baseline = self.baselines.of(self, row.site) if row.mode != "rollback" and row.expected else {}
            self.site.ask(
                "POST", "/lab/restore", {"id": self.states["healed" if row.mode == "rollback" else "broken"]}
            )
        else:
            baseline = {}
        before = self.held()
        arguments = self._arguments(row, folder)
        self.site.ask("DELETE", "/lab/requests")
        self.site.faults(*row.faults)
        out = folder / "out"
        ended = ZYGOTE.run(arguments, surroundings(**self._variables()), out, LIMIT)
        self._again()
        heard = self.site.heard["requests"]
        journals = [
            [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            for path in sorted((folder / "journals").glob("*.jsonl"))
        ]
        return Came(
            row,
            ended.code,
            ended.seconds,
            out.read_text(encoding="utf-8", errors="replace"),
            cases(folder / "junit.xml"),
            baseline,
            [(e["method"], e["path"], e["status"]) for e in heard if _writes(e)],
            journals,
            before,
            self.held(),
            self.whole,
            {
                str(path.relative_to(folder)): path.stat().st_mode & 0o777
                for path in folder.rglob("*")
                if path.is_file()
            },
        )

    def _again(self) -> None:
        """All well again; a site that nobody listens at is waited for."""
        for _ in range(200):
            try:
                self.site.faults()
            except OSError:
                threading.Event().wait(0.05)
            else:
                return
        raise AssertionError("the lab does not come back")

    def _variables(self) -> dict[str, str]:
        there = self.site.endpoints["vcenter"]
        return {
            **self.site.credentials,
            "VCENTER_USERNAME": there["username"],
            "VCENTER_PASSWORD": there["password"],
        }

    def _arguments(self, row: Row, folder: Path) -> list[str]:
        mode = {
            "check": [],
            "plan": ["--plan"],
            "remediate": ["--remediate", "--settle", "2"],
            "rollback": [f"--rollback={self.journal}"],
        }[row.mode]
        checks = [f"checks/test_{topic}.py" for topic in TOPICS[row.site]]
        given = command(folder, *checks, f"--environment={self._declared(row.site)}", *mode, *row.arguments)
        return [*given[3:], f"--journals={folder / 'journals'}"]

    def _elsewhere(self, broken: Broken) -> dict[str, Any]:
        """The declaration of an SE group of another tenant or cloud, as it was before it was broken."""
        where = {"cloud": broken.place} if broken.place.startswith("bare-") else {"tenant": broken.place}
        return {"name": broken.name, **where, "name_prefix": self.whole[broken.key]["se_name_prefix"]}

    def _declared(self, kind: str) -> Path:
        path = self.folder / f"{kind}.yaml"
        if not path.exists():
            data = yaml.safe_load(IBERIA.read_text(encoding="utf-8"))
            data = {k: v for k, v in data.items() if k in ("name", "controller", "remediation", *SITES[kind])}
            if kind != "dns":
                broken = {broken.name for broken in BREAKS if not broken.place}
                for section in ("networks", "se_groups"):
                    data[section] = [one for one in data[section] if one["name"] in broken]
                data["se_groups"] += [self._elsewhere(broken) for broken in BREAKS if broken.place]
                for network in data["networks"]:
                    network.pop("vrf", None)
            ca = self.site.endpoints["ca_file"]
            there = {"address": "127.0.0.1", "port": self.site.endpoints["controller"]["port"], "ca_file": ca}
            data["controller"] |= there
            for service in data.get("dns_services", []):
                service["resolve_via"] = f"127.0.0.1:{self.site.endpoints['dns']['port']}"
            if "vcenter" in data:
                at = self.site.endpoints["vcenter"]
                data["vcenter"] |= {"address": at["address"], "port": at["port"], "ca_file": ca}
            path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
        return path


def _place(one: dict[str, Any], name: Callable[[str], str]) -> str:
    """The tenant and the cloud of an object, by name, where they are not the usual; `name` gives that of a reference."""
    members = (("tenant_ref", "admin"), ("cloud_ref", "Default-Cloud"))
    places = [(name(one[member]), usual) for member, usual in members if member in one]
    return "/".join(place for place, usual in places if place != usual)


def _writes(heard: dict[str, Any]) -> bool:
    return heard["method"] not in ("GET", "HEAD") and heard["path"] not in ("/login", "/logout")


class Benches:
    """A few benches at work at the same time: most rows wait more than they work."""

    def __init__(self, folder: Path, count: int = 4) -> None:
        self.folder = folder
        self.baselines = Baselines()
        self.pool = ThreadPoolExecutor(count)
        self.free: queue.SimpleQueue[Bench | None] = queue.SimpleQueue()
        self.all: list[Bench] = []
        self.folders = itertools.count()
        for _ in range(count):
            self.free.put(None)
        self.runs: dict[str, Future[Came]] = {}

    def start(self, rows: list[Row]) -> None:
        """Begin with these, those that wait longest first: for answers that never come, and for every write anew."""
        for row in sorted(rows, key=lambda one: (one.site == "controller", not one.arguments, not one.lasts)):
            self.of(row)

    def of(self, row: Row) -> Future[Came]:
        if row.id not in self.runs:
            self.runs[row.id] = self.pool.submit(self._one, row)
        return self.runs[row.id]

    def _one(self, row: Row) -> Came:
        with self._bench() as bench:
            return bench.run(row)

    @contextmanager
    def _bench(self) -> Iterator[Bench]:
        bench = self.free.get()
        try:
            if bench is None:
                bench = Bench(self.folder / f"bench-{next(self.folders)}", self.baselines)
                self.all.append(bench)
            yield bench
        finally:
            self.free.put(bench)

    def close(self) -> None:
        self.pool.shutdown(cancel_futures=True)
        for bench in self.all:
            bench.close()
