"""What one look costs: capture, hash of the frame, and where it differs from the look before.

Responsible for measuring the three together on a real display of 1920x1080, with a still screen,
with a small change and with a whole new picture between two looks. Judges nothing.
"""

from __future__ import annotations

import time
from contextlib import ExitStack, closing
from typing import Any

from environments.base import Observation
from environments.desktop.capture import Capture
from environments.desktop.virtual import VirtualDisplay
from environments.desktop.x11 import connect
from environments.tiles import changed_tiles

SIZE_PX = (1920, 1080)
SCENES = ("nothing changes", "a line changes", "all changes")
_STRIPES = 60


def measure(scene: str, n: int) -> list[float]:
    """Return the milliseconds of ``n`` looks.

    Raises:
        ConfigError: Xvfb is missing.
    """
    with ExitStack() as opened:
        display = opened.enter_context(VirtualDisplay(*SIZE_PX, window_manager=False))
        painter = _Painter(display)
        opened.callback(painter.close)
        capture = opened.enter_context(closing(Capture(display.address)))
        painter.paint("all changes", 0)
        before = Observation(capture.grab(), capture.screen, time.monotonic())
        times_ms = []
        for number in range(1, n + 1):
            painter.paint(scene, number)
            started = time.perf_counter()
            look = Observation(capture.grab(), capture.screen, time.monotonic())
            changed = changed_tiles(before.frame, look.frame)
            is_new = look.frame_hash != before.frame_hash
            times_ms.append((time.perf_counter() - started) * 1000)
            assert bool(changed.any()) == is_new == (scene != SCENES[0])
            before = look
        return times_ms


class _Painter:
    """Another program that draws on the display."""

    def __init__(self, display: VirtualDisplay) -> None:
        self._connection = connect(display.address)
        self._root: Any = self._connection.screen().root
        self._pen = self._root.create_gc()

    def paint(self, scene: str, number: int) -> None:
        """Change what the scene changes; it has been drawn when this returns."""
        if scene == "all changes":
            width, height = SIZE_PX[0] // _STRIPES, SIZE_PX[1]
            for stripe in range(_STRIPES):
                self._pen.change(foreground=(stripe * 40503 + number * 7919) & 0xFFFFFF)
                self._root.fill_rectangle(self._pen, stripe * width, 0, width, height)
        elif scene == "a line changes":
            self._pen.change(foreground=number * 2654435 & 0xFFFFFF)
            self._root.fill_rectangle(self._pen, 400, 300, 200, 18)
        self._connection.sync()

    def close(self) -> None:
        self._connection.close()
