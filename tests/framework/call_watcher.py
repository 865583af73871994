"""A pytest plugin for the runs under test: looks at every call, as one that measures times would."""

seen = []


def pytest_runtest_call(item):
    seen.append(item.nodeid)
