"""A month of a simulated site, a whole run a day, both clocks a day further: does each day's run tell what it should?

`python -m benchmarks.month` plays all thirty days. AKO works every day; a certificate and a licence come nearer to
their end, a waiver ends, a drift comes and goes, a person changes something on day 12, and the Controller restarts on
day 20. The exit code is 1 where a day tells less or more than that. A test plays the days on which something happens.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from benchmarks.command import command
from tests.runs.harness import SECRET, ZYGOTE, Site, run

DAY = 86_400
DAYS = 30
FLAPS = range(6, 11)
"""On the even ones of these days the network has DHCP, which is declared to be off; on day 11 it has none again."""
WAIVED_UNTIL, PERSON, RESTART = 15, 12, 20
CERTIFICATE, LICENCE = 34, 39
"""Days until they end, from day 0 on; what ends within 30 is told, critically within 7."""
NETWORK, GROUP = "AVI_FRONTEND_3025", "S1-AZ1-SE-Group"
SECTIONS = ("name", "controller", "vrfs", "networks", "se_groups", "clouds", "dns_profiles", "ipam_profiles")
TELLING = (0, 1, 6, 7, 8, 9, 12, 13, 15, RESTART, RESTART + 1, 29)
"""Days on which something begins or ends, and one on which nothing does."""


LINES = (  # the first run comes ten minutes after the day has begun
    "no longer waived, 14 days",
    "flapping",
    "had drifted",
    "nothing declared has changed",
    "can no longer be judged",
)


@dataclass(frozen=True)
class DayTold:
    """What a day's run tells, of what it should: all but what AKO has done.

    `notices`: (severity, text without its author, the author's name). `drift`: (check, what has become of it since the
    last run, whether it comes and goes). `waivers`: those to be looked at. `lines`: those of `LINES` in the summary.
    """

    code: int
    notices: frozenset[tuple[str, str, str]]
    drift: frozenset[tuple[str, str | None, bool]]
    waivers: int
    lines: frozenset[str]


def expected(day: int, last: int) -> DayTold:
    """What the run of a day should tell, where the run before it was on day `last`."""
    waived, has_dhcp, had_dhcp = day < WAIVED_UNTIL, _has_dhcp(day), _has_dhcp(last)
    if day == RESTART:
        return DayTold(1, frozenset(), frozenset(), 1, frozenset({"can no longer be judged"}))
    notices = {
        ("critical" if left <= 7 else "normal", f"runs out {what}: expires in {left} days", "")
        for what, end in (("sslkeyandcertificate shop", CERTIFICATE), ("license Eval", LICENCE))
        if (left := end - day) <= 30
    }
    if last < PERSON <= day:
        notices.add(("normal", "changed pool by-hand: default_server_port: 8080 -> 8443", "ann"))
    kept = "still waived" if waived else "new" if last < WAIVED_UNTIL else "still"
    drift = {("test_se_groups.test_buffer", kept if day else None, False)}
    flaps = has_dhcp and day > FLAPS[0]
    if has_dhcp:
        drift.add(("test_networks.test_dhcp", "new", flaps))
    lines = {"flapping"} if flaps or (had_dhcp and last > FLAPS[0]) else set[str]()
    lines |= {"had drifted"} if had_dhcp and not has_dhcp else set()
    lines |= {"no longer waived, 14 days"} if last < WAIVED_UNTIL == day else set()
    quiet = day and has_dhcp == had_dhcp and kept != "new"
    lines |= {"nothing declared has changed"} if quiet else set()
    code = int(has_dhcp or not waived)
    return DayTold(code, frozenset(notices), frozenset(drift), int(not waived), frozenset(lines))


def _has_dhcp(day: int) -> bool:
    return day in FLAPS and day % 2 == 0


class Month:
    """The site, its declaration and its history; `day` plays one day."""

    def __init__(self, site: Site, folder: Path) -> None:
        self.site, self.folder, self.ahead = site, folder, 0
        self.begun = datetime.now(UTC)
        login = {"name": "ann", "username": "ann", "password": SECRET}
        access = [{"role_ref": "/api/role?name=System-Admin", "tenant_ref": "/api/tenant?name=admin"}]
        site.api("POST", "/api/user", login | {"access": access})
        self.pool = site.api("POST", "/api/pool", {"name": "by-hand", "default_server_port": 8080})
        subject = {"common_name": "shop.example"}
        own = {"self_signed": True, "subject": subject, "days_until_expire": CERTIFICATE}
        key = {"algorithm": "SSL_KEY_ALGORITHM_EC"}
        site.api("POST", "/api/sslkeyandcertificate", {"name": "shop", "certificate": own, "key_params": key})
        licence = site.one("license", "Eval")
        end = (self.begun + timedelta(days=LICENCE, hours=1)).isoformat(timespec="seconds")
        site.api("PUT", f"/api/license/{licence['uuid']}", licence | {"valid_until": end})
        group = site.one("serviceenginegroup", GROUP)
        site.api("PUT", f"/api/serviceenginegroup/{group['uuid']}", group | {"buffer_se": 1})
        backups = site.one("scheduler", "Default-Scheduler")
        site.api("PUT", f"/api/scheduler/{backups['uuid']}", backups | {"enabled": False})
        self._happen(0)
        self._wait(600)
        self.declared = site.declared(folder, self._without_more)
        until = (self.begun + timedelta(days=WAIVED_UNTIL) - timedelta(hours=1)).isoformat(timespec="seconds")
        waiver = {
            "check": "test_se_groups.*", "object": GROUP, "field": "buffer", "reason": "one more while the shop moves",
            "approver": "network team", "ticket": "NET-1", "until": until,
        }  # fmt: skip
        (folder / "site.waivers.yaml").write_text(yaml.safe_dump({"waivers": [waiver]}))

    @staticmethod
    def _without_more(data: dict[str, Any]) -> None:
        for section in data.keys() - SECTIONS:
            del data[section]

    def day(self, number: int) -> DayTold:
        """Go to a day, let happen what happens on it, and run."""
        if number:
            self._wait(number * DAY - self.ahead)
            self._happen(number)
        if number == RESTART:
            self.site.faults({"path": ".*", "close": True})
        moved = {"RUN_AHEAD": str(self.ahead)}
        ran = run(self.folder, self.declared, "-ptests.runs.later", **moved, **self.site.credentials)
        self.site.faults()
        document = json.loads((self.folder / "reports" / "drift.json").read_text(encoding="utf-8"))
        notices = [each for each in document["notices"] if each["owner"] != "AKO"]
        drifts = [*document["drifts"], *document["waived"]]
        summary = " ".join(ran.out[ran.out.find("=== Avi Compliance") :].split())
        return DayTold(
            ran.code,
            frozenset(
                (each["severity"], each["text"].partition(" (ann")[0], (each["author"] or {}).get("user", ""))
                for each in notices
            ),
            frozenset((each["check"], each["change"], each["flapping"]) for each in drifts),
            len(document["waiver_problems"]),
            frozenset(line for line in LINES if line in summary),
        )

    def _wait(self, seconds: int) -> None:
        self.site.ask("POST", "/lab/clock", {"advance": seconds, "date": True})
        self.ahead += seconds

    def _happen(self, number: int) -> None:
        ingress = {"namespace": "shop", "name": f"day-{number}", "host": f"day-{number}.avi.iberia.local"}
        steps: list[Any] = [{"ingress": ingress}] if number else ["start", {"ingress": ingress}]
        if number:
            steps.append({"scale": {"namespace": "shop", "service": "day-0", "replicas": 1 + number % 3}})
        self.site.ask("POST", "/lab/actors/ako", {"steps": steps})
        if number in (*FLAPS, 11):
            network = self.site.one("network", NETWORK)
            on = number in FLAPS and number % 2 == 0
            self.site.api("PUT", f"/api/network/{network['uuid']}", network | {"dhcp_enabled": on})
        if number == PERSON:
            pool = self.site.one("pool", "by-hand") | {"default_server_port": 8443}
            self.site.api("PUT", f"/api/pool/{pool['uuid']}", pool, login=("ann", SECRET))


def played(folder: Path, days: Iterable[int]) -> Iterator[tuple[int, DayTold, DayTold]]:
    """Play these days: each with what its run told, and what it should have."""
    site, last = Site("conforming"), 0
    try:
        month = Month(site, folder)
        for day in days:
            yield day, month.day(day), expected(day, last)
            last = day
    finally:
        site.close()


def main() -> int:
    """Play all days, and print what each tells, and what it should have told where that is something else."""
    wrong = 0
    try:
        with tempfile.TemporaryDirectory(prefix="avi-bench-") as folder:
            for day, told, should in played(Path(folder), range(DAYS)):
                print(f"day {day}: exit code {told.code}", *sorted(told.notices), sep="\n  ", flush=True)
                wrong += told != should
                if told != should:
                    print(f"  told {told}\n  should have told {should}")
    finally:
        ZYGOTE.close()
    return int(bool(wrong))


if __name__ == "__main__":
    command("month", __doc__, failed="a day tells less or more than it should").parse_args()
    sys.exit(main())
