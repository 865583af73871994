"""Many AKOs of one site: what their verdicts and checks cost, beside a check of the same site without them.

`python -m benchmarks.akos large` prints a line for the check without AKOs, for the check with 40 of them, for the table
of their verdicts alone (`--ako-verdict`), and for the floor of the check with them. Each AKO has a values.yaml, a
Service Engine group, a VIP network and three nodes of its own; together they are in every cloud of the site.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import yaml

from avi_schema.command_line import whole
from benchmarks.command import add_size, command
from benchmarks.measure import Cost, Lab, lab
from benchmarks.scale import Bench
from benchmarks.sites import layout
from benchmarks.sites.layout import Json, Site
from benchmarks.sites.sizes import SIZES

PASSWORD = "bench-ako-password"
NODES = 3


class AkosBench(Bench):
    """One size of site, on which many clusters have an AKO."""

    def declared(self, site: Lab, count: int) -> Path:
        """The environment file of the site with so many AKOs, beside their values."""
        plain = self._environment(site).read_text(encoding="utf-8")
        path, there = self.folder / "akos.yaml", Site(self.size)
        for n in range(count):
            text = yaml.safe_dump(values(there, n, site))
            (self.folder / f"values-{n}.yaml").write_text(text, encoding="utf-8")
        akos = [{"values": f"values-{n}.yaml", "version": "2.2.1", "nodes": _nodes(n)} for n in range(count)]
        path.write_text(plain + yaml.safe_dump({"ako": akos}), encoding="utf-8")
        return path

    def verdicts(self, site: Lab, environment: Path) -> Cost:
        """The table of verdicts alone."""
        return self._pytest(site, environment, "verdicts", "--ako-verdict")


def values(site: Site, n: int, controller: Lab) -> Json:
    """The values.yaml of the n-th cluster's AKO."""
    network = {"networkName": layout.network(n), "cidr": f"{layout.net(n)}.0/24"}
    return {
        "AKOSettings": {"clusterName": f"cluster-{n:03}"},
        "NetworkSettings": {
            "vipNetworkList": [network],
            "nodeNetworkList": [{"networkName": layout.network(n)}],
        },
        "ControllerSettings": {
            "controllerHost": "127.0.0.1",
            "cloudName": site.cloud(n),
            "tenantName": site.tenant(n),
            "serviceEngineGroupName": layout.group(n),
        },
        "avicredentials": {"username": controller.credentials["AVI_USERNAME"], "password": PASSWORD},
    }


def _nodes(n: int) -> list[Json]:
    return [
        {
            "name": f"node-{number}",
            "address": f"{layout.net(n)}.{5 + number}",
            "pods": [f"100.{64 + n}.{number}.0/24"],
        }
        for number in range(NODES)
    ]


def main() -> None:
    """Measure one size, and print it."""
    parser = command("akos", __doc__, "large", "small --count 5")
    add_size(parser, None)
    parser.add_argument("--count", type=whole(1), default=40, help="how many AKOs (40); at most a group each")
    given = parser.parse_args()
    size = SIZES[given.size]
    if not 0 < given.count <= size.se_groups:
        parser.error(f"{given.size} has {size.se_groups} Service Engine groups, and each AKO takes one")
    with tempfile.TemporaryDirectory(prefix="avi-bench-", ignore_cleanup_errors=True) as folder:
        bench = AkosBench(size, Path(folder), print)
        with lab(bench.folder / "conforming.json", 0, bench.folder) as site:
            without = bench.check(site, bench.declared(site, 0))
            environment = bench.declared(site, given.count)
            check = bench.check(site, environment)
            verdicts = bench.verdicts(site, environment)
            floor = bench.floor(site, check)
    print("\n".join(_lines(without, check, verdicts, floor)))


def _lines(without: Cost, check: Cost, verdicts: Cost, floor: list[Cost]) -> Iterator[str]:
    named = {"without AKOs": without, "with AKOs": check, "verdicts alone": verdicts}
    named |= {"floor: the same pages": floor[0], "floor: as many empty tests": floor[1]}
    for name, cost in named.items():
        yield f"{name}: {cost.times}, {cost.mib:.0f} MiB, {cost.requests} requests; exit code {cost.exit_code}"
    wall = check.wall / sum(cost.wall for cost in floor)
    cpu = check.cpu / sum(cost.cpu for cost in floor)
    more = check.more["facts"] - without.more["facts"]
    yield f"{more} facts of AKOs beside {without.more['facts']}; {wall:.2f} times the floor, {cpu:.2f} of the processor"


if __name__ == "__main__":
    main()
