"""Pixels of an X display.

Responsible for one grab: fast, without a copy of its own, and honest when the display has gone.
Does not wait for the screen to settle.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import numpy as np

from environments.base import Frame, Observation
from environments.desktop.x11 import DisplayAddress, connect, hang_up, on_display
from environments.errors import CaptureError
from environments.geometry import ImagePoint, InputPoint, Screen


class Capture:
    """Grabs the whole display through mss (shared memory where the server has it)."""

    def __init__(self, address: DisplayAddress) -> None:
        self._address = address
        self._shooter: Any = None
        self._part: Screen | None = None
        self._open()

    def grab(self) -> Frame:
        """Return the pixels now: (H, W, 3) uint8 RGB, a read-only view of mss's BGRA buffer.

        Raises:
            CaptureError: the display is there but cannot be read.
            DeviceDisconnectedError: the display has gone.
        """
        if self._shooter is None:
            self._open()
        try:
            shot = self._shooter.grab(self._monitor)
        except self._failures:
            shot = self._grab_anew()
        pixels = np.frombuffer(shot.raw, np.uint8).reshape(shot.height, shot.width, 4)
        frame = pixels[..., 2::-1]
        frame.setflags(write=False)
        return frame

    def look_at(self, part: Screen) -> None:
        """Grab only this part of the display from now on."""
        self._part = part
        self._aim()

    def close(self) -> None:
        """Give the connection back; may be called twice."""
        # mss 10.2 frees a lost connection before it complains, so it must never be closed twice.
        shooter, self._shooter = self._shooter, None
        if shooter is not None:
            with suppress(*self._failures):  # Closing tells the display, which may have gone.
                shooter.close()

    def _open(self) -> None:
        import mss

        # mss 10.2 asserts that the server answered, so a lost display is an AssertionError there.
        self._failures = (mss.ScreenShotError, AssertionError, OSError)
        hang_up(connect(self._address))
        try:
            with on_display(self._address):
                self._shooter = mss.MSS(display=self._address.name)
            self._whole = self._shooter.monitors[0]
        except self._failures as cause:
            raise self._unreadable() from cause
        self._aim()

    def _aim(self) -> None:
        whole, part = self._whole, self._part
        origin = InputPoint(whole["left"], whole["top"])
        self.screen = part or Screen(whole["width"], whole["height"], origin)
        at, size = self.screen.to_input(ImagePoint(0, 0)), self.screen
        self._monitor = {
            "left": at.x, "top": at.y, "width": size.width_px, "height": size.height_px
        }  # fmt: skip

    def _grab_anew(self) -> Any:
        # A display that was resized needs a new connection; one that has gone refuses it.
        self.close()
        self._open()
        try:
            return self._shooter.grab(self._monitor)
        except self._failures as cause:
            raise self._unreadable() from cause

    def _unreadable(self) -> CaptureError:
        return CaptureError(
            f"The display {self._address.name} cannot be read. "
            "Deskhand needs a TrueColor display of 24 bits; use --on virtual to get one."
        )


def measure_capture(width: int, height: int, n: int) -> list[float]:
    """Return the milliseconds of ``n`` captures on a virtual display, up to a usable Observation.

    Raises:
        ConfigError: Xvfb is missing.
    """
    from environments.desktop.virtual import VirtualDisplay

    with VirtualDisplay(width, height, window_manager=False) as display:
        capture = Capture(display.address)
        try:
            return [_measured(capture) for _ in range(n)]
        finally:
            capture.close()


def _measured(capture: Capture) -> float:
    started = time.perf_counter()
    Observation(capture.grab(), capture.screen, time.monotonic())
    return (time.perf_counter() - started) * 1000
