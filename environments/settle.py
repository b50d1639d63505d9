"""Waiting until the screen has stopped changing.

Responsible for the rule that ends the wait and for saying which rule it was. Neither captures nor
acts: it is driven by a ``grab`` callable and a clock, so tests can script both. Only whole pictures
are compared; what blinks for ever ends by the limit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from environments.base import Frame, Stop, frame_hash

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


@dataclass(frozen=True, slots=True)
class Settled:
    """The last frame, the rule that fired, what the wait cost and how many looks it took."""

    frame: Frame
    rule: Rule
    waited_ms: float
    looks: int


@dataclass(frozen=True, slots=True)
class Eyes:
    """What settling looks with.

    Attributes:
        grab: takes a picture.
        clock: seconds.
        stop: what every wait obeys.
        glimpse: hears of a picture that may be the settled one, while the wait goes on; must
            return at once.
    """

    grab: Callable[[], Frame]
    clock: Callable[[], float]
    stop: Stop
    glimpse: Callable[[Frame], None] = lambda _: None


DEFAULT_PATIENCE = Patience()


def settle(eyes: Eyes, before: str, patience: Patience = DEFAULT_PATIENCE) -> Settled:
    """Wait until the screen is quiet after an action; ``before`` is the frame's hash before it.

    Raises:
        Stopped: a stop was asked for.
        CaptureError, DeviceDisconnectedError: as ``grab`` raises them.
    """
    started = eyes.clock()
    last, changed_at, looks, glimpsed = before, None, 0, ""
    while True:
        frame, looks = eyes.grab(), looks + 1
        now, current = eyes.clock(), frame_hash(frame)
        if current != last:
            last, changed_at = current, now
        elif current != glimpsed and _may_stay(now - started, changed_at, patience):
            glimpsed = current
            eyes.glimpse(frame)
        rule = _fired(now - started, None if changed_at is None else now - changed_at, patience)
        if rule:
            return Settled(frame, rule, (now - started) * 1000, looks)
        eyes.stop.wait(patience.poll_s)


def still(eyes: Eyes, patience: Patience = DEFAULT_PATIENCE) -> Settled:
    """Take a look when nothing was done since the last one: two equal frames are enough.

    Raises:
        Stopped: a stop was asked for.
        CaptureError, DeviceDisconnectedError: as ``grab`` raises them.
    """
    started = eyes.clock()
    last, looks = "", 0
    while True:
        frame, looks = eyes.grab(), looks + 1
        now, current = eyes.clock(), frame_hash(frame)
        if current == last or now - started >= patience.limit_s:
            rule: Rule = "still" if current == last else "limit"
            return Settled(frame, rule, (now - started) * 1000, looks)
        last = current
        eyes.stop.wait(patience.poll_s)


def _may_stay(waited_s: float, changed_at: float | None, patience: Patience) -> bool:
    # Two looks alike after a change may be all that will change; before one, most actions still
    # have something coming.
    return changed_at is not None or waited_s >= patience.first_change_s / 2


def _fired(waited_s: float, unchanged_s: float | None, patience: Patience) -> Rule | None:
    if unchanged_s is not None and unchanged_s >= patience.quiet_s:
        return "quiet"
    if unchanged_s is None and waited_s >= patience.first_change_s:
        return "no change"
    return "limit" if waited_s >= patience.limit_s else None
