"""Runs pytest as a user does, and the lab as a site that is simply there."""

from __future__ import annotations

import http.cookiejar
import json
import os
import re
import ssl
import subprocess
import sys
import threading
import urllib.error
import urllib.request
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from fixtures.lab import Lab
from tests.runs.zygote import KILLED, Ended, ForkedLab, Zygote
from tests.site import IBERIA

ROOT = Path(__file__).parents[2]
OTHERS = ("schemathesis", "hypothesispytest", "anyio", "platformdirs")
"""pytest plugins of other projects that a developer's environment may hold: seconds of imports, no part in a check."""
SECTIONS = [
    "name",
    "controller",
    "system",
    "dns_profiles",
    "ipam_profiles",
    "clouds",
    "vrfs",
    "networks",
    "se_groups",
    "dns_services",
    "remediation",
]
"""The Controller's side of an environment file."""
WORDS = {"failure": "drift", "error": "unknown", "skipped": "blocked"}
"""JUnit's elements in our words."""
SECRET = "Corr3ct-Horse.battery"
ENVIRONMENT = dict(os.environ)
"""Read once, from the main thread: pytest changes it at every test, which ends whoever walks through it in a thread."""
NO_PROXY = urllib.request.ProxyHandler({})
"""Else urllib walks through the environment at every request, looking for proxies."""


