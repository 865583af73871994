"""A pytest plugin for the runs under test: says at the end how many tests went by the fast path."""

import pytest

fast = []


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    from fixtures.fast_path import FastPath

    reports = FastPath._reports

    def counted(self, item, nextitem):
        result = reports(self, item, nextitem)
        fast.extend([item] if result else [])
        return result

    FastPath._reports = counted


def pytest_terminal_summary(terminalreporter):
    terminalreporter.write_line(f"by the fast path: {len(fast)}")
