"""Seeing an X display: settled looks, what moves by itself, and what an action did.

Responsible for taking the look just before an action and the one after it, and for the evidence
between the two. Sends no input.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from environments.base import Frame, Observation, Stop
from environments.desktop.capture import Capture
from environments.desktop.damage import Damage
from environments.desktop.watcher import Watcher
from environments.desktop.witness import Testimony, Witness
from environments.desktop.x11 import DisplayAddress
from environments.evidence import Evidence
from environments.geometry import InputPoint
from environments.restless import Calm
from environments.settle import Eyes, Patience, Settled, settle, still
from environments.tiles import Tiles, area_of, changed_tiles, grown, no_tiles, within

_HOVER = Patience(poll_s=0.005, quiet_s=0.025, first_change_s=0.04, limit_s=0.35)
"""What a program shows when the pointer comes over it begins at once; GTK fades it in for 0.2 s."""

_HASTY = Patience(poll_s=0.005, quiet_s=0.005, first_change_s=0.005, limit_s=0.1)

_SILENT = 2.5
"""Times its usual pace; what has kept still for longer while an action was waited for has stopped.
"""


@dataclass(frozen=True, slots=True, eq=False)
class _Before:
    """How things stood just before an action; no testimony yet where the pointer goes first."""

    frame: Frame
    calm: Calm
    testimony: Testimony | None


class Sight:
    """The eyes of one display; used by one thread, beside which a watcher looks on."""

    def __init__(
        self,
        address: DisplayAddress,
        stop: Stop,
        patience: Patience,
        glimpse: Callable[[Frame], None],
    ) -> None:
        """Open what is looked with.

        Raises:
            DeviceDisconnectedError: no display answers there.
            CaptureError: it cannot be read.
        """
        self._patience = patience
        # Who waits for less than this after an action itself gets two pictures in a row here.
        is_hasty = patience.first_change_s < _HOVER.first_change_s
        self._hover = _HASTY if is_hasty else _HOVER
        self._capture_ms = 0.0
        self._before: _Before | None = None
        with ExitStack() as undo:
            self.capture = Capture(address)
            undo.callback(self.capture.close)
            self._damage = Damage(address)
            undo.callback(self._damage.close)
            self._witness = Witness(address)
            undo.callback(self._witness.close)
            self._watcher = Watcher(address, self.capture.grab)
            undo.callback(self._watcher.close)
            self._closing = undo.pop_all()
        self._eyes = Eyes(self._grab, time.monotonic, stop, glimpse, self._damage.moved)

    def look(self) -> Observation:
        """Wait until the screen has settled and return one look at it; watch it from then on."""
        before, self._before = self._before, None
        if before is None:
            self._watcher.hold()
            settled, evidence = self._still(), None
        else:
            settled = settle(self._eyes, before.frame, self._patience, before.calm)
            evidence = self._evidence(before, settled)
        self._watcher.go_on(settled.frame, _acted(settled, evidence))
        return Observation(
            frame=settled.frame,
            screen=self.capture.screen,
            time_s=time.monotonic(),
            settled_by=settled.rule,
            timings_ms={"capture": self._capture_ms, "settle": settled.waited_ms},
            evidence=evidence,
            ignored=area_of(settled.left_out),
        )

    def about_to_act(self, pointing: bool = False) -> None:
        """Take the look that the action will be judged against.

        Where the pointer goes to its place first, ``pointed`` asks what is judged beside pixels.
        """
        self._watcher.pause()
        calm = self._watcher.calm(time.monotonic())
        testimony = None if pointing else self._witness.ask()
        self._before = _Before(self._grab(), calm, testimony)

    def pointed(self) -> None:
        """Look again, the pointer being where it is to act: what it lights up is no effect yet."""
        before = self._before
        assert before is not None
        settled = settle(self._silent(), before.frame, self._hover, before.calm)
        # Tooltips come and go with the pointer.
        self._before = _Before(settled.frame, before.calm, self._witness.ask())

    def glance(self) -> Frame:
        """Return the screen as it is at this moment."""
        return self._grab()

    def catch_up(self, before: Frame | None = None) -> Settled:
        """Wait until programs have shown what was sent to them so far, or since ``before``."""
        calm = self._before.calm if self._before else Calm()
        start = self._grab() if before is None else before
        return settle(self._silent(), start, self._patience, calm)

    def close(self) -> None:
        """Give everything back; may be called twice."""
        self._closing.close()

    def _silent(self) -> Eyes:
        # In the middle of an action: what is seen is not what the model will be shown.
        return Eyes(self._grab, self._eyes.clock, self._eyes.stop, moved=self._damage.moved)

    def _still(self) -> Settled:
        def look() -> Frame:
            frame = self._grab()
            self._watcher.look(frame)
            return frame

        eyes = Eyes(look, self._eyes.clock, self._eyes.stop)
        return still(eyes, self._patience, self._watcher.calm)

    def _grab(self) -> Frame:
        started = time.perf_counter()
        frame = self.capture.grab()
        self._capture_ms = (time.perf_counter() - started) * 1000
        return frame

    def _evidence(self, before: _Before, settled: Settled) -> Evidence:
        now = self._witness.ask()
        then = before.testimony or now  # None where the pointer never got to its place.
        tooltips = self._tooltips(settled.frame, then, now)
        differing = changed_tiles(before.frame, settled.frame)
        changed = before.calm.split(differing, settled.frame)[0] & ~tooltips
        passing = settled.changed & ~tooltips
        left_out = settled.left_out | (differing & tooltips)
        stopped = before.calm.silent(settled.silent_s / _SILENT)
        moving = grown((left_out | changed | passing) & ~stopped)
        return Evidence(
            changed=changed,
            passing=passing & ~changed,
            left_out=left_out,
            blind=before.calm.by_place(settled.left_out) | (differing & tooltips),
            stopped=stopped & ~moving,
            caret=before.calm.carets(changed.shape),
            opened=now.opened_since(then),
            closed=now.closed_since(then),
            front=now.front_since(then),
            clipboard=now.copies > then.copies,
        )

    def _tooltips(self, frame: Frame, *times: Testimony) -> Tiles:
        screen, found = self.capture.screen, no_tiles(frame)
        for left, top, width, height in (box for time_ in times for box in time_.tooltips):
            at = screen.from_input(InputPoint(left, top))
            found |= within(frame, (at.x, at.y, width, height))
        return found


def _acted(settled: Settled, evidence: Evidence | None) -> Tiles | None:
    """Return the tiles of which nothing is known any more; None: of none at all is anything."""
    if evidence is None:
        return no_tiles(settled.frame)
    if evidence.changed.shape != no_tiles(settled.frame).shape:
        return None
    return evidence.changed | evidence.passing
