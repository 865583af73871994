"""Two vCenters to test against: the lab's endpoint, in a thread, and govmomi's vcsim, as a process."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import trustme

from lab import vcenter
from lab.clock import Clock
from lab.datacenter.inventory import ADMIN, inventory_of
from lab.datacenter.model import Permission
from lab.tests.vcenter import seeding

HERE = Path(__file__).parent
GOVMOMI = Path("/usr/share/gocode/src/github.com/vmware/govmomi")
USER, PASSWORD = "svc-test@vsphere.local", "secret"


@dataclass
class Peer:
    """A running vCenter of either make."""

    name: str
    port: int
    ca_file: Path
    address: str = "127.0.0.1"
    user: str = USER
    password: str = PASSWORD
    handle: object = None
    site: object = None
    stop: object = field(default=lambda: None, repr=False)

    @property
    def ours(self) -> bool:
        return self.name == "ours"


def certificates(folder: Path) -> tuple[Path, Path]:
    """CA file, and the server's chain with its key."""
    ca = trustme.CA()
    ca_file, chain = folder / "ca.pem", folder / "server.pem"
    ca.cert_pem.write_to_path(ca_file)
    ca.issue_cert("127.0.0.1", "localhost").private_key_and_cert_chain_pem.write_to_path(chain)
    return ca_file, chain


def why_no_go() -> str:
    """Why no Go program can be built here; empty where it can."""
    if shutil.which("go") is None:
        return "Go is not installed (Debian: golang-go)"
    if not GOVMOMI.exists():
        return "govmomi is not installed (Debian: golang-github-vmware-govmomi-dev)"
    return ""


def build(folder: Path, package: str) -> Path:
    """Compile a Go program of ours against Debian's govmomi."""
    target = folder / package
    subprocess.run(
        ["go", "build", "-o", str(target), "."],
        cwd=HERE / package,
        env={
            **os.environ,
            "CGO_ENABLED": "0",
            "GO111MODULE": "off",
            "GOPATH": "/usr/share/gocode",
            "GOPROXY": "off",
            "GOFLAGS": "",
        },
        check=True,
        timeout=900,
        capture_output=True,
    )
    return target


def start_vcsim(program: Path, folder: Path) -> Peer:
    ca_file, chain = certificates(folder)
    process = subprocess.Popen(
        [str(program), "-username", USER, "-password", PASSWORD, "-cert", str(chain)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(folder)},
    )
    port = process.stdout.readline().strip()
    if not port:
        raise RuntimeError(process.communicate(timeout=10)[1])

    def stop() -> None:
        process.stdin.close()
        process.wait(timeout=20)
        process.stdout.close()
        process.stderr.close()

    return Peer("vcsim", int(port), ca_file, stop=stop)


def empty_site() -> SimpleNamespace:
    """A site with what our endpoint needs of one: memory and a clock."""
    return SimpleNamespace(memory={}, clock=Clock(), calls=[])


def furnish(site: SimpleNamespace) -> None:
    """What vcsim has to begin with: a datacenter, a cluster with hosts, a datastore, a switch."""
    model = inventory_of(site)
    model.accounts[USER] = PASSWORD
    model.permissions.append(Permission("group-d1", USER, ADMIN))
    datacenter = model.add_datacenter("DC0")
    cluster = model.add_cluster(datacenter, "DC0_C0")
    for number in range(3):
        model.add_host(cluster, f"DC0_C0_H{number}")
    model.add_datastore(datacenter, "LocalDS_0", 1000)
    model.add_switch(datacenter, "DVS0")


def moid(model, kind, name: str) -> str:
    """The managed object id of the one object of a kind that has this name."""
    return model.named(kind, name).moid


def start_ours(folder: Path, site: SimpleNamespace, *, page: int = 500) -> Peer:
    ca_file, chain = certificates(folder)
    ready, box = threading.Event(), {}

    def run() -> None:
        async def go() -> None:
            handle = await vcenter.serve(site, chain=chain)
            handle.endpoint.world.page = page
            ended = asyncio.Event()
            box.update(handle=handle, loop=asyncio.get_running_loop(), ended=ended)
            ready.set()
            await ended.wait()
            await handle.close()

        asyncio.run(go())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(20)

    def stop() -> None:
        box["loop"].call_soon_threadsafe(box["ended"].set)
        thread.join(20)

    return Peer("ours", box["handle"].port, ca_file, handle=box["handle"], site=site, stop=stop)


def seed(peer: Peer) -> None:
    """Fill a vCenter through its own API."""
    si = seeding.connect(peer)
    seeding.seed(si.RetrieveContent())
    seeding.disconnect(si)


def start_seeded(folder: Path) -> Peer:
    """Our endpoint in a thread, filled through its API."""
    site = empty_site()
    furnish(site)
    peer = start_ours(folder, site)
    seed(peer)
    return peer
