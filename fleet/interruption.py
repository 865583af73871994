"""Interruption of a fleet: its runs are told to stop, and what has not begun is left."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from intent.stop_signals import SIGNALS, waking_main_thread


class Interruption:
    """Tells the runs under way what tells us to stop: each ends as at Ctrl-C, and none begins after that.

    Kubernetes and a CI job tell only the first process of theirs. Ctrl-C the terminal tells every process itself: for
    a run that has heard it, SIGTERM just after is the same request again.
    """

    def __init__(self) -> None:
        self.is_interrupted = False
        self.not_begun: list[str] = []
        """The environments that were left."""
        self._running: set[subprocess.Popen[bytes]] = set()

    def hear(self, number: int, frame: object) -> None:
        """Hand a signal on; of Ctrl-C the first alone."""
        del frame
        if number != signal.SIGINT or not self.is_interrupted:
            for process in tuple(self._running):
                process.send_signal(signal.SIGTERM if number == signal.SIGINT else number)
        self.is_interrupted = True

    def wait(self, process: subprocess.Popen[bytes]) -> int:
        """The exit code of a run, when it has ended; negative where a signal has ended it."""
        self._running.add(process)
        if self.is_interrupted:  # it was just being started
            process.terminate()
        try:
            return process.wait()
        finally:
            self._running.discard(process)


@contextmanager
def handing_on() -> Iterator[Interruption]:
    """While in it, signals that tell us to stop go to the runs under way, and we only wait for these to end."""
    interruption = Interruption()
    heeded = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    former = {number: signal.signal(number, interruption.hear) for number in heeded}
    try:
        with waking_main_thread():
            yield interruption
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
