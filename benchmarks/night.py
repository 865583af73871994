"""An hour of a simulated night, a whole run every five minutes: is each event told once, by whom it was, and rightly?

`python -m benchmarks.night` plays it. Two people change what is declared and what is not, somebody changes vCenter, the
cloud connector follows, AKO writes, a Service Engine dies and comes back, and all is put right again by hand. The exit
code is 1 where a message tells less or more than what has happened since the one before.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

from pyVmomi import vim

from benchmarks.command import command
from lab.tests.vcenter import seeding
from tests.reports.receivers import webhook
from tests.runs.harness import SECRET, ZYGOTE, Site, run

STEP = 300
"""Seconds between two runs."""

NETWORK, GROUP, PORT_GROUP = "AVI_FRONTEND_3025", "S1-AZ1-SE-Group", "AVI_FRONTEND_3026"
BY = r" \({} from 127\.0\.0\.1, [-0-9: ]+ UTC\)"
IN_VCENTER = r" \(VSPHERE\.LOCAL\\administrator \(this tool's account\), [-0-9: ]+ UTC\)"
ENGINE = "SE group DNS-SE-Group: does not hold: The Service Engines of DNS-SE-Group serve "
ADDED, CHANGED = "minor: added pool by-hand", "normal: changed pool by-hand: default_server_port: 80 -> 8443"
DHCP = f"{NETWORK} has DHCP set as declared"
VLAN = "vlan: declared 3026, found 999"
VIRTUALIZATION = r"\[virtualization team\]"
LASTED = r" \(had drifted \d+ minutes\)"


class Minute(NamedTuple):
    """What happens in the five minutes before a run, and what its message should be: a pattern for each line."""

    happens: Callable[[Night], object]
    told: tuple[str, ...] = ()
    code: int = 1


class Night:
    """A site with two people beside the first user, AKO and vCenter, and the receiver of its messages."""

    def __init__(self, site: Site, folder: Path, url: str) -> None:
        self.site, self.folder, self.url, self.ahead = site, folder, url, 0
        self.lab = folder / "lab.json"
        self.lab.write_text(json.dumps(site.endpoints), encoding="utf-8")
        access = [{"role_ref": "/api/role?name=System-Admin", "tenant_ref": "/api/tenant?name=admin"}]
        for name in ("ann", "bob"):
            person = {"name": name, "username": name, "password": SECRET, "access": access}
            site.api("POST", "/api/user", person)
        self.wait(600)

    def wait(self, seconds: int) -> None:
        """Move all clocks of the site."""
        self.site.ask("POST", "/lab/clock", {"advance": seconds, "date": True})
        self.ahead += seconds

    def run(self) -> int:
        """A whole run, as a timer starts it; its exit code."""
        return run(
            self.folder,
            *("--lab", f"--lab-at={self.lab}", "-ptests.runs.later", f"--notify={self.url}"),
            RUN_AHEAD=str(self.ahead),
        ).code

    def edit(self, who: str, api: str, name: str, **members: Any) -> None:
        """A person's change of an object."""
        row = self.site.one(api, name) | members
        self.site.api("PUT", f"/api/{api}/{row['uuid']}", row, login=(who, SECRET))

    def ako(self, *steps: Any) -> None:
        """AKO of the first zone at work."""
        self.site.ask("POST", "/lab/actors/ako", {"steps": list(steps)})

    def engine(self, *, powered: bool) -> None:
        """The first Service Engine of the DNS service loses its machine, or gets it back."""
        names = sorted(each["name"] for each in self.site.api("GET", "/api/serviceengine")["results"])
        name = self.__dict__.setdefault("first", next(each for each in names if each.startswith("dns")))
        what = {"do": "set", "kind": "Vm", "name": name, "member": "powered", "value": powered}
        self.site.ask("POST", "/lab/vcenter/faults", what)

    def vcenter(self, act: Callable[[dict[str, Any]], object]) -> None:
        """What an administrator does in vCenter with its networks, by name."""
        endpoint = self.site.endpoints["vcenter"]
        peer = SimpleNamespace(
            address=endpoint["address"],
            port=endpoint["port"],
            ca_file=self.site.endpoints["ca_file"],
            user=endpoint["username"],
            password=endpoint["password"],
        )
        session = seeding.connect(peer, version=seeding.NEWEST)
        try:
            (datacenter,) = session.RetrieveContent().rootFolder.childEntity
            act({each.name: each for each in _within(datacenter.networkFolder)})
        finally:
            seeding.disconnect(session)


def _within(folder: Any) -> Iterator[Any]:
    for each in folder.childEntity:
        yield from _within(each) if isinstance(each, vim.Folder) else (each,)


def _add_port_group(networks: dict[str, Any]) -> None:
    switch = next(each for each in networks.values() if isinstance(each, vim.DistributedVirtualSwitch))
    seeding.wait(switch.AddDVPortgroup_Task([seeding.group_spec("APP_3050", seeding.vlan_id(3050))]))


