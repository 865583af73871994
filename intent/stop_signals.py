"""Signals that stop a command: Ctrl-C, SIGTERM of systemd, Kubernetes or a CI job, SIGHUP of a closed terminal.

Each ends it as Ctrl-C always did: a write that is under way is finished, the last words are said, exit code 2.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from types import FrameType, TracebackType
from typing import Any, Self

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

ECHO = 1.0
"""Seconds within which SIGTERM after another signal is the same request again: `timeout` sends it to the process and to
its group, systemd to the process and to the parent that hands it on. SIGHUP comes twice from one closed terminal,
however long after each other, and so never counts as a second request."""


WAKE = signal.SIGURG
"""Means nothing, and is ignored by who has no handler for it: sent to the main thread to end what that waits for."""


@contextmanager
def waking_main_thread() -> Iterator[None]:
    """While in it, a signal ends what the main thread waits for, whichever thread the kernel gives it to.

    Python runs handlers in the main thread, when that comes to its next step. The kernel can give a signal to a thread
    that is just starting a process, and leave the main thread asleep, or waiting for a lock, for as long as that takes.
    For the main thread to enter.
    """
    numbers, written = os.pipe2(os.O_CLOEXEC)
    os.set_blocking(written, False)
    former_handler = signal.signal(WAKE, lambda _number, _frame: None)
    former_file = signal.set_wakeup_fd(written, warn_on_full_buffer=False)
    threading.Thread(target=_wake, args=(numbers, threading.get_ident()), name="signals", daemon=True).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(former_file)
        signal.signal(WAKE, former_handler)
        os.close(written)


def _wake(numbers: int, thread: int) -> None:
    """Wake the thread at each signal whose number comes out of this pipe, until nobody can write into it any more."""
    while received := os.read(numbers, 64):
        if any(number != WAKE for number in received):
            signal.pthread_kill(thread, WAKE)
    os.close(numbers)


class StopSignals:
    """While in its context, the signals are ours: the first interrupts, or is only noted within `patient`.

    `hurry` is called at the first one. Signals that the process was started to ignore, as `nohup` and a shell's
    background jobs are, stay ignored.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, hurry: Callable[[], None] = lambda: None
    ) -> None:
        self.received = ""
        """What has told the run to stop, as a person calls it: Ctrl-C, SIGTERM, SIGHUP; "" until then."""
        self._clock = clock
        self._hurry = hurry
        self._at = 0.0
        self._note: Callable[[str], None] | None = None
        self._former: dict[signal.Signals, Any] = {}
        self._waking = ExitStack()
        self._depth = 0

    def __enter__(self) -> Self:
        self._depth += 1
        if self._depth == 1 and threading.current_thread() is threading.main_thread():
            heeded = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
            self._former = {number: signal.signal(number, self._receive) for number in heeded}
            self._waking.enter_context(waking_main_thread())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._depth -= 1
        if not self._depth:
            self._waking.close()
            for number, former in self._former.items():
                signal.signal(number, former)
            self._former = {}

    @contextmanager
    def patient(self, note: Callable[[str], None] = lambda _name: None) -> Iterator[None]:
        """While in it, the first signal is only noted, and its name told; a second one interrupts at once."""
        former, self._note = self._note, note
        try:
            with self:
                yield
        finally:
            self._note = former

    def interrupt_if_received(self) -> None:
        """Interrupt now, if one was received and only noted."""
        __tracebackhide__ = True
        if self.received:
            raise KeyboardInterrupt(*self._named)

    @property
    def _named(self) -> tuple[str, ...]:
        """What pytest shows beside the word KeyboardInterrupt."""
        return () if self.received == "Ctrl-C" else (self.received,)

    def _receive(self, number: int, frame: FrameType | None) -> None:
        del frame
        __tracebackhide__ = True  # the place of the interruption is where the run was, not here
        if self.received:
            if number == signal.SIGHUP or (number == signal.SIGTERM and self._clock() - self._at < ECHO):
                return
            raise KeyboardInterrupt(*self._named)
        self.received = "Ctrl-C" if number == signal.SIGINT else signal.Signals(number).name
        self._at = self._clock()
        self._hurry()
        if self._note is None:
            raise KeyboardInterrupt(*self._named)
        with suppress(OSError, RuntimeError):  # a screen that is gone, or was just being written to
            self._note(self.received)
