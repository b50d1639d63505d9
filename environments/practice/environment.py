"""The practice desktop in process: the same world without a display.

Responsible for turning actions into the world's input events and the world into frames, with a
clock of its own so that a seed always gives the same run.
"""

from __future__ import annotations

from contextlib import ExitStack
from itertools import pairwise

import numpy as np

from environments.actions import (
    Action,
    Button,
    Click,
    Drag,
    Hold,
    MoveTo,
    PressKeys,
    Release,
    Scroll,
    TypeSecret,
    TypeText,
    Wait,
)
from environments.base import Frame, Observation, Stop
from environments.desktop.keys import TEXT_KEYS, chord
from environments.desktop.pointer import wheel_turns
from environments.errors import ToolError
from environments.geometry import InputPoint, Screen
from environments.practice.base import parse_task
from environments.practice.guises import guise_for
from environments.practice.tasks import Dressing, PracticeTask
from environments.practice.world import SCREEN_PX, World

BETWEEN_ACTIONS_S = 1.0
"""World time between two actions: longer than a double click takes."""

DRAG_STEPS = 8


class PracticeEnvironment:
    """A practice world as an Environment; owns no process and no display."""

    def __init__(self, world: World, stop: Stop) -> None:
        """Look at a world that somebody else built."""
        self.cursor = InputPoint(0, 0)
        self._world = world
        self._stop = stop
        self._time_s = 0.0
        self._held: list[str] = []
        self._holds_button = False
        self._drawn: tuple[World, int, Frame] | None = None

    @property
    def world(self) -> World:
        """The world that is seen and touched."""
        return self._world

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
        """Do one action in world time; if it fails nothing stays pressed."""
        try:
            self._stop.check()
            self._time_s += BETWEEN_ACTIONS_S
            self._do(action)
        except BaseException:
            self._release(Release())
            raise

    def _do(self, action: Action) -> None:
        match action:
            case Click(at, button, count):
                self._click(at or self.cursor, button, count)
            case MoveTo(at):
                self._move(at)
            case Drag():
                self._drag(action)
            case Scroll():
                self._scroll(action)
            case PressKeys(keys):
                self._chord(keys)
            case Hold():
                self._hold(action)
            case Release():
                self._release(action)
            case TypeText(text):
                self._type(text)
            case TypeSecret(secret):
                self._type(secret.reveal())
            case Wait(duration_s):
                self._time_s += duration_s

    def close(self) -> None:
        """Let go of what is held; owns nothing else. May be called twice."""
        self._release(Release())

    def _frame(self) -> Frame:
        world = self.world
        if self._drawn is None or self._drawn[0] is not world or self._drawn[1] != world.version:
            frame = np.array(world.draw())
            frame.setflags(write=False)
            self._drawn = (world, world.version, frame)
        return self._drawn[2]

    def _move(self, to: InputPoint) -> None:
        self._stop.check()
        self._refuse_outside(to)
        self.cursor = to
        self.world.move(to.x, to.y)

    def _refuse_outside(self, point: InputPoint) -> None:
        width, height = SCREEN_PX
        if not (0 <= point.x < width and 0 <= point.y < height):
            raise ToolError(
                f"The point ({point.x}, {point.y}) is off the screen of {width}x{height} pixels."
            )

    def _press(self, button: Button, held: ExitStack) -> None:
        self._stop.check()
        held.callback(self.world.release)
        self.world.press(self.cursor.x, self.cursor.y, button, self._time_s)

    def _click(self, at: InputPoint, button: Button, count: int) -> None:
        self._move(at)
        for _ in range(count):
            with ExitStack() as held:
                self._press(button, held)

    def _drag(self, action: Drag) -> None:
        for point in (*action.path, action.to):
            self._refuse_outside(point)
        self._move(action.start or self.cursor)
        corners = (self.cursor, *action.path, action.to)
        with ExitStack() as held:
            self._press(action.button, held)
            for start, to in pairwise(corners):
                for step in range(1, DRAG_STEPS + 1):
                    x = start.x + (to.x - start.x) * step // DRAG_STEPS
                    y = start.y + (to.y - start.y) * step // DRAG_STEPS
                    self._move(InputPoint(x, y))

    def _scroll(self, action: Scroll) -> None:
        self._move(action.at or self.cursor)
        for count, horizontal in wheel_turns(action):
            turn = self.world.wheel_sideways if horizontal else self.world.wheel
            for _ in range(abs(count)):
                self._stop.check()
                turn(1 if count > 0 else -1, self.cursor.x, self.cursor.y)

    def _chord(self, keys: tuple[str, ...]) -> None:
        with ExitStack() as held:
            for name in chord(keys):
                self._stop.check()
                held.callback(self.world.key_up, name)
                self.world.key_down(name)

    def _hold(self, action: Hold) -> None:
        if action.at is not None:
            self._move(action.at)
        for name in chord(action.keys) if action.keys else ():
            self._stop.check()
            self._held.append(name)
            self.world.key_down(name)
        if action.button is not None:
            self._stop.check()
            self._holds_button = True
            self.world.press(self.cursor.x, self.cursor.y, action.button, self._time_s)

    def _release(self, action: Release) -> None:
        if action.at is not None:
            self._move(action.at)
        all_of_it = not action.keys and action.button is None
        if self._holds_button and (all_of_it or action.button is not None):
            self._holds_button = False
            self.world.release()
        named = set(chord(action.keys)) if action.keys else set(self._held if all_of_it else ())
        for name in [name for name in reversed(self._held) if name in named]:
            self._held.remove(name)
            self.world.key_up(name)

    def _type(self, text: str) -> None:
        for character in text.replace("\r\n", "\n").replace("\r", "\n"):
            self._stop.check()
            key = TEXT_KEYS.get(character, character)
            self.world.key_down(key)
            self.world.key_up(key)


class InProcessPractice(PracticeEnvironment):
    """The practice desktop in process together with the truth about its task."""

    def __init__(
        self, template: str, seed: int, stop: Stop, dressing: Dressing | None = None
    ) -> None:
        """Set up a task, in its usual look or in one that ``dressing`` draws.

        Raises:
            ConfigError: there is no such template.
        """
        self.task = PracticeTask(template, seed, dressing)
        super().__init__(self.task.world, stop)

    @property
    def world(self) -> World:
        """The world of the task that stands on the screen now."""
        return self.task.world


def open_in_process(argument: str, stop: Stop) -> InProcessPractice:
    """Open the practice desktop in process; ``argument`` is TEMPLATE/SEED.

    Raises:
        ConfigError: it names no practice task.
    """
    return InProcessPractice(*parse_task(argument), stop)


def open_in_guise(argument: str, stop: Stop) -> InProcessPractice:
    """Open the same in another theme, font and scale, drawn by the task.

    Raises:
        ConfigError: it names no practice task, or a font is missing.
    """
    return InProcessPractice(*parse_task(argument), stop, guise_for)
