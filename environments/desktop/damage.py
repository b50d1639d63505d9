"""Whether anything was drawn on a display since one asked last.

Responsible for the X server's own word on it (the DAMAGE extension), so that pictures are taken
only when there can be something new in them. Reads no pixels: what was drawn may look as before.
"""

from __future__ import annotations

import select
import time

from environments.desktop.x11 import DisplayAddress, connect, hang_up, reaching

_TRUSTED_S = 0.1
"""A change without a word from the server, as some drivers make it, is missed for no longer."""


class Damage:
    """Watches a whole display; where the server has no DAMAGE, everything counts as new."""

    def __init__(self, address: DisplayAddress) -> None:
        """Begin to watch.

        Raises:
            DeviceDisconnectedError: no display answers there.
        """
        self._address = address
        self._connection = connect(address)
        self._asked_s = 0.0
        self._damage: int | None = None
        with reaching(address):
            if self._connection.has_extension("DAMAGE"):
                self._damage = self._begin()

    @property
    def is_there(self) -> bool:
        """Tell whether the server offers it."""
        return self._damage is not None

    def moved(self) -> bool:
        """Tell whether something may have been drawn since this was last answered with yes.

        Raises:
            DeviceDisconnectedError: the display has gone.
        """
        if self._damage is None:
            return True
        now_s = time.monotonic()
        with reaching(self._address):
            if not self._forget_events() and now_s - self._asked_s < _TRUSTED_S:
                return False
            # Cleared before the caller looks, and the server must have done so: what is drawn
            # from now on is told again.
            self._connection.damage_subtract(self._damage)
            self._connection.sync()
        self._asked_s = now_s
        return True

    def wait(self, timeout_s: float) -> bool:
        """Wait at most so long for something to be drawn; tell whether it was, without clearing.

        Raises:
            DeviceDisconnectedError: the display has gone.
        """
        if self._damage is None:
            return True
        with reaching(self._address):
            if self._connection.pending_events():
                return True
            ready, _, _ = select.select([self._connection], [], [], timeout_s)
            return bool(ready) and bool(self._connection.pending_events())

    def close(self) -> None:
        """Give the connection back; may be called twice."""
        hang_up(self._connection)

    def _begin(self) -> int:
        from Xlib.ext import damage

        self._connection.damage_query_version()
        root = self._connection.screen().root
        found: int = root.damage_create(damage.DamageReportNonEmpty)
        self._connection.sync()
        return found

    def _forget_events(self) -> int:
        count: int = 0
        while self._connection.pending_events():
            self._connection.next_event()
            count += 1
        return count
