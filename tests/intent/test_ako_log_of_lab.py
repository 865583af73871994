"""The log search over logs of the lab's AKO, whose lines are AKO's own as far as they were seen: each leads to its step."""

from __future__ import annotations

import pytest

from intent.ako.log import FRAME, mentions
from intent.ako.texts import printers
from lab import ako
from lab.tests.ako_starts import ROWS
from lab.tests.cloudsite import Client


@pytest.fixture(scope="module")
def kept():
    client = Client("conforming")
    ako.take_steps(client.lab, steps=["label"])
    return client, client.lab.snapshot()


BROKEN = [(values, steps[-1]) for values, _, steps, _ in ROWS if steps]


@pytest.mark.parametrize(
    ("values", "step"), BROKEN, ids=[f"{n}-{step}" for n, (_, step) in enumerate(BROKEN)]
)
@pytest.mark.parametrize("version", ["1.13.4", "2.2.1"])
def test_the_line_of_a_failed_start_leads_to_its_step(kept, values, step, version):
    client, snapshot = kept
    client.lab.restore(snapshot)
    answer = ako.take_steps(client.lab, set=values, version=version)
    log = answer["log"] if isinstance(answer["log"], str) else "\n".join(map(str, answer["log"]))
    seen = [mention for mention in mentions(log) if mention.step.group]
    assert seen, log
    steps = {other.step for mention in seen for other in printers(mention.step)}
    steps |= {also for mention in seen for also in mention.text.also}
    assert step in steps, log
    assert not [mention for mention in mentions(log) if mention.step.step == FRAME], log
