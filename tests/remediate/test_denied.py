"""A write that is answered with 401 or 419: whether it was applied is read, and nothing is doubled."""

import pytest

from live.errors import FateUnknown
from remediate.registry import Consent
from remediate.write.record import load
from tests.remediate.applied import Run
from tests.remediate.breaking import Hand


@pytest.mark.parametrize("applied", [True, False])
def test_nothing_is_doubled_after_an_answer_that_denies_it(tmp_path, applied):
    """As a proxy may answer when the Controller has long acted; no write is slower to be looked for than need be."""
    run = Run(tmp_path, consent=Consent(disruptive=True))
    denied = set()

    def deny(method, path, _body):
        if (method, path) not in denied:
            denied.add((method, path))
            raise FateUnknown(f"{method} {path} was answered with HTTP 401", denied=True)

    setattr(run.gateway, "after_write" if applied else "before_write", deny)
    assert {status for _, status in run.go()} == {"done"}
    assert run.bench.drifts() == []
    refs = Hand(run.gateway).named("systemconfiguration", "")["dns_virtualservice_refs"]
    assert len(refs) == len(set(refs))
    fates = [entry.fate for entry in load(run.record.path).entries]
    assert fates == (["done"] if applied else ["lost", "done"]) * run.plan.writes


def test_what_nobody_knows_is_not_called_a_conflict(tmp_path):
    """Its answer was lost, and the object is neither as before nor as asked: it may have been applied before that."""
    run = Run(tmp_path, only=lambda drift: drift.path == "buffer")

    def lose(*_request):
        run.gateway.after_write = lambda *_: None
        Hand(run.gateway).edit("serviceenginegroup", "S1-AZ2-SE-Group", lambda body: body.update(buffer_se=7))
        raise FateUnknown("the connection broke")

    run.gateway.after_write = lose
    assert [status for _, status in run.go()] == ["moved"]
    assert [entry.fate for entry in load(run.record.path).entries] == ["unknown"]
