"""Visit to a host over testinfra: one script asks everything, and what it printed becomes the host's facts."""

from __future__ import annotations

import shlex
import subprocess
import time
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

from intent import Host, Unknown
from intent.scrubber import environ_for_children
from live.sources.host_script import Facts, Questions, read, script

TIMEOUT = 8
"""Seconds to connect in. A host that does not answer costs no more than this, and no other host anything."""
LONGEST = 90.0
"""Seconds for everything that a host is asked; a command that hangs longer is given up."""
SSH_OPTIONS = (
    "-o BatchMode=yes -o ServerAliveInterval=5 -o ServerAliveCountMax=3 -o ControlMaster=no -o LogLevel=ERROR"
)


@dataclass(frozen=True)
class Visit:
    """What one host said. `skew` is its clock minus this machine's, in seconds; `slack` what that may be off."""

    facts: Facts
    skew: float | None
    slack: float


def visit(host: Host, questions: Questions, ssh_config: Path | None = None) -> Visit:
    """Ask a host everything. Raises Unknown, with a sentence, when no command can be run there or one hangs."""
    answer: Future[Visit] = Future()

    def run() -> None:
        try:
            answer.set_result(_visit(host, questions, ssh_config))
        except Exception as error:  # noqa: BLE001 -- raised below, by who waits
            answer.set_exception(error)

    # A thread that nobody has to wait for at the end of the run.
    Thread(target=run, daemon=True).start()
    try:
        return answer.result(LONGEST)
    except TimeoutError:
        raise Unknown(
            f"host {host.name}: its commands did not come to their end in time; see whether something hangs there"
        ) from None


def _visit(host: Host, questions: Questions, ssh_config: Path | None) -> Visit:
    command = shlex.join([*host.shell, "-c", script(questions)])
    sent = time.time()
    try:
        result = _connected(host, ssh_config).run(command)
    except Exception as error:  # noqa: BLE001 -- each backend raises errors of its own
        raise Unknown(f"no command can be run on host {host.name}: {_reason(error)}") from None
    ended = time.time()
    try:
        facts = read(result.stdout)
    except Unknown as why:
        last = (result.stderr.strip().splitlines() or [""])[-1]
        raise Unknown(f"host {host.name}: {why}{f' ({last})' if last else ''}") from None
    return Visit(facts, *_skew(facts, sent, ended))


def _skew(facts: Facts, sent: float, ended: float) -> tuple[float | None, float]:
    """How far the host's clock is off, and by what that may be wrong.

    It read its clock first and last: the first time after the script was sent, the last before the answer was here. A
    `date` that knows no fractions cuts both to the second.
    """
    if facts.clock is None or facts.began is None:
        return None, 0.0
    cut = 1.0 if facts.clock.is_integer() and facts.began.is_integer() else 0.0
    least, most = facts.clock - ended, facts.began + cut - sent
    return (least + most) / 2, (most - least) / 2


def _connected(host: Host, ssh_config: Path | None) -> Any:
    import testinfra  # noqa: PLC0415 -- only runs that declare hosts pay for it

    options: dict[str, Any] = {}
    if host.connection.startswith("ssh://"):
        options = {"timeout": TIMEOUT, "controlpersist": 0, "ssh_extra_args": SSH_OPTIONS}
    elif host.connection.startswith("paramiko://"):
        options = {"timeout": TIMEOUT}
    if ssh_config is not None and options:
        options["ssh_config"] = str(ssh_config)
    connected = testinfra.get_host(host.connection, **options)
    connected.backend.run_local = partial(_run_local, connected.backend)
    return connected


def _run_local(backend: Any, command: str, *arguments: str) -> Any:
    """What testinfra does on this machine, such as calling ssh, in an environment without our credentials."""
    line = backend.encode(backend.quote(command, *arguments))
    done = subprocess.run(  # noqa: S602 -- quoted by testinfra, which hands it to a shell too
        line, shell=True, env=environ_for_children(), input=b"", capture_output=True, check=False
    )
    return backend.result(done.returncode, line, done.stdout, done.stderr)


def _reason(error: Exception) -> str:
    """The last line that ssh or the backend said."""
    stderr = getattr(error.args[0], "stderr", "") if error.args else ""
    lines = (stderr or str(error) or type(error).__name__).strip().splitlines()
    text = lines[-1] if lines else type(error).__name__
    return f"{text}; see its connection in the environment file, and AVI_SSH_CONFIG"
