"""Lessons without end: what each optimizer step learns from.

Responsible for drawing seeds, so that no two workers and no two stages see the same task, and for
making batches of them.
"""

from __future__ import annotations

import contextlib
import itertools
import random
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import torch
from torch.utils.data import IterableDataset

from agent.training.batches import Batch, Collator, Plans
from agent.training.curriculum import Stage
from agent.training.evaluation import FIRST_TRAINING_SEED
from agent.training.samples import SampleMaker
from agent.training.teacher import teacher_named

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

PLAN_SEEDS = 1_000_000_000
"""Added to the seeds of questions without a picture: far beyond those that screens reach."""

Made = TypeVar("Made")
Lesson = tuple[Batch, Plans | None]
"""What one optimizer step learns from."""


class Lessons(IterableDataset[Any]):
    """Lessons without end; each worker has its own seeds."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast, stage: Stage, start: int) -> None:
        """Prepare a stage before which ``start`` screens have been seen."""
        self._tokenizer, self._stage, self._start = tokenizer, stage, start

    def __iter__(self) -> Iterator[Lesson]:
        """Make lessons, one after the other."""
        info = torch.utils.data.get_worker_info()
        worker, workers = (info.id, info.num_workers) if info else (0, 1)
        stage = self._stage
        rng = random.Random(f"{stage.name}/{self._start}/{worker}")
        teacher = teacher_named(stage.teacher)(stage.templates)
        maker = SampleMaker(self._tokenizer, teacher, rng, stage.pointings)
        collate = Collator(self._tokenizer)
        # Plans draw from seeds far beyond those of the screens, so that no task is asked twice.
        first = FIRST_TRAINING_SEED + self._start * 8 + worker
        screens = solvable(maker.make, itertools.count(first, workers))
        plans = solvable(maker.plans, itertools.count(PLAN_SEEDS + first, workers))
        questions = (question for task in plans for question in task)
        while True:
            batch = collate(list(itertools.islice(screens, stage.screens)))
            asked = list(itertools.islice(questions, stage.plans))
            yield batch, collate.plans(asked) if asked else None


def solvable(make: Callable[[int], Made], seeds: Iterable[int]) -> Iterator[Made]:
    """Yield what the seeds give, without those whose task cannot be solved any more."""
    for seed in seeds:
        with contextlib.suppress(LookupError):
            yield make(seed)
