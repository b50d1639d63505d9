"""Windows: DPI awareness, windows that take no input from us, and the secure desktop.

Responsible for telling these before they turn into clicks in the wrong place or into nothing at
all. What Windows itself is asked stands in ``win32``; that file alone cannot run elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from environments.base import Frame
from environments.desktop.monitors import Monitor
from environments.desktop.panic import PersonEvent
from environments.errors import CaptureError
from environments.geometry import InputPoint
from environments.platforms.hands import PynputEars
from environments.platforms.machine import Hands

SECURE = (
    "Windows shows its secure desktop (a locked screen or a question of User Account Control), "
    "which no program can see or drive. Answer it yourself, then start Deskhand again."
)
UNAWARE = (
    "Windows scales what this Python sees, so clicks would land in the wrong place. In the "
    "properties of {binary}, under Compatibility > Change high DPI settings, clear the override."
)


class WindowsCalls(Protocol):
    """The questions that Windows is asked; a window is its handle, 0 for none."""

    def become_dpi_aware(self) -> None:
        """Make this process aware of each monitor's DPI, as far as Windows lets it."""
        ...

    def is_dpi_aware(self) -> bool:
        """Tell whether positions and pixels are each monitor's own."""
        ...

    def has_input_desktop(self) -> bool:
        """Tell whether the desktop that takes input now can be opened by us."""
        ...

    def foreground_window(self) -> int:
        """Return the window in front."""
        ...

    def window_at(self, x: int, y: int) -> int:
        """Return the top-level window under a position."""
        ...

    def title(self, window: int) -> str:
        """Return a window's title."""
        ...

    def integrity_of(self, window: int | None) -> int | None:
        """Return the integrity level of a window's process, of our own for None.

        0x2000 is medium, 0x3000 high; None where Windows does not tell, which it refuses for
        processes above ours.
        """
        ...


class Eyes(Protocol):
    """Monitors and their pixels, as ``eyes.MssEyes`` has them."""

    def monitors(self) -> tuple[Monitor, ...]:
        """Return the monitors."""
        ...

    def grab(self, monitor: Monitor) -> Frame:
        """Return a monitor's pixels."""
        ...


class Windows:
    """A Windows session as a ``Machine``."""

    def __init__(
        self, calls: WindowsCalls, hands: Hands, eyes: Callable[[], Eyes], binary: str
    ) -> None:
        """Put a session together; ``eyes`` are opened after the process is aware of DPI."""
        self._calls, self._open_eyes, self._binary = calls, eyes, binary
        self._eyes: Eyes | None = None
        self.hands = hands

    def problem(self) -> str | None:
        """Become aware of each monitor's DPI; tell what is in the way."""
        self._calls.become_dpi_aware()
        if not self._calls.is_dpi_aware():
            return UNAWARE.format(binary=self._binary)
        return None if self._calls.has_input_desktop() else SECURE

    def monitors(self) -> tuple[Monitor, ...]:
        """Return the monitors in pixels of the virtual screen."""
        return self._opened().monitors()

    def grab(self, monitor: Monitor) -> Frame:
        """Return a monitor's pixels.

        Raises:
            CaptureError: the secure desktop is shown, or the monitor cannot be read.
        """
        try:
            return self._opened().grab(monitor)
        except CaptureError as cause:
            if self._calls.has_input_desktop():
                raise
            raise CaptureError(SECURE) from cause

    def foreground(self) -> str | None:
        """Return the title of the window in front."""
        window = self._calls.foreground_window()
        return self._calls.title(window) or None if window else None

    def out_of_reach(self, at: InputPoint | None) -> str | None:
        """Return why a window takes no input from us: User Interface Privilege Isolation."""
        calls = self._calls
        window = calls.foreground_window() if at is None else calls.window_at(at.x, at.y)
        if not window:
            return None
        own, other = calls.integrity_of(None), calls.integrity_of(window)
        if own is None or (other is not None and other <= own):
            return None
        return (
            f"The window {calls.title(window)!r:.90} runs as administrator, and Windows drops what "
            "Deskhand sends there. Use another window, or end with failure and say that the person "
            "must start Deskhand as administrator for this."
        )

    def listen(self, hear: Callable[[PersonEvent], None]) -> Callable[[], None]:
        """Tell what the person does, by low-level hooks."""
        return PynputEars(hear).listen()

    def _opened(self) -> Eyes:
        if self._eyes is None:
            self._eyes = self._open_eyes()
        return self._eyes
