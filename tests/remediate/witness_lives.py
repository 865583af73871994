"""A pytest plugin that says, whenever the site has been read, how many readings of it are still in memory."""

import sys
import weakref

from live.avi.snapshot import Live

_readings = []


def pytest_configure():
    made = Live.__init__

    def counted(self, *args, **options):
        made(self, *args, **options)
        _readings.append(weakref.ref(self))
        there = sum(one() is not None for one in _readings)
        sys.stdout.write(f"reading {len(_readings)}: {there} in memory\n")

    Live.__init__ = counted
