"""A site of which everything is declared under `objects`: what a check of it costs, beside the least it could.

`python -m benchmarks.objects small` of one size prints a line each for the check, the reading alone, and empty tests.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from avi_schema import load
from benchmarks.measure import Cost, Lab, lab
from benchmarks.scale import Bench
from benchmarks.sites.sizes import SIZES
from intent.kinds.objects import kind_of_type
from intent.objects import references
from intent.values import Unresolved
from live.avi.identity import Names
from live.kinds import KINDS

REPORTED = frozenset({"serviceengine", "cluster", "license", "image"})
"""Types of which a generated site has objects that nobody would put into a file."""


class ObjectsBench(Bench):
    """One size of site, declared as a whole."""

    def _environment(self, site: Lab) -> Path:
        path = self.folder / "objects.yaml"
        export = json.loads((self.folder / "conforming.json").read_text(encoding="utf-8"))
        data = {"name": "objects", "controller": site.controller, "objects": declarations(export)}
        dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
        path.write_text(yaml.dump(data, Dumper=dumper, sort_keys=False, width=200), encoding="utf-8")
        return path


def declarations(rows: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Every object of an export, with every member that can be declared."""
    names = Names({api: rows[api] for api in rows if api in load().types}, load().model)
    objects: list[dict[str, Any]] = []
    for api, kind in load().types.items():
        if not kind.configurable or not kind.has_name or api in REPORTED:
            continue
        mapping = KINDS[kind_of_type(api)]
        for row in (row for row in rows.get(api, ()) if row.get("name")):
            want: Any = mapping.decode(row, names)
            cloud = {"cloud": want.cloud} if want.cloud else {}
            tenant = {"tenant": want.tenant} if kind.has_tenant and want.tenant != "admin" else {}
            objects.append(
                {"type": api, "name": want.name, **cloud, **tenant, "fields": _written(want.fields)}
            )
    return objects


def _written(value: Any) -> Any:
    """A value as a file holds it; a reference by name, as an export has some, is that name."""
    if isinstance(value, Unresolved):
        return references.named(value.ref)
    if isinstance(value, dict):
        return {name: _written(inner) for name, inner in value.items()}
    return [_written(inner) for inner in value] if isinstance(value, list) else value


def main(size: str) -> None:
    """Measure one size, and print it."""
    with tempfile.TemporaryDirectory(prefix="avi-bench-", ignore_cleanup_errors=True) as folder:
        bench = ObjectsBench(SIZES[size], Path(folder), print)
        with lab(bench.folder / "conforming.json", 0, bench.folder) as site:
            environment = bench._environment(site)  # noqa: SLF001 -- our own
            check = bench.check(site, environment)
            floor = bench.floor(site, check)
    for cost in (check, *floor):
        print(_line(cost))
    facts = check.more["facts"]
    ratio = check.cpu / sum(cost.cpu for cost in floor)
    memory = (check.mib - floor[1].mib) * 1024 / facts
    print(f"{facts} facts, {ratio:.2f} times the floor, {memory:.1f} KiB a test above empty ones")


def _line(cost: Cost) -> str:
    times = f"{cost.wall:.1f} s, {cost.cpu:.1f} s of processor"
    return f"{cost.what}: {times}, {cost.mib:.0f} MiB, {cost.requests} requests"


if __name__ == "__main__":
    main(*sys.argv[1:])
