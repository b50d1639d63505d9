"""Waiting until the screen has stopped changing.

Responsible for the rule that ends the wait, for saying which rule it was and what it left out.
Neither captures nor acts: it is driven by a ``grab`` callable and a clock, so tests can script
both. What moves by itself must have been learnt before (``environments.restless``); what begins to
move with the action is waited for up to the limit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from environments.base import Frame, Stop
from environments.restless import Calm
from environments.tiles import Tiles, changed_tiles, no_tiles

Rule = Literal["quiet", "no change", "limit", "still"]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for what, in seconds."""

    poll_s: float = 0.015
    """Between two looks."""
    quiet_s: float = 0.120
    """Unchanged for so long after a change: settled."""
    first_change_s: float = 0.300
    """Not changed at all for so long: nothing will come."""
    limit_s: float = 3.0
    """Never longer than this."""


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """What a wait ended with.

    Attributes:
        frame: the screen; what moves by itself may have moved on since.
        rule: the rule that fired.
        waited_ms: what the wait cost.
        looks: how many pictures were taken.
        changed: tiles that changed at any time of the wait, also for a moment.
        left_out: tiles that moved by themselves and were not waited for.
        silent_s: for each tile, how long it has not changed at all, at most the wait.
    """

    frame: Frame
    rule: Rule
    waited_ms: float
    looks: int
    changed: Tiles
    left_out: Tiles
    silent_s: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Eyes:
    """What settling looks with.

    Attributes:
        grab: takes a picture.
        clock: seconds.
        stop: what every wait obeys.
        glimpse: hears of a picture that may be the settled one, while the wait goes on; must
            return at once.
        moved: tells whether anything may have changed since it was asked last; where nobody
            knows, yes.
    """

    grab: Callable[[], Frame]
    clock: Callable[[], float]
    stop: Stop
    glimpse: Callable[[Frame], None] = lambda _: None
    moved: Callable[[], bool] = lambda: True


DEFAULT_PATIENCE = Patience()
NOTHING_KNOWN = Calm()


def settle(
    eyes: Eyes, before: Frame, patience: Patience = DEFAULT_PATIENCE, calm: Calm = NOTHING_KNOWN
) -> Settled:
    """Wait until the screen is quiet after an action.

    Args:
        eyes: what to look with.
        before: the screen just before the action.
        patience: how long to wait for what.
        calm: what moves by itself and is not waited for.

    Raises:
        Stopped: a stop was asked for.
        CaptureError, DeviceDisconnectedError: as ``grab`` raises them.
    """
    watch = _Watch(eyes, before, calm)
    while True:
        watch.look(patience)
        rule = watch.fired(patience)
        if rule:
            return watch.settled(rule)
        eyes.stop.wait(patience.poll_s)


def still(
    eyes: Eyes,
    patience: Patience = DEFAULT_PATIENCE,
    calm: Callable[[float], Calm] = lambda _: NOTHING_KNOWN,
) -> Settled:
    """Take a look when nothing was done since the last one: two equal frames are enough.

    ``calm`` tells at any time what is known by then to move by itself.

    Raises:
        Stopped: a stop was asked for.
        CaptureError, DeviceDisconnectedError: as ``grab`` raises them.
    """
    started = eyes.clock()
    frame, looks = eyes.grab(), 1
    while True:
        eyes.stop.wait(patience.poll_s)
        last, frame, looks = frame, eyes.grab(), looks + 1
        now = eyes.clock()
        counted, left_out = calm(now).split(changed_tiles(last, frame), frame)
        if not counted.any() or now - started >= patience.limit_s:
            rule: Rule = "limit" if counted.any() else "still"
            silent_s = np.zeros(counted.shape)
            return Settled(frame, rule, (now - started) * 1000, looks, counted, left_out, silent_s)


class _Watch:
    """One wait: what was seen so far."""

    def __init__(self, eyes: Eyes, before: Frame, calm: Calm) -> None:
        self._eyes, self._calm = eyes, calm
        self._started = self._now = eyes.clock()
        self._changed_at: float | None = None
        self._last = self._shown = before
        self._glimpsed = False
        self._looks = 0
        self._changed = self._left_out = no_tiles(before)
        self._moved_at = np.full(self._changed.shape, self._started)

    def look(self, patience: Patience) -> None:
        """Take a picture if anything can have changed; show one that may stay."""
        if self._looks and not self._eyes.moved():
            self._now = self._eyes.clock()
            changed = False
        else:
            changed = self._compare(self._eyes.grab())
        if changed:
            self._changed_at, self._glimpsed = self._now, False
        elif not self._glimpsed and self._may_stay(patience):
            self._glimpsed = True
            self._eyes.glimpse(self._shown)

    def fired(self, patience: Patience) -> Rule | None:
        """Return the rule that ends the wait now, if one does."""
        waited_s = self._now - self._started
        if self._changed_at is None:
            return "no change" if waited_s >= patience.first_change_s else None
        if self._now - self._changed_at >= patience.quiet_s:
            return "quiet"
        return "limit" if waited_s >= patience.limit_s else None

    def settled(self, rule: Rule) -> Settled:
        """Return what came of it."""
        waited_ms = (self._now - self._started) * 1000
        return Settled(
            self._shown,
            rule,
            waited_ms,
            self._looks,
            self._changed,
            self._left_out,
            self._now - self._moved_at,
        )

    def _compare(self, frame: Frame) -> bool:
        changed = changed_tiles(self._last, frame)
        first, self._looks = self._looks == 0, self._looks + 1
        last, self._last = self._last, frame
        self._now = self._eyes.clock()
        if changed.shape != self._changed.shape:  # The screen has another size.
            self._changed, self._left_out = changed, no_tiles(frame)
            self._moved_at = np.full(changed.shape, self._now)
            counted = changed
        else:
            counted, left_out = self._calm.split(changed, frame)
            turned = self._calm.turned(counted, last, frame)
            counted, left_out = counted & ~turned, left_out | turned
            self._changed = self._changed | counted
            self._left_out = self._left_out | left_out
            self._moved_at[changed] = self._now
        # Of pictures that differ only in what moves by itself the first is shown, and so the one
        # that was glimpsed is the settled one.
        if first or counted.any():
            self._shown = frame
        return bool(counted.any())

    def _may_stay(self, patience: Patience) -> bool:
        # Two looks alike after a change may be all that will change; before one, most actions
        # still have something coming.
        waited_s = self._now - self._started
        return self._changed_at is not None or waited_s >= patience.first_change_s / 2
