"""A window of which it is known what answers to what, with things in it that move by themselves.

Run as a process of its own. Responsible for doing exactly what its table of areas says and nothing
else: a click on the dead area and a key without a letter leave every pixel as it was.
"""

from __future__ import annotations

import heapq
import json
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from benchmarks.suites.animated import (
    ALONE,
    FIELD,
    VIDEO,
    AnimatedWindow,
    Draw,
    Moving,
    Scene,
    tell,
)

AREAS: Mapping[str, tuple[int, int, int, int]] = {
    "live": (60, 250, 120, 40),
    "late": (220, 250, 120, 40),
    "dead": (380, 250, 120, 40),
    "stop": (60, 40, 120, 40),
    "within": VIDEO,
}
LATE_S = 0.2
_LETTER_PX = 10
_COLOURS = (0x3366AA, 0xAA6633)
_CLOCK = (640, 540, 80, 16)


def surroundings(kind: str) -> Scene:
    """Return what moves by itself beside the caret: a clock, a spinner or a video."""
    caret = Moving((FIELD[0] - 4, FIELD[1], 2, FIELD[3]), 0.53, (0x000000, 0xFFFFFF))
    moving = {
        "clock": Moving(_CLOCK, 1.0, tuple(0x11111 * n for n in range(1, 61))),
        "spinner": Moving(ALONE, 1 / 12, tuple(0x10101 * (20 * n + 15) for n in range(8))),
        "video": Moving(VIDEO, 1 / 24, noise=True),
    }[kind]
    return Scene(kind, (), (caret, moving))


class ReactiveWindow(AnimatedWindow):
    """The window; what is clicked and typed changes it as ``AREAS`` says."""

    def __init__(self, shown: dict[str, Any]) -> None:
        super().__init__(shown)
        self._caret, self._other = shown["moving"]
        self._on: dict[str, bool] = dict.fromkeys(AREAS, False)
        self._letters = 0

    def hear(self, event: Any) -> None:
        """Take in an event."""
        from Xlib import X

        if event.type == X.Expose:
            for name in ("live", "late", "stop"):
                self._show(name)
            tell("ready")
        elif event.type == X.ButtonPress and event.detail == X.Button1:
            self._clicked(event.event_x, event.event_y)
        elif event.type == X.KeyPress:
            self._typed(self.connection.keycode_to_keysym(event.detail, 0))
        self.connection.sync()

    def move(self, number: int, moving: dict[str, Any]) -> None:
        """Draw the next picture of what moves by itself, unless it was stopped."""
        if moving is self._other and self._on["stop"]:
            return
        super().move(number, moving)
        if moving["noise"] and self._on["within"]:
            self.fill((VIDEO[0] + 60, VIDEO[1] + 40, 40, 40), 0xFFFFFF)
            self.connection.sync()

    def _clicked(self, x: int, y: int) -> None:
        for name, (left, top, width, height) in AREAS.items():
            if left <= x < left + width and top <= y < top + height and name != "dead":
                self._on[name] = not self._on[name]
                if name == "late":
                    late = asdict(Draw(LATE_S, AREAS["late"], _COLOURS[self._on["late"]]))
                    heapq.heappush(self.due, (time.monotonic() + LATE_S, 100, "draw", late))
                elif name != "within":
                    self._show(name)

    def _typed(self, keysym: int) -> None:
        if not ord("a") <= keysym <= ord("z"):
            return
        left, top, _, height = FIELD
        self.fill(self._caret["box"], 0xFFFFFF)
        self.fill((left + self._letters * _LETTER_PX, top, _LETTER_PX - 3, height), 0x446644)
        self._letters = (self._letters + 1) % 20
        self._caret["box"][0] = left + self._letters * _LETTER_PX - 2

    def _show(self, name: str) -> None:
        # The stop button looks alike on and off: only what it stops can tell.
        on = self._on[name] and name != "stop"
        self.fill(AREAS[name], _COLOURS[on])


if __name__ == "__main__":
    ReactiveWindow(json.loads(sys.argv[1])).run()
