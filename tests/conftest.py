"""Pytest settings of the framework's own tests: those that the lab's tests have too."""

from lab.tests.suite import pytest_configure

__all__ = ["pytest_configure"]
