"""One site for many runs, and runs that begin before their test's turn has come."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.runs.harness import SECRET, Site, run
from tests.runs.installation import installation, site

__all__ = ["installation", "site"]


def pytest_configure(config):
    config.addinivalue_line(
        "markers",
        "ahead(*arguments, login=False, **variables): the run of pytest whose outcome the fixture `ran` gives; it needs no "
        "other test's site, so it is started in the background. An argument may be a function of (site, folder).",
    )


@pytest.fixture(scope="session")
def running():
    site = Site("conforming", "30.2.1", "--password", SECRET)
    yield site
    site.close()


@pytest.fixture
def lab(running):
    """A live site, conforming, that has heard nothing yet."""
    running.reset()
    return running


class Ahead:
    """Runs that are under way in the background, by node id. Their site is conforming and never touched."""

    def __init__(self, tmp_path_factory):
        self.pool = ThreadPoolExecutor(2)
        self.folders = tmp_path_factory
        self.site = None
        self.runs: dict[str, Future] = {}

    def start(self, item):
        if item.nodeid not in self.runs and (mark := item.get_closest_marker("ahead")) is not None:
            # Made here: two threads that ask pytest for its first temporary folder at once refuse each other's.
            folder = self.folders.mktemp("ahead")
            self.runs[item.nodeid] = self.pool.submit(self._run, folder, *mark.args, **mark.kwargs)
        return self.runs.get(item.nodeid)

    def _run(self, folder, *arguments, login=False, **variables):
        given = [argument(self.site, folder) if callable(argument) else argument for argument in arguments]
        return run(folder, *given, **{**(self.site.credentials if login else {}), **variables})

    def close(self):
        self.pool.shutdown(cancel_futures=True)
        if self.site is not None:
            self.site.close()


@pytest.fixture(scope="session", autouse=True)
def ahead(request, tmp_path_factory):
    """Starts every marked run of the session; under xdist each worker starts only what it comes to."""
    found = Ahead(tmp_path_factory)
    items = [item for item in request.session.items if item.get_closest_marker("ahead") is not None]
    if items:
        found.site = Site("conforming", "30.2.1", "--password", SECRET)
    for item in () if hasattr(request.config, "workerinput") else items:
        found.start(item)
    yield found
    found.close()


@pytest.fixture
def ran(request, ahead):
    """The outcome of the run that the test's marker asks for."""
    return ahead.start(request.node).result()
