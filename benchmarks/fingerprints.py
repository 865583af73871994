"""Fingerprints of a generated site: what they take of a run and of the disk, and what telling of changes takes.

`python -m benchmarks.fingerprints large` prints a line each: the run as a whole, the fingerprint's making, writing and
reading, and the comparison where nothing, and where ten thousand objects have changed.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from pydantic import SecretStr

from benchmarks.command import add_size, command
from benchmarks.measure import Lab, lab
from benchmarks.scale import Bench
from benchmarks.sites.sizes import SIZES
from intent import load_environment
from intent.fingerprint import Fingerprint, SeenObject, body_text
from intent.site_changes import changes
from live.avi.identity import Json
from live.avi.listing import list_types
from live.avi.session import Credentials
from live.coverage import observed
from live.fingerprint import Taking
from live.site import Site
from reports.history.fingerprints import FOLDER, before, keep

CHANGED = 10_000
Value = TypeVar("Value")


def timed(what: str, work: Callable[[], Value]) -> tuple[Value, float]:
    """What some work gives, and its seconds of processor, which are printed."""
    began = time.process_time()
    value = work()
    took = time.process_time() - began
    print(f"{what}: {took:.2f} s of processor")
    return value, took


def listed(site: Site) -> dict[str, list[Json]]:
    """Every object of a site, by type."""
    gateway, rows = site.gateway(), dict(site.live.snapshot.objects)
    rest = observed(site.environment, gateway.api_version) - rows.keys()
    failures = list_types(
        gateway, sorted(rest), lambda api, page: rows.setdefault(api, []).extend(page), tenant="*"
    )
    assert not failures, failures
    return rows


def _renamed(seen: SeenObject) -> SeenObject:
    return replace(seen, body=body_text({**json.loads(seen.body), "name": "renamed"}))


def measure(there: Lab, environment: Path, folder: Path) -> float:
    """Print each figure; the seconds of a fingerprint of a run in which nothing has changed."""
    credentials = Credentials(there.endpoints["username"], SecretStr(there.endpoints["password"]))
    site = Site(load_environment(environment), lambda: credentials)
    site.needs = {"cloud", "network", "tenant", "virtualservice", "vrfcontext", "vsvip"}
    rows = listed(site)

    def made() -> Fingerprint:
        taking = Taking(site.live)
        for api, objects in rows.items():
            taking.take(api, objects)
        return taking.fingerprint("admin", rows.keys(), site.environment)

    seen, taken = timed(f"fingerprint of {sum(map(len, rows.values())):,} objects", made)
    _, written = timed("kept", lambda: keep(folder, "1", seen))
    (path,) = (folder / FOLDER).iterdir()
    print(f"on the disk: {path.stat().st_size / 2**20:.2f} MiB")
    (last, why), read = timed("read again", lambda: before(folder, seen.source))
    assert last is not None, why
    notices, compared = timed("compared, nothing changed", lambda: changes(last, seen))
    assert not notices, notices[:3]
    moved = {key: _renamed(each) for key, each in list(seen.objects.items())[:CHANGED]}
    other = replace(seen, objects={**seen.objects, **moved})
    notices, _ = timed(f"compared, {len(moved):,} objects changed", lambda: changes(last, other))
    print(f"{len(notices):,} notices")
    site.close()
    return taken + written + read + compared


def main(size: str) -> None:
    """Measure one size, and print it."""
    with tempfile.TemporaryDirectory(prefix="avi-bench-", ignore_cleanup_errors=True) as folder:
        bench = Bench(SIZES[size], Path(folder), print)
        with lab(bench.folder / "conforming.json", 0, bench.folder) as there:
            environment = bench._environment(there)  # noqa: SLF001 -- our own
            check = bench.check(there, environment)
            print(f"a whole run: {check.cpu:.2f} s of processor, {check.wall:.2f} s")
            took = measure(there, environment, bench.folder / "kept")
    print(f"{100 * took / check.cpu:.1f} % of a run")


if __name__ == "__main__":
    PARSER = command("fingerprints", __doc__, "large")
    add_size(PARSER)
    main(PARSER.parse_args().size)
