"""Two whole runs of a site on which AKO is at work, and nobody else: does the second tell a change of a person's?

`python -m benchmarks.busy large` plays a generated site (5,000 virtual services); between the runs a day passes, AKO
starts anew with new numbers of its routes, and makes, scales and removes applications. The exit code is 1 where
anything is told but what AKO, the cloud connector or the system did.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.command import add_size, command
from benchmarks.measure import Lab, lab
from benchmarks.scale import Bench
from benchmarks.sites.layout import domain, group, net, network, vrf
from benchmarks.sites.sizes import SIZES
from intent.notice import SINCE_LAST_RUN

APPLICATIONS = 40
SETTINGS = {
    "cluster": "busy",
    "se_group": group(0),
    "vrf": vrf(0),
    "network": network(0),
    "node_network": network(0),
    "domain": domain(0),
    "nodes": [f"{net(0)}.{number}" for number in (11, 12, 13)],
}


def ingress(number: int) -> dict[str, Any]:
    """The step that makes an application."""
    name = f"app-{number}"
    host = f"{name}.{domain(0)}"
    return {
        "ingress": {"namespace": "shop", "name": name, "host": host, "service": name, "tls": number % 2 == 0}
    }


def work(there: Lab, *steps: Any) -> dict[str, Any]:
    """AKO takes steps. Gives what it wrote and deleted, and what was refused."""
    answer: dict[str, Any] = there.ask("POST", "/lab/actors/ako", SETTINGS | {"steps": list(steps)})
    assert not answer["refused"], answer["refused"][:2]
    return answer


def main(size: str) -> int:
    """Play one size, and print what the second run tells."""
    with tempfile.TemporaryDirectory(prefix="avi-bench-", ignore_cleanup_errors=True) as folder:
        bench = Bench(SIZES[size], Path(folder), print)
        with lab(bench.folder / "conforming.json", 0, bench.folder) as there:
            environment = bench._environment(there)  # noqa: SLF001 -- our own
            first = work(there, "start", *map(ingress, range(APPLICATIONS)))
            there.ask("POST", "/lab/clock", {"advance": 300})
            bench.check(there, environment)
            gone = [
                {"delete": {"kind": "ingress", "namespace": "shop", "name": f"app-{number}"}}
                for number in range(10)
            ]
            scaled = [
                {"scale": {"namespace": "shop", "service": f"app-{number}", "replicas": 5}}
                for number in range(20, 30)
            ]
            there.ask("POST", "/lab/clock", {"advance": 86_400})
            more = map(ingress, range(APPLICATIONS, 2 * APPLICATIONS))
            second = work(there, "start", *more, *gone, *scaled)
            there.ask("POST", "/lab/clock", {"advance": 300})
            print(
                f"AKO wrote {len(first['wrote'])} objects before the first run, {len(second['wrote'])} after it"
            )
            bench.check(there, environment)
        document = json.loads((bench.folder / "reports" / "check" / "drift.json").read_text(encoding="utf-8"))
    return verdict(document)


def verdict(document: dict[str, Any]) -> int:
    """Print the changes that were told; 1 where one of them is a person's, or none is anybody's."""
    changes = [each for each in document["notices"] if each["sort"] in SINCE_LAST_RUN]
    if why := document["run"].get("not_compared"):
        print(f"not compared: {why}")
    people = [each["text"] for each in changes if not each["owner"]]
    for each in changes:
        if each["owner"]:
            print(f"{each['count']:,} {each['sort']}: {each['type']} ({each['owner']})")
    print(f"{len(people)} of a person's", *people[:10], sep="\n  ")
    return int(bool(people) or not changes)


if __name__ == "__main__":
    PARSER = command("busy", __doc__, "large", failed="a change is told as a person's, or none is told")
    add_size(PARSER)
    sys.exit(main(PARSER.parse_args().size))
