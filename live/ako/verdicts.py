"""Verdicts on the declared AKOs of a site, each made once, and their steps asked as checks ask."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from weakref import WeakKeyDictionary

from avi_schema import Version
from intent import Blocked, Cluster, Drift, Drifted, Environment, Unknown
from intent.ako import case
from intent.ako.boot import boot
from intent.ako.seen import Account
from intent.ako.steps import WRONG, StepOutcome, StepResult
from intent.ako.verdict import AkoVerdict, verdict_on
from intent.kinds.ako import Ako, AkoStep
from live.ako.as_ako import with_proofs
from live.ako.seen import collections, seen
from live.avi.snapshot import Live

_KNOWN: WeakKeyDictionary[Live, dict[str, AkoVerdict]] = WeakKeyDictionary()
IDLE = (StepOutcome.NOT_APPLICABLE, StepOutcome.NOT_SEEN)


def verdicts(environment: Environment, live: Live) -> dict[str, AkoVerdict]:
    """The verdict on every declared AKO, by its name. Raises Unknown where nothing of the site was read."""
    if live not in _KNOWN:
        _KNOWN[live] = judged(environment, live)
    return _KNOWN[live]


def keep_proofs(environment: Environment, live: Live, proofs: Iterable[Account]) -> None:
    """Let the verdicts on this site stand on what was proved of AKOs' users, too. Raises Unknown."""
    _KNOWN[live] = judged(environment, live, proofs=proofs)


def judged(
    environment: Environment, live: Live, controller: Version | None = None, proofs: Iterable[Account] = ()
) -> dict[str, AkoVerdict]:
    """The same, made anew; on a Controller of another version, where one is given. Raises Unknown."""
    akos = environment.each(Ako)
    site = seen(live, collections(ako.files for ako in akos))
    site = with_proofs(replace(site, version=controller or site.version), proofs)
    known = {}
    for ako in akos:
        others, files = tuple(_others(ako, environment)), ako.files
        known[ako.name] = verdict_on(ako.name, files.settings, files.resources, site, files.nodes, others)
    return known


def ako_case(ako: Ako, environment: Environment, live: Live) -> case.AkoCase:
    """One AKO on this site, for those who put right what it stumbles over. Raises Unknown."""
    files = ako.files
    site = seen(live, collections([files]))
    start = boot(files.settings, site, files.resources.infra)
    return case.AkoCase(
        files.settings, files.resources, site, start, files.nodes, tuple(_others(ako, environment))
    )


def _others(ako: Ako, environment: Environment) -> list[case.OtherCluster]:
    """The further clusters that are declared. Two entries with the same values are one cluster, looked at twice."""
    akos = [
        case.OtherCluster(
            other.files.settings.cluster,
            tuple(prefix for node in other.files.nodes or () for prefix in node.pods),
            other.files.settings.vrf or None,
            other.number,
            other.settings.primary,
        )
        for other in environment.each(Ako)
        if other is not ako and other.values != ako.values
    ]
    known = {each.name for each in akos}
    clusters = [
        case.OtherCluster(other.name, other.pods or (), other.vrf)
        for other in environment.each(Cluster)
        if other.name not in known and other.name != ako.files.settings.cluster
    ]
    return [*akos, *clusters]


def is_asked(step: AkoStep, verdict: AkoVerdict) -> bool:
    """Whether there is anything to ask of a step on this site: AKO takes it, or does not come to it."""
    results = verdict.of(step.id)
    if not results:
        return _ended_before(step, verdict) is not None
    return any(each.outcome not in IDLE for each in results)


def require(step: AkoStep, environment: Environment, live: Live) -> None:
    """Raise unless a step of AKO passes, or a hole is not there.

    Blocked where AKO does not come to it, Unknown where it cannot be told, Drifted where a remedy may put it right, and
    AssertionError for all else that is wrong.
    """
    verdict = verdicts(environment, live)[step.ako.name]
    results = verdict.of(step.id)
    wrong = [each for each in results if each.outcome in WRONG]
    if drifts := [Drift(step.key, *each.drift) for each in wrong if each.drift is not None]:
        raise Drifted(drifts)
    assert not wrong, "; ".join(dict.fromkeys(map(_sentence, wrong)))
    for each in results:
        if each.outcome is StepOutcome.UNKNOWN:
            raise Unknown(each.why)
    if not results and (before := _ended_before(step, verdict)) is not None:
        raise Blocked(f"AKO of {verdict.cluster} does not come to it: {_sentence(before)}")


def _sentence(result: StepResult) -> str:
    logs = f"; AKO logs: {result.text}" if result.text else ""
    return f"{result.what}: {result.why}{logs}" if result.what else result.why + logs


def _ended_before(step: AkoStep, verdict: AkoVerdict) -> StepResult | None:
    """The failed step that keeps AKO from coming to this one; None where nothing does."""
    for each in verdict.steps:
        if each.outcome not in (StepOutcome.FAILED, StepOutcome.UNKNOWN):
            continue
        if not each.goes_on or step.id.startswith("C"):
            return each
        part = step.id[:2] == each.step[:2] and len(step.id) == 3 and not step.id[2].isdigit()
        if part:
            return each
    return None
