from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mini_suite import case

from intent import Drift
from reports.text import WIDTH, failure_text, finding, headline, short

GOLDEN = Path(__file__).parent / "golden"

POOLS = [
    {"range": "10.10.25.40-10.10.25.59", "use": "vip-and-se"},
    {"range": "10.10.25.1-10.10.25.5", "use": "vip"},
]


def both(*others):
    """A drift in two fields."""
    result = case("drift", "AVI_FRONTEND_3025")
    more = (Drift(result.fact.key, path, want, have) for path, want, have in others)
    return replace(result, drifts=(*result.drifts, *more))


EXAMPLES = {
    "value": case("drift", "AVI_FRONTEND_3025"),
    "list": case("drift", "NET", path="subnets[10.10.25.0/24].pools", want=POOLS, have=POOLS[:1]),
    "several": both(("dhcp", False, True), ("subnets", ["10.10.25.0/24"], [])),
    "absent": case("drift", "NET", path="", want="exactly one", have="absent"),
    "long-list": case("drift", "NET", path="domains", want=[f"d{n}.example" for n in range(50)], have=[]),
    "failed": case("failed", "NET", reason="no address of the pool is free"),
    "unknown": case("unknown", "NET", reason="10.10.20.10 does not answer; is it switched on?"),
    "blocked": case("blocked", "NET", reason="network NET is absent from the Controller"),
    "waived": case(
        "waived",
        "NET",
        reason="no address of the pool is free",
        title="The pools of NET have free addresses.",
        waiver="waived until 2027-01-31 18:00 +0100: move (approved by A, T-1)",
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_text_is_as_reviewed(name):
    path = GOLDEN / f"failure-{name}.txt"
    assert failure_text(EXAMPLES[name]) + "\n" == path.read_text()


def test_every_part_of_a_drift_is_told():
    result = EXAMPLES["value"]
    text = failure_text(result)
    for part in (
        result.fact.subject,
        "vrf",
        "VRF_AZ1",
        "global",
        result.check.why,
        "Step 3",
        "choose the VRF",
    ):
        assert part in " ".join(text.split())


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=20), inner, max_size=4),
    max_leaves=12,
)


@given(want=anything, have=anything, name=st.text(min_size=1, max_size=200))
def test_any_values_make_a_narrow_text(want, have, name):
    result = case("drift", name, want=want, have=have)
    text = failure_text(result)
    assert max(len(line) for line in text.split("\n")) <= WIDTH
    assert len(text.split("\n")) < 120
    assert "\n" not in headline(result).replace(name, "")
    assert isinstance(short(result), str)


def test_a_waived_fact_of_the_runtime_says_what_does_not_hold():
    waived = EXAMPLES["waived"]
    assert headline(waived) == "network NET: does not hold: The pools of NET have free addresses"
    assert finding(waived) == (
        "network NET: no address of the pool is free; expected: The pools of NET have free addresses (waived)"
    )
    of_a_field = replace(waived, drifts=case("drift", "NET").drifts)
    assert headline(of_a_field) == "network NET: vrf is waived"
