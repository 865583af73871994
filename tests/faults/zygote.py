"""Runs of pytest that begin with everything imported: a process that forks once for each run it is asked for.

A run in it is a run of `pytest` as a user starts it, but for the second and a half of imports, which a matrix of a
hundred runs cannot spend each time.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
import traceback
from pathlib import Path

from tests.runs.harness import surroundings

ROOT = Path(__file__).parents[2]


class Zygote:
    """One process that forks runs, for the use of one thread."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.zygote"],
            cwd=ROOT,
            env=surroundings(),  # with what is compiled kept: a child would compile every plugin anew
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(
        self, arguments: list[str], variables: dict[str, str], out: Path, timeout: float
    ) -> tuple[int, float]:
        """(exit code, seconds) of one run, whose output goes to `out`; -9 for one that had to be killed."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        order = {"arguments": arguments, "variables": variables, "out": str(out), "timeout": timeout}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        code, seconds = json.loads(self.process.stdout.readline())
        return code, seconds

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(timeout=20)
        self.process.stdout.close()


def _child(order: dict) -> None:
    """Be that run; does not return."""
    file = os.open(order["out"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.setsid()
    os.environ.update(order["variables"])
    code = 70
    try:
        import pytest

        sys.argv = ["pytest", *order["arguments"]]
        code = int(pytest.main(order["arguments"]))
    except BaseException:  # noqa: BLE001 -- whatever it is, it is told, and the child ends here
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _wait(pid: int, timeout: float) -> int:
    """The exit code of a child; -9 where it had to be killed."""
    file = os.pidfd_open(pid)
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(file, selectors.EVENT_READ)
            if not selector.select(timeout):
                os.killpg(pid, 9)
    finally:
        os.close(file)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main() -> None:
    # Ours that are plugins of pytest are left to it: it rewrites their asserts when it imports them.
    import allure_commons  # noqa: F401
    import dns.query  # noqa: F401
    import pytest  # noqa: F401
    import yaml  # noqa: F401
    from avi.sdk import avi_api  # noqa: F401
    from pyVim import connect  # noqa: F401
    from pyVmomi import vim  # noqa: F401

    import intent  # noqa: F401

    for line in sys.stdin:
        order = json.loads(line)
        begun = time.monotonic()
        pid = os.fork()
        if pid == 0:
            _child(order)
        code = _wait(pid, order["timeout"])
        print(json.dumps([code, round(time.monotonic() - begun, 2)]), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
