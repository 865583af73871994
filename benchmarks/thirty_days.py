"""Thirty days of a simulated site with growing use, a whole run a day: is the forecast right within a day?

`python -m benchmarks.thirty_days` makes and removes services every day, moves the clock of the site on by a day and
runs pytest. After the last run the growth goes on without runs, until the Controller has no address left: that is the
day which the forecasts are held against. The exit code is 1 where the last ten are off by more than a day.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from avi_schema.command_line import whole
from benchmarks.command import command
from tests.runs.harness import ZYGOTE, Site, run

DAY = 86_400
NETWORK, VRF, GROUP = "AVI_FRONTEND_3025", "VRF_AZ1", "S1-AZ1-SE-Group"
ADDRESSES = 200
"""Of the network, from .40 on: more than thirty days take."""
LATEST = 10
"""Forecasts, the last ones, that must be right."""
Api = Callable[..., Any]
"""One request to the Controller: (method, path, body) -> the answer. Raises OSError or AssertionError for a refusal."""


@dataclass
class Growth:
    """Services of a site that come and go: `made` a day, of which `removed` go again the next day."""

    api: Api
    made: int
    removed: int
    number: count[int] = field(default_factory=count)
    short: list[tuple[str, str]] = field(default_factory=list)

    def begin(self) -> None:
        """Make room: addresses for months, and a group that may have as many services."""
        (network,) = self.api("GET", f"/api/network?name={NETWORK}")["results"]
        (pool,) = network["configured_subnets"][0]["static_ip_ranges"]
        pool["range"]["end"]["addr"] = f"10.10.25.{40 + ADDRESSES - 1}"
        self.api("PUT", f"/api/network/{network['uuid']}", network)
        (group,) = self.api("GET", f"/api/serviceenginegroup?name={GROUP}")["results"]
        self.api(
            "PUT", f"/api/serviceenginegroup/{group['uuid']}", group | {"max_vs_per_se": 200, "max_se": 2}
        )

    def day(self) -> None:
        """One day of it. Raises what `api` raises once no address is left."""
        for ref, vip in self.short:
            self.api("DELETE", ref)
            self.api("DELETE", vip)
        services = [self._service() for _ in range(self.made)]
        self.short = services[: self.removed]

    def _service(self) -> tuple[str, str]:
        name = f"day-{next(self.number)}"
        vip = {"vip_id": "1", "auto_allocate_ip": True}
        vsvip = self.api(
            "POST",
            "/api/vsvip",
            {"name": name, "vrf_context_ref": f"/api/vrfcontext?name={VRF}", "vip": [vip]},
        )
        service = self.api(
            "POST",
            "/api/virtualservice",
            {
                "name": name,
                "vsvip_ref": vsvip["url"],
                "se_group_ref": f"/api/serviceenginegroup?name={GROUP}",
                "services": [{"port": 80}],
            },
        )
        return f"/api/virtualservice/{service['uuid']}", f"/api/vsvip/{vsvip['uuid']}"


def days_told(document: dict[str, Any]) -> int | None:
    """In how many days a run's drift.json says that the network's addresses are used up."""
    for each in document["forecast"]:
        if each["measure"] == "addresses" and each["name"].startswith(NETWORK):
            days: int | None = each["days"]
            return days
    return None


def main() -> int:
    """Play it, and print a line a day."""
    parser = command(
        "thirty_days", __doc__, "", "--days 12 --made 8", failed="a forecast is off by more than a day"
    )
    parser.add_argument("--days", type=whole(1), default=30, help="days with a run (30)")
    parser.add_argument("--made", type=whole(1), default=5, help="services that are made a day")
    parser.add_argument("--removed", type=whole(0), default=1, help="of which so many go the next day")
    given = parser.parse_args()
    site, told = Site("conforming"), dict[int, int | None]()
    try:
        with tempfile.TemporaryDirectory(prefix="avi-bench-") as folder:
            growth = Growth(site.api, given.made, given.removed)
            growth.begin()
            declared, where = site.declared(Path(folder)), Path(folder) / "runs"
            for day in range(given.days):
                growth.day()
                site.ask("POST", "/lab/clock", {"advance": DAY})
                began = time.perf_counter()
                ran = run(where, declared, **site.credentials)
                told[day] = days_told(json.loads((where / "reports" / "drift.json").read_text()))
                took = time.perf_counter() - began
                print(
                    f"day {day + 1}: exit code {ran.code}, {took:.1f} s, used up in {told[day]} days",
                    flush=True,
                )
            return verdict(told, end(growth))
    finally:
        ZYGOTE.close()
        site.close()


def end(growth: Growth) -> int:
    """On which further day the Controller has no address left."""
    for day in range(1, 10 * ADDRESSES):
        try:
            growth.day()
        except (OSError, AssertionError):
            return day
    raise AssertionError("the addresses do not run out")


def verdict(told: dict[int, int | None], more: int) -> int:
    """Print what was told against what came; 1 where the last ones were wrong."""
    last = max(told)
    print(f"used up on day {last + 1 + more}")
    off = {day: abs(day + days - (last + more)) for day, days in told.items() if days is not None}
    print("off by, in days: " + ", ".join(f"{day + 1}: {error}" for day, error in off.items()))
    wrong = [day for day in sorted(told)[-LATEST:] if off.get(day, 2) > 1]
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
