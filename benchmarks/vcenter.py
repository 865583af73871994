"""Reading vCenter: one bulk read beside an attribute read for every object, as calls and as time.

`python -m benchmarks.vcenter [PORT-GROUPS VMS]` (default 1000 400). Both clients speak to the lab's endpoint, which
runs as a process of its own, over TLS on loopback; the ratio says what a real network only makes larger: each call
costs a round trip more there.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import ssl
import tempfile
import time
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import trustme
from pydantic import SecretStr

from avi_schema.command_line import whole
from benchmarks.command import command
from intent import Vcenter
from live.deadlines import Timeouts
from live.vcenter.gateway import VcenterGateway
from live.vcenter.session import VcenterSession

USER, PASSWORD = "administrator@vsphere.local", "vcenter-lab"


@dataclass(frozen=True)
class Cost:
    """What one way of reading cost: SOAP calls, and seconds (the best of the runs)."""

    calls: int
    seconds: float


def serve(said: Connection, chain: str, port_groups: int, vms: int) -> None:
    """A vCenter of that size, until it is told to stop."""
    # Here and not above: this process measures the client, and only that one is the lab.
    from lab import vcenter  # noqa: PLC0415
    from lab.clock import Clock  # noqa: PLC0415
    from lab.datacenter.inventory import inventory_of as model_of  # noqa: PLC0415
    from lab.datacenter.model import VmSize  # noqa: PLC0415

    site: Any = SimpleNamespace(memory={}, clock=Clock(), calls=[])
    model = model_of(site)
    datacenter = model.add_datacenter("BENCH")
    hosts = [model.add_host(model.add_cluster(datacenter, "C0"), f"esx{n}") for n in range(8)]
    switch = model.add_switch(datacenter, "DVS0")
    groups = [model.add_portgroup(switch, f"pg-{n:04}", n % 4094 + 1) for n in range(port_groups)]
    folders = [
        model.vm_folder(datacenter, f"AVI K8S/Site{site_} AZ{zone}") for site_ in (1, 2) for zone in (1, 2)
    ]
    for n in range(vms):
        size = VmSize(2, 4096, 20)
        vm = model.add_vm(f"s1az1-se-{n:05}", folders[n % len(folders)], hosts[n % len(hosts)], size)
        for step in (1, 7):
            model.add_nic(vm, groups[n * step % port_groups].moid, "10.0.0.1/24")

    async def run() -> None:
        handle = await vcenter.serve(site, chain=Path(chain))
        said.send(handle.port)
        await asyncio.get_running_loop().run_in_executor(None, said.recv)
        await handle.close()

    asyncio.run(run())


def bulk(declared: Vcenter, base: Path) -> Cost:
    """As the product reads: one view, one paged call."""
    gateway = VcenterGateway(declared, USER, SecretStr(PASSWORD), base=base)
    gateway.connect()
    began, before = time.perf_counter(), gateway.calls
    inventory = gateway.read()
    cost = Cost(gateway.calls - before, time.perf_counter() - began)
    assert len(inventory.machines) > 1
    gateway.close()
    return cost


def naive(declared: Vcenter, base: Path) -> Cost:
    """As pyVmomi invites one to write it: attributes of managed objects, one call each."""
    session = VcenterSession(declared, USER, SecretStr(PASSWORD), base=base, timeouts=Timeouts(60))
    session.connect()
    began, before = time.perf_counter(), session.calls
    (datacenter,) = session.content.rootFolder.childEntity
    vlans = {}
    for network in datacenter.networkFolder.childEntity:
        if hasattr(network, "key"):
            vlans[network.key] = (network.name, network.config.defaultPortConfig.vlan)
    queue, machines = [datacenter.vmFolder], []
    while queue:
        for child in queue.pop().childEntity:
            if hasattr(child, "childEntity"):
                queue.append(child)
                continue
            nics = [
                d.backing.port.portgroupKey for d in child.config.hardware.device if hasattr(d, "macAddress")
            ]
            machines.append((child.name, child.parent, child.runtime.powerState, nics))
    cost = Cost(session.calls - before, time.perf_counter() - began)
    assert len(machines) > 1
    session.close()
    return cost


def measure(port_groups: int = 1000, vms: int = 400, runs: int = 3) -> dict[str, Any]:
    """Both ways against the same vCenter, each `runs` times, the best one counted."""
    with tempfile.TemporaryDirectory() as folder:
        ca = trustme.CA()
        ca.cert_pem.write_to_path(f"{folder}/ca.pem")
        ca.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(f"{folder}/server.pem")
        ours, theirs = multiprocessing.Pipe()
        process = multiprocessing.get_context("spawn").Process(
            target=serve, args=(theirs, f"{folder}/server.pem", port_groups, vms), daemon=True
        )
        process.start()
        try:
            declared = Vcenter(address="127.0.0.1", port=ours.recv(), ca_file="ca.pem", datacenter="BENCH")
            found = {
                way.__name__: min(
                    (way(declared, Path(folder)) for _ in range(runs)), key=lambda cost: cost.seconds
                )
                for way in (bulk, naive)
            }
        finally:
            ours.send("stop")
            process.join(10)
    return {
        "port_groups": port_groups,
        "vms": vms,
        "openssl": ssl.OPENSSL_VERSION,
        **{name: asdict(cost) for name, cost in found.items()},
        "calls_ratio": found["naive"].calls / found["bulk"].calls,
        "seconds_ratio": found["naive"].seconds / found["bulk"].seconds,
    }


if __name__ == "__main__":
    PARSER = command("vcenter", __doc__, "", "100 40")
    PARSER.add_argument("port_groups", type=whole(1), nargs="?", default=1000, metavar="PORT-GROUPS")
    PARSER.add_argument("vms", type=whole(2), nargs="?", default=400, metavar="VMS")
    GIVEN = PARSER.parse_args()
    print(json.dumps(measure(GIVEN.port_groups, GIVEN.vms), indent=2))
