"""A computer for tests: two monitors, pointer and keys that only remember."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from environments.actions import Button
from environments.base import Frame
from environments.desktop.monitors import Monitor, macos_monitor, windows_monitor
from environments.desktop.panic import PersonEvent
from environments.geometry import InputPoint

LEFT = windows_monitor("left", (-1280, -200, 0, 824))
MAIN = windows_monitor("main", (0, 0, 1920, 1080), is_primary=True)
RETINA = macos_monitor("built-in", (0, 0, 1440, 900), 2880, is_primary=True)


class Keys:
    """Hands that write down what they were asked for."""

    def __init__(self) -> None:
        self.did: list[tuple[object, ...]] = []
        self.at = InputPoint(5, 5)
        self.before: Callable[[], None] = lambda: None

    def position(self) -> InputPoint:
        return self.at

    def move(self, to: InputPoint) -> None:
        self.at = to
        self.did.append(("move", to.x, to.y))

    def button(self, button: Button, down: bool) -> None:
        self.did.append(("down" if down else "up", button))
        self.before()

    def wheel(self, notches: int, sideways: bool) -> None:
        self.did.append(("wheel", notches, sideways))

    def has_key(self, name: str) -> bool:
        return name != "insert"

    def key(self, name: str, down: bool) -> None:
        self.did.append(("down" if down else "up", name))
        self.before()

    def write(self, character: str) -> None:
        self.did.append(("write", character))
        self.before()


class Computer:
    """A machine whose screen is black until something is pressed on it."""

    def __init__(self, *monitors: Monitor, problem: str | None = None) -> None:
        self.hands = Keys()
        self.plugged = monitors or (LEFT, MAIN)
        self.unreachable: str | None = None
        self.hear: Callable[[PersonEvent], None] = lambda event: None
        self.listening = False
        self._problem = problem

    def problem(self) -> str | None:
        return self._problem

    def monitors(self) -> tuple[Monitor, ...]:
        return tuple(self.plugged)

    def grab(self, monitor: Monitor) -> Frame:
        shape = (monitor.screen.height_px, monitor.screen.width_px, 3)
        frame = np.full(shape, len(self.hands.did) % 250, np.uint8)
        frame.setflags(write=False)
        return frame

    def foreground(self) -> str | None:
        return "Letters"

    def out_of_reach(self, at: InputPoint | None) -> str | None:
        return self.unreachable

    def listen(self, hear: Callable[[PersonEvent], None]) -> Callable[[], None]:
        self.hear, self.listening = hear, True
        return lambda: setattr(self, "listening", False)
