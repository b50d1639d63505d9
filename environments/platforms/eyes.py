"""Pixels of a monitor by mss, and the monitors that it finds.

Responsible for one grab without a copy of its own, and for reading mss's list by each platform's
rule. Does not wait for anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from environments.base import Frame
from environments.desktop.monitors import Monitor, macos_monitor, windows_monitor
from environments.errors import CaptureError
from environments.geometry import ImagePoint

Rule = Callable[[str, Mapping[str, Any], int, bool], Monitor]
"""Makes a monitor of a name, mss's box, the width of its picture in pixels, and "is primary"."""


def by_windows(name: str, box: Mapping[str, Any], width_px: int, is_primary: bool) -> Monitor:
    """Read a box of the virtual screen, in pixels."""
    corners = (
        box["left"],
        box["top"],
        box["left"] + box["width"],
        box["top"] + box["height"],
    )
    return windows_monitor(name, corners, is_primary)


def by_macos(name: str, box: Mapping[str, Any], width_px: int, is_primary: bool) -> Monitor:
    """Read a box in points; the picture tells how many pixels there are to one."""
    bounds = (box["left"], box["top"], box["width"], box["height"])
    return macos_monitor(name, bounds, width_px, is_primary)


class MssEyes:
    """Grabs monitors through mss. Used by one thread."""

    def __init__(self, rule: Rule, cure: str) -> None:
        """Read monitors by a platform's rule; ``cure`` is what helps when none can be read."""
        import mss

        self._shooter: Any = mss.MSS()
        self._failures = (mss.ScreenShotError, OSError)
        self._rule, self._cure = rule, cure
        self._boxes: dict[str, Mapping[str, Any]] = {}
        self._widths_px: dict[tuple[int, ...], int] = {}

    def monitors(self) -> tuple[Monitor, ...]:
        """Return the monitors that there are now, named monitor-1, monitor-2, ...

        Raises:
            CaptureError: there is none, or it cannot be read.
        """
        self._shooter._monitors = None  # mss 10 asks the system once; monitors come and go.
        boxes = self._shooter.monitors[1:]
        if not boxes:
            raise CaptureError(f"No monitor can be seen. {self._cure}")
        self._boxes = {f"monitor-{number}": box for number, box in enumerate(boxes, 1)}
        return tuple(
            # The primary monitor is the one at which positions begin, on both platforms.
            self._rule(name, box, self._width_px(box), (box["left"], box["top"]) == (0, 0))
            for name, box in self._boxes.items()
        )

    def grab(self, monitor: Monitor) -> Frame:
        """Return a monitor's pixels: (H, W, 3) uint8 RGB, a read-only view of mss's buffer.

        Raises:
            CaptureError: it cannot be read.
        """
        if monitor.name not in self._boxes:
            self.monitors()
        shot = self._shot(self._boxes[monitor.name])
        pixels = np.frombuffer(shot.raw, np.uint8).reshape(shot.height, shot.width, 4)
        frame = pixels[..., 2::-1]
        frame.setflags(write=False)
        return frame[_rows_of(monitor)]

    def close(self) -> None:
        """Give everything back."""
        self._shooter.close()

    def _width_px(self, box: Mapping[str, Any]) -> int:
        key = (box["left"], box["top"], box["width"], box["height"])
        if key not in self._widths_px:
            self._widths_px[key] = int(self._shot(box).width)
        return self._widths_px[key]

    def _shot(self, box: Mapping[str, Any]) -> Any:
        try:
            return self._shooter.grab(dict(box))
        except self._failures as cause:
            raise CaptureError(f"The screen cannot be read ({cause}). {self._cure}") from cause


def _rows_of(monitor: Monitor) -> tuple[slice, slice]:
    at: ImagePoint = monitor.screen.offset
    return (
        slice(at.y, at.y + monitor.screen.height_px),
        slice(at.x, at.x + monitor.screen.width_px),
    )
