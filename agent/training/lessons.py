"""Lessons without end: what each optimizer step learns from.

Responsible for drawing seeds, so that no two workers and no two stages are set the same task, for
mixing what is played with what was recorded, and for making batches of both.
"""

from __future__ import annotations

import contextlib
import itertools
import random
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import torch
from torch.utils.data import IterableDataset

from agent.training.batches import Batch, Collator, Plans
from agent.training.curriculum import Stage
from agent.training.moments import Moments
from agent.training.recorded import recorded
from agent.training.samples import PRACTICE, PRACTICE_TOKENS, Sample, SampleMaker, Segment
from agent.training.seeds import seeds_of
from agent.training.substitution import reworded
from agent.training.teacher import teacher_named
from agent.training.team import ALONE, Team

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

REWORDED, COPIES_KEPT = 2, 500
"""How often a recorded moment is put in other words, and how many of those are drawn from."""

Made = TypeVar("Made")
Lesson = tuple[Batch, Plans | None]
"""What one optimizer step learns from."""


class Lessons(IterableDataset[Any]):
    """Lessons without end; each worker has its own seeds."""

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerFast,
        stage: Stage,
        start: int,
        moments: Path,
        team: Team = ALONE,
    ) -> None:
        """Prepare a stage before which ``start`` screens have been seen.

        ``moments`` is the folder of what was recorded; only a stage that has a share of it looks.
        The ``team`` shares the screens of a batch out.
        """
        self._tokenizer, self._stage, self._start = tokenizer, stage, start
        self._moments, self._team = moments, team
        self._screens = -(-stage.screens // team.size)
        self._plans = -(-stage.plans // team.size)
        self._copies = -(-stage.copies // team.size)

    def __iter__(self) -> Iterator[Lesson]:
        """Make lessons, one after the other."""
        info = torch.utils.data.get_worker_info()
        worker, workers = (info.id, info.num_workers) if info else (0, 1)
        worker, workers = worker * self._team.size + self._team.rank, workers * self._team.size
        rng = random.Random(f"{self._stage.name}/{self._start}/{worker}")
        played = self._played(rng, *seeds_of(self._start, worker, workers))
        known = self._recorded(rng)
        while True:
            yield next(known if rng.random() < self._stage.recorded else played)

    def _played(
        self, rng: random.Random, seeds: Iterable[int], asked: Iterable[int]
    ) -> Iterator[Lesson]:
        stage = self._stage
        play = Moments(teacher_named(stage.teacher)(stage.templates), rng)
        maker = SampleMaker(self._tokenizer, rng, stage.pointings, stage.tokens)
        collate = Collator(self._tokenizer)
        screens = solvable(play.some, seeds)
        tasks = solvable(lambda seed: [*play.every(seed)], asked)
        questions = (maker.plan(moment) for task in tasks for moment in task)
        while True:
            batch = collate([maker.sample(m) for m in itertools.islice(screens, self._screens)])
            plans = list(itertools.islice(questions, self._plans))
            yield batch, collate.plans(plans) if plans else None

    def _recorded(self, rng: random.Random) -> Iterator[Lesson]:
        """Make lessons of recorded moments; beside them questions about the same in other words."""
        maker = SampleMaker(self._tokenizer, rng, self._stage.pointings, self._stage.tokens)
        asked: deque[Segment] = deque(maxlen=COPIES_KEPT)

        def seen() -> Iterator[Sample]:
            for moment in recorded(self._moments, rng):
                if self._copies:
                    others = (reworded(moment, rng) for _ in range(REWORDED))
                    asked.extend(maker.plan(other) for other in others if other)
                yield maker.sample(moment)

        for collate, samples in self._filled(seen()):
            copies = rng.sample(asked, min(self._copies, len(asked)))
            yield collate(samples), collate.plans(copies) if copies else None

    def _filled(self, samples: Iterable[Sample]) -> Iterator[tuple[Collator, list[Sample]]]:
        """Yield what fills a batch: samples of one size, of whatever size is together first."""
        collators = dict.fromkeys(PRACTICE, Collator(self._tokenizer))
        waiting: defaultdict[Collator, list[Sample]] = defaultdict(list)
        for sample in samples:
            if sample.grid not in collators:
                collators[sample.grid] = Collator(self._tokenizer, (sample.grid,))
            collate = collators[sample.grid]
            waiting[collate].append(sample)
            if sum(map(_size, waiting[collate])) >= self._screens * PRACTICE_TOKENS:
                yield collate, waiting.pop(collate)


def _size(sample: Sample) -> int:
    return sample.grid[0] * sample.grid[1]


def solvable(make: Callable[[int], Made], seeds: Iterable[int]) -> Iterator[Made]:
    """Yield what the seeds give, without those whose task cannot be solved any more."""
    for seed in seeds:
        with contextlib.suppress(LookupError):
            yield make(seed)