@dataclass
class Ran:
    """What a run of pytest came to. `cases` holds (outcome, message) by node id, without the leading `checks/`."""

    code: int
    out: str
    cases: dict[str, tuple[str, str]] = field(default_factory=dict)

    def of(self, outcome: str) -> dict[str, str]:
        """The messages of the checks that came to this outcome, by node id."""
        return {node: text for node, (word, text) in self.cases.items() if word == outcome}

    @property
    def counts(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for word, _ in self.cases.values():
            found[word] = found.get(word, 0) + 1
        return found

    @property
    def errors(self) -> list[str]:
        """What pytest says instead of running, without empty lines; its header may come before or after."""
        found = self.out.partition("ERROR: ")[2].partition("\n====")[0].splitlines()
        return [line for line in found if line.strip()]


def command(folder: Path, *arguments: str) -> list[str]:
    """The command line of a run that keeps its files in `folder`; on the lab, of the tests' own site."""
    keep = [
        f"--junitxml={folder}/junit.xml",
        f"--report-dir={folder}/reports",
        "-o",
        f"cache_dir={folder}/cache",
    ]
    without = [f"-pno:{name}" for name in OTHERS]
    named = any(argument.startswith("--environment") for argument in arguments)
    site = [f"--environment={IBERIA}"] if "--lab" in arguments and not named else []
    return [sys.executable, "-m", "pytest", *without, *keep, *site, *arguments]


def surroundings(**variables: str) -> dict[str, str]:
    """The process environment without anything that decides about a run, and with `variables`."""
    deciding = ("AVI_", "PYTEST_", "VCENTER_", "REQUESTS_CA_BUNDLE")
    kept = {name: value for name, value in ENVIRONMENT.items() if not name.startswith(deciding)}
    return {**kept, "COLUMNS": "150", "NO_COLOR": "1", **variables}


class Shared:
    """The zygote of all tests of this process, begun when the first of them needs it."""

    def __init__(self) -> None:
        self._zygote: Zygote | None = None
        self._lock = threading.Lock()

    def run(self, *given: Any) -> Ended:
        return self._begun().run(*given)

    def lab(self, *arguments: str) -> ForkedLab:
        return self._begun().lab(arguments, ENVIRONMENT)

    def _begun(self) -> Zygote:
        with self._lock:
            if self._zygote is None:
                self._zygote = Zygote(surroundings())
            return self._zygote

    def close(self) -> None:
        if self._zygote is not None:
            self._zygote.close()
            self._zygote = None


ZYGOTE = Shared()


def run(folder: Path, *arguments: str, cwd: Path = ROOT, timeout: float = 240.0, **variables: str) -> Ran:
    """Run pytest to its end: in the project's folder as a child of the zygote, else as a process of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "junit.xml").unlink(missing_ok=True)
    given, known = command(folder, *arguments), surroundings(**variables)
    if cwd == ROOT and not any(name.startswith("PYTHON") for name in variables):
        code = ZYGOTE.run(given[3:], known, folder / "out", timeout).code
    else:
        with (folder / "out").open("wb") as out:
            code = subprocess.run(
                given,
                cwd=cwd,
                env=known,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                timeout=timeout,
                check=False,
            ).returncode
    out = (folder / "out").read_text(encoding="utf-8")
    assert code != KILLED, out
    assert "INTERNALERROR" not in out, out
    assert "Traceback (most recent call last)" not in out, out
    return Ran(code, out, cases(folder / "junit.xml"))


def cases(junit: Path) -> dict[str, tuple[str, str]]:
    """Every test of a JUnit file: (passed, drift, unknown or blocked; its message) by node id."""
    found: dict[str, tuple[str, str]] = {}
    if not junit.exists():
        return found
    for case in ET.parse(junit).iter("testcase"):
        node = f"{case.get('classname', '').rpartition('.')[2]}.py::{case.get('name')}"
        assert node not in found, f"{node} is there twice"
        said = [(WORDS[part.tag], part.get("message", "")) for part in case if part.tag in WORDS]
        assert len(said) <= 1, said
        found[node] = said[0] if said else ("passed", "")
    return found


class Site:
    """The lab as a process of the test's own, spoken to over its control plane."""

    def __init__(self, state: str = "conforming", version: str = "30.2.1", *more: str) -> None:
        self._process = ZYGOTE.lab("--state", state, "--api-version", version, "--with-parent", *more)
        self.endpoints: dict[str, Any] = json.loads(self._process.stdout.readline())
        self._tls = ssl.create_default_context(cafile=self.endpoints["ca_file"])
        self._opener = urllib.request.build_opener(NO_PROXY, urllib.request.HTTPSHandler(context=self._tls))
        self.name = f"127.0.0.1:{self.endpoints['controller']['port']}"

    def close(self) -> None:
        self._process.close()

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One request to the control plane; raises AssertionError with the answer unless it is 2xx."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.endpoints["controller"]["url"] + path,
            method=method,
            data=data,
        )
        try:
            with self._opener.open(request, timeout=20) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read()[:500]!r}") from None

    def api(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        tenant: str = "",
        login: tuple[str, str] | None = None,
    ) -> Any:
        """One request of the first user, under a login of its own that is logged out again; `*` is every tenant.

        `login`: another user and its password. An empty answer is None.
        """
        jar = http.cookiejar.CookieJar()
        opener = urllib.request.build_opener(
            NO_PROXY, urllib.request.HTTPSHandler(context=self._tls), urllib.request.HTTPCookieProcessor(jar)
        )
        url = self.endpoints["controller"]["url"]
        headers = {
            "Content-Type": "application/json",
            "X-Avi-Version": self.endpoints["version"],
            "Referer": url,
            **({"X-Avi-Tenant": tenant} if tenant else {}),
        }

        def send(verb: str, where: str, data: Any) -> bytes:
            tokens = {cookie.name: str(cookie.value) for cookie in jar}
            known = headers | ({"X-CSRFToken": tokens["csrftoken"]} if "csrftoken" in tokens else {})
            raw = None if data is None else json.dumps(data).encode()
            with opener.open(
                urllib.request.Request(url + where, raw, known, method=verb), timeout=20
            ) as answer:
                return bytes(answer.read())

        known_login = login or (self.endpoints["username"], self.endpoints["password"])
        send("POST", "/login", dict(zip(("username", "password"), known_login, strict=True)))
        text = send(method, path, body)
        answer = json.loads(text) if text else None
        send("POST", "/logout", {})
        self.forget()
        return answer

    def one(self, api: str, name: str) -> Any:
        """The one object of this name."""
        (row,) = self.api("GET", f"/api/{api}?name={name}")["results"]
        return row

    def faults(self, *faults: dict[str, Any]) -> None:
        self.ask("PUT", "/lab/faults", list(faults))

    def reset(self, state: str = "conforming") -> None:
        self.faults()
        self.ask("POST", "/lab/reset", {"state": state})
        self.forget()

    def forget(self) -> None:
        self.ask("DELETE", "/lab/requests")

    @property
    def heard(self) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("GET", "/lab/requests")
        return found

    @property
    def paths(self) -> list[str]:
        """(method and path without its query) of every request, in order."""
        return [f"{each['method']} {each['path'].partition('?')[0]}" for each in self.heard["requests"]]

    @property
    def credentials(self) -> dict[str, str]:
        return {"AVI_USERNAME": self.endpoints["username"], "AVI_PASSWORD": self.endpoints["password"]}

    def declared(self, folder: Path, change: Any = None, **controller: Any) -> str:
        """The option that names an environment file: iberia's, but at this site's addresses.

        `change` is called with the file's data. Only the Controller's side is declared: what is not declared is not
        asked.
        A file outside the project is given as `--environment=FILE`.
        """
        data = yaml.safe_load(IBERIA.read_text(encoding="utf-8"))
        data = {section: data[section] for section in SECTIONS}
        there = {"address": "127.0.0.1", "port": self.endpoints["controller"]["port"]}
        data["controller"] |= {**there, "ca_file": self.endpoints["ca_file"], **controller}
        for service in data["dns_services"]:
            service["resolve_via"] = f"127.0.0.1:{self.endpoints['dns']['port']}"
        if change is not None:
            change(data)
        path = folder / "site.yaml"
        path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
        return f"--environment={path}"


@contextmanager
def lab_of(*arguments: str) -> Iterator[Lab]:
    """The lab as runs have it: where its servers are, and how to log in."""
    with closing(ZYGOTE.lab("--with-parent", *arguments)) as process:
        yield Lab(json.loads(process.stdout.readline()))


@contextmanager
def site(*arguments: str) -> Iterator[Site]:
    """A site for one test."""
    found = Site(*arguments)
    try:
        yield found
    finally:
        found.close()


def alive(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return re.sub(r"^.*\) ", "", status)[0] not in "ZX"
