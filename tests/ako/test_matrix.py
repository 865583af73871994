"""Variations of values, sites and users: what is foretold of an AKO, held against the lab's own AKO, all of it."""

from __future__ import annotations

import os

import pytest
from hypothesis import given as given_
from hypothesis import settings
from hypothesis import strategies as st

from tests import lengths
from tests.ako.lab_ako import NEWEST, OLDER, PARTS, lost_routes, restored, started, writes, written
from tests.ako.site import NODE, live_of, routes, verdict
from tests.ako.variations import CASES, PASSWORD, SITES, USERS, VALUES

FEW = 12
EXAMPLES = max(FEW, int(os.environ.get("HYPOTHESIS_EXAMPLES", "0")))
WORDS = {
    "starts": ("starts", "starts but will not work"),
    "starts with sync off": ("starts but will not work",),
    "does not start": ("does not start",),
    "crashes": ("crashes",),
    "hangs": ("loops",),
}
PAIRS = [
    (case, version) for number, case in enumerate(CASES) for version in (NEWEST, OLDER[number % len(OLDER)])
]
"""Each case with the newest version, and with one of the older ones."""


@lengths.sampled(4)
@pytest.mark.parametrize(("case", "version"), PAIRS)
def test_all_that_is_foretold(tmp_path, case, version):
    state, changes, prepare = CASES[case]
    if case.startswith("user"):
        changes = changes | {"avicredentials.username": "ako", "avicredentials.password": PASSWORD}
    require_foretold(tmp_path, state, changes, [prepare] if prepare else [], version)


@settings(max_examples=EXAMPLES, deadline=None, derandomize=EXAMPLES <= FEW)
@given_(
    st.lists(st.sampled_from(sorted(VALUES)), max_size=3),
    st.sampled_from([None, *sorted(SITES)]),
    st.sampled_from([None, *sorted(USERS)]),
    st.sampled_from([*OLDER, NEWEST]),
)
def test_several_at_once(tmp_path_factory, values, site, who, version):
    """Variations laid over each other: whatever fails together, the last of it is logged, and the writes are foretold."""
    changes = {path: value for name in values for path, value in VALUES[name].items()}
    prepares = []
    for rows, name in ((SITES, site), (USERS, who)):
        if name is not None:
            changes |= rows[name][0]
            prepares.append(rows[name][1])
    if who is not None:
        changes |= {"avicredentials.username": "ako", "avicredentials.password": PASSWORD}
    require_foretold(tmp_path_factory.mktemp("several"), "conforming+tenants", changes, prepares, version)


def require_foretold(folder, state, changes, prepares, version):
    """Hold the verdict on AKO against what the lab's comes to, writes and deletes."""
    client = restored(state)
    for prepare in prepares:
        prepare(client)
    foretold = verdict(live_of(client), folder, changes, version, nodes=(NODE,))
    before = routes(client)
    real = started(client, changes, version)
    client.login()
    assert foretold.word in WORDS[real["verdict"]]
    assert foretold.exit_code == real["exit_code"]
    assert not [each.step for each in foretold.results if each.outcome == "unknown"]
    if real["verdict"] == "does not start" and real["exit_code"] == 0:
        failed = [step.step for step in foretold.steps if step.outcome == "failed"]
        assert failed == [PARTS.get(each["step"], each["step"]) for each in real["failing"]]
        assert foretold.logged.partition(": HTTP")[0] == real["logged"].partition(": HTTP")[0]
    if real["exit_code"] == 1:
        assert foretold.logged == real["logged"]
    assert writes(foretold) == written(real)
    assert lost_routes(foretold) == before - routes(client)
