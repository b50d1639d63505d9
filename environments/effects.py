"""Did the action change anything?

Responsible for the verdict on one action from two looks at the screen. Does not look itself and
does not decide what follows from the verdict.
"""

from __future__ import annotations

from enum import StrEnum

from environments.actions import Action, MoveTo, Wait
from environments.base import Observation


class Effect(StrEnum):
    """What is known about an action after it was sent."""

    CONFIRMED = "confirmed"
    UNVERIFIABLE = "unverifiable"
    NO_OP = "suspected no-op"


def judge(action: Action, before: Observation, after: Observation) -> Effect:
    """Compare two settled looks: a change confirms, none is suspect unless none is expected."""
    if before.frame_hash != after.frame_hash:
        return Effect.CONFIRMED
    return Effect.UNVERIFIABLE if isinstance(action, MoveTo | Wait) else Effect.NO_OP
