"""Sources that keep silent: what a check of a generated site takes while its DNS services and vCenters do not answer.

`python -m benchmarks.silent large` prints a line for the check of the site as it is, for the same while none of its DNS
services answers, and for both while five vCenters are silent too, with silence borne for as long as by default, and for
5 s. One vCenter is that of the site's vCenter cloud; in the others no cloud of the site runs.
"""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import yaml

from benchmarks.command import add_size, command
from benchmarks.measure import Cost, Lab, lab, run
from benchmarks.sites.files import write_environment, write_export
from benchmarks.sites.layout import DATACENTER, Site
from benchmarks.sites.sizes import SIZES

VCENTERS = 5
CONFORMS, DRIFT = 0, 1
"""Exit codes: silent DNS services serve no name, so that the facts of their names do not hold."""


def declared(environment: Path, site: Site, ports: list[int]) -> tuple[Path, dict[str, str]]:
    """(the environment file with a vCenter at each port of this machine, the variables that log in there)."""
    vcenters = [
        {
            "name": f"silent{number}",
            "address": "127.0.0.1",
            "port": port,
            "datacenter": DATACENTER,
            "clouds": site.clouds[:1] if number == 0 else [],
            "folders": ["AVI K8S"],
        }
        for number, port in enumerate(ports)
    ]
    path = environment.with_name("vcenters.yaml")
    path.write_text(
        environment.read_text(encoding="utf-8") + yaml.safe_dump({"vcenters": vcenters}), encoding="utf-8"
    )
    names = [
        f"VCENTER_SILENT{number}_{what}" for number in range(len(ports)) for what in ("USERNAME", "PASSWORD")
    ]
    return path, dict.fromkeys(names, "bench")


def measured(site: Site, folder: Path) -> Iterator[Cost]:
    """Each check in turn."""
    write_export(site, folder / "site.json")
    environment = folder / "site.yaml"
    with ExitStack() as stack:
        there = stack.enter_context(lab(folder / "site.json", 0, folder))
        write_environment(site, environment, there.controller, there.dns)
        yield _check("all answer", CONFORMS, there, environment)
        there.ask("PUT", "/lab/faults", [{"dns": ".*", "answer": "timeout"}])
        silent = f"{site.size.dns_services} silent DNS services"
        yield _check(silent, DRIFT, there, environment)
        # They take connections, since the system does that for them, and say nothing.
        servers = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(VCENTERS)]
        path, credentials = declared(environment, site, [server.getsockname()[1] for server in servers])
        silent += f" and {VCENTERS} silent vCenters"
        yield _check(silent, DRIFT, there, path, **credentials)
        yield _check(
            f"{silent}, --request-timeout=5", DRIFT, there, path, "--request-timeout=5", **credentials
        )


def _check(what: str, expected: int, site: Lab, environment: Path, *options: str, **credentials: str) -> Cost:
    log = environment.with_name("check.log")
    command = ["-m", "pytest", f"--environment={environment}", "-p", "no:cacheprovider", *options]
    command.append(f"--report-dir={environment.parent / 'reports'}")
    cost = run(what, command, log, site, **site.credentials, **credentials)
    if cost.exit_code != expected:
        raise RuntimeError(
            f"{what}: ended with {cost.exit_code} in place of {expected}: {log.read_text(encoding='utf-8')[-2000:]}"
        )
    return cost


def main() -> None:
    """Measure one size, and print it."""
    parser = command("silent", __doc__, "large")
    add_size(parser, None)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="avi-bench-", ignore_cleanup_errors=True) as folder:
        for cost in measured(Site(SIZES[given.size]), Path(folder)):
            print(f"{cost.what}: {cost.times} (load {cost.load})", flush=True)


if __name__ == "__main__":
    main()
