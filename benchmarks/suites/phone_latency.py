"""Taps on the practice phone over adb, timed at both ends.

Responsible for when a tap was sent, when its last change was in memory and when the settled look
came back, beside when the phone itself got the tap and had changed: all by CLOCK_MONOTONIC, which
the phone's process shares. Judges nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from environments.actions import PressButton, Tap
from environments.android.capture import Shot
from environments.android.practice import PracticePhone
from environments.base import Frame, Stop
from environments.errors import DeviceError
from environments.geometry import InputPoint

TEMPLATE, SEED = "open_app", 1
SECURE = "Bank"
"""Its window forbids pictures, so there is no changed frame to wait for."""


@dataclass(frozen=True, slots=True)
class Timed:
    """One tap.

    Attributes:
        app: what was opened by it.
        beyond_ms: from sending it to its last changed frame in memory, without what the phone took
            from getting it to its last change.
        world_ms: what the phone took for that.
        lag_ms: from the phone's last change to the settled look.
        rule: the rule that ended the wait.
    """

    app: str
    beyond_ms: float
    world_ms: float
    lag_ms: float
    rule: str


class Taps:
    """Opens apps from the home screen by their icons, one after the other."""

    def __init__(self, phone: PracticePhone) -> None:
        self._phone = phone
        self._read = 0
        self._changed_at_s = 0.0
        self._last: Frame | None = None
        phone.phone.pictured = self._pictured
        self.capture_name = phone.phone.capture_name

    def tap(self, number: int) -> Timed:
        """Go home and open the next app.

        Raises:
            DeviceError: nothing changed on the phone.
        """
        self._phone.execute(PressButton("home"))
        self._last = self._phone.observe().frame
        targets = self._phone.task.targets()
        icons = [one for one in targets if one.role == "icon" and one.label != SECURE]
        icon = icons[number % len(icons)]
        self._entries()
        sent_s = time.monotonic()
        self._phone.execute(Tap(InputPoint(*icon.centre)))
        look = self._phone.observe()
        returned_s = time.monotonic()
        got_s, changed_s = self._on_the_phone()
        if self._changed_at_s < sent_s:
            raise DeviceError(f"Nothing was seen to change after a tap on {icon.label}.")
        world_ms = (changed_s - got_s) * 1000
        return Timed(
            app=icon.label,
            beyond_ms=(self._changed_at_s - sent_s) * 1000 - world_ms,
            world_ms=world_ms,
            lag_ms=(returned_s - changed_s) * 1000,
            rule=look.settled_by,
        )

    def _pictured(self, shot: Shot) -> None:
        # The same picture is the same object (``capture``); another one is compared by its pixels.
        if shot.frame is self._last:
            return
        now_s = time.monotonic()
        if self._last is None or not _same(self._last, shot.frame):
            self._changed_at_s = now_s
        self._last = shot.frame

    def _on_the_phone(self) -> tuple[float, float]:
        """Return when the phone got the tap, and when it had changed for the last time."""
        entries = self._entries()
        got = [one["time_s"] for one in entries if one["kind"] == "input"]
        felt = [one["time_s"] for one in entries if one["kind"] == "felt"]
        if not got or not felt:
            raise DeviceError("The phone felt no tap.")
        return got[0], felt[-1]

    def _entries(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self._phone.program.ask("log", self._read)
        self._read += len(entries)
        return entries


def _same(before: Frame, after: Frame) -> bool:
    return before.shape == after.shape and bool((before == after).all())


@contextmanager
def taps(stop: Stop) -> Iterator[Taps]:
    """Open a practice phone to tap on; all of it is gone afterwards."""
    phone = PracticePhone(TEMPLATE, SEED, stop)
    try:
        phone.observe()
        yield Taps(phone)
    finally:
        phone.close()
