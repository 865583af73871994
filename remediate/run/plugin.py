"""The pytest plugin of remediation: its options. What plans, writes and undoes is imported where one is given."""

from __future__ import annotations

from pathlib import Path

import pytest

from avi_schema.command_line import seconds, whole
from fixtures.options import ENVIRONMENT
from intent import Cloud, Drift
from intent.cloud_types import cloud_type, declared_types
from intent.explanation import Explanation

SETTLE = 300.0

ASKING = (
    *("plan", "plan_out", "remediate", "apply_plan", "rollback"),
    *("rollback_unproved", "allow_disruptive", "create_near_twins", "max_changes"),
)
"""Options that ask for something, or that are refused where nothing is asked for."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    group = parser.getgroup("remediation", "Avi Compliance: put drift right, prove it, undo it")
    group.addoption(
        "--plan",
        action="store_true",
        help="run the checks, then show what would put the drift right: every write with its risk, what it would hit, "
        "and what no remedy answers. Changes nothing; exit code 1 on drift",
    )
    group.addoption(
        "--plan-out",
        metavar="FILE",
        type=Path,
        help="also save the plan for review; --apply-plan=FILE carries it out. Alone it implies --plan",
    )
    group.addoption(
        "--remediate",
        action="store_true",
        help="run the checks, plan, write, and run the checks again: what they say then is the outcome. Only drift of "
        "the checks that ran is planned, so -k narrows it. Every write is in a journal that --rollback undoes",
    )
    group.addoption(
        "--apply-plan",
        metavar="FILE",
        type=Path,
        help="like --remediate, with what the saved and reviewed plan and one made now agree on; an object that has "
        "changed since is left alone and its difference shown, and what else the file asks for is refused by name",
    )
    group.addoption(
        "--rollback",
        metavar="JOURNAL",
        type=Path,
        help="undo the run of this journal, newest write first; what others have changed since is left as it is "
        "and named. No check is run",
    )
    group.addoption(
        "--rollback-unproved",
        action="store_true",
        help="with --rollback: undo also a journal that nothing proves to be a run's own, such as one of another user. "
        "Every write is shown first, the guards are asked, and what no run could have written is refused all the same",
    )
    group.addoption(
        "--max-changes",
        metavar="N",
        type=whole(1),
        help="refuse a plan of more than N writes (default: remediation.max_changes of the environment file)",
    )
    group.addoption(
        "--allow-disruptive",
        action="store_true",
        help="also carry out guarded changes that hit something in use; without it they are refused with its names",
    )
    group.addoption(
        "--create-near-twins",
        action="store_true",
        help="also make an absent object where one exists whose name looks almost alike (but for case, blanks, dashes, "
        "accents ...), or in another tenant; without it the plan names that one and makes none",
    )
    group.addoption(
        "--settle",
        metavar="SECONDS",
        type=seconds(0, 86_400),
        default=SETTLE,
        help="after the writes, how long to wait for what takes its time: Service Engines, virtual services, names "
        f"(default: {SETTLE:.0f})",
    )
    group.addoption(
        "--journals",
        metavar="DIR",
        type=Path,
        help="where journals and the lock are kept (default: journals, in the project's folder)",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Refuse a journal or a plan that cannot be read, before a lab is started or a site asked. Raises UsageError."""
    if config.getoption("rollback") or config.getoption("apply_plan"):
        from remediate.run.options import read_given  # noqa: PLC0415 -- as below

        read_given(config)


@pytest.hookimpl(optionalhook=True)
def pytest_avi_remedy(config: pytest.Config, drift: Drift) -> Explanation:
    """Whether a remedy answers a drift, at which risk, and else why none does."""
    import remediate.remedies  # noqa: F401, PLC0415 -- registers them; only who asks pays for it
    from remediate.plan.judge import answer  # noqa: PLC0415 -- as above
    from remediate.registry import Remedy  # noqa: PLC0415 -- as above

    declared = config.stash[ENVIRONMENT]
    want = declared.find(drift.key)
    word = cloud_type(want, declared_types(declared.each(Cloud))) if want else ""
    remedy = answer(drift, word, want)
    return Explanation(risk=remedy.risk) if isinstance(remedy, Remedy) else Explanation(reason=remedy)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Register what was asked for, in the steering process only."""
    if hasattr(config, "workerinput") or config.option.help or config.option.version:
        return
    if any(config.getoption(name) for name in ASKING):
        from remediate.run.planning import register  # noqa: PLC0415 -- a fifth of what a run of checks would import

        register(config)
