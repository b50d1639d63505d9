"""Ctrl-C and SIGTERM as a ``Stop``.

Responsible for turning a signal into a stop at any moment: while weights load, while the model
computes inside native code, while a key is held. The first signal asks; a second one interrupts.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from environments.base import Stop
from environments.errors import Stopped

SIGNALS = (signal.SIGINT, signal.SIGTERM)
REASON = "You stopped it."


class StopSignals:
    """Listens for the signals while it is entered; use it in the main thread.

    The interpreter's own handler writes the number of the signal into a pipe and a thread sets the
    stop: this works while the main thread is inside native code, and cannot meet a lock that the
    main thread holds, as setting the stop inside a handler could.
    """

    def __init__(self, stop: Stop) -> None:
        self._stop = stop
        self._at_once = False
        self._count = 0

    @contextmanager
    def listening(self) -> Iterator[StopSignals]:
        """Listen until the block is left; the former handlers are then back."""
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        # First the pipe: a handler without it would count a signal that nobody hears.
        wakeup = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        former = {number: signal.signal(number, self._handle) for number in SIGNALS}
        thread = threading.Thread(target=self._watch, args=(reader,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            signal.set_wakeup_fd(wakeup)
            for number, handler in former.items():
                signal.signal(number, handler)
            os.close(writer)
            thread.join()
            os.close(reader)

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Let the first signal already interrupt: for work that does not look at the stop."""
        self._at_once = True
        try:
            if self._count:  # Known at once, while the watching thread may not have run yet.
                raise Stopped(REASON)
            self._stop.check()
            yield
        finally:
            self._at_once = False

    def _watch(self, reader: int) -> None:
        while data := os.read(reader, 16):
            if any(number in SIGNALS for number in data):
                self._stop.set(REASON)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self._count += 1
        if self._at_once or self._count > 1:
            # No Stopped: libraries catch every Exception while they load, and go on.
            raise KeyboardInterrupt(REASON)
