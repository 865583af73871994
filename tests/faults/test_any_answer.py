"""Whatever a Controller answers, nothing raises, no write is added, and what was sent has its fate in the journal."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import lengths
from tests.faults.any_answer import once


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@settings(max_examples=lengths.of(4, 15), deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**6))
def test_a_run_of_check_plan_remediate_and_undo_bears_any_answer(folder, seed):
    """More of the same: `python -m benchmarks.answers 2000`."""
    once(seed, folder)
