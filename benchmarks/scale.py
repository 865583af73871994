"""The scenarios of one generated site: the floor, the naive ways, and check, plan and remediate beside them."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import stopwatch
from benchmarks.measure import Cost, Lab, lab, run
from benchmarks.sites.files import write_environment, write_export
from benchmarks.sites.layout import Site, network
from benchmarks.sites.sizes import Size

Say = Callable[[str], None]
SAMPLE = 300
"""GETs of a naive way that are sent; what all of them take is reckoned from these, spread evenly."""
OTHERS = ("anyio", "hypothesispytest", "schemathesis", "xdist")
"""pytest plugins that a developer's environment may hold and that have no part in a check."""
BARE = ("terminal", "cacheprovider", "allure_pytest", "junitxml", "pytest11.testinfra", *OTHERS)
"""What plain pytest goes without: the floor has no reporter at all."""
COLLECTIONS = {
    "test_networks": "network",
    "test_vrfs": "vrfcontext",
    "test_se_groups": "serviceenginegroup",
    "test_dns_profiles": "ipamdnsproviderprofile",
    "test_ipam_profiles": "ipamdnsproviderprofile",
    "test_cloud": "cloud",
    "test_dns_services": "virtualservice",
}
"""Where the object of a check stands, for the naive way that asks for it once a check."""


