"""A screen for tests: a black board on which a click leaves a mark."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from environments.actions import Action, Click, MoveTo, TypeText, Wait
from environments.base import Observation, Stop
from environments.errors import ToolError
from environments.geometry import ImagePoint, InputPoint, Screen

SCREEN = Screen(100, 50)


class Board:
    """Remembers what was done; right clicks, waits and moves change nothing that can be seen."""

    def __init__(self, screen: Screen = SCREEN, stop: Stop | None = None) -> None:
        self.screen = screen
        self.stop = stop or Stop()
        self.done: list[Action] = []
        self.looks = 0
        self.foreground: str | None = "Board"
        self.before_action: Callable[[], None] = lambda: None
        self._pixels = np.zeros((screen.height_px, screen.width_px, 3), np.uint8)

    def observe(self) -> Observation:
        self.stop.check()
        self.looks += 1
        frame = self._pixels.copy()
        frame.setflags(write=False)
        timings = {"capture": 1.0, "settle": 2.0}
        return Observation(frame, self.screen, 0.0, self.foreground, timings_ms=timings)

    def execute(self, action: Action) -> None:
        self.stop.check()
        self.before_action()
        if isinstance(action, TypeText) and "☃" in action.text:
            raise ToolError("There is no key for ☃; type something else.")
        self.done.append(action)
        if isinstance(action, Click) and action.button == "left" and action.at:
            self._mark(action.at)
        elif not isinstance(action, Click | MoveTo | Wait):
            self._pixels[0, 0] += 1

    def _mark(self, at: InputPoint) -> None:
        pixel: ImagePoint = self.screen.from_input(at)
        self._pixels[pixel.y, pixel.x] += 1

    def close(self) -> None:
        pass
