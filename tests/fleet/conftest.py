from pathlib import Path

import pytest

from tests.reports.mini_suite import Suite


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    return Suite(tmp_path)