class Bench:
    """One size of site in a folder of its own."""

    applications = False
    """Whether its virtual services have pools, certificates and policies."""

    def __init__(self, size: Size, folder: Path, say: Say) -> None:
        self.size = size
        self.folder = folder
        self.say = say
        self.allure = folder / "allure"
        self.runs = 0
        folder.mkdir(parents=True, exist_ok=True)
        for name, drifted in (("conforming", False), ("drifted", True)):
            site = Site(size, drifted=drifted, applications=self.applications)
            write_export(site, folder / f"{name}.json")

    def measured(self, latency: int, repeats: int, *, whole: bool = True) -> list[dict[str, Any]]:
        """Every scenario at one latency, in milliseconds a request; of the repeated ones, the quickest run.

        Not `whole`: check and its floor alone.
        """
        costs: list[Cost] = []
        with lab(self.folder / "conforming.json", latency, self.folder) as site:
            environment = self._environment(site)
            checks, floors = [], []
            for _ in range(repeats):  # in turn, so that what else the machine does meets them alike
                checks.append(self.check(site, environment))
                floors += self.floor(site, checks[-1])
            costs += [_best(checks), *(_best([f for f in floors if f.what == w]) for w in ("read", "pytest"))]
            costs.append(self.ten(site, environment))
            if whole:
                costs += self.naive(site, costs[0])
        if not whole:
            return [self._row(cost, latency) for cost in costs]
        with lab(self.folder / "drifted.json", latency, self.folder) as site:
            environment = self._environment(site)
            costs.append(self._pytest(site, environment, "plan", "--plan"))
            costs.append(self._pytest(site, environment, "remediate", "--remediate"))
        return [self._row(cost, latency) for cost in costs]

    def grown(self, repeats: int) -> dict[str, Any]:
        """Check alone, without latency: for how figures grow with the site."""
        with lab(self.folder / "conforming.json", 0, self.folder) as site:
            environment = self._environment(site)
            cost = _best([self.check(site, environment) for _ in range(repeats)])
        return self._row(cost, 0)

    def _row(self, cost: Cost, latency: int) -> dict[str, Any]:
        cost.more.pop("paths", None)
        return {"size": self.size.name, "latency": latency, **cost.to_json()}

    def check(self, site: Lab, environment: Path) -> Cost:
        """A check of everything, with Allure's results and JUnit's."""
        cost = self._pytest(site, environment, "check")
        cost.more["facts"] = cost.more["phases"]["items"]
        cost.more["pages"] = len(self._pages(cost))
        cost.more["report"] = _kept(self.folder / "check.xml", self.allure, self.folder / "reports")
        return cost

    def ten(self, site: Lab, environment: Path) -> Cost:
        """Ten chosen checks; they read one kind of object with what names it."""
        chosen = [f"checks/test_networks.py::test_vrf[{network(n)}]" for n in range(10)]
        return self._pytest(site, environment, "ten checks", *chosen)

    def floor(self, site: Lab, check: Cost) -> list[Cost]:
        """The same pages by a minimal client, and as many empty tests under plain pytest."""
        paths = self._write("paths.json", check.more["paths"])
        reading = ["-m", "benchmarks.minimal", str(site.line), paths]
        empty = self.folder / "test_empty.py"
        empty.write_text(
            "import pytest\n\n\n"
            f"@pytest.mark.parametrize('n', range({check.more['facts']}))\ndef test_empty(n):\n    pass\n",
            encoding="utf-8",
        )
        bare = ["-m", "pytest", "-c", "/dev/null", f"--rootdir={self.folder}", *_without(BARE), str(empty)]
        return [
            run("read", reading, self.folder / "read.log", site),
            run("pytest", bare, self.folder / "pytest.log"),
        ]

    def naive(self, site: Lab, check: Cost) -> list[Cost]:
        """One GET per object, and one GET per check, each after the other, as suites are first written."""
        objects = self.folder / "objects.json"
        pages = self._write("paths.json", self._pages(check))
        run(
            "pages",
            ["-m", "benchmarks.minimal", str(site.line), pages, "--objects", str(objects)],
            self._log("pages"),
        )
        every = json.loads(objects.read_text(encoding="utf-8"))
        asked = [f"/api/{path}" for path in every]
        each = [f"/api/{COLLECTIONS[module]}?name={name}" for module, name in self._subjects()]
        facts = check.more["facts"]
        return [
            self._sampled(site, "GET per object", asked, len(asked)),
            self._sampled(site, "GET per check", each, facts),
        ]

    def _pages(self, check: Cost) -> list[str]:
        return [path for path in check.more["paths"] if "page_size" in path]

    def _subjects(self) -> list[tuple[str, str]]:
        """(module, object) of every check that JUnit tells of whose object is named by its test."""
        found = []
        for case in ET.parse(self.folder / "check.xml").iter("testcase"):
            module, name = str(case.get("classname")).rpartition(".")[2], str(case.get("name"))
            if module in COLLECTIONS and "[" in name:
                found.append((module, name.partition("[")[2].rstrip("]").rpartition("/")[2]))
        return found

    def _sampled(self, site: Lab, what: str, paths: list[str], count: int) -> Cost:
        """What `count` such GETs take by one session, reckoned from a sample of them."""
        sample = paths[:: max(1, len(paths) // SAMPLE)][:SAMPLE]
        command = [
            "-m",
            "benchmarks.minimal",
            str(site.line),
            self._write("sample.json", sample),
            "--threads",
            "1",
        ]
        cost = run(what, command, self._log("naive"), site)
        told = json.loads(self._log("naive").read_text(encoding="utf-8"))
        times = count / len(sample)
        return replace(
            cost,
            wall=told["seconds"] * times,
            cpu=told["cpu"] * times,
            lab_cpu=cost.lab_cpu * times,
            requests=count,
            bytes=int(cost.bytes * times),
            more={"sample": len(sample)},
        )

    def _pytest(self, site: Lab, environment: Path, what: str, *arguments: str) -> Cost:
        marks = self.folder / "marks.json"
        keep = [
            *_without(OTHERS),
            f"--environment={environment}",
            f"--alluredir={self._allure()}",
            f"--junitxml={self.folder / what}.xml",
            f"--journals={self.folder / 'journals'}",
            f"--report-dir={self.folder / 'reports' / what}",
            *("-o", f"cache_dir={self.folder / 'cache'}"),
            *("-p", "benchmarks.stopwatch", f"--stopwatch={marks}"),
        ]
        log = self._log(what)
        cost = run(what, ["-m", "pytest", *keep, *arguments], log, site, **site.credentials)
        if cost.exit_code not in (0, 1):
            raise RuntimeError(
                f"{what} ended with {cost.exit_code}: {log.read_text(encoding='utf-8')[-2000:]}"
            )
        cost.more["phases"] = stopwatch.phases(marks)
        self.say(f"{self.size.name}: {what}: {cost.times} (load {cost.load})")
        return cost

    def _environment(self, site: Lab) -> Path:
        path = self.folder / "site.yaml"
        write_environment(Site(self.size), path, site.controller, site.dns)
        return path

    def _allure(self) -> Path:
        """A folder that is not there, and never was.

        Files made just after as many were deleted cost ext4 three to five times the processor's time: it does not give
        a number of a file away again for some minutes, and looks at every one of them each time.
        """
        self.runs += 1
        self.allure = self.folder / "allure" / str(self.runs)
        return self.allure

    def _log(self, name: str) -> Path:
        return self.folder / f"{name.replace(' ', '-')}.log"

    def _write(self, name: str, value: Any) -> str:
        path = self.folder / name
        path.write_text(json.dumps(value), encoding="utf-8")
        return str(path)


def _kept(*places: Path) -> int:
    """Bytes of files and folders; history is reckoned for itself, by the night."""
    files = (file for place in places for file in (place, *place.rglob("*")) if file.is_file())
    return sum(file.stat().st_size for file in files if not file.name.startswith("history.sqlite"))


def _without(plugins: tuple[str, ...]) -> list[str]:
    return [word for name in plugins for word in ("-p", f"no:{name}")]


def _best(costs: list[Cost]) -> Cost:
    return min(costs, key=lambda cost: cost.wall)
