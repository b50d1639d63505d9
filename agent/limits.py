"""What ends a run that does not end itself: steps, time, replies nobody can read, loops.

Responsible for the verdict, and for asking a person once a run has gone round in circles for long:
what goes round is recognised in ``loops``. It reads the clock that it was given.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from agent.loops import Rung, Standing, standing
from agent.outcome import Limit
from agent.step import Run, Step

REPAIRS = 2
"""Unreadable replies in a row that a model may mend; one more ends the run."""

Ask = Callable[[str], str | None]
"""Puts a question to a person and returns the answer; None if nobody answers in time."""


def nobody(question: str) -> str | None:
    """Stand where there is nobody to ask."""
    return None


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a run may go on.

    Attributes:
        max_steps: turns of the loop, unreadable replies included.
        max_minutes: by ``clock``; looked at between steps.
        clock: seconds that never go back.
        ask: who is asked what to do before a loop ends the run; raises Stopped.
    """

    max_steps: int = 50
    max_minutes: float = 30.0
    clock: Callable[[], float] = time.monotonic
    ask: Ask = nobody

    def reached(self, run: Run) -> Limit | None:
        """Return the limit that the run has reached, None while it may go on.

        What a person answers to a run that goes round in circles becomes the last step's remark.
        """
        stands = standing(run.steps, run.screens)
        if stands.rung is Rung.ASK and stands.risen:
            self._ask(run, stands)
        minutes = (self.clock() - run.started_s) / 60
        if _unreadable_in_a_row(run.steps) > REPAIRS:
            return Limit(f"The model's reply could not be read {REPAIRS + 1} times in a row.")
        if stands.rung is Rung.STOP:
            return Limit(f"The run went round in circles: {stands.words}", kind="loop")
        if len(run.steps) >= self.max_steps:
            return Limit(f"The limit of {self.max_steps} steps was reached.")
        if minutes >= self.max_minutes:
            return Limit(f"The limit of {self.max_minutes:g} minutes was reached.", kind="time")
        return None

    def _ask(self, run: Run, stands: Standing) -> None:
        answer = self.ask(f"{stands.words} The task is: {run.task} What should be done?")
        if answer:
            run.steps[-1] = replace(run.steps[-1], remark=f"A person was asked and says: {answer}")


def _unreadable_in_a_row(steps: Sequence[Step]) -> int:
    for count, step in enumerate(reversed(steps)):
        if step.plan.error is None:
            return count
    return len(steps)
