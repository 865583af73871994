"""Metrics for Prometheus' node exporter (textfile collector), in its text format 0.0.4."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from intent.forecast import Figure, Trend
from intent.notice import Sort
from intent.remediation import FAILURES, OUTCOMES, UNJUDGED
from reports.forecasts import running_out
from reports.outcomes import NodeResult
from reports.run import Run

_DRIFT = (
    "facts that are not as declared, or were not when last judged and cannot be judged now; "
    "a topic is absent where none is known but one was never judged"
)

_NOTICES = (
    "what the last run told beside its verdict; what AKO and the system did, and what is waived, is left out"
)


def render(run: Run) -> str:
    """The run's metrics; a missing timestamp (it never happened) is left out."""
    return run.scrubber.text("\n".join(_lines(run)) + "\n")


def _lines(run: Run) -> Iterator[str]:
    site = {"environment": run.environment}
    yield from _metric("drift", _DRIFT, [({**site, "topic": t}, n) for t, n in _drifts(run).items()])
    counts = run.results.counts()
    yield from _metric(
        "facts", "facts by outcome", [({**site, "outcome": name}, counts.of(name)) for name in OUTCOMES]
    )
    yield from _metric("unknown", "facts that could not be read", [(site, counts.of("unknown"))])
    yield from _metric("waiver_problems", "waivers that are expired or not needed", [(site, len(run.faults))])
    notices: Counter[str] = Counter()
    for each in run.notices:
        notices[each.sort] += each.count if each.by_a_person and each.waived is None else 0
    yield from _metric("notices", _NOTICES, [({**site, "sort": sort.value}, notices[sort]) for sort in Sort])
    yield from _metric("exit_code", "exit code of the last run", [(site, run.exit_code)])
    yield from _metric("duration_seconds", "duration of the last run", [(site, round(run.seconds, 3))])
    if "requests" in run.facts:
        yield from _metric("requests", "requests of the last run", [(site, int(run.facts["requests"]))])
    if rules := run.facts.get("rules"):
        yield from _metric("rules_info", "which rules have judged", [({**site, "rules": str(rules)}, 1)])
    yield from _forecasts(run)
    for name, what, when in (
        ("last_run", "when the last run ended", run.ended),
        ("last_success", "when a run could last judge every fact", run.last_judged),
        ("last_conforming", "when every fact was last as declared", run.last_conforming),
    ):
        if when is not None:
            yield from _metric(f"{name}_timestamp_seconds", what, [(site, int(when.timestamp()))])


def _forecasts(run: Run) -> Iterator[str]:
    """Of what is used up in a known time: the time, and the figure."""
    ending = [(_series(each.figure, run), each) for each in running_out(run.forecasts)]
    days = [(series, each.days or 0) for series, each in ending]
    fitted = [(series, each.figure) for series, each in ending if each.trend is not Trend.EXACT]
    if days:
        yield from _metric("exhausted_in_days", "days until it is used up or ends, as it grows now", days)
    if fitted:
        yield from _metric("used", "what is used of what grows", [(at, each.used) for at, each in fitted])
        yield from _metric("limit", "how much of it there is", [(at, each.limit) for at, each in fitted])


def _series(figure: Figure, run: Run) -> dict[str, str]:
    return {
        "environment": run.environment,
        "measure": figure.measure.value,
        "type": figure.type,
        "name": figure.name,
        "uuid": figure.uuid,
        "part": figure.part,
    }


def _drifts(run: Run) -> dict[str, int]:
    """Drifts by topic, as last known: a run that cannot read a drifted fact has not seen it put right.

    A topic is left out, not 0, while it has no drift but a check of which no run is known to have judged it.
    """
    drifts = Counter(_topic(result) for result in run.results.of(*FAILURES))
    doubtful = set()
    for result in run.results.of(*UNJUDGED):
        known = run.last_known.get(result.nodeid)
        if known in FAILURES:
            drifts[_topic(result)] += 1
        elif known is None:
            doubtful.add(_topic(result))
    topics = sorted({_topic(result) for result in run.results})
    return {topic: drifts[topic] for topic in topics if drifts[topic] or topic not in doubtful}


def _metric(name: str, what: str, samples: Iterable[tuple[Mapping[str, str], float]]) -> Iterator[str]:
    full = f"avi_compliance_{name}"
    yield f"# HELP {full} {what}"
    yield f"# TYPE {full} gauge"
    for labels, value in samples:
        members = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
        yield f"{full}{{{members}}} {value}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _topic(result: NodeResult) -> str:
    return result.check.topic or "other"
