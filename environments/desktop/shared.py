"""A person's own X display: Deskhand works there as a guest.

Responsible for joining the desktop, the listener that knows whose input an event is, and the
manners of a guest.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from environments.actions import Action, Wait
from environments.base import Observation, Stop
from environments.desktop.activity import IDLE_S, Presence
from environments.desktop.environment import DesktopEnvironment
from environments.desktop.guest import Guest
from environments.desktop.monitors import View, WholeView
from environments.desktop.panic import STOP_KEY
from environments.desktop.person import PersonWatch
from environments.desktop.x11 import DisplayAddress


class SharedDesktop(DesktopEnvironment):
    """A desktop whose person comes first."""

    def __init__(
        self,
        address: DisplayAddress,
        stop: Stop,
        view: Callable[[Any], View] = WholeView,
        stop_key: str = STOP_KEY,
        idle_s: float = IDLE_S,
    ) -> None:
        """Connect to the display and begin to listen for its person, who lets go for ``idle_s``.

        Raises:
            ConfigError: it cannot be told whose input an event is; or there is no such view or key.
            DeviceDisconnectedError: no display answers there.
            CaptureError: it cannot be read.
        """
        self._guest = Guest(stop, stop_key, idle_s)
        super().__init__(address, self._guest.stop, view=view)
        self._guest.holds = lambda: bool([*self._hands.driver.held])
        self._guest.let_go = self._hands.holding.let_go
        with ExitStack() as undo:
            undo.callback(self.close)
            self._closing.callback(PersonWatch(address, self._guest.hear).close)
            undo.pop_all()

    @property
    def presence(self) -> Presence:
        """What is known of the person."""
        return self._guest.presence

    @property
    def tell(self) -> Callable[[str], None]:
        """Who hears a sentence for the person when Deskhand begins to wait for them."""
        return self._guest.tell

    @tell.setter
    def tell(self, heard: Callable[[str], None]) -> None:
        self._guest.tell = heard

    def observe(self) -> Observation:
        """Wait until the person has let go and the screen has settled, and look."""
        return self._guest.look(super().observe)

    def execute(self, action: Action) -> None:
        """Do one action, unless the person comes first or in between.

        Raises:
            PersonFirstError: they did; it is raised when they have let go.
        """
        if isinstance(action, Wait):  # Sends nothing; what the person did is seen afterwards.
            super().execute(action)
        else:
            execute = super().execute
            self._guest.act(lambda: execute(action))
