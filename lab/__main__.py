"""Command line of the lab: `python -m lab` starts one simulated site and serves it until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from avi_schema.command_line import BAD_USAGE, CommandParser, milliseconds, not_written, whole
from avi_schema.libraries import lacking

if TYPE_CHECKING:
    import argparse

    from lab.assembly import Lab

ABOUT = """\
A simulated Avi site on loopback: the Controller's REST API over TLS, its vCenter, and an authoritative DNS server.

When everything listens, one line of JSON goes to stdout: where the Controller, vCenter and the DNS server are, the CA
to trust, the logins. Everything else goes to stderr. SIGINT or SIGTERM ends it with exit code 0.
"""
EXAMPLES = """\
states:
  empty       a Controller just installed, its Default-Cloud of no kind
  fresh       the setup wizard has run: a vCenter cloud, every port group discovered, nothing else
  conforming  the environment of environments/iberia.yaml, complete and up
  drifted     conforming, then broken in many ways; GET /lab/state lists them

added to one, as in fresh+nsxt+tenants:
  bare        two clouds without orchestrator, alike but for their addresses, with Service Engines that registered
  nsxt        two NSX-T clouds, overlay and VLAN, with an NSX-T manager and a second vCenter
  vpc         an NSX-T cloud in VPC mode, with two VPCs, at the same NSX-T manager
  tenants     tenants blue (Service Engines and VRF contexts of its own) and green (the provider's), not on empty

examples:
  python -m lab --state fresh
  python -m lab --state drifted --api-version 20.1.6 --port 8443
  curl --cacert CA -d 'username=admin&password=avi-lab' https://127.0.0.1:8443/login
  curl --cacert CA https://127.0.0.1:8443/lab/state
  curl --cacert CA -X POST https://127.0.0.1:8443/lab/clock -d '{"advance": 3600}'
"""


def options(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    states, _, examples = EXAMPLES.replace("python -m lab", f"python -m {__package__}").partition(
        "\nexamples:\n"
    )
    parser = CommandParser(
        prog=f"python -m {__package__}",
        description=ABOUT,
        examples=[line.strip() for line in examples.splitlines()],
        codes={
            0: "it was told to stop",
            3: "it cannot listen",
            4: "bad usage, or a file that cannot be used",
        },
        epilog=f"\n{states}",
    )
    add = parser.add_argument
    add(
        "--state",
        default="conforming",
        metavar="STATE[+PART...]",
        help="what is there, as listed below (default: %(default)s)",
    )
    add(
        "--api-version",
        default="30.2.1",
        metavar="X",
        help="the Controller's own version (default: %(default)s)",
    )
    add("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    add(
        "--port",
        type=whole(0, 65_535),
        default=0,
        help="the Controller's port; 0, the default, takes a free one",
    )
    add(
        "--dns-port",
        type=whole(0, 65_535),
        default=0,
        metavar="PORT",
        help="the DNS server's, UDP and TCP; 0 takes a free one",
    )
    add("--dns-host", metavar="ADDRESS", help="the DNS server's address, where it is not the Controller's")
    add("--vcenter-host", metavar="ADDRESS", help="vCenter's address, where it is not the Controller's")
    add(
        "--vcenter-port",
        type=whole(0, 65_535),
        default=0,
        metavar="PORT",
        help="vCenter's; 0 takes a free one",
    )
    add("--name", action="append", default=[], help="a further name the certificate is valid for; repeatable")
    add(
        "--ca-dir",
        type=Path,
        metavar="DIR",
        help="keep the CA here and use it again; else a temporary folder",
    )
    add("--import", dest="load", type=Path, metavar="FILE", help="load this export instead of a state")
    add("--export", dest="save", type=Path, metavar="FILE", help="write an export here when the lab ends")
    add(
        "--faults",
        type=Path,
        metavar="FILE",
        help="faults in force from the start, as PUT /lab/faults takes them",
    )
    add(
        "--latency",
        type=milliseconds(0, 600_000),
        default=0.0,
        metavar="MS",
        help="every answer this much later, in milliseconds",
    )
    add("--password", default="avi-lab", help="the first user's password (default: %(default)s)")
    add(
        "--with-parent",
        action="store_true",
        help="end when stdin does: with the process that started the lab",
    )
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Run the lab; its exit code: 0 when told to stop, 4 for bad usage, 3 when it cannot listen."""
    began = time.perf_counter()
    try:
        chosen = options(sys.argv[1:] if arguments is None else arguments)
    except SystemExit as ended:
        return BAD_USAGE if ended.code else 0
    try:
        lab = build(chosen)
    except ImportError as error:
        if not (text := lacking(error)):
            raise
        print(f"lab: {text}", file=sys.stderr)  # noqa: T201
        return BAD_USAGE
    except (OSError, ValueError, KeyError) as error:
        print(f"lab: {error.args[-1] if error.args else error}", file=sys.stderr)  # noqa: T201
        return BAD_USAGE
    gc.collect()
    gc.freeze()  # a large site is not looked through again and again while it answers
    try:
        asyncio.run(serve(lab, chosen, began))
    except KeyboardInterrupt:
        pass
    except ImportError as error:
        if not (text := lacking(error)):
            raise
        print(f"lab: {text}", file=sys.stderr)  # noqa: T201
        return BAD_USAGE
    except OSError as error:
        print(f"lab: cannot listen: {error}", file=sys.stderr)  # noqa: T201
        return 3
    if chosen.save:
        from lab.exchange import exported  # noqa: PLC0415

        chosen.save.write_text(json.dumps(exported(lab), indent=1), encoding="utf-8")
    return 0


def build(chosen: argparse.Namespace) -> Lab:
    """The site the options ask for. Raises OSError, ValueError with what is wrong."""
    from lab.assembly import Lab, own_version  # noqa: PLC0415 -- --help is to be quick
    from lab.objects import Refused  # noqa: PLC0415

    if chosen.save and (why := not_written(chosen.save, "an export of a lab", _noun)):
        raise ValueError(f"--export {chosen.save}: {why}")
    version, remark = own_version(chosen.api_version)
    if remark:
        print(f"lab: {remark}", file=sys.stderr)  # noqa: T201
    lab = Lab.make(version, "empty" if chosen.load else chosen.state, password=chosen.password)
    if chosen.load:
        from lab.exchange import imported  # noqa: PLC0415

        try:
            imported(lab, _json(chosen.load))
        except Refused as refused:
            raise ValueError(f"{chosen.load}: {refused.error}") from None
    if chosen.faults:
        try:
            lab.faults.replace(_json(chosen.faults))
        except ValueError as problem:
            said = str(problem)
            raise ValueError(
                said if said.startswith(str(chosen.faults)) else f"{chosen.faults}: {said}"
            ) from None
    return lab


async def serve(lab: Lab, chosen: argparse.Namespace, began: float) -> None:
    """Listen, say where, and serve until a signal (or the parent's end)."""
    from lab import dns, hosts, server, transport, vcenter  # noqa: PLC0415
    from lab.datacenter.inventory import vcenters  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="avi-lab-") as temporary:
        folder = chosen.ca_dir or Path(temporary)
        vcenter_host, dns_host = chosen.vcenter_host or chosen.host, chosen.dns_host or chosen.host
        served = tuple({chosen.host, vcenter_host, *chosen.name})
        ca_file, chain = server.certificates(folder, Path(temporary), served)
        web = server.server(lab, chain, chosen.latency / 1000)
        bound = transport.listening(chosen.host, chosen.port)
        names = await dns.serve(lab.site, dns_host, chosen.dns_port, lab.faults)
        first, *further = vcenters(lab.site)
        endpoint = await vcenter.serve(lab.site, vcenter_host, chosen.vcenter_port, chain, lab.faults)
        others = {
            address: await vcenter.serve(lab.site, vcenter_host, 0, chain, lab.faults, address)
            for address in further
        }
        ended = asyncio.get_running_loop().create_task(_end_with_parent(web)) if chosen.with_parent else None
        for number in (signal.SIGINT, signal.SIGTERM):
            # The server takes both while it runs, ends well, and raises them again: that is not to be an error.
            signal.signal(number, lambda *_: None)
        running = asyncio.create_task(web.serve(sockets=[bound]))
        while not web.started and not running.done():  # noqa: ASYNC110 -- the server tells by a flag only
            await asyncio.sleep(0.005)
        lab.endpoints = _line(lab, chosen, bound.getsockname()[1], names.port, ca_file)
        lab.endpoints["vcenter"] = endpoint.described()
        every = {first: endpoint, **others}
        lab.endpoints["vcenters"] = {address: each.described() for address, each in every.items()}
        lab.endpoints["hosts"] = {"shell": hosts.shell(lab.endpoints["control"], lab.endpoints["ca_file"])}
        if not running.done():
            print(json.dumps(lab.endpoints), flush=True)  # noqa: T201
            print(f"lab: {lab.state}, up after {time.perf_counter() - began:.2f} s", file=sys.stderr)  # noqa: T201
        try:
            await running
        finally:
            names.close()
            for each in (endpoint, *others.values()):
                await each.close()
            if ended is not None:
                ended.cancel()


def _line(lab: Lab, chosen: argparse.Namespace, port: int, dns_port: int, ca_file: Path) -> dict[str, Any]:
    host = f"[{chosen.host}]" if ":" in chosen.host else chosen.host
    url = f"https://{host}:{port}"
    return {
        "controller": {"address": chosen.host, "port": port, "url": url},
        "dns": {"address": chosen.dns_host or chosen.host, "port": dns_port},
        "ca_file": str(ca_file.resolve()),
        "username": "admin",
        "password": chosen.password,
        "version": ".".join(map(str, lab.site.version)),
        "control": f"{url}/lab/",
        "pid": os.getpid(),
        "state": lab.state,
    }


async def _end_with_parent(web: Any) -> None:
    """Stop when nobody holds the other end of stdin any more, however the parent ended."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    try:
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    except (OSError, ValueError):
        return  # stdin is no pipe: a file or closed; then only signals end the lab
    while await reader.read(4096):
        pass
    web.should_exit = True


def _noun(path: Path) -> str | None:
    """What a file is: an export begins with what `lab.exchange` says of it."""
    with path.open("rb") as file:
        return "an export of a lab" if b'"lab":' in file.read(100) else None


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: not JSON: {error}") from None


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    sys.exit(main())
