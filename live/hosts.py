"""Hosts over testinfra: each is asked once, with one script, and every host at the same time as the others."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from intent import Host, Unknown
from live.probe import Facts, Questions, read, script

TIMEOUT = 8
"""Seconds to connect in. A host that does not answer costs no more than this, and no other host anything."""
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
    """Ask a host everything. Raises Unknown, with a sentence, when no command can be run there."""
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
        said = (result.stderr.strip().splitlines() or [""])[-1]
        raise Unknown(f"host {host.name}: {why}{f' ({said})' if said else ''}") from None
    # The clock is read last: just before the answer came back, at the earliest when the script was sent.
    skew = None if facts.clock is None else facts.clock - ended
    return Visit(facts, skew, min(ended - sent, 1.0))


def visit_all(
    wanted: Iterable[tuple[Host, Questions]],
    ssh_config: Path | None = None,
    say: Callable[[str], None] = print,
) -> Mapping[str, Visit | Unknown]:
    """Every host by name, at the same time; one that cannot be asked is Unknown and holds up nobody."""
    pairs = list(wanted)
    if not pairs:
        return {}
    say(f"asking {len(pairs)} hosts")

    def one(pair: tuple[Host, Questions]) -> Visit | Unknown:
        try:
            return visit(*pair, ssh_config)
        except Unknown as why:
            return why

    with ThreadPoolExecutor(max_workers=min(16, len(pairs)), thread_name_prefix="host") as pool:
        return {host.name: found for (host, _), found in zip(pairs, pool.map(one, pairs), strict=True)}


def _connected(host: Host, ssh_config: Path | None) -> Any:
    import testinfra  # noqa: PLC0415 -- only runs that declare hosts pay for it

    options: dict[str, Any] = {}
    if host.connection.startswith("ssh://"):
        options = {"timeout": TIMEOUT, "controlpersist": 0, "ssh_extra_args": SSH_OPTIONS}
    elif host.connection.startswith("paramiko://"):
        options = {"timeout": TIMEOUT}
    if ssh_config is not None and options:
        options["ssh_config"] = str(ssh_config)
    return testinfra.get_host(host.connection, **options)


def _reason(error: Exception) -> str:
    """The last line that ssh or the backend said."""
    stderr = getattr(error.args[0], "stderr", "") if error.args else ""
    lines = (stderr or str(error) or type(error).__name__).strip().splitlines()
    text = lines[-1] if lines else type(error).__name__
    return f"{text}; see its connection in the environment file, and AVI_SSH_CONFIG"
