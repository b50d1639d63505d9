"""What ends a run that does not end itself: steps, time, repetition.

Responsible for the verdict only; it reads the clock that it was given and touches nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent.outcome import Limit
from agent.step import Run, Step
from environments.effects import Effect

SAME_CALLS = 3
"""Identical calls on an unchanged screen that end a run."""

REPAIRS = 2
"""Unreadable replies in a row that a model may mend; one more ends the run."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a run may go on.

    Attributes:
        max_steps: turns of the loop, unreadable replies included.
        max_minutes: by ``clock``; looked at between steps.
        clock: seconds that never go back.
    """

    max_steps: int = 50
    max_minutes: float = 30.0
    clock: Callable[[], float] = time.monotonic

    def reached(self, run: Run) -> Limit | None:
        """Return the limit that the run has reached, None while it may go on."""
        minutes = (self.clock() - run.started_s) / 60
        if _unreadable_in_a_row(run.steps) > REPAIRS:
            return Limit(f"The model's reply could not be read {REPAIRS + 1} times in a row.")
        if _is_stuck(run.steps[-SAME_CALLS:]):
            return Limit(f"The model made the same call {SAME_CALLS} times and nothing changed.")
        if len(run.steps) >= self.max_steps:
            return Limit(f"The limit of {self.max_steps} steps was reached.")
        if minutes >= self.max_minutes:
            return Limit(f"The limit of {self.max_minutes:g} minutes was reached.")
        return None


def _unreadable_in_a_row(steps: Sequence[Step]) -> int:
    for count, step in enumerate(reversed(steps)):
        if step.plan.error is None:
            return count
    return len(steps)


def _is_stuck(last: Sequence[Step]) -> bool:
    """Tell whether the same calls were made on the same picture, the last without effect."""
    if len(last) < SAME_CALLS or not last[-1].plan.calls:
        return False
    seen = {step.observation.frame_hash for step in last if step.observation}
    same = all(step.plan.calls == last[-1].plan.calls for step in last)
    results = [result for step in last for result in step.results]
    # Nobody is stuck for whom a person got in between; the same call is right then.
    kept_away = any(result.person_first for result in results)
    changed = any(result.effect is Effect.CONFIRMED for result in last[-1].results)
    return same and len(seen) == 1 and not changed and not kept_away
