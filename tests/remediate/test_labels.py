"""Labels: what remediation came to, as it stands beside the failure of a check."""

from types import SimpleNamespace

from intent import Drift, Key
from intent.outcome import CheckInfo, CheckResult, Fact
from intent.remediation import FirstResult
from remediate.plan.model import Unplanned
from remediate.run.labels import Labels, left_alone

KEY = Key("SE group", "dns", "Default-Cloud", "admin")


def test_names_from_the_site_are_harmless_on_a_screen():
    drift = Drift(KEY, "folder", "A", "B")
    first = FirstResult("drift", (drift,), "", 0.0, 0.0)
    report = SimpleNamespace(
        check_result=CheckResult(Fact(CheckInfo("c"), key=KEY), "drift", drifts=(drift,)),
        when="call",
        outcome="failed",
        sections=[],
    )
    deferred = SimpleNamespace(
        first=first, outcome="drift", fact=report.check_result.fact, result=report.check_result, again=False,
        taken_back=False, reports=[report],
    )  # fmt: skip
    left = Unplanned(KEY, "folder", "B", "A", "they stay", ("Service Engine se\x1b]0;x\x07\u202e",))
    labels = Labels(None, "", (), "")
    labels.put_on(deferred, {KEY: [left_alone(left)]})
    assert report.sections == [
        ("remediation", r"left as it is: they stay (would hit: Service Engine se\x1b]0;x\x07\u202e)")
    ]
