"""Seeing a phone: settled looks, each in one rotation, and what an action did.

Responsible for when a picture is believed: it was taken in the rotation that the phone still
reports afterwards, the screen is on and unlocked, and the window in front allows pictures. Sends
no input but what wakes the screen.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from environments.android.capture import Camera, Shot
from environments.android.facts import FACTS, WINDOWS, Facts, facts_in, is_secure, rotation_in
from environments.android.images import is_dark
from environments.android.line import PhoneLine
from environments.base import Frame, Observation, Stop
from environments.errors import (
    CaptureError,
    PhoneLockedError,
    ScreenOffError,
    SecureScreenError,
)
from environments.evidence import Evidence
from environments.geometry import Screen
from environments.restless import Calm, Restless
from environments.settle import Eyes, Patience, Settled, settle, still
from environments.tiles import Tiles, area_of, changed_tiles, no_tiles

SLOW_S = 0.12
"""A phone whose pictures take longer is not asked for one more just before each action."""

_TRIES = 5
_PICTURES = 3


@dataclass(frozen=True, slots=True, eq=False)
class _Before:
    """How things stood just before an action."""

    frame: Frame
    calm: Calm
    facts: Facts


class Sight:
    """The eyes for one phone; used by one thread."""

    def __init__(
        self, line: PhoneLine, camera: Camera, rotation: str, stop: Stop, patience: Patience
    ) -> None:
        """Look by ``camera``; ``rotation`` is the command that tells how the phone is turned."""
        self._line, self._camera, self._stop, self._patience = line, camera, stop, patience
        self._ask = f"{rotation}; echo; {FACTS}"
        self.glimpse: Callable[[Frame], None] = lambda _: None
        self.shot: Shot | None = None
        """The last picture."""
        self.pictured: Callable[[Shot], None] = lambda _: None
        """Hears of each picture as soon as it is here; must return at once."""
        self.rotation_word = ""
        """The phone's own word for the rotation of the last look."""
        self.facts = Facts()
        self._before: _Before | None = None
        self._restless = Restless()
        self._took_s = 0.0
        self._rotations: set[int] = set()
        self._last_frame: Frame | None = None

    def look(self) -> Observation:
        """Wait until the screen has settled and return one look at it.

        Raises:
            SecureScreenError: the window in front forbids pictures.
            ScreenOffError, PhoneLockedError: there is nothing to see until a person helps.
            CaptureError, DeviceDisconnectedError: no picture can be had.
        """
        before, self._before = self._before, None
        settled = self._settled_in_one_rotation(before)
        evidence = None if before is None else self._evidence(before, settled)
        self._learn(settled, evidence)
        self._last_frame = settled.frame
        return Observation(
            frame=settled.frame,
            screen=screen_of(settled.frame),
            time_s=time.monotonic(),
            foreground=self.facts.words(),
            settled_by=settled.rule,
            timings_ms={"capture": self._took_s * 1000, "settle": settled.waited_ms},
            evidence=evidence,
            ignored=area_of(settled.left_out),
        )

    def about_to_act(self) -> None:
        """Take the look that the action will be judged against."""
        frame = self._last_frame
        if frame is None or self._took_s <= SLOW_S:
            frame = self._grab()
        now_s = time.monotonic()
        self._restless.look(frame, now_s)
        self._restless.pause(now_s)
        self._before = _Before(frame, self._restless.calm(now_s), self.facts)

    def take_facts(self) -> int | None:
        """Ask how the phone stands now; return its rotation, None where it does not say."""
        word, _, rest = self._line.ask(self._ask).text.partition("\n")
        self.rotation_word = word.strip()
        self.facts = facts_in(rest)
        return rotation_in(self.rotation_word)

    def _settled_in_one_rotation(self, before: _Before | None) -> Settled:
        for _ in range(_TRIES):
            self._rotations.clear()
            if before is None:
                settled = still(self._eyes(), self._patience, self._restless.calm)
            else:
                settled = settle(self._eyes(), before.frame, self._patience, before.calm)
            rotation = self.take_facts()
            self._refuse_what_cannot_be_seen(settled.frame)
            if self._rotations == {rotation} and self._is_of_now(settled.frame):
                return settled
            # It was turned while it was looked at, or what was black is so no more: which picture
            # is of which way, or of what, is not known.
            before = None
        raise CaptureError("The phone was turned again and again while it was looked at.")

    def _is_of_now(self, frame: Frame) -> bool:
        """Tell whether a black picture is what the phone shows, now that nothing forbids one."""
        return not is_dark(frame) or is_dark(self._grab())

    def _eyes(self) -> Eyes:
        return Eyes(self._grab, time.monotonic, self._stop, self._glimpsed)

    def _glimpsed(self, frame: Frame) -> None:
        self.glimpse(frame)

    def _grab(self) -> Frame:
        shot, started = None, time.perf_counter()
        for _ in range(_PICTURES - 1):
            try:
                shot = self._camera.shoot()
                break
            except CaptureError:
                # Cut short, most likely; another one tells. Too many are an error.
                self._refuse_unseen()
                started = time.perf_counter()
        shot = shot or self._camera.shoot()
        self._took_s = time.perf_counter() - started
        self._rotations.add(shot.rotation)
        self.shot = shot
        self.pictured(shot)
        return shot.frame

    def _refuse_what_cannot_be_seen(self, frame: Frame) -> None:
        if not self.facts.awake or self.facts.locked or is_dark(frame):
            self._refuse_unseen()

    def _refuse_unseen(self) -> None:
        """Raise what keeps a picture from being taken, if the phone tells of it."""
        self.take_facts()
        if not self.facts.awake:
            raise ScreenOffError(
                f"The screen of the phone {self._line.serial} is off. Switch it on and start "
                "again; 'Stay awake' in the developer options keeps it on while it charges."
            )
        if self.facts.locked:
            raise PhoneLockedError(
                f"The phone {self._line.serial} shows its lock screen. Unlock it and start again; "
                "Deskhand knows no PIN and asks for none."
            )
        if is_secure(self._line.ask(WINDOWS).text):
            raise SecureScreenError(
                f"{self.facts.words() or 'The app in front'} forbids pictures of its window, so "
                "there is nothing to go by. Do this part on the phone yourself, then go on."
            )

    def _evidence(self, before: _Before, settled: Settled) -> Evidence:
        differing = changed_tiles(before.frame, settled.frame)
        changed = before.calm.split(differing, settled.frame)[0]
        if settled.changed.shape != changed.shape or settled.left_out.shape != changed.shape:
            passing, left_out = np.zeros_like(changed), np.zeros_like(changed)
        else:
            passing, left_out = settled.changed & ~changed, settled.left_out
        front = self.facts.words()
        return Evidence(
            changed=changed,
            passing=passing,
            left_out=left_out,
            blind=before.calm.by_place(left_out),
            stopped=np.zeros_like(changed),
            caret=before.calm.carets(changed.shape),
            front=front if front != before.facts.words() else None,
        )

    def _learn(self, settled: Settled, evidence: Evidence | None) -> None:
        acted: Tiles | None = no_tiles(settled.frame)
        if evidence is not None:
            acted = evidence.changed | evidence.passing
        self._restless.resume(settled.frame, time.monotonic(), acted)


def screen_of(frame: Frame) -> Screen:
    """Return the screen of a frame: a phone takes touches in the pixels of its picture."""
    return Screen(frame.shape[1], frame.shape[0])
