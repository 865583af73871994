"""Signals that stop a run: which signal interrupts, which is only noted, and which is the same request again."""

import signal
import threading
import time

import pytest

from intent.stop_signals import ECHO, SIGNALS, StopSignals

NAMES = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM", signal.SIGHUP: "SIGHUP"}


@pytest.fixture
def now():
    """What the time is: a list of one number."""
    return [100.0]


@pytest.fixture
def signals(now):
    with StopSignals(clock=lambda: now[0]) as found:
        yield found


def test_a_signal_that_another_thread_is_given(signals):
    """The kernel may give it to a thread that starts a process just then: what the main thread waits for ends all the same."""
    other = threading.Thread(
        target=lambda: (time.sleep(0.1), signal.pthread_kill(threading.get_ident(), signal.SIGINT))
    )
    other.start()
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        time.sleep(10)
    assert time.monotonic() - begun < 5
    other.join()
    assert signals.received == "Ctrl-C"


@pytest.mark.parametrize("number", SIGNALS, ids=NAMES.get)
def test_it_interrupts(signals, number):
    with pytest.raises(KeyboardInterrupt) as told:
        signal.raise_signal(number)
    assert signals.received == NAMES[number]
    assert told.value.args == (() if number == signal.SIGINT else (NAMES[number],))


@pytest.mark.parametrize("number", SIGNALS, ids=NAMES.get)
def test_within_patience_the_first_waits_and_the_second_does_not(signals, now, number):
    said = []
    with signals.patient(said.append):
        signal.raise_signal(number)
        assert (said, signals.received) == ([NAMES[number]], NAMES[number])
        now[0] += ECHO
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert said == [NAMES[number]]
    with pytest.raises(KeyboardInterrupt):
        signals.interrupt_if_received()


def test_what_is_sent_twice_is_one_request(signals, now):
    """`timeout` sends SIGTERM twice at once; from one closed terminal SIGHUP comes of the shell and of the kernel."""
    with signals.patient():
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        now[0] += 10 * ECHO
        signal.raise_signal(signal.SIGHUP)


def test_what_is_ignored_stays_ignored():
    """As under `nohup`."""
    former = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with StopSignals() as signals:
            signal.raise_signal(signal.SIGHUP)
        assert not signals.received
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, former)


def test_afterwards_all_is_as_it_was():
    def handlers():
        return [signal.getsignal(number) for number in SIGNALS]

    before = handlers()
    signals = StopSignals()
    with signals, signals.patient():
        assert not set(map(id, handlers())) & set(map(id, before))
    assert handlers() == before


def test_a_screen_that_cannot_be_written_costs_no_write(signals):
    def say(_name):
        raise OSError(5, "Input/output error")

    with signals.patient(say):
        signal.raise_signal(signal.SIGHUP)
        assert signals.received == "SIGHUP"
