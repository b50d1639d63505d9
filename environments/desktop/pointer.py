"""Clicks, drags and the wheel.

Responsible for what is held and for letting it go: on every way out the button is up.
"""

from __future__ import annotations

from contextlib import ExitStack

from environments.actions import Button, Click, Drag, Scroll
from environments.base import Stop
from environments.desktop.driver import Driver
from environments.errors import ToolError
from environments.geometry import InputPoint

WHEEL_NOTCH_PX = 100
"""One notch of the wheel, in the pixels that a model asks for."""

DRAG_STEPS = 16
"""Motions between press and release; programs take a drag for one only when the pointer moves."""


class Pointer:
    """The pointer of one display."""

    def __init__(self, driver: Driver, stop: Stop) -> None:
        self._driver = driver
        self._stop = stop

    def move(self, to: InputPoint) -> None:
        """Put the pointer somewhere.

        Raises:
            ToolError: the point is off the screen.
        """
        self._stop.check()
        width, height = self._driver.size()
        if not (0 <= to.x < width and 0 <= to.y < height):
            raise ToolError(
                f"The point ({to.x}, {to.y}) is off the screen of {width}x{height} pixels."
            )
        self._driver.move(to)

    def click(self, action: Click) -> None:
        """Press and release, as often as asked."""
        if action.at is not None:
            self.move(action.at)
        for _ in range(action.count):
            with ExitStack() as held:
                self._press(action.button, held)

    def drag(self, action: Drag) -> None:
        """Press, move in steps, release."""
        if action.start is not None:
            self.move(action.start)
        start = self._driver.position()
        with ExitStack() as held:
            self._press(action.button, held)
            for step in range(1, DRAG_STEPS + 1):
                self.move(_between(start, action.to, step / DRAG_STEPS))

    def scroll(self, action: Scroll) -> None:
        """Turn the wheel by whole notches, at least one for any distance."""
        if action.at is not None:
            self.move(action.at)
        for pixels, horizontal in ((action.dy_px, False), (action.dx_px, True)):
            for _ in range(notches(pixels)):
                self._stop.check()
                self._driver.turn_wheel(1 if pixels > 0 else -1, horizontal)

    def _press(self, button: Button, held: ExitStack) -> None:
        self._stop.check()
        # Promised before it is pressed: an interrupt between the two must not leave it down.
        held.callback(self._driver.button_up, button)
        self._driver.button_down(button)


def notches(pixels: int) -> int:
    """Return how many notches cover a distance, rounded away from zero."""
    return -(-abs(pixels) // WHEEL_NOTCH_PX)


def _between(start: InputPoint, to: InputPoint, part: float) -> InputPoint:
    return InputPoint(
        start.x + round((to.x - start.x) * part), start.y + round((to.y - start.y) * part)
    )
