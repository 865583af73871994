"""Options of remediation, from the command line as one frozen object; impossible combinations are refused."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import pytest

from fixtures.options import ENVIRONMENT
from intent.file_kinds import PLAN, not_written
from remediate.plan.model import BadPlan, Plan
from remediate.registry import SAFE_ONLY, Consent
from remediate.write.journal import own_seal
from remediate.write.record import BadJournal, JournalRecord, load
from remediate.write.seal import Seal

FOLDER = "journals"
GIVEN = pytest.StashKey[tuple[Plan | None, JournalRecord | None]]()


@dataclass(frozen=True)
class Options:
    """What the command line asks for. `settle` is in seconds.

    `reviewed` is the plan of `--apply-plan`, `undo` the journal of `--rollback`; `undo_unproved`: even one that nothing
    proves to be a run's own.
    """

    write: bool
    folder: Path
    max_changes: int
    settle: float
    consent: Consent = SAFE_ONLY
    plan_out: Path | None = None
    reviewed: Plan | None = None
    undo: JournalRecord | None = None
    undo_unproved: bool = False
    seal: Callable[[], Seal] = own_seal
    """What journals are sealed with and proved by. Raises NoJournal."""


def options_of(config: pytest.Config) -> Options | None:
    """What is asked for; None when nothing of this is. Raises pytest.UsageError for what cannot be had."""
    option = config.getoption
    modes = {
        "--plan": option("plan"),
        "--remediate": option("remediate"),
        "--apply-plan": option("apply_plan"),
        "--rollback": option("rollback"),
    }
    given = [name for name, value in modes.items() if value]
    _go_together(config, given)
    if not (given or option("plan_out")) or ENVIRONMENT not in config.stash:
        return None
    writing = bool(given) and given[0] != "--plan"
    if writing:
        _may_write(config, given[0])
    folder = option("journals") or config.rootpath / FOLDER
    reports = option("report_dir") or config.rootpath / "reports" / "out"
    undone = option("rollback")
    given_folders = (folder, Path(reports), *((undone.parent, undone.resolve().parent) if undone else ()))
    return Options(
        writing,
        folder,
        option("max_changes") or config.stash[ENVIRONMENT].remediation.max_changes,
        option("settle"),
        Consent(option("allow_disruptive"), option("create_near_twins")),
        option("plan_out"),
        _reviewed(config) if option("apply_plan") else None,
        _journal(config) if option("rollback") else None,
        option("rollback_unproved"),
        cache(partial(own_seal, config.rootpath, given_folders)),
    )


def _go_together(config: pytest.Config, given: Sequence[str]) -> None:
    """Raise UsageError for options that do not go together. `given`: the modes, such as `--plan`."""
    option = config.getoption
    if option("rollback_unproved") and not option("rollback"):
        raise pytest.UsageError("--rollback-unproved goes with --rollback=JOURNAL")
    plan_out = option("plan_out")
    if not given and not plan_out:
        for name in ("--allow-disruptive", "--create-near-twins", "--max-changes"):
            if option(name[2:].replace("-", "_")):
                raise pytest.UsageError(
                    f"{name} says how to put drift right: it goes with --plan or --remediate"
                )
    if len(given) > 1:
        raise pytest.UsageError(f"{' and '.join(given)} are different things; give one of them")
    if plan_out and given and given[0] not in ("--plan", "--remediate"):
        raise pytest.UsageError(f"--plan-out saves a plan that is made now; {given[0]} makes none")
    if plan_out and (why := not_written(plan_out, PLAN)):
        raise pytest.UsageError(f"--plan-out {plan_out}: {why}")


def _may_write(config: pytest.Config, mode: str) -> None:
    environment = config.stash[ENVIRONMENT]
    if environment.remediation.mode == "forbidden":
        raise pytest.UsageError(
            f"{environment.path} says `remediation: mode: forbidden`: {mode} is not for {environment.name}; --plan is"
        )
    if config.getoption("numprocesses", None):
        raise pytest.UsageError(
            f"{mode} writes in one order from one process, so it does not go with -n; leave -n out, or use --plan"
        )
    if config.getoption("from_snapshot"):
        raise pytest.UsageError(
            f"{mode} needs the live site, and --from-snapshot is a saved one; --plan goes with it"
        )


_ANY = Seal(b"")
"""What a journal is looked at with before it is known where keys may be kept; what it proves, the user's own says."""


def read_given(config: pytest.Config) -> tuple[Plan | None, JournalRecord | None]:
    """The plan of `--apply-plan` and the journal of `--rollback`, whatever site they are for; each is read once.

    Raises UsageError.
    """
    if GIVEN not in config.stash:
        plan, journal = config.getoption("apply_plan"), config.getoption("rollback")
        try:
            given = (Plan.load(plan) if plan else None, load(journal, _ANY) if journal else None)
        except (BadPlan, BadJournal) as problem:
            raise pytest.UsageError(str(problem)) from problem
        config.stash[GIVEN] = given
    return config.stash[GIVEN]


def _reviewed(config: pytest.Config) -> Plan:
    plan, _ = read_given(config)
    assert plan is not None
    _same_site(config, f"{config.getoption('apply_plan')} is a plan for", plan.environment, plan.address)
    return plan


def _journal(config: pytest.Config) -> JournalRecord:
    _, record = read_given(config)
    assert record is not None
    _same_site(config, f"{record.path} is a journal of", record.head.environment, record.head.address)
    narrowed = any(config.getoption(name) for name in ("keyword", "markexpr", "deselect"))
    if narrowed or any("::" in str(argument) for argument in config.args):
        raise pytest.UsageError(
            "--rollback undoes a run as a whole and asks no check: leave -k, -m, --deselect and node ids out"
        )
    return record


def _same_site(config: pytest.Config, what: str, environment: str, address: str) -> None:
    """Refuse what was made for another environment, or for another Controller under the same name."""
    declared = config.stash[ENVIRONMENT]
    if environment != declared.name:
        raise pytest.UsageError(f"{what} {environment}, and this environment is {declared.name}")
    if address != declared.controller.at:
        raise pytest.UsageError(
            f"{what} {environment} at {address}, and {declared.path} is of the Controller at {declared.controller.at}"
        )


def pasted(name: str, path: Path) -> str:
    """An option as it can be pasted: with `=`, since pytest takes a loose path outside the project for a test's."""
    return f"--{name}={shlex.quote(str(path))}"
