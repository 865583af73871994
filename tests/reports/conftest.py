from pathlib import Path

import pytest
from mini_suite import Suite
from played import history

__all__ = ["history"]


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    return Suite(tmp_path)
