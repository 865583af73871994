"""Random sites of many clouds and tenants with colliding names: no false pass, no false drift, nothing undeclared written."""

import os

import pytest

from benchmarks.random_sites.sites import Sites

CASES = max(6, int(os.environ.get("AVI_COMPLIANCE_CASES", "0")))
"""How many; `python -m benchmarks.random_sites` runs two thousand."""


@pytest.fixture(scope="module")
def sites():
    return Sites()


@pytest.mark.parametrize("seed", range(CASES))
def test_a_site(sites, tmp_path, seed):
    counts = sites.run(seed, tmp_path)
    assert counts["objects"] > 0
