"""One finger on the practice phone, from touching to lifting.

Responsible for telling a tap, a long press, a slide, a swipe and a scroll apart. What each of them
does is told by the phone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from environments.practice.phone.views import View

SLOP_PX = 8
"""A finger that stays within this does not move (ViewConfiguration: 8 dp at 160 dots per inch)."""

LONG_PRESS_S = 0.4
"""Held for this long is a long press (ViewConfiguration: 400 ms)."""

AWAY_PX = 64
"""A swipe to the side of at least this throws a card away."""


class Touched(Protocol):
    """What a finger can do to a phone; ``view`` is what it came down on."""

    def tap(self, view: View | None, x: int, y: int, time_s: float) -> None:
        """Feel a tap."""
        ...

    def hold(self, view: View | None, x: int, y: int) -> None:
        """Feel a long press."""
        ...

    def slide(self, view: View, x: int) -> None:
        """Feel a finger on a track."""
        ...

    def scroll_by(self, dy: int) -> None:
        """Move the content up by ``dy`` pixels."""
        ...

    def settle_scroll(self) -> None:
        """Come to rest on a whole row."""
        ...

    def swiped(self, view: View | None, start: tuple[int, int], to: tuple[int, int]) -> bool:
        """Feel a swipe when the finger lifts; True if it was for the system or a card."""
        ...

    def belongs_to_system(self, start: tuple[int, int]) -> bool:
        """Tell whether a finger that starts here pulls at the system and not at the content."""
        ...


@dataclass
class Finger:
    """A finger that is down."""

    phone: Touched
    view: View | None
    start: tuple[int, int]
    time_s: float
    at: tuple[int, int] = (0, 0)
    moving: bool = False
    held: bool = False

    def __post_init__(self) -> None:
        """Begin where it came down; a track follows at once."""
        self.at = self.start
        if self.view is not None and self.view.slide is not None:
            self.phone.slide(self.view, self.at[0])

    def wait(self, time_s: float) -> None:
        """Rest until a time; long enough is a long press."""
        if not self.moving and not self.held and time_s - self.time_s >= LONG_PRESS_S:
            self.held = True
            self.phone.hold(self.view, *self.at)

    def move(self, x: int, y: int) -> None:
        """Be somewhere else."""
        last, self.at = self.at, (x, y)
        if self.view is not None and self.view.slide is not None:
            self.phone.slide(self.view, x)
            return
        began = max(abs(x - self.start[0]), abs(y - self.start[1])) > SLOP_PX
        if began and not self.moving and not self.held:
            self.moving, last = True, self.start
        if self.moving and self._scrolls:
            self.phone.scroll_by(last[1] - y)

    def lift(self, x: int, y: int, time_s: float) -> None:
        """Leave the screen."""
        self.move(x, y)
        if self.view is not None and self.view.slide is not None:
            return
        if self.moving:
            self.phone.swiped(self.view, self.start, (x, y))
            self.phone.settle_scroll()
        elif not self.held:
            self.phone.tap(self.view, x, y, time_s)

    @property
    def _scrolls(self) -> bool:
        dx, dy = self.at[0] - self.start[0], self.at[1] - self.start[1]
        return abs(dy) >= abs(dx) and not self.phone.belongs_to_system(self.start)
