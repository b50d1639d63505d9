"""The practice desktop in process: the same world without a display.

Responsible for turning actions into the world's input events and the world into frames, with a
clock of its own so that a seed always gives the same run.
"""

from __future__ import annotations

import numpy as np

from environments.actions import Action, Click, Drag, MoveTo, PressKeys, Scroll, TypeText, Wait
from environments.base import Frame, Observation, Stop
from environments.geometry import InputPoint, Screen
from environments.practice.tasks import WHEEL_NOTCH_PX, PracticeTask
from environments.practice.world import SCREEN_PX, World

BETWEEN_ACTIONS_S = 1.0
"""World time between two actions: longer than a double click takes."""

DRAG_STEPS = 8


class PracticeEnvironment:
    """A practice world as an Environment; owns no process and no display."""

    def __init__(self, world: World, stop: Stop) -> None:
        """Look at a world that somebody else built."""
        self.world = world
        self.cursor = InputPoint(0, 0)
        self._stop = stop
        self._time_s = 0.0
        self._drawn: tuple[int, Frame] | None = None

    def observe(self) -> Observation:
        """Return the screen as it stands; nothing moves by itself, so it has always settled."""
        self._stop.check()
        front = self.world.front
        return Observation(
            frame=self._frame(),
            screen=Screen(*SCREEN_PX),
            time_s=self._time_s,
            foreground=front.title if front else None,
            timings_ms={"capture": 0.0, "settle": 0.0},
        )

    def execute(self, action: Action) -> None:
        """Do one action in world time."""
        self._stop.check()
        self._time_s += BETWEEN_ACTIONS_S
        match action:
            case Click(at, button, count):
                self._click(at or self.cursor, button, count)
            case MoveTo(at):
                self._move(at)
            case Drag(to, start, button):
                self._drag(start or self.cursor, to, button)
            case Scroll(dy_px=dy_px, at=at):
                self._move(at or self.cursor)
                self.world.wheel(round(dy_px / WHEEL_NOTCH_PX), self.cursor.x, self.cursor.y)
            case PressKeys(keys):
                self._chord(keys)
            case TypeText(text):
                self._type(text)
            case Wait(duration_s):
                self._time_s += duration_s

    def close(self) -> None:
        """Own nothing, so give nothing back."""

    def _frame(self) -> Frame:
        if self._drawn is None or self._drawn[0] != self.world.version:
            frame = np.array(self.world.draw())
            frame.setflags(write=False)
            self._drawn = (self.world.version, frame)
        return self._drawn[1]

    def _move(self, to: InputPoint) -> None:
        self.cursor = to
        self.world.move(to.x, to.y)

    def _click(self, at: InputPoint, button: str, count: int) -> None:
        self._move(at)
        for _ in range(count):
            self.world.press(at.x, at.y, button, self._time_s)
            self.world.release()

    def _drag(self, start: InputPoint, to: InputPoint, button: str) -> None:
        self._move(start)
        self.world.press(start.x, start.y, button, self._time_s)
        for step in range(1, DRAG_STEPS + 1):
            x = start.x + (to.x - start.x) * step // DRAG_STEPS
            y = start.y + (to.y - start.y) * step // DRAG_STEPS
            self._move(InputPoint(x, y))
        self.world.release()

    def _chord(self, keys: tuple[str, ...]) -> None:
        names = [canonical(key) for key in keys]
        for name in names:
            self.world.key_down(name)
        for name in reversed(names):
            self.world.key_up(name)

    def _type(self, text: str) -> None:
        for character in text:
            key = {"\n": "enter", "\t": "tab"}.get(character, character)
            self.world.key_down(key)
            self.world.key_up(key)


def canonical(key: str) -> str:
    """Return the world's name of a key.

    Raises:
        ToolError: there is no such key.
    """
    from environments.desktop.keys import key_name

    return key_name(key)


def open_in_process(argument: str, stop: Stop) -> PracticeEnvironment:
    """Open the practice desktop in process; ``argument`` is TEMPLATE/SEED."""
    template, _, seed = (argument or "click_button").partition("/")
    return PracticeEnvironment(PracticeTask(template, int(seed or 1)).world, stop)
