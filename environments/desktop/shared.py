"""A person's own desktop: Deskhand works there as a guest.

Responsible for making way. While the person uses mouse or keyboard nothing is sent; afterwards the
screen is looked at again and the model is told that it may have changed. And for the two ways to
stop a run from the desk. Everything else is the desktop's.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from typing import Any

from environments.actions import Action, Wait
from environments.base import Observation, Stop
from environments.desktop.activity import IDLE_S, Interrupted, Presence, Yielding
from environments.desktop.environment import DesktopEnvironment
from environments.desktop.monitors import View, WholeView
from environments.desktop.panic import (
    STOP_KEY,
    STOP_KEY_VARIABLE,
    Area,
    Corner,
    PersonEvent,
    StopKey,
)
from environments.desktop.person import PersonWatch
from environments.desktop.x11 import DisplayAddress
from environments.errors import DeviceError, ToolError

NOTICE = "A person used the mouse or keyboard meanwhile, so the screen may have changed by that."
NOT_DONE = (
    "This was not done, because a person used the mouse or keyboard. "
    "The screen may have changed: look at it again."
)
BROKEN_OFF = (
    "This was broken off in the middle, because a person used the mouse or keyboard. "
    "The screen may have changed: look at it again, and see how far it came."
)
LET_GO = "What was held down has been let go."
WAITING = "You are using the mouse or keyboard; Deskhand waits until you have let go."
CORNER = "You moved the mouse into a corner of the screen."


class SharedDesktop(DesktopEnvironment):
    """A desktop whose person comes first.

    Attributes:
        tell: hears a sentence for the person when Deskhand begins to wait for them.
        presence: what is known of the person.
    """

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
        self.tell: Callable[[str], None] = lambda _: None
        self._run = stop
        self.presence, self._known = Presence(idle_s), 0
        self._is_acting = self._has_let_go = False
        self._yielding = Yielding(stop, self.presence)
        self._stop_key, self._corner = StopKey(stop_key), Corner()
        super().__init__(address, self._yielding, view=view)
        with ExitStack() as undo:
            undo.callback(self.close)
            self._closing.callback(PersonWatch(address, self._hear).close)
            undo.pop_all()

    def observe(self) -> Observation:
        """Wait until the person has let go and the screen has settled, and look."""
        came = self._make_way()
        known = self.presence.touches
        observation = super().observe()
        self._known = known
        return replace(observation, notice=self._told(NOTICE)) if came else observation

    def execute(self, action: Action) -> None:
        """Do one action, unless the person comes first or in between.

        Raises:
            ToolError: they did; it is raised when they have let go.
        """
        if isinstance(action, Wait):  # Sends nothing; what the person did is seen afterwards.
            super().execute(action)
            return
        begun = self._is_known()
        try:
            self._perform(action)
        except Interrupted as cause:
            self._make_way()
            raise ToolError(self._told(BROKEN_OFF if begun else NOT_DONE)) from cause

    def _perform(self, action: Action) -> None:
        self._is_acting = True
        try:
            with self._yielding.from_touch(self._known):
                super().execute(action)
        finally:
            self._is_acting = False
            if not self._is_known():
                self._hands_off()

    def _is_known(self) -> bool:
        return self.presence.touches == self._known

    def _make_way(self) -> bool:
        """Wait while the person is at it; tell whether they have been since the last look."""
        if self._is_known():
            return False
        if self.presence.idle_in_s():
            self.tell(WAITING)
            self.presence.wait_until_idle(self._run)
        return True

    def _told(self, text: str) -> str:
        """Return a text for the model, with what else it must know and has not been told."""
        told = f"{text} {LET_GO}" if self._has_let_go else text
        self._has_let_go = False
        return told

    def _hear(self, event: PersonEvent, areas: Sequence[Area]) -> None:
        if event.kind != "rest":
            self.presence.touch()
        if self._stop_key.hear(event):
            self._run.set(f"You pressed {self._stop_key.spelled}.")
        if event.at is not None and self._corner.hear(event.at, areas):
            self._run.set(CORNER)
        if event.kind != "rest":
            self._hands_off()

    def _hands_off(self) -> None:
        """Let go what was to stay down between actions: a person's click must not meet our Shift.

        Called in either thread. While an action is being done its own end lets go, for a key that
        comes up in this thread between its note and its press would stay down in the other one.
        """
        if self._is_acting or not [*self._hands.driver.held]:
            return
        with suppress(DeviceError):  # Nothing is down on a display that is no more.
            self._hands.holding.let_go()
            self._has_let_go = True


def stop_key_of(variables: Mapping[str, str] = os.environ) -> str:
    """Return the chord that the person chose, or the usual one."""
    return variables.get(STOP_KEY_VARIABLE) or STOP_KEY