def _pool(night: Night) -> None:
    night.edit("bob", "serviceenginegroup", GROUP, buffer_se=1)
    night.site.api("POST", "/api/pool", {"name": "by-hand"}, login=("bob", SECRET))


def _back(night: Night) -> None:
    night.edit("ann", "network", NETWORK, dhcp_enabled=False)
    night.vcenter(lambda networks: seeding.edit(networks[PORT_GROUP], vlan=3026))


INGRESS = {"ingress": {"namespace": "shop", "name": "a", "host": "a.avi.iberia.local"}}
SCALE = {"scale": {"namespace": "shop", "service": "a", "replicas": 3}}
HOUR = (
    Minute(lambda _: None, code=0),
    Minute(
        lambda night: night.edit("ann", "network", NETWORK, dhcp_enabled=True),
        (
            rf"new, critical: network {NETWORK}: dhcp: declared no, found yes{BY.format('ann')} \[network team\]",
        ),
    ),
    Minute(lambda night: night.ako("start", INGRESS)),
    Minute(
        _pool,
        (
            rf"new, normal: SE group {GROUP}: buffer: declared 0, found 1{BY.format('bob')} \[platform team\]",
            f"{ADDED}{BY.format('bob')}",
        ),
    ),
    Minute(
        lambda night: night.vcenter(lambda networks: seeding.edit(networks[PORT_GROUP], vlan=999)),
        (f"new, critical: port group {PORT_GROUP}: {VLAN}{IN_VCENTER} {VIRTUALIZATION}",),
    ),
    Minute(lambda night: night.vcenter(_add_port_group), (f"minor: added network APP_3050{IN_VCENTER}",)),
    Minute(
        lambda night: night.engine(powered=False),
        (
            rf"new, critical: {ENGINE}\(Service Engine .*powered off.*\[platform team\]",
            r"new, critical: SE group DNS-SE-Group: power: declared poweredOn, found poweredOff \[platform team\]",
        ),
    ),
    Minute(lambda night: night.ako(SCALE)),
    Minute(
        lambda night: night.engine(powered=True),
        (
            f"fixed: SE group DNS-SE-Group: The Service Engines of DNS-SE-Group serve{LASTED}",
            f"fixed: SE group DNS-SE-Group: The Service Engine VMs of DNS-SE-Group are powered on{LASTED}",
        ),
    ),
    Minute(
        lambda night: night.edit("bob", "pool", "by-hand", default_server_port=8443),
        (f"{CHANGED}{BY.format('bob')}",),
    ),
    Minute(
        _back,
        (
            f"fixed: network {NETWORK}: {DHCP}{LASTED}",
            f"fixed: port group {PORT_GROUP}: Port group {PORT_GROUP} has its VLAN{LASTED}",
        ),
    ),
    Minute(
        lambda night: night.edit("bob", "serviceenginegroup", GROUP, buffer_se=0),
        (rf"fixed: SE group {GROUP}: .* buffer Service Engines{LASTED}",),
        code=0,
    ),
    Minute(lambda _: None, code=0),
)
"""Every five minutes of it. What AKO, the cloud connector and the system do in it is in no message."""


class Told(NamedTuple):
    """What a run came to: its exit code, and the lines of its messages."""

    code: int
    lines: tuple[str, ...]

    def fits(self, minute: Minute) -> bool:
        """Whether that is what should have been told."""
        same = self.code == minute.code and len(self.lines) == len(minute.told)
        return same and all(map(re.fullmatch, minute.told, self.lines))


def played(folder: Path) -> Iterator[tuple[int, Told, Minute]]:
    """The hour: each minute with what its run told, and what it should have."""
    with webhook() as hook, closing(Site("conforming")) as site:
        night = Night(site, folder, hook.url)
        for number, minute in enumerate(HOUR):
            night.wait(STEP // 2)
            minute.happens(night)
            night.wait(STEP // 3)
            site.one("cloud", "Default-Cloud")  # whoever looks: what follows from it begins
            night.wait(STEP // 6)
            code = night.run()
            yield (
                number * STEP // 60,
                Told(code, tuple(line for _, body in hook.got for line in body["lines"])),
                minute,
            )
            hook.got.clear()


def main() -> int:
    """Play the hour, and print what each run's message tells, and what it should have where that is something else."""
    wrong = 0
    try:
        with tempfile.TemporaryDirectory(prefix="avi-bench-") as folder:
            for number, told, minute in played(Path(folder)):
                print(f"minute {number}: exit code {told.code}", *told.lines, sep="\n  ", flush=True)
                wrong += not told.fits(minute)
                if not told.fits(minute):
                    print("  should have been told:", f"exit code {minute.code}", *minute.told, sep="\n    ")
    finally:
        ZYGOTE.close()
    return int(bool(wrong))


if __name__ == "__main__":
    command("night", __doc__, failed="a run tells less or more than it should").parse_args()
    sys.exit(main())
