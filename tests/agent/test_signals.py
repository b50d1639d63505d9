"""Ctrl-C is a stop at any moment."""

import os
import signal
from contextlib import suppress

import pytest

from agent.signals import StopSignals
from environments.base import Stop
from environments.errors import Stopped


def test_the_first_signal_asks_whatever_waits_to_stop() -> None:
    stop = Stop()
    with StopSignals(stop).listening():
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(Stopped):
            stop.wait(60)


def test_sigterm_stops_too() -> None:
    stop = Stop()
    with StopSignals(stop).listening():
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(Stopped):
            stop.wait(60)


def test_while_weights_load_the_first_signal_interrupts() -> None:
    signals = StopSignals(Stop())
    with signals.listening(), pytest.raises(KeyboardInterrupt), signals.at_once():
        os.kill(os.getpid(), signal.SIGINT)


def test_a_library_that_catches_every_exception_does_not_swallow_the_interrupt() -> None:
    signals = StopSignals(Stop())
    library = suppress(Exception)  # As libraries do while they are imported.
    with signals.listening(), pytest.raises(KeyboardInterrupt), signals.at_once(), library:
        os.kill(os.getpid(), signal.SIGINT)


def test_a_signal_just_before_weights_load_interrupts_too() -> None:
    signals = StopSignals(Stop())
    with signals.listening():
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(Stopped), signals.at_once():
            pytest.fail("nothing may begin")


def test_a_second_signal_interrupts_what_does_not_look_at_the_stop() -> None:
    with StopSignals(Stop()).listening():
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_the_former_handlers_come_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with StopSignals(Stop()).listening():
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before
