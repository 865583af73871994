"""What a process costs, and what the lab beside it costs: the two are told apart, since they share the cores."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.machine import load

ROOT = Path(__file__).parents[1]
DECIDING = ("PYTEST_", "AVI_", "VCENTER_", "PYTHONDONTWRITEBYTECODE")
"""Variables that decide about a run; ours begin without them."""
CACHE = str(Path(tempfile.gettempdir()) / "avi-compliance-bench-pycache")
"""Compiled once for all runs, as on a machine that runs it every night, and outside the clone."""
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Cost:
    """One run: seconds on the clock and of the processor, the most memory it held, and what it asked of the site."""

    what: str
    wall: float
    cpu: float
    mib: float
    lab_cpu: float = 0.0
    requests: int = 0
    bytes: int = 0
    exit_code: int = 0
    load: float = 0.0
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def times(self) -> str:
        """What it took, as a line of a result says it."""
        return f"{self.wall:.1f} s, {self.cpu:.1f} s of processor"

    def to_json(self) -> dict[str, Any]:
        """Plain data, rounded to what can be told apart."""
        return {name: round(v, 3) if isinstance(v, float) else v for name, v in asdict(self).items()}


class Lab:
    """The lab as a process of its own, loaded with an export, answering each request so many milliseconds late."""

    def __init__(self, export: Path, latency: int, folder: Path) -> None:
        self.line = folder / "lab.json"
        with (folder / "lab.log").open("wb") as log:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "lab",
                    "--import",
                    str(export),
                    "--latency",
                    str(latency),
                    "--with-parent",
                ],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        if not said:
            raise RuntimeError(f"the lab did not start: {(folder / 'lab.log').read_text()[-500:]}")
        self.line.write_bytes(said)
        self.endpoints: dict[str, Any] = json.loads(said)
        self._tls = ssl.create_default_context(cafile=self.endpoints["ca_file"])

    @property
    def controller(self) -> dict[str, Any]:
        """Where the Controller is, as an environment file says it."""
        return {
            "address": "127.0.0.1",
            "port": self.endpoints["controller"]["port"],
            "ca_file": self.endpoints["ca_file"],
        }

    @property
    def dns(self) -> str:
        """Where the DNS service is."""
        return f"127.0.0.1:{self.endpoints['dns']['port']}"

    @property
    def credentials(self) -> dict[str, str]:
        """The variables that log in."""
        return {"AVI_USERNAME": self.endpoints["username"], "AVI_PASSWORD": self.endpoints["password"]}

    @property
    def cpu(self) -> float:
        """Seconds of processor it has had."""
        stat = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) / TICKS

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One request to the control plane."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.endpoints["controller"]["url"] + path, data, method=method)
        with urllib.request.urlopen(request, context=self._tls, timeout=60) as answer:
            return json.load(answer)

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()


@contextmanager
def lab(export: Path, latency: int, folder: Path) -> Iterator[Lab]:
    """A lab for a while."""
    found = Lab(export, latency, folder)
    try:
        yield found
    finally:
        found.close()


def run(what: str, command: list[str], log: Path, site: Lab | None = None, **variables: str) -> Cost:
    """Run a command to its end and say what it cost; of the site, where one is given, what it was asked meanwhile."""
    if site is not None:
        site.ask("DELETE", "/lab/requests")
    busy = load()
    before = site.cpu if site else 0.0
    environment = {n: text for n, text in os.environ.items() if not n.startswith(DECIDING)}
    with log.open("wb") as out:
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env={**environment, "COLUMNS": "120", "NO_COLOR": "1", "PYTHONPYCACHEPREFIX": CACHE, **variables},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    cost = Cost(
        what,
        wall,
        used.ru_utime + used.ru_stime,
        used.ru_maxrss / 1024,
        exit_code=process.returncode,
        load=busy,
    )
    if site is not None:
        cost.lab_cpu = site.cpu - before
        heard = site.ask("GET", "/lab/requests")
        cost.requests, cost.bytes = heard["count"], sum(each["length"] for each in heard["requests"])
        cost.more["paths"] = [each["path"] for each in heard["requests"] if each["method"] == "GET"]
    return cost
