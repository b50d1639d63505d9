"""Writing through the clipboard, and giving it back as it was.

Responsible for what stands on the clipboard and when: what a program had put there is kept with all
its types before the first paste, served again by us after every paste, and handed to a clipboard
manager at the end. A clipboard that cannot be kept is left alone.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Any

from environments.base import Stop
from environments.desktop.clipboard_content import NOTHING, text_content
from environments.desktop.clipboard_reading import ClipboardBusyError, ClipboardReader
from environments.desktop.clipboard_serving import ClipboardServer
from environments.desktop.paste_keys import focus, paste_keys, process_of
from environments.desktop.x11 import DisplayAddress, connect, hang_up, reaching
from environments.errors import DeviceError, Stopped

TAKEN_S = 1.5
"""A program that has not asked for the text so long after the paste keys does not paste."""

QUIET_S = 0.08
"""A program that has asked for nothing more for so long has what it wants."""

HAND_OVER_S = 1.0
"""How long a manager may take to say that it has everything, and then to show that it has."""

_LOOK_S = 0.02


class Clipboard:
    """The clipboard of one display; nothing is connected before it is needed."""

    def __init__(self, address: DisplayAddress, stop: Stop) -> None:
        self._address = address
        self._stop = stop
        self._connection: Any = None
        self._reader: ClipboardReader | None = None
        self._server: ClipboardServer | None = None
        self._kept = NOTHING
        self._taken: SimpleQueue[int] = SimpleQueue()
        self.farewell = ""
        """What a person should know about their clipboard after ``close``; empty if nothing."""

    def possible(self) -> str:
        """Return why the clipboard cannot be used now, empty if it can; keeps what it holds."""
        with reaching(self._address):
            self._open()
            assert self._reader is not None
            assert self._server is not None
            if paste_keys(self._connection) is None:
                return "this program takes no paste keys"
            if self._server.owns:  # What stands there is what was kept before.
                return ""
            try:
                self._kept = self._reader.read()
            except ClipboardBusyError as error:
                return str(error)
        return ""

    def paste(self, text: str, press: Callable[[Sequence[str]], None]) -> bool:
        """Put a text in with the paste keys; False if the program in front did not take it."""
        assert self._server is not None
        with reaching(self._address):
            keys = paste_keys(self._connection)
            window = focus(self._connection)
            reader = None if window is None else process_of(self._connection, window.id)
        if keys is None or not self._server.put(text_content(text)):
            return False
        self._forget_takers()
        press(keys)
        if not self._is_taken_by(reader):
            return False
        self._wait_for_the_last_question()
        return True

    def put_back(self) -> None:
        """Serve what was there before, unless another program has taken the clipboard since."""
        if self._server is None or not self._server.owns:
            return
        if self._kept.values:
            self._server.change(self._kept)
        else:
            self._server.drop()

    def close(self) -> None:
        """Hand over what is served and end; may be called twice and when the display has gone."""
        if self._server is None:
            return
        self.put_back()
        holds = self._server.owns
        is_managed = holds and self._server.hand_over(HAND_OVER_S) is not None
        self._server.close()
        if holds:
            self.farewell = _farewell(is_managed, self._lost() if is_managed else ())
        hang_up(self._connection)
        self._server = None

    def _wait_for_the_last_question(self) -> None:
        # Chromium takes the text to look at it, asks a dozen things, and takes it again to put in.
        assert self._server is not None
        deadline = time.monotonic() + TAKEN_S
        while time.monotonic() < min(deadline, self._server.asked_s + QUIET_S):
            self._stop.wait(_LOOK_S)

    def _lost(self) -> tuple[str, ...]:
        """Return the types that nobody holds any more, now that we do not."""
        assert self._reader is not None
        deadline = time.monotonic() + HAND_OVER_S
        left = tuple(self._kept.values)
        try:
            while left and time.monotonic() < deadline:
                offered = self._reader.targets() if self._reader.owner() else ()
                left = tuple(name for name in self._kept.values if name not in offered)
                if offered:
                    break
                select.select([], [], [], _LOOK_S)
        except (ClipboardBusyError, DeviceError, Stopped):
            return left
        return left

    def _open(self) -> None:
        if self._server is None:
            self._connection = connect(self._address)
            self._reader = ClipboardReader(self._connection, self._stop)
            self._server = ClipboardServer(self._address, self._taken.put)

    def _forget_takers(self) -> None:
        while not self._taken.empty():
            self._taken.get()

    def _is_taken_by(self, reader: int | None) -> bool:
        # Clipboard managers take texts too; what counts is the program with the keyboard.
        deadline = time.monotonic() + TAKEN_S
        while time.monotonic() < deadline:
            self._stop.check()
            try:
                window = self._taken.get(timeout=_LOOK_S)
            except Empty:
                continue
            with reaching(self._address):
                if reader is None or process_of(self._connection, window) == reader:
                    return True
        return False


def _farewell(is_managed: bool, lost: Sequence[str]) -> str:
    if is_managed and not lost:
        return ""
    if is_managed:
        return (
            f"The clipboard manager did not keep all that your clipboard held ({', '.join(lost)} "
            "went with Deskhand); copy it again if you need it."
        )
    return (
        "What your clipboard held goes with Deskhand, for no clipboard manager runs on this "
        "display. Copy it again, or start a clipboard manager such as xfce4-clipman."
    )
