"""What all tests share: the marker that says where a contract is known from."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "evidence(tag, *sections): what a contract test rests on: REC recorded, SCHEMA, CLIENT, PUBLIC, DOC or "
        "INF inferred, and the sections of the Controller REST reference it covers",
    )
