"""Holes in the validation of AKO's gateway container, which lacks settings that the chart does not give it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from intent.ako import texts
from intent.ako.boot import validated
from intent.ako.case import AkoCase, AkoFinding, does_not_apply, doubtful, hole
from intent.ako.steps import Boot, StepResult
from intent.drift import Unknown

NOT_GIVEN = ("vrfName", "disableStaticRouteSync")
"""Keys of the ConfigMap that its container in the chart has no variable of [CLIENT]."""


def start_of(case: AkoCase) -> Boot:
    """The gateway container's own validation. Raises Unknown where it cannot be told."""
    values = case.settings.values
    given = {key: text for key, text in values.texts.items() if key not in NOT_GIVEN}
    settings = replace(case.settings, values=replace(values, texts=given))
    start = validated(settings, case.seen, case.resources.infra)
    for each in start.unknown:
        raise Unknown(each.why)
    return start


def _fails_alone(case: AkoCase, start: Boot, *, at_groups: bool) -> Iterator[AkoFinding]:
    """What its validation fails at, and AKO's does not: at its labels of groups, or at all else."""
    known = {(each.step, each.what) for each in case.boot.failed}
    for each in start.failed:
        if (each.step, each.what) not in known and each.step.startswith("V5") is at_groups:
            yield doubtful(each.what, f"the gateway container's own validation fails: {_ends(each)}")


def _ends(result: StepResult) -> str:
    text = f"{result.text} (step {result.step})" if result.text else result.why
    if texts.steps()[result.step].group != "R":
        return f"{text}; it stays Running, and writes nothing"
    return f"{text}; it ends, again and again, with `{texts.steps()['G1'].text().text}`"


@hole("H23", lambda settings, _resources: settings.values.gateway and bool(settings.vrf))
def gateway_vrf(case: AkoCase) -> Iterator[AkoFinding]:
    """The gateway container is not given vrfName."""
    start = start_of(case)
    where = f"in VRF context {start.vrf}" if start.vrf else "in none"
    vrf = case.settings.vrf
    why = f"the gateway container works as if vrfName were empty, {where}; AKO itself in {vrf}"
    yield doubtful("values.yaml", why)
    yield from _fails_alone(case, start, at_groups=False)


@hole("H24", lambda settings, _resources: settings.values.gateway and not settings.static_routes)
def gateway_labels(case: AkoCase) -> Iterator[AkoFinding]:
    """The gateway container looks at the labels of groups although static routes are off."""
    start = start_of(case)
    if (step := start.step("V5")) is not None and step.why:
        yield does_not_apply(f"the gateway container looks at no label either: {step.why}")
    yield from _fails_alone(case, start, at_groups=True)
