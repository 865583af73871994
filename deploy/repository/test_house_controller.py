"""Rules of the house: the Controller."""

from avi_compliance.intent import Controller
from avi_compliance.live.avi.snapshot import Live

OLDEST = (22, 1)


def test_recent_version(controller: Controller, live: Live) -> None:
    """The Controller runs a version that still gets fixes.

    Reads: cluster/runtime
    Severity: normal
    Why: what is found in an older version stays open.
    Do: upgrade the Controller.
    """
    version = live.snapshot.version
    assert tuple(map(int, version.split(".")[:2])) >= OLDEST, f"the Controller runs {version}"
