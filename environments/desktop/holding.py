"""Keys and buttons that stay down between actions.

Responsible for ``Hold`` and ``Release``, and for letting go when a person stops the run while
nothing is being done, for instance while the model thinks.
"""

from __future__ import annotations

import threading
from contextlib import ExitStack

from environments.actions import Hold, Release
from environments.base import Stop
from environments.desktop.driver import Driver
from environments.desktop.keyboard import Keyboard
from environments.desktop.pointer import Pointer
from environments.errors import DeviceError, Stopped

_LOOK_S = 0.05
"""How often the watch looks whether there is still something to watch."""


class Holding:
    """What one environment keeps down."""

    def __init__(self, driver: Driver, pointer: Pointer, keyboard: Keyboard, stop: Stop) -> None:
        self._driver = driver
        self._pointer = pointer
        self._keyboard = keyboard
        self._stop = stop
        self._watch: threading.Thread | None = None
        self._over = threading.Event()

    def hold(self, action: Hold) -> None:
        """Press what is named and leave it down."""
        with ExitStack() as undo:
            undo.callback(self.let_go)
            if action.at is not None:
                self._pointer.move(action.at)
            self._keyboard.hold(action.keys)
            if action.button is not None:
                self._pointer.hold(action.button)
            undo.pop_all()
        self._watch_for_a_stop()

    def release(self, action: Release) -> None:
        """Release what is named, or everything."""
        if action.at is not None:
            self._pointer.move(action.at)
        if not action.keys and action.button is None:
            self.let_go()
        if action.button is not None:
            self._pointer.release(action.button)
        self._keyboard.release(action.keys)

    def let_go(self) -> None:
        """Release everything; may be called from any thread and at any time."""
        self._driver.release_all()

    def close(self) -> None:
        """Let go and end the watch; also when the display has gone."""
        self._over.set()
        try:
            self.let_go()
        except DeviceError:  # Nothing is down on a display that is no more.
            pass
        finally:
            if self._watch is not None:
                self._watch.join()

    def _watch_for_a_stop(self) -> None:
        if self._watch is None or not self._watch.is_alive():
            self._watch = threading.Thread(target=self._let_go_at_a_stop, daemon=True)
            self._watch.start()

    def _let_go_at_a_stop(self) -> None:
        try:
            while not self._over.is_set() and [*self._driver.held]:
                self._stop.wait(_LOOK_S)
        except Stopped:
            try:
                self.let_go()
            except DeviceError:  # The display has gone, and with it what was down.
                return
