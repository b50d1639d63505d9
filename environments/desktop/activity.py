"""A person and Deskhand at one desktop.

Responsible for remembering when the person last touched mouse or keyboard, for breaking off our own
input when they do, and for waiting until they have been idle. Whose input an event was is decided
by ``person``; what the model is told, by ``shared``.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from environments.base import Stop
from environments.errors import DeskhandError

IDLE_S = 2.0
"""A person who has touched nothing for so long has let go."""


class Interrupted(DeskhandError):
    """A person used mouse or keyboard, so our own input was broken off; never leaves this layer."""


class Presence:
    """When the person last touched something; written by one thread, read by any."""

    def __init__(self, idle_s: float = IDLE_S, clock: Callable[[], float] = time.monotonic) -> None:
        """Count a person as idle who has touched nothing for ``idle_s``."""
        self._idle_s, self._clock = idle_s, clock
        self._lock = threading.Lock()
        self._touches, self._last_s = 0, float("-inf")

    @property
    def touches(self) -> int:
        """How many of the person's events have been seen: compare it to know of new ones."""
        return self._touches

    @property
    def last_s(self) -> float:
        """When the last one was seen, by the clock; minus infinity before the first."""
        return self._last_s

    def touch(self) -> None:
        """Note one event of the person's."""
        with self._lock:
            self._last_s = self._clock()
            self._touches += 1

    def idle_in_s(self) -> float:
        """Return the seconds until the person counts as idle if they touch nothing more."""
        return max(0.0, self._last_s + self._idle_s - self._clock())

    def wait_until_idle(self, stop: Stop) -> None:
        """Wait until the person counts as idle.

        Raises:
            Stopped: a stop was asked for while waiting.
        """
        while left_s := self.idle_in_s():
            stop.wait(left_s)
        stop.check()


class Yielding(Stop):
    """The run's stop as pointer and keyboard see it: they also end when the person comes.

    They look at it before every single event, so this is where our input makes way.
    """

    def __init__(self, stop: Stop, presence: Presence) -> None:
        super().__init__()
        self._stop, self._presence = stop, presence
        self._known: int | None = None

    @contextmanager
    def from_touch(self, known: int) -> Iterator[None]:
        """Inside, end with ``Interrupted`` once the person has touched more than ``known``."""
        self._known = known
        try:
            yield
        finally:
            self._known = None

    def set(self, reason: str) -> None:
        """Ask the whole run to stop."""
        self._stop.set(reason)

    def is_set(self) -> bool:
        """Tell whether the run was asked to stop."""
        return self._stop.is_set()

    def check(self) -> None:
        """Raise ``Stopped`` or, inside ``from_touch``, ``Interrupted``."""
        self._stop.check()
        if self._known is not None and self._presence.touches != self._known:
            raise Interrupted("A person used mouse or keyboard.")

    def wait(self, timeout_s: float) -> None:
        """Let time pass; raise ``Stopped`` as soon as the run is asked to stop."""
        self._stop.wait(timeout_s)
