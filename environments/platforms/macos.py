"""macOS: the three permissions, each of which fails silently where it is missing.

Responsible for naming the missing one, the very program that lacks it and the one step that helps.
What macOS itself is asked stands in ``quartz``; that file alone cannot run elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from environments.base import Frame
from environments.desktop.monitors import Monitor
from environments.desktop.panic import PersonEvent
from environments.geometry import InputPoint
from environments.platforms.hands import PynputEars
from environments.platforms.machine import Hands
from environments.platforms.windows import Eyes

SETTINGS = "x-apple.systempreferences:com.apple.preference.security"
MISSING = (
    "macOS does not let {binary} {what}. Open System Settings > Privacy & Security > {pane} "
    '(open "{settings}?{anchor}"), switch it on for that program or for the terminal that starts '
    "it, and start Deskhand again from there."
)


class MacCalls(Protocol):
    """The questions that macOS is asked."""

    def may_record(self) -> bool:
        """Tell whether windows of others show in pictures (Screen Recording)."""
        ...

    def may_control(self) -> bool:
        """Tell whether input is delivered (Accessibility)."""
        ...

    def may_listen(self) -> bool:
        """Tell whether the person's input can be heard (Input Monitoring)."""
        ...

    def front_application(self) -> str | None:
        """Return the name of the application in front."""
        ...


class MacOS:
    """A session of macOS as a ``Machine``."""

    def __init__(
        self, calls: MacCalls, hands: Callable[[], Hands], eyes: Callable[[], Eyes], binary: str
    ) -> None:
        """Put a session together; ``binary`` is this very interpreter, whose permissions count."""
        self._calls, self._open_hands, self._open_eyes = calls, hands, eyes
        self._binary = binary
        self._eyes: Eyes | None = None
        self._hands: Hands | None = None

    @property
    def hands(self) -> Hands:
        """Pointer and keys; opened when the permissions are known to be there."""
        if self._hands is None:
            self._hands = self._open_hands()
        return self._hands

    def problem(self) -> str | None:
        """Tell which permission is missing, the first one of them."""
        return next(iter(self.problems()), None)

    def problems(self) -> tuple[str, ...]:
        """Return a sentence for each missing permission."""
        wanted = (
            (self._calls.may_record, "see the screen", "Screen Recording", "ScreenCapture"),
            (self._calls.may_control, "click and type", "Accessibility", "Accessibility"),
            (
                self._calls.may_listen,
                "notice that you use the mouse or keyboard",
                "Input Monitoring",
                "ListenEvent",
            ),
        )
        return tuple(
            MISSING.format(
                binary=self._binary,
                what=what,
                pane=pane,
                settings=SETTINGS,
                anchor=f"Privacy_{anchor}",
            )
            for may, what, pane, anchor in wanted
            if not may()
        )

    def monitors(self) -> tuple[Monitor, ...]:
        """Return the monitors, in points."""
        return self._opened().monitors()

    def grab(self, monitor: Monitor) -> Frame:
        """Return a monitor's pixels."""
        return self._opened().grab(monitor)

    def foreground(self) -> str | None:
        """Return the application in front."""
        return self._calls.front_application()

    def out_of_reach(self, at: InputPoint | None) -> str | None:
        """Return None: with Accessibility granted, every window takes input."""
        return None

    def listen(self, hear: Callable[[PersonEvent], None]) -> Callable[[], None]:
        """Tell what the person does, by event taps."""
        return PynputEars(hear).listen()

    def _opened(self) -> Eyes:
        if self._eyes is None:
            self._eyes = self._open_eyes()
        return self._eyes
