"""The lab as a process of its own, and pytest runs against it as a user starts them."""

import json
import os
import ssl
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.request import Request, urlopen

from tests.runs.harness import ZYGOTE
from tests.runs.zygote import KILLED
from tests.site import IBERIA

ROOT = Path(__file__).parents[2]


class LabProcess:
    """The simulated site, spoken to over its sockets; `control` is its control plane."""

    def __init__(self):
        self.process = ZYGOTE.lab("--state", "fresh", "--port", "0", "--with-parent")
        self.endpoints = json.loads(self.process.stdout.readline())
        self.trust = ssl.create_default_context(cafile=self.endpoints["ca_file"])

    def stop(self):
        self.process.close()

    def control(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = Request(
            self.endpoints["control"] + path, data, {"Content-Type": "application/json"}, method=method
        )
        with urlopen(request, context=self.trust, timeout=30) as answer:
            return json.loads(answer.read() or b"null")

    def reset(self, state):
        self.control("DELETE", "faults")
        self.control("POST", "reset", {"state": state})
        self.control("DELETE", "requests")

    def writes(self):
        """(method, path, status) of every write since the last reset or `forget`."""
        heard = self.control("GET", "requests")["requests"]
        skip = ("/login", "/logout")
        return [
            (one["method"], one["path"], one["status"])
            for one in heard
            if one["method"] not in ("GET", "HEAD", "OPTIONS") and one["path"] not in skip
        ]

    def forget(self):
        self.control("DELETE", "requests")

    def environment_file(self, folder, name="site.yaml", **replaced):
        """The blog's environment with the lab's addresses, written into a folder."""
        text = IBERIA.read_text(encoding="utf-8")
        port, dns = self.endpoints["controller"]["port"], self.endpoints["dns"]
        head, _, rest = text.partition("controller:\n  address: 10.10.20.10\n  ca_file: controller-ca.pem\n")
        assert rest, "the blog's file has other words for the Controller now"
        text = f"{head}controller:\n  address: 127.0.0.1\n  port: {port}\n  ca_file: {self.endpoints['ca_file']}\n{rest}"
        fqdn = "    fqdn: local-dns-site1.avi.iberia.local\n"
        assert fqdn in text
        text = text.replace(fqdn, f"{fqdn}    resolve_via: {dns['address']}:{dns['port']}\n")
        for old, new in replaced.items():
            assert old in text, old
            text = text.replace(old, new)
        path = Path(folder) / name
        path.write_text(text, encoding="utf-8")
        return path


class Runs:
    """Runs of pytest on one environment file, with journals and reports in one folder."""

    CHECKS = tuple(
        f"checks/test_{topic}.py"
        for topic in (
            "cloud", "dns_profiles", "dns_services", "ipam_profiles", "names", "networks", "se_groups", "system", "vrfs",
        )
    )  # fmt: skip
    """What the Controller and its DNS service answer."""

    def __init__(self, lab, folder, file=None):
        self.lab = lab
        self.folder = Path(folder)
        self.file = file or lab.environment_file(folder)
        self.journals = self.folder / "journals"

    def command(self, *arguments, checks=CHECKS):
        return [
            sys.executable,
            "-m",
            "pytest",
            *checks,
            f"--environment={self.file}",
            f"--journals={self.journals}",
            f"--report-dir={self.folder / 'reports'}",
            *(
                "-o",
                f"cache_dir={self.folder / 'cache'}",
                "-p",
                "no:hypothesispytest",
                "-p",
                "no:schemathesis",
            ),
            *arguments,
        ]

    @property
    def _variables(self):
        return {**os.environ, "AVI_USERNAME": "admin", "AVI_PASSWORD": "avi-lab", "COLUMNS": "200"}

    def start(self, *arguments, env=None, **options):
        """A process of its own, to be stopped or spoken to while it runs."""
        return subprocess.Popen(
            self.command(*arguments, **options),
            cwd=ROOT,
            env={**self._variables, **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __call__(self, *arguments, **options):
        """(exit code, what was printed)."""
        with tempfile.TemporaryDirectory() as elsewhere:
            out = Path(elsewhere) / "out"
            code = ZYGOTE.run(self.command(*arguments, **options)[3:], self._variables, out, 240).code
            said = out.read_text(encoding="utf-8")
        assert code != KILLED, said
        return code, said

    def journal(self):
        """The newest journal."""
        return max(self.journals.glob("*.jsonl"), key=lambda path: path.stat().st_mtime_ns)
