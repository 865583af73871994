"""What stands beside the results: the environment panel, the executor, the categories."""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import platform
import socket
from pathlib import Path
from typing import Any

from intent.files import near
from intent.installation import git
from intent.remediation import FAILURES
from intent.words import moment
from reports import grouping
from reports.history.transitions import duration
from reports.run import Run

CATEGORIES: tuple[tuple[str, list[str], str], ...] = (
    ("Drift: not as declared", ["failed"], "drift"),
    ("Does not hold", ["failed"], "failed"),
    ("Unknown: could not be read", ["broken"], "unknown"),
    ("Blocked: stands on something that is not there", ["skipped"], "blocked"),
    ("Waived: accepted until a date", ["skipped"], "waived"),
    ("Put right by this run", ["passed"], "remediated"),
    ("Fixed since the last run", ["passed"], "fixed"),
)
"""(name, Allure statuses, our outcome); Allure 2 tells them by status and message, Allure 3 by label."""


def environment_properties(run: Run) -> str:
    """The environment panel, as Java properties."""
    return "".join(f"{_key(name)}={_value(value)}\n" for name, value in environment(run).items())


def environment(run: Run) -> dict[str, str]:
    """What the environment panel says."""
    counts = run.results.counts()
    known = run.facts
    shown: dict[str, Any] = {
        # The page shows the first seven, and the rest on request.
        "Verdict": run.verdict,
        "Changes": run.tally if run.before else None,
        "To act": grouping.to_act(run.results.of(*FAILURES)) or None,
        "Started": moment(run.started),
        "Drifting longest": _longest(run),
        "Controller": known.get("site"),
        "Controller version": known.get("version"),
        "vCenter version": known.get("vcenter_version"),
        "Environment": run.environment,
        "Declared in": near(known["file"]) if known.get("file") else None,
        "Revision": known.get("revision") or revision(known.get("file")),
        "API version": known.get("api_version"),
        "Rules": known.get("rules"),
        "vCenter": known.get("vcenter"),
        "TLS verified": None if "verify_tls" not in known else "yes" if known["verify_tls"] else "NO",
        "Simulated site": "yes" if known.get("lab") else None,
        "Objects": f"{counts.objects} ({counts.objects_with_drift} with drift)",
        "Facts": counts.facts,
        "Not as declared": counts.drifted,
        **{name.capitalize(): number for name, number in sorted(counts.outcomes.items())},
        "Requests": known.get("requests"),
        "Read at": known.get("read_at"),
        "Exit code": run.exit_code,
        "Run": run.id,
    }
    return {name: run.scrubber.text(str(value)) for name, value in shown.items() if value is not None}


def _longest(run: Run) -> str | None:
    """The oldest drift that is still there."""
    drifting = [
        run.transitions[result.nodeid]
        for result in run.results.of(*FAILURES)
        if result.nodeid in run.transitions
    ]
    old = [transition for transition in drifting if transition.since is not None]
    if not old:
        return None
    oldest = max(old, key=lambda transition: transition.lasted(run.started))
    return f"{oldest.entry.object or oldest.entry.title}, for {duration(oldest.lasted(run.started))}"


def revision(file: str | None) -> str | None:
    """The declared file's revision: its last commit and whether it was changed since, else a hash of its content."""
    if not file or not Path(file).is_file():
        return None
    path = Path(file).resolve()
    if commit := git(path.parent, "log", "-1", "--format=%h %cs", "--", path.name):
        changed = git(path.parent, "status", "--porcelain", "--", path.name)
        return commit + (" and changed since" if changed else "")
    return "sha256 " + hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def executor_json(run: Run) -> str:
    """Who ran it, with a link back where the CI system tells one."""
    return json.dumps(run.scrubber.data(executor(run)), indent=2)


def executor(run: Run) -> dict[str, Any]:
    """The same as plain data; `buildOrder` is what Allure's trend sorts by."""
    environ = os.environ
    report = f"Avi Compliance: {run.environment}"
    for sign, kind, name, build, order, url in (
        ("GITLAB_CI", "gitlab", "CI_JOB_NAME", "CI_PIPELINE_ID", "CI_PIPELINE_IID", "CI_JOB_URL"),
        ("GITHUB_ACTIONS", "github", "GITHUB_WORKFLOW", "GITHUB_RUN_ID", "GITHUB_RUN_NUMBER", ""),
        ("JENKINS_URL", "jenkins", "JOB_NAME", "BUILD_TAG", "BUILD_NUMBER", "BUILD_URL"),
    ):
        if environ.get(sign):
            link = environ.get(url, "")
            if kind == "github":
                server, repository = environ.get("GITHUB_SERVER_URL"), environ.get("GITHUB_REPOSITORY")
                link = f"{server}/{repository}/actions/runs/{environ.get('GITHUB_RUN_ID')}"
            number = environ.get(order, "")
            return {
                "type": kind,
                "name": environ.get(name, kind),
                "buildName": environ.get(build, run.id),
                "buildOrder": int(number) if number.isdecimal() else int(run.started.timestamp()),
                "buildUrl": link,
                "reportName": report,
            }
    kind = "kubernetes" if environ.get("KUBERNETES_SERVICE_HOST") else "local"
    if environ.get("INVOCATION_ID"):
        kind = "systemd"
    return {
        "type": kind,
        "name": f"{_user()}@{socket.gethostname()} (Python {platform.python_version()})",
        "buildName": run.id,
        "buildOrder": int(run.started.timestamp()),
        "reportName": report,
    }


def categories_json() -> str:
    """Allure 2's categories."""
    return json.dumps(
        [
            {"name": name, "matchedStatuses": statuses, "messageRegex": f"(?s){outcome}: .*"}
            for name, statuses, outcome in CATEGORIES
            if outcome != "fixed"
        ],
        indent=2,
    )


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _key(text: str) -> str:
    return text.replace("\\", r"\\").replace(" ", r"\ ").replace(":", r"\:").replace("=", r"\=")


def _value(text: str) -> str:
    escaped = text.replace("\\", r"\\").replace("\n", r"\n").replace("\r", r"\r")
    return "".join(letter if " " <= letter <= "~" else f"\\u{ord(letter):04x}" for letter in escaped)
