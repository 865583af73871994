"""Shell of a simulated host: `python __main__.py CONTROL-URL CA-FILE HOST -c SCRIPT`, standard library only."""

from __future__ import annotations

import json
import os
import shlex
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

UNREACHABLE = 255
"""What ssh exits with when it does not get there."""

PRELUDE = r"""
sim() { "$LAB_PYTHON" -ISE "$LAB_COMMANDS" "$@"; }
timeout() { shift; "$@"; }
bash() { sim connect "$3" "$4"; }
nc() { sim connect "$4" "$5"; }
getent() { sim getent "$2"; }
dig() { sim dig "$@"; }
date() { if [ "$LAB_SKEW" = 0.0 ]; then command date "$@"; else sim date; fi; }
cat() {
  for file; do
    case $file in
      /etc/resolv.conf) printf '%s\n' "$LAB_RESOLV" ;;
      /etc/chrony/chrony.conf) printf '%s\n' "$LAB_NTP" ;;
    esac
  done
}
"""


def ask(control: str, ca_file: str, path: str) -> Any:
    """One question to the lab's control plane."""
    trust = ssl.create_default_context(cafile=ca_file)
    with urlopen(f"{control}{path}", context=trust, timeout=10) as answer:  # noqa: S310 -- the lab's own https address
        return json.load(answer)


def main(arguments: list[str]) -> int:
    """Run the script as that host would; its exit code."""
    control, ca_file, name, _, script = arguments
    host, lab = ask(control, ca_file, f"hosts?name={quote(name)}"), ask(control, ca_file, "state")
    if host["down"]:
        print(f"ssh: connect to host {name} port 22: Connection timed out", file=sys.stderr)  # noqa: T201
        return UNREACHABLE
    places = {
        target: f"{lab[target]['address']}:{lab[target]['port']}"
        for target in ("controller", "vcenter", "dns")
    }
    environment = {
        **os.environ,
        "LAB_PYTHON": sys.executable,
        "LAB_COMMANDS": str(Path(__file__).with_name("commands.py")),
        "LAB_SKEW": str(host["clock"]),
        "LAB_CUT": " ".join(places[target] for target in host["cut"]),
        "LAB_DNS": places["dns"],
        "LAB_RESOLV": "\n".join(f"nameserver {server}" for server in host["nameservers"]),
        "LAB_NTP": "\n".join(f"server {server} iburst" for server in host["ntp_servers"]),
    }
    command = ["/bin/sh", "-c", f"{PRELUDE}\n{script}"]
    return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603 -- a shell runs what it is given


if __name__ == "__main__":
    if len(sys.argv) != 6:
        sys.exit(f"usage: {shlex.quote(sys.argv[0])} CONTROL-URL CA-FILE HOST -c SCRIPT")
    sys.exit(main(sys.argv[1:]))
