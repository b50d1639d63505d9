"""What the phone's shell runs in the background.

Responsible for jobs with their numbers, for waiting for them and ending them. They go on when the
line is cut, as processes without a terminal do, and end with the phone.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable

_FIRST = 20_001

Pause = Callable[[float], bool]
"""Waits so many seconds, less when it is to end; tells whether it is."""


class Killed(Exception):
    """The job was ended by a signal."""


class Jobs:
    """The jobs of one phone. Safe to use from several threads."""

    def __init__(self, closing: threading.Event) -> None:
        """``closing`` is set when the phone goes; every job ends at its next pause."""
        self._closing = closing
        self._numbers = itertools.count(_FIRST)
        self._threads: dict[int, threading.Thread] = {}
        self._ends: dict[int, threading.Event] = {}

    def start(self, work: Callable[[Pause], None]) -> int:
        """Run ``work`` beside everything else and return its number."""
        number, end = next(self._numbers), threading.Event()

        def pause(seconds: float) -> bool:
            # The phone's own end is looked for now and then; a kill ends the wait at once.
            while seconds > 0 and not self._closing.is_set():
                step = min(seconds, 0.1)
                if end.wait(step):
                    break
                seconds -= step
            if end.is_set() or self._closing.is_set():
                raise Killed
            return False

        def run() -> None:
            try:
                work(pause)
            except Killed:
                pass
            finally:
                self._ends.pop(number, None)
                self._threads.pop(number, None)

        self._ends[number] = end
        self._threads[number] = threading.Thread(target=run, name=f"job-{number}", daemon=True)
        self._threads[number].start()
        return number

    def kill(self, number: int, only_asks: bool) -> bool:
        """End a job, or only ask for it; False if there is none of this number."""
        end = self._ends.get(number)
        if end is not None and not only_asks:
            end.set()
        return end is not None

    def join(self) -> None:
        """Wait until every job has ended."""
        for thread in list(self._threads.values()):
            if thread is not threading.current_thread():
                thread.join()
