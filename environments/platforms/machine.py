"""What is asked of an operating system: the seam below the desktop of Windows and macOS.

Responsible for the protocols alone. Positions are the system's own pointer positions, which may be
negative; names of keys are those of ``desktop.keys``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from environments.actions import Button
from environments.base import Frame
from environments.desktop.monitors import Monitor
from environments.desktop.panic import PersonEvent
from environments.geometry import InputPoint


class Hands(Protocol):
    """Pointer and keys, one event at a time."""

    def position(self) -> InputPoint:
        """Return where the pointer is."""
        ...

    def move(self, to: InputPoint) -> None:
        """Put the pointer somewhere."""
        ...

    def button(self, button: Button, down: bool) -> None:
        """Press or release a button where the pointer is."""
        ...

    def wheel(self, notches: int, sideways: bool) -> None:
        """Turn the wheel; positive is up or right."""
        ...

    def has_key(self, name: str) -> bool:
        """Tell whether the keyboard has a key."""
        ...

    def key(self, name: str, down: bool) -> None:
        """Press or release a key."""
        ...

    def write(self, character: str) -> None:
        """Enter one character, whatever the layout."""
        ...


class Machine(Protocol):
    """One computer with one person's session."""

    @property
    def hands(self) -> Hands:
        """Pointer and keys."""
        ...

    def problem(self) -> str | None:
        """Make the process ready; return why it cannot work here, with the one step that helps."""
        ...

    def monitors(self) -> tuple[Monitor, ...]:
        """Return the monitors."""
        ...

    def grab(self, monitor: Monitor) -> Frame:
        """Return a monitor's pixels.

        Raises:
            CaptureError: it cannot be read; the text says why and what to do.
        """
        ...

    def foreground(self) -> str | None:
        """Return the title or application in front."""
        ...

    def out_of_reach(self, at: InputPoint | None) -> str | None:
        """Return why input would not arrive at a point, None: at the keyboard focus; None if so.

        The text is for the model, and says what to do instead.
        """
        ...

    def listen(self, hear: Callable[[PersonEvent], None]) -> Callable[[], None]:
        """Tell what the person does from now on, in a thread; return what ends it."""
        ...
