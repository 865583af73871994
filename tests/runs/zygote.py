"""Runs of pytest and labs that begin with everything imported: a process that forks once for each that it is asked for.

A run in it is a run of `pytest` as a user starts it in the project's folder, with its workers, and a lab in it is a
`python -m lab`, but for the imports, which hundreds of them cannot spend a second of processor on each time. What a run
imports, and when, and how runs, workers and labs start, end and take signals, has tests with processes of their own.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import selectors
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import NamedTuple, NoReturn

ROOT = Path(__file__).parents[2]
KILLED = -9
LAZILY = (
    "allure_commons.reporter", "avi.sdk.avi_api", "dns.query", "dns.rdtypes.IN.A", "live.ako.traces", "live.facts.isolation",
    "live.facts.placement", "live.facts.upkeep", "live.sources.resolver", "live.vcenter.gateway", "remediate.plan.planner",
    "remediate.write.applier", "reports.allure.collector", "reports.artefacts", "reports.formats", "reports.notify.tell",
    "smtplib", "xml.etree.ElementTree", "yaml",
)  # fmt: skip
"""What a run of checks imports when it comes to it."""
OTHERS = (
    "_pytest.pastebin", "_pytest.stepwise", "_pytest.unittest", "allure_pytest", "allure_pytest.plugin", "testinfra",
    "testinfra.backend.local", "xdist", "xdist.dsession",
    "xdist.looponfail", "xdist.plugin", "xdist.remote", "xdist.workermanage",
)  # fmt: skip
"""Plugins of pytest and of other projects: they assert nothing that a run could show."""


LAB = (
    "lab.__main__", "lab.assembly", "lab.dns", "lab.exchange", "lab.hosts", "lab.server", "lab.vcenter",
    "uvicorn.lifespan.off", "uvicorn.protocols.http.httptools_impl", "uvicorn.protocols.websockets.auto",
)  # fmt: skip
"""What a lab imports until it serves."""


class Ended(NamedTuple):
    """What a run came to."""

    code: int
    """Its exit code, or `KILLED` where it took too long."""
    seconds: float
    kilobytes: int
    """The most memory it held."""


class Zygote:
    """One process that forks runs, as many at the same time as threads ask for one."""

    def __init__(self, surroundings: dict[str, str], folder: Path = ROOT) -> None:
        """`folder`: that of the project, or of a copy of it whose modules are imported."""
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.runs.zygote", str(theirs.fileno())],
                cwd=folder,
                env=surroundings,  # with what is compiled kept: a child would compile every plugin anew
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def run(
        self, arguments: Sequence[str], variables: dict[str, str], out: Path, timeout: float, cwd: Path = ROOT
    ) -> Ended:
        """`python -m pytest` to its end; its output goes to `out`, and `variables` are all that is in its environment.

        In another folder than the project's, it is as if PYTHONPATH named that.
        """
        order = {"arguments": arguments, "variables": variables, "out": str(out), "timeout": timeout}
        order["cwd"] = str(cwd)
        answer, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._orders, [json.dumps(order).encode()], [theirs.fileno()])
        with answer, answer.makefile() as lines:
            return Ended(*json.loads(lines.readline()))

    def lab(self, arguments: Sequence[str], variables: dict[str, str]) -> ForkedLab:
        """`python -m lab`, which goes on when this returns."""
        return ForkedLab(
            self._orders, {"program": "lab", "arguments": arguments, "variables": variables, "cwd": str(ROOT)}
        )

    def close(self) -> None:
        self._orders.close()
        self._process.wait(timeout=20)


class ForkedLab:
    """A lab that was forked, with its streams as `subprocess.Popen` has them."""

    def __init__(self, orders: socket.socket, order: dict) -> None:
        their_input, our_input = os.pipe()
        our_output, their_output = os.pipe()
        answer, theirs = socket.socketpair()
        socket.send_fds(orders, [json.dumps(order).encode()], [theirs.fileno(), their_input, their_output])
        theirs.close()
        os.close(their_input)
        os.close(their_output)
        self.stdin = os.fdopen(our_input, "w", encoding="utf-8")
        self.stdout = os.fdopen(our_output, encoding="utf-8")
        self._answer = answer
        answer.recv(8)  # its process

    def close(self) -> None:
        """End it, which `--with-parent` lets, and wait for that. Raises TimeoutError."""
        self.stdin.close()
        self._answer.settimeout(20)
        with self._answer:
            self._answer.recv(1 << 10)
        self.stdout.close()


class Run:
    """One child, and who waits for it."""

    def __init__(self, pid: int, answer: int, timeout: float) -> None:
        self.pid = pid
        self.answer = answer
        self.begun = time.monotonic()
        self.end = self.begun + timeout
        self.file = os.pidfd_open(pid)

    def kill(self) -> None:
        self.end = float("inf")
        os.killpg(self.pid, 9)

    def tell(self) -> None:
        """Answer with what it came to: it has ended."""
        _, status, used = os.wait4(self.pid, 0)
        took = round(time.monotonic() - self.begun, 2)
        ended = Ended(os.waitstatus_to_exitcode(status), took, used.ru_maxrss)
        with contextlib.suppress(OSError):  # whoever asked may have ended before
            os.write(self.answer, json.dumps(ended).encode() + b"\n")
        self.close()

    def close(self) -> None:
        os.close(self.file)
        os.close(self.answer)


class Server:
    """Waits for orders and for the ends of runs, and forks a child for each order."""

    def __init__(self, orders: socket.socket) -> None:
        self.orders = orders
        self.asking = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        """Where runs ask for the processes that they start; of a name that the kernel gives."""
        self.asking.bind("")
        self.asking.listen()
        self.selector = selectors.DefaultSelector()
        self.selector.register(orders, selectors.EVENT_READ)
        self.selector.register(self.asking, selectors.EVENT_READ)
        self.runs: dict[int, Run] = {}

    def serve(self) -> None:
        """Until nobody can give orders any more; runs that are under way end with it."""
        while True:
            wait = min([run.end for run in self.runs.values()], default=float("inf")) - time.monotonic()
            for key, _ in self.selector.select(None if wait == float("inf") else max(0.0, wait)):
                if key.fileobj is self.asking:
                    asked, _ = self.asking.accept()
                    with asked:
                        self._obey(asked, asked)
                elif key.fileobj is not self.orders:
                    self.selector.unregister(key.fd)
                    self.runs.pop(key.fd).tell()
                elif not self._obey(self.orders):
                    for run in self.runs.values():
                        run.kill()
                    return
            for run in self.runs.values():
                if run.end <= time.monotonic():
                    run.kill()

    def _obey(self, orders: socket.socket, asked: socket.socket | None = None) -> bool:
        """Carry out one order, and answer where that says or who asked; False where there are none any more."""
        text, files, _, _ = socket.recv_fds(orders, 1 << 20, 4)
        if not text:
            return False
        order = json.loads(text)
        answer, *streams = files if asked is None else [os.dup(asked.fileno()), *files]
        pid = os.fork()
        if pid == 0:
            self.selector.close()
            self.orders.close()
            name = self.asking.getsockname().decode()
            self.asking.close()
            if asked is not None:
                asked.close()
            os.close(answer)
            for run in self.runs.values():
                run.close()
            _be_program(order, streams) if "program" in order else _be(order, name)
        for stream in streams:
            os.close(stream)
        if streams:
            os.write(answer, f"{pid:08x}".encode())
        run = Run(pid, answer, order.get("timeout", float("inf")))
        self.runs[run.file] = run
        self.selector.register(run.file, selectors.EVENT_READ)
        return True


def _be(order: dict, zygote: str) -> NoReturn:
    """Be that run, to its end; a lab and workers that it starts are forked as well."""
    file = os.open(order["out"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    _begin(order, nothing, file, file)
    sys.path[:1] = dict.fromkeys((order["cwd"], str(ROOT)))
    asks = [sys.executable, "-I", "-S", str(ROOT / "tests/runs/ask.py"), zygote.removeprefix("\0")]
    import_module("fixtures.lab").program = lambda _name: [*asks, "lab"]
    import_module("execnet.gateway_io").popen_args = lambda _spec: [*asks, "worker"]
    sys.argv = [import_module("pytest").__file__, *order["arguments"]]
    try:
        code = int(import_module("pytest").main(order["arguments"]))
    except BaseException:  # noqa: BLE001 -- whatever it is, it is told, and the run ends here
        traceback.print_exc()
        code = 70
    sys.exit(code)


def _be_program(order: dict, streams: Sequence[int]) -> NoReturn:
    """Be that lab or worker, to its end; what it says on its way is nobody's business where there is no third stream."""
    _begin(order, *streams, *([os.open(os.devnull, os.O_WRONLY)] if len(streams) < 3 else []))
    if order["program"] == "worker":
        exec(
            eval(sys.stdin.readline()), {"__name__": "__main__"}
        )  # as the command line says that execnet gives Python
        sys.exit()
    lab = import_module("lab.__main__")
    sys.argv = [lab.__file__, *order["arguments"]]
    sys.exit(lab.main(order["arguments"]))


def _begin(order: dict, *streams: int) -> None:
    """Take these streams, in the order of their numbers, and the surroundings that were ordered."""
    os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    for stream in {*streams}:
        os.close(stream)
    os.environ.clear()
    os.environ.update(order["variables"])
    time.tzset()
    os.chdir(order["cwd"])


def main() -> None:
    plugin = import_module("avi_compliance.plugin")
    for name in ("pytest", *plugin.PLUGINS, *LAZILY, *OTHERS, *LAB):
        module = import_module(name)
        # Else a suite that names one of ours is warned: too late for asserts, which nobody rewrites in these.
        module.__doc__ = f"{module.__doc__} PYTEST_DONT_REWRITE"
    # Models are built when something is first read by them.
    import_module("intent").load_environment(import_module("tests.site").IBERIA)
    import_module("avi_schema").load()
    import_module("intent.installation").commit()  # which asks git
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[1])) as orders:
        Server(orders).serve()


if __name__ == "__main__":
    main()
