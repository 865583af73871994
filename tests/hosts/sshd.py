"""A real sshd on a loopback port, with a throw-away key, for one user: the one who runs the tests."""

from __future__ import annotations

import getpass
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path


def why_none() -> str:
    for program, package in (
        ("sshd", "openssh-server"),
        ("ssh", "openssh-client"),
        ("ssh-keygen", "openssh-client"),
    ):
        if shutil.which(program, path="/usr/sbin:/usr/bin:/bin:/usr/local/bin") is None:
            return f"{program} is not installed (Debian: {package})"
    return ""


@dataclass
class Sshd:
    port: int
    config: Path
    process: subprocess.Popen
    address: str = "127.0.0.1"

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=10)


def free_port(address: str = "127.0.0.1") -> int:
    with socket.create_server((address, 0)) as found:
        return found.getsockname()[1]


def keys(folder: Path) -> None:
    for name in ("host", "client"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    (folder / "authorized").write_bytes((folder / "client.pub").read_bytes())


def start(folder: Path, address: str = "127.0.0.1", port: int = 0, prefix: tuple[str, ...] = ()) -> Sshd:
    """`prefix`: a command that runs it elsewhere, such as in a network namespace."""
    if not (folder / "host").exists():
        keys(folder)
    port = port or free_port(address)
    server = folder / f"sshd-{address}-{port}.conf"
    server.write_text(
        f"ListenAddress {address}\nPort {port}\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/authorized\n"
        f"PidFile none\nUsePAM no\nPasswordAuthentication no\nStrictModes no\nLogLevel ERROR\n"
        "PermitRootLogin prohibit-password\n"
    )
    Path("/run/sshd").mkdir(exist_ok=True)
    program = shutil.which("sshd", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    process = subprocess.Popen([*prefix, program, "-D", "-e", "-f", str(server)], stderr=subprocess.DEVNULL)
    config = folder / "ssh_config"
    known = folder / "known_hosts"
    host_key = (folder / "host.pub").read_text().split()
    line = f"{address if port == 22 else f'[{address}]:{port}'} {host_key[0]} {host_key[1]}\n"
    known.write_text((known.read_text() if known.exists() else "") + line)
    config.write_text(
        f"Host *\n  User {getpass.getuser()}\n  IdentityFile {folder}/client\n  IdentitiesOnly yes\n"
        f"  UserKnownHostsFile {known}\n  StrictHostKeyChecking yes\n"
    )
    return Sshd(port, config, process, address)


def wait(found: Sshd) -> None:
    for _ in range(100):
        try:
            socket.create_connection((found.address, found.port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"sshd does not listen on {found.address}:{found.port}")
