"""Working at a person's own desk: the manners, whatever the desk is.

Responsible for making way. While the person uses mouse or keyboard nothing is sent; afterwards the
screen is looked at again and the model is told that it may have changed. And for the two ways to
stop a run from the desk. How to look and to act is the environment's; how the person's events are
heard, ``person``'s or ``platforms.listening``'s.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from environments.base import Observation, Stop
from environments.desktop.activity import IDLE_S, Interrupted, Presence, Yielding
from environments.desktop.panic import STOP_KEY, Area, Corner, PersonEvent, StopKey
from environments.errors import DeviceError, PersonFirstError

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


class Guest:
    """Who lets the person go first.

    Attributes:
        tell: hears a sentence for the person when Deskhand begins to wait for them.
        presence: what is known of the person.
        stop: what pointer and keyboard are to look at before every event.
        holds: tells whether anything is down; let_go: releases it, called in either thread.
    """

    def __init__(self, stop: Stop, stop_key: str = STOP_KEY, idle_s: float = IDLE_S) -> None:
        """Work under a run's stop, beside a person who has let go after ``idle_s``.

        Raises:
            ConfigError: the stop key is none.
        """
        self.tell: Callable[[str], None] = lambda _: None
        self.presence = Presence(idle_s)
        self.stop = Yielding(stop, self.presence)
        self.holds: Callable[[], bool] = lambda: False
        self.let_go: Callable[[], None] = lambda: None
        self._run = stop
        self._known = 0
        self._is_acting = self._has_let_go = False
        self._stop_key, self._corner = StopKey(stop_key), Corner()

    def look(self, observe: Callable[[], Observation]) -> Observation:
        """Wait until the person has let go, and look."""
        came = self._make_way()
        known = self.presence.touches
        observation = observe()
        self._known = known
        return replace(observation, notice=self._told(NOTICE)) if came else observation

    def act(self, execute: Callable[[], None]) -> None:
        """Do one action, unless the person comes first or in between.

        Raises:
            PersonFirstError: they did; it is raised when they have let go.
        """
        begun = self._is_known()
        try:
            self._perform(execute)
        except Interrupted as cause:
            self._make_way()
            raise PersonFirstError(self._told(BROKEN_OFF if begun else NOT_DONE)) from cause

    def hear(self, event: PersonEvent, areas: Sequence[Area]) -> None:
        """Hear what the person did; ``areas`` are the monitors'. Called in a listener's thread."""
        if event.kind != "rest":
            self.presence.touch()
        if self._stop_key.hear(event):
            self._run.set(f"You pressed {self._stop_key.spelled}.")
        if event.at is not None and self._corner.hear(event.at, areas):
            self._run.set(CORNER)
        if event.kind != "rest":
            self._hands_off()

    def _perform(self, execute: Callable[[], None]) -> None:
        self._is_acting = True
        try:
            with self.stop.from_touch(self._known):
                execute()
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

    def _hands_off(self) -> None:
        """Let go what was to stay down between actions: a person's click must not meet our Shift.

        Called in either thread. While an action is being done its own end lets go, for a key that
        comes up in this thread between its note and its press would stay down in the other one.
        """
        if self._is_acting or not self.holds():
            return
        with suppress(DeviceError):  # Nothing is down on a display that is no more.
            self.let_go()
            self._has_let_go = True

    def _told(self, text: str) -> str:
        """Return a text for the model, with what else it must know and has not been told."""
        told = f"{text} {LET_GO}" if self._has_let_go else text
        self._has_let_go = False
        return told
