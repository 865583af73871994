"""Network namespaces with an /etc of their own: machines on their blog addresses, on one kernel."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path


def run(*command: str, **options) -> subprocess.CompletedProcess:
    check = options.pop("check", True)
    options = {"capture_output": True, "text": True, "timeout": 60, **options}
    return subprocess.run(command, check=check, **options)


def why_none() -> str:
    if shutil.which("ip") is None:
        return "ip is not installed (Debian: iproute2)"
    probe = f"probe-{os.getpid()}"
    made = run("ip", "netns", "add", probe, check=False)
    if made.returncode:
        return f"no network namespace can be made here: {made.stderr.strip() or 'not permitted'}"
    try:
        tried = run(
            "ip", "netns", "exec", probe, "sh", "-c",
            "mount --bind /tmp /mnt && echo 1 > /proc/sys/net/ipv4/ip_forward && ip link set lo up && "
            f"ip link add v{os.getpid()} type veth peer name w{os.getpid()}",
            check=False,
        )  # fmt: skip
        return (
            f"a network namespace cannot be furnished here: {tried.stderr.strip()}"
            if tried.returncode
            else ""
        )
    finally:
        run("ip", "netns", "del", probe, check=False)


@dataclass
class Machine:
    """A namespace with its own copy of /etc, in which files may be written."""

    name: str
    etc: Path
    processes: list[subprocess.Popen] = field(default_factory=list)

    @property
    def prefix(self) -> tuple[str, ...]:
        mount = f'mount --bind {self.etc} /etc && exec "$@"'
        return ("ip", "netns", "exec", self.name, "sh", "-c", mount, "sh")

    def run(self, *command: str, **options) -> subprocess.CompletedProcess:
        return run(*self.prefix, *command, **options)

    def ip(self, text: str) -> None:
        run("ip", "-n", self.name, *text.split())

    def write(self, path: str, text: str) -> None:
        target = self.etc / path
        if target.is_symlink():
            target.unlink()
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def start(self, *command: str, **options) -> subprocess.Popen:
        self.processes.append(subprocess.Popen([*self.prefix, *command], **options))
        return self.processes[-1]

    def close(self) -> None:
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        run("ip", "netns", "del", self.name, check=False)


def machine(folder: Path, name: str) -> Machine:
    etc = folder / f"etc-{name}"
    shutil.copytree("/etc", etc, symlinks=True, ignore_dangling_symlinks=True)
    full = f"{name}-{os.getpid()}"
    run("ip", "netns", "add", full)
    made = Machine(full, etc)
    made.ip("link set lo up")
    return made


def link(one: Machine, other: Machine, number: int) -> tuple[str, str]:
    """A cable between two machines; the names of its ends."""
    ends = f"va{number}", f"vb{number}"
    run(
        "ip",
        "link",
        "add",
        ends[0],
        "netns",
        one.name,
        "type",
        "veth",
        "peer",
        "name",
        ends[1],
        "netns",
        other.name,
    )
    one.ip(f"link set {ends[0]} up")
    other.ip(f"link set {ends[1]} up")
    return ends
