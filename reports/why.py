"""Explanation of one check or object, `--why`: what it stands on and what on it, its past, who did what, what helps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby, islice

import pytest

from intent import Key
from intent.drift import Drift
from intent.explanation import Chain, Explanation
from intent.outcome import fact_of
from intent.remediation import FAILURES
from intent.selection import option_as_typed
from intent.words import (
    MOST_KNOWN,
    MOST_NAMED,
    counted,
    did_you_mean,
    first_of,
    harmless,
    harmless_line,
    moment,
)
from reports.history.store import FILE, History, HistoryUnusable, PastRun
from reports.history.transitions import GOOD, JUDGED, Life, duration, flips
from reports.outcomes import NodeResult
from reports.run import RUN, Run
from reports.terminal import one_line

MOST = 12
"""Names in a line; how many more there are is said."""
ADVICE = "; name a check as `pytest --collect-only -q` lists it, or an object as `network/NAME`"
_LATER = "it writes: look at what --why tells, and run it then"
WITHOUT = {
    "remediate": _LATER,
    "apply_plan": _LATER,
    "rollback": _LATER,
    "bootstrap": "it runs no check: run it by itself",
    "collectonly": "it runs no check: run it by itself",
    "numprocesses": "what is explained is known where the checks run: leave it out, or add -n0 where a setting has it",
}
"""Options that it does not go with, each with its reason and the next step."""


def watch(config: pytest.Config) -> None:
    """Watch over what is asked for. Raises UsageError."""
    for name, reason in WITHOUT.items():
        if getattr(config.option, name, None):
            raise pytest.UsageError(f"--why does not go with {option_as_typed(name)}: {reason}")
    config.pluginmanager.register(Why(config, config.getoption("why")), "avi-why")


class Why:
    """Chooses what is explained, and explains it when the checks have spoken."""

    def __init__(self, config: pytest.Config, wanted: str) -> None:
        self.config = config
        self.wanted = wanted.strip()
        self.lines: list[str] = []

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Ask what is meant, and nothing else. Raises UsageError with the nearest name for what is not there."""
        wanted = self.wanted.casefold()
        chosen = [item for item in items if any(wanted == each.casefold() for each in _spellings(item))]
        if not chosen:
            known = dict.fromkeys(each for item in items for each in _spellings(item)[1:])
            raise pytest.UsageError(
                f"--why {self.wanted}: no check and no declared object is called so"
                + (
                    _of_name(self.wanted, known)
                    or did_you_mean(self.wanted, islice(_alike(self.wanted, known), MOST_KNOWN))
                    or _with_more(self.wanted, known)
                    or ADVICE
                )
            )
        rest = [item for item in items if item not in chosen]
        self.config.hook.pytest_deselected(items=rest)
        items[:] = chosen

    def pytest_sessionfinish(self) -> None:
        """Explain, while the site may still be asked."""
        if (run := self.config.stash.get(RUN, None)) is not None:
            self.lines = [run.scrubber.text(line) for line in explained(self.config, run)]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show it."""
        if self.lines:
            terminalreporter.section(f"why {harmless_line(self.wanted)}", sep="=")
        for line in self.lines:
            terminalreporter.write_line(harmless(line))


def _spellings(item: pytest.Item) -> tuple[str, ...]:
    """How a check can be named: by its node id or the end of it, or by its object."""
    fact = fact_of(item)
    if fact is None:
        return (item.nodeid,)
    key = fact.key
    objects = (f"{key.kind}/{key.name}", f"{key.kind.replace(' ', '-')}/{key.name}") if key else ()
    return (item.nodeid, item.nodeid.rpartition("/")[2], item.name, *objects)


def _alike(wanted: str, known: Iterable[str]) -> list[str]:
    """Names, those first that begin or end as the wanted one does: of very many, only the first are looked at."""
    head, _, tail = wanted.replace("[", "/").partition("/")

    def other(name: str) -> bool:
        begin, _, end = name.replace("[", "/").partition("/")
        return begin.casefold() != head.casefold() and end.casefold() != tail.casefold()

    return sorted(known, key=other)


def _of_name(wanted: str, known: Iterable[str]) -> str:
    """The objects of a name that was given without a kind."""
    objects = [name for name in known if wanted and name.partition("/")[2].casefold() == wanted.casefold()]
    return f"; say which kind is meant: {first_of(objects, MOST_NAMED)}" if objects else ""


def _with_more(wanted: str, known: Iterable[str]) -> str:
    """Names that begin with the wanted one: of a long name people type the beginning."""
    begun = [name for name in known if name.casefold().startswith(wanted.casefold())]
    return f"; these begin so: {first_of(begun, MOST_NAMED)}" if wanted and begun else ""


def explained(config: pytest.Config, run: Run) -> Iterator[str]:
    """The explanation of every object that was asked, and of each of its checks."""
    lives, runs, why_none = _history(run)
    results = sorted(run.results, key=lambda each: (each.fact.key or (), each.nodeid))
    several = any(each.fact.several_clouds for each in results)
    for key, group in groupby(results, key=lambda each: each.fact.key):
        if key is not None:
            chain: Chain = config.hook.pytest_avi_chain(config=config, key=key) or Chain(key)
            yield from _chain(chain, several_clouds=several)
        for result in group:
            yield from _check(config, result)
            yield _labelled("history", why_none or _life(result, run, lives.get(result.nodeid, []), runs))


def _chain(chain: Chain, *, several_clouds: bool) -> Iterator[str]:
    def names(keys: Iterable[Key]) -> str:
        texts = (key.text(cloud=several_clouds) for key in keys)
        return first_of(texts, MOST) or "nothing that is declared"

    yield chain.key.text(cloud=several_clouds)
    yield _labelled("stands on", names(chain.beneath))
    yield _labelled("on it", names(chain.above))
    if chain.referrers is None:
        yield _labelled("on site", "it was not read, so nobody knows what refers to it there")
    else:
        yield _labelled("on site", first_of(chain.referrers, MOST) or "nothing of what was read refers to it")
    if chain.events is None:
        yield _labelled("events", "none are known: the Controller's log was not to be had, or has none of it")
    for event in chain.events or ():
        yield _labelled("event", event)


def _check(config: pytest.Config, result: NodeResult) -> Iterator[str]:
    last = result.check_result
    yield f"  {result.nodeid}: {result.outcome}"
    if result.outcome != "passed":
        yield _labelled("found", one_line(result))
    if last.reason:
        yield _labelled("reason", last.reason)
    for drift, origin in last.told_drifts:
        if origin is not None:
            yield _labelled("who", _of_leaf(drift, str(origin)))
    if result.outcome != "passed":
        yield _labelled("waiver", last.waiver or "none")
    for drift in last.drifts:
        answer: Explanation = config.hook.pytest_avi_remedy(config=config, drift=drift) or Explanation()
        what = f"{answer.risk}: --remediate puts it right" if answer.risk else f"none: {answer.reason}"
        yield _labelled("remedy", _of_leaf(drift, what))
    if last.outcome in FAILURES and last.check.do:
        yield _labelled("do", last.check.do)
    if result.check.why and result.outcome != "passed":
        yield _labelled("why", result.check.why)


def _of_leaf(drift: Drift, text: str) -> str:
    return f"{drift.path}: {text}" if drift.path else text


def _history(run: Run) -> tuple[dict[str, Life], dict[int, PastRun], str]:
    """Each check's past, the runs, and why there is none."""
    try:
        with History(run.folder / FILE) as history:
            nodeids = [result.nodeid for result in run.results]
            runs = {past.id: past for past in history.runs() if past.ended}
            return dict(history.lives(nodeids)), runs, ""
    except (HistoryUnusable, OSError) as why:
        return {}, {}, f"none: {why}"


def _life(result: NodeResult, run: Run, life: Life, runs: Mapping[int, PastRun]) -> str:
    """`drifts since 2026-11-27 09:00 UTC (3 days), flapping; judged in 12 runs, in 5 of them not as declared`."""
    judged = [(number, outcome) for number, outcome, _ in life if outcome in JUDGED and number in runs]
    if len(judged) < 2:
        return "none: this is the first run that has judged it" if judged else "none: it was never judged"
    sides = [outcome in GOOD for _, outcome in judged]
    changed = flips(sides)
    began = runs[judged[changed[-1] if changed else 0][0]].started
    state = "as declared" if sides[-1] else "not as declared"
    transition = run.transitions.get(result.nodeid)
    flapping = ", flapping" if transition and transition.flapping else ""
    lasted = duration(run.started - began)
    return (
        f"{state} since {moment(began)} ({lasted}){flapping}; judged in {counted(len(judged), 'run')}, "
        f"in {sides.count(False)} of them not as declared, changed sides {counted(len(changed), 'time')}"
    )


def _labelled(label: str, text: str) -> str:
    return f"    {label:<10}{' '.join(text.split())}"
