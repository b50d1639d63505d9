"""The practice desktop on an X display of its own: real windows, real capture, real input.

Responsible for owning the display, the program that shows the world on it (``windows``) and the
environment that sees and touches it, and for asking that program for the truth.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack

from environments.actions import Action
from environments.base import Frame, Observation, Stop
from environments.desktop.environment import DesktopEnvironment
from environments.desktop.virtual import VirtualDisplay
from environments.desktop.x11 import DisplayAddress
from environments.geometry import InputPoint
from environments.practice.base import parse_task
from environments.practice.named import template_named
from environments.practice.program import AskedTask, PracticeProgram
from environments.practice.world import SCREEN_PX


class WindowsProgram(PracticeProgram):
    """The program that shows the world as windows on a display."""

    def __init__(self, template: str, seed: int, env: Mapping[str, str]) -> None:
        """Start it; returns when the task stands on the screen.

        Raises:
            DeviceDisconnectedError: it could not start; the text holds its last words.
        """
        arguments = (template, str(seed))
        super().__init__("environments.practice.windows", "practice windows", arguments, env)


class PracticeDisplay:
    """The practice desktop seen by mss and touched by pyautogui, on a display that it owns."""

    def __init__(self, template: str, seed: int, stop: Stop) -> None:
        """Start everything and show a task.

        Raises:
            ConfigError: there is no such template, or Xvfb is missing.
            DeviceDisconnectedError: the windows could not be shown.
        """
        template_named(template)
        with ExitStack() as undo:
            display = undo.enter_context(VirtualDisplay(*SCREEN_PX, window_manager=False))
            self._program = WindowsProgram(template, seed, display.env())
            undo.callback(self._program.close)
            self._environment = DesktopEnvironment(display.address, stop)
            undo.callback(self._environment.close)
            self._closing = undo.pop_all()
        self.task = AskedTask(self._program)

    @property
    def address(self) -> DisplayAddress:
        """Where the display is."""
        return self._environment.address

    @property
    def cursor(self) -> InputPoint:
        """Where the pointer is."""
        return self._environment.cursor

    @property
    def glimpse(self) -> Callable[[Frame], None]:
        """Who hears of what may be the settled screen."""
        return self._environment.glimpse

    @glimpse.setter
    def glimpse(self, heard: Callable[[Frame], None]) -> None:
        self._environment.glimpse = heard

    def observe(self) -> Observation:
        """Wait until the screen has settled and return one look at it."""
        self._program.check()
        return self._environment.observe()

    def execute(self, action: Action) -> None:
        """Do one action; on any exit nothing stays pressed."""
        self._program.check()
        self._environment.execute(action)

    def close(self) -> None:
        """End the program and the display; may be called twice."""
        self._closing.close()


def open_on_display(argument: str, stop: Stop) -> PracticeDisplay:
    """Open the practice desktop on a display of its own; ``argument`` is TEMPLATE/SEED or empty.

    Raises:
        ConfigError: it names no practice task, or Xvfb is missing; the text says what to do.
    """
    return PracticeDisplay(*parse_task(argument), stop)
