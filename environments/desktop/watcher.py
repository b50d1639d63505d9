"""Watching a screen while nothing is done to it.

Responsible for learning what moves by itself while the model thinks: a thread that looks when
something was drawn, a few times a second at most. It does nothing while an action is under way.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from environments.base import Frame
from environments.desktop.damage import Damage
from environments.desktop.x11 import DisplayAddress
from environments.errors import DeviceError
from environments.restless import Calm, Restless
from environments.tiles import Tiles

_BETWEEN_S = 0.04
"""Between two looks: often enough for a caret and a spinner, too seldom to be felt."""

_ASLEEP_S = 0.1
"""Longest wait for a drawing before it is checked whether to go on."""


class Watcher:
    """A thread with a connection of its own; ends with ``close()``."""

    def __init__(self, address: DisplayAddress, grab: Callable[[], Frame]) -> None:
        """Get ready; ``grab`` must bear being called from another thread.

        Raises:
            DeviceDisconnectedError: no display answers there.
        """
        self._grab = grab
        self._damage = Damage(address)
        self._restless = Restless()
        self._looking = threading.Lock()
        self._watching, self._ended = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def look(self, frame: Frame) -> None:
        """Take in a look of somebody else at a screen to which nothing is done."""
        with self._looking:
            self._restless.look(frame, time.monotonic())

    def calm(self, now_s: float) -> Calm:
        """Return what is known to move by itself."""
        with self._looking:
            return self._restless.calm(now_s)

    def go_on(self, frame: Frame, acted: Tiles | None) -> None:
        """Watch from now on; ``acted`` are the tiles that changed since ``pause()``."""
        with self._looking:
            self._restless.resume(frame, time.monotonic(), acted)
        self._watching.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, name="watcher", daemon=True)
            self._thread.start()

    def hold(self) -> None:
        """Watch no more, somebody else looks; nothing is done. At most one look is waited for."""
        with self._looking:
            self._watching.clear()

    def pause(self) -> None:
        """Watch no more, something is about to be done. At most one look is waited for."""
        with self._looking:
            self._watching.clear()
            self._restless.pause(time.monotonic())

    def close(self) -> None:
        """End the thread and give the connection back; may be called twice."""
        self._ended.set()
        self._watching.set()
        if self._thread is not None:
            self._thread.join()
        self._damage.close()

    def _watch(self) -> None:
        try:
            while not self._ended.wait(_BETWEEN_S):
                self._watching.wait()
                if not self._ended.is_set() and self._damage.wait(_ASLEEP_S):
                    self._look_once()
        except DeviceError:
            return  # Whoever acts next will meet it and say so.

    def _look_once(self) -> None:
        with self._looking:
            if self._watching.is_set() and self._damage.moved():
                self._restless.look(self._grab(), time.monotonic())
