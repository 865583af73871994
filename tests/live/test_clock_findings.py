"""Clocks that are off: one finding, whatever a look measures of it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from checks import test_hosts, test_vcenter
from intent import Vcenter


@pytest.mark.parametrize("apart", [6.2, -8.8, 43.5, 90.0, -3600.0])
def test_a_clock_that_is_off_is_the_same_finding_at_each_look(apart):
    """A `Date` has no fractions, so each look differs by up to half a second; another finding is another message."""
    vcenter, findings = Vcenter.model_construct(max_skew=5.0), set()
    for noise in (-0.5, -0.1, 0.0, 0.4, 0.5):
        host = SimpleNamespace(max_skew=5.0)
        hosts = SimpleNamespace(skew=lambda _, noise=noise: (apart + noise, 0.5))
        here = SimpleNamespace(skew=0.0, slack=0.1)
        there = SimpleNamespace(skew=apart + noise, slack=0.1)
        for check, given in (
            (test_hosts.test_clock, (host, hosts)),
            (test_vcenter.test_clock, (vcenter, there)),
            (test_vcenter.test_controller_clock, (vcenter, here, there)),
        ):
            with pytest.raises(AssertionError) as failed:
                check(*given)
            findings.add(str(failed.value).partition("\nassert ")[0])
    assert len(findings) == 3
