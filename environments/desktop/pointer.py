"""Clicks, drags and the wheel.

Responsible for what is held and for letting it go: on every way out the button is up, unless it was
asked to stay down.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from itertools import pairwise

from environments.actions import Button, Click, Drag, Scroll
from environments.base import Stop
from environments.desktop.driver import Driver
from environments.errors import ToolError
from environments.geometry import InputPoint

WHEEL_NOTCH_PX = 100
"""One notch of the wheel, in the pixels that a model asks for."""

DRAG_STEPS = 16
"""Motions on each leg of a drag; programs take a drag for one only when the pointer moves."""

_FIRST_STEPS = 4
"""Motions after which a program is given the time to see that a drag has begun."""


class Pointer:
    """The pointer of one display."""

    def __init__(
        self, driver: Driver, stop: Stop, catch_up: Callable[[], object] = lambda: None
    ) -> None:
        """Move on one display; ``catch_up`` waits until programs have read what was sent."""
        self._driver = driver
        self._stop = stop
        self._catch_up = catch_up

    def move(self, to: InputPoint) -> None:
        """Put the pointer somewhere.

        Raises:
            ToolError: the point is off the screen.
        """
        self._stop.check()
        self._refuse_outside(to)
        self._driver.move(to)

    def click(self, action: Click) -> None:
        """Press and release, as often as asked."""
        if action.at is not None:
            self.move(action.at)
        for _ in range(action.count):
            with ExitStack() as held:
                self._press(action.button, held)

    def drag(self, action: Drag) -> None:
        """Press, move in steps, release.

        Programs that hand over what is dragged talk with each other on the way; they are waited
        for after the first motions and before the release, or the drop comes too early for them.

        Raises:
            ToolError: a point is off the screen; then nothing was pressed.
        """
        for point in (*action.path, action.to):
            self._refuse_outside(point)
        if action.start is not None:
            self.move(action.start)
        points = motions((self._driver.position(), *action.path, action.to))
        with ExitStack() as held:
            self._press(action.button, held)
            for number, point in enumerate(points):
                if number == _FIRST_STEPS:
                    self._catch_up()
                self.move(point)
            self._catch_up()
            self._stop.check()

    def hold(self, button: Button) -> None:
        """Press a button and leave it down."""
        self._stop.check()
        self._driver.button_down(button)

    def release(self, button: Button) -> None:
        """Release a button."""
        self._driver.button_up(button)

    def scroll(self, action: Scroll) -> None:
        """Turn the wheel by whole notches, at least one for any distance."""
        if action.at is not None:
            self.move(action.at)
        for count, horizontal in wheel_turns(action):
            for _ in range(abs(count)):
                self._stop.check()
                self._driver.turn_wheel(1 if count > 0 else -1, horizontal)

    def _press(self, button: Button, held: ExitStack) -> None:
        self._stop.check()
        # Promised before it is pressed: an interrupt between the two must not leave it down.
        held.callback(self._driver.button_up, button)
        self._driver.button_down(button)

    def _refuse_outside(self, point: InputPoint) -> None:
        width, height = self._driver.size()
        if not (0 <= point.x < width and 0 <= point.y < height):
            raise ToolError(
                f"The point ({point.x}, {point.y}) is off the screen of {width}x{height} pixels."
            )


def notches(pixels: int) -> int:
    """Return how many notches cover a distance, rounded away from zero."""
    return -(-abs(pixels) // WHEEL_NOTCH_PX)


def wheel_turns(action: Scroll) -> tuple[tuple[int, bool], ...]:
    """Return what is turned in order: notches with their sign, and whether sideways."""
    return (
        (_signed(action.dy_px), False),
        (_signed(action.dx_px), True),
        (action.dy_notches, False),
        (action.dx_notches, True),
    )


def _signed(pixels: int) -> int:
    return notches(pixels) if pixels > 0 else -notches(pixels)


def motions(corners: Sequence[InputPoint]) -> list[InputPoint]:
    """Return where the pointer goes in a drag over these corners, the first one left out."""
    return [
        _between(start, to, step / DRAG_STEPS)
        for start, to in pairwise(corners)
        for step in range(1, DRAG_STEPS + 1)
    ]


def _between(start: InputPoint, to: InputPoint, part: float) -> InputPoint:
    return InputPoint(
        start.x + round((to.x - start.x) * part), start.y + round((to.y - start.y) * part)
    )
