"""Which tasks are whose: those of training, of choosing between checkpoints, and of figures.

Responsible for the numbers, so that no task that is learnt from is one that is asked later.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable

FIRST_TRAINING_SEED = 1_000_000
"""Training draws seeds from here on; everything below is for evaluation, tests and the demo."""

SELECTION_SEEDS = range(500, 600)
"""Seeds that choose between checkpoints; published figures are taken on others."""

SCREENS = 1_000_000
"""More than one training sees; what the next seed of training sees begins beyond them."""

SEEDS_A_SCREEN = 8
"""Left free for tasks that cannot be solved any more."""

MOST_SEEDS = 50
"""Trainings from different seeds; more of them would reach the seeds that follow."""

MEETING_SEEDS = 500_000_000
"""Added to the seeds of tasks that a checkpoint plays to learn from."""

PLAN_SEEDS = 1_000_000_000
"""Added to the seeds of questions without a picture."""


def seeds_of(start: int, worker: int, workers: int) -> tuple[Iterable[int], Iterable[int]]:
    """Return one worker's seeds without end after ``start`` screens: of screens, and of plans.

    No worker shares any with another, so that no task is asked twice.
    """
    first = FIRST_TRAINING_SEED + start * SEEDS_A_SCREEN + worker
    return itertools.count(first, workers), itertools.count(PLAN_SEEDS + first, workers)
