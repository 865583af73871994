"""One run as plain data: which site, when, and its results. What every summary and file is made from."""

from __future__ import annotations

import os
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from intent.installation import HOME
from intent.scrubber import SCRUBBER, Scrubber, known_secrets
from intent.source import name_in
from reports.outcomes import Results, verdict

if TYPE_CHECKING:
    from intent.ako.verdict import AkoVerdict
    from intent.coverage import Coverage
    from intent.forecast import Forecast, Reading
    from intent.notice import Notice
    from reports.grouping import Worst
    from reports.history.store import PastRun
    from reports.history.transitions import Transition


@dataclass
class Run:
    """A run in the making, and after its end the whole of it."""

    environment: str
    folder: Path
    scrubber: Scrubber
    results: Results = field(default_factory=Results)
    facts: dict[str, Any] = field(default_factory=dict)
    """Facts of the site, as `hooks.pytest_avi_run` gives them."""
    id: str = field(default_factory=lambda: f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:6]}")
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    ended: datetime | None = None
    others: list[pytest.TestReport] = field(default_factory=list)
    """Reports of tests that are none of our checks."""
    complete: bool = True
    """Whether every check was asked, and the run came to its end."""
    exit_code: int = 0
    faults: list[str] = field(default_factory=list)
    """Reasons to fail that no check carries: waivers that expired or that nothing uses."""
    notes: list[str] = field(default_factory=list)
    """What went wrong with the reports themselves; never changes the verdict."""
    notices: list[Notice] = field(default_factory=list)
    """What the run tells beside its verdict, the gravest first."""
    not_compared: str = ""
    """Why nothing can be told of changes since an earlier run; "" where there was nothing to compare, or it was."""
    strict_notices: int = 0
    """How many of them fail the run."""
    ako: tuple[AkoVerdict, ...] = ()
    """The verdicts on the declared AKOs."""
    reading: Reading | None = None
    """The figures of use that it has read; None where it was not whole."""
    forecasts: tuple[Forecast, ...] = ()
    """When each of them is used up, the earliest first."""
    coverage: Coverage | None = None
    """How much of the site is declared; None where the run was not whole, or the site could not be read."""
    before: PastRun | None = None
    """The run before this one, if the history has one."""
    transitions: dict[str, Transition] = field(default_factory=dict)
    """What is not as it was, and what still drifts, by node id; empty without a run before."""
    last_known: dict[str, str] = field(default_factory=dict)
    """The last judged outcome, in an earlier run, of each check that could not be judged in this one, by node id; a
    check that never was judged, or that no history tells of, is not in it."""
    lost: int = 0
    """How many of those could still be judged when they were last asked."""
    last_judged: datetime | None = None
    """When a complete run could last judge everything (exit code 0 or 1), this one included."""
    last_conforming: datetime | None = None
    """When everything was last as declared (a complete run, exit code 0), this run included."""
    told: list[str] = field(default_factory=list)
    """Whom it was told, without secrets."""
    deferred: list[str] = field(default_factory=list)
    """Until when news wait that are not critical."""
    written: dict[str, Path] = field(default_factory=dict)
    """What was written where, for the summary: `drift.json` and so on."""
    unwritten: list[str] = field(default_factory=list)
    """What could not be written, by the same names; why stands in the notes."""

    def worst(self) -> Worst:
        """What its results are put in order by: the gravest first, then what has drifted longest."""
        from reports.grouping import worst_first  # noqa: PLC0415 -- once the run has ended

        return worst_first(self.transitions, self.started)

    @property
    def verdict(self) -> str:
        """The run in one sentence, with its denominators."""
        return verdict(self.exit_code, self.results, faults=len(self.faults), notices=self.strict_notices)

    @property
    def tally(self) -> str:
        """What has become of its checks since the run before: `2 new, 3 can no longer be judged; 12 still drifting`."""
        from intent.notice import SINCE_LAST_RUN  # noqa: PLC0415 -- once the run has ended
        from reports.history.transitions import CHANGED, FIXED, NEW, STILL, WAIVED  # noqa: PLC0415

        kinds = Counter(transition.kind for transition in self.transitions.values())
        parts = [f"{kinds[kind]:,} {kind}" for kind in (NEW, CHANGED, FIXED, WAIVED) if kinds[kind]]
        parts += [f"{self.lost:,} can no longer be judged"] if self.lost else []
        beside = any(notice.sort in SINCE_LAST_RUN for notice in self.notices)
        text = ", ".join(parts) or ("nothing declared has changed" if beside else "nothing has changed")
        return text + (f"; {kinds[STILL]:,} still drifting" if kinds[STILL] else "")

    @property
    def seconds(self) -> float:
        """How long it took, or has taken so far."""
        return ((self.ended or datetime.now(UTC)) - self.started).total_seconds()


RUN = pytest.StashKey[Run]()


def begin(config: pytest.Config) -> Run:
    """The run of a pytest configuration, begun now."""
    name = environment_name(config)
    chosen = config.getoption("report_dir")
    folder = Path(chosen) if chosen else config.rootpath / "reports" / "out" / name
    if chosen and not folder.is_absolute():
        folder = config.invocation_params.dir / folder
    run = Run(name, folder, scrubber(config))
    if (file := environment_file(config)) is not None:
        run.facts["file"] = str(file)
    return run


def scrubber(config: pytest.Config) -> Scrubber:
    """What takes this run's secrets out of text: those that it was given, and those of its sessions."""
    values = known_secrets(config.rootpath)
    for more in config.hook.pytest_avi_secrets(config=config):
        values.update(more or ())
    SCRUBBER.hide(*values)
    return SCRUBBER


def facts(config: pytest.Config) -> dict[str, Any]:
    """The facts of the site that other plugins know."""
    known: dict[str, Any] = {}
    for more in reversed(config.hook.pytest_avi_run(config=config)):
        known.update(more or {})
    return known


def environment_name(config: pytest.Config) -> str:
    """The name that reports and history of this run go by; `site` when it cannot be told.

    The simulated site and saved snapshots get names of their own: their past is not the live site's past.
    """
    path = environment_file(config)
    if path is None:
        return "site"
    # Whoever has loaded the file knows its name; loading a large one twice costs as much as collecting its tests.
    name = facts(config).get("environment") or name_in(path)
    if not isinstance(name, str) or os.sep in name or name in ("", ".", ".."):
        return "site"
    if config.getoption("lab", False):
        return f"{name}-lab"
    return f"{name}-snapshot" if config.getoption("from_snapshot", None) else name


def environment_file(config: pytest.Config) -> Path | None:
    """The environment file of this run: what was given, or the blog's for the simulated site."""
    given = config.getoption("environment", None)
    if given is not None:
        return Path(config.invocation_params.dir, given)
    return HOME / "environments" / "iberia.yaml" if config.getoption("lab", False) else None
