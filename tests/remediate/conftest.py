import pytest

from tests.remediate.site import LabProcess, Runs


@pytest.fixture(scope="package")
def lab():
    process = LabProcess()
    yield process
    process.stop()


@pytest.fixture
def runs(lab, tmp_path):
    return Runs(lab, tmp_path)
