"""What the tests of the schema share."""

import pytest

from avi_schema import load


@pytest.fixture(scope="session")
def schema():
    """The schema that comes with the project."""
    return load()
