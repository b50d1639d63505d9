"""Which tasks are for training, which choose between checkpoints, and which figures rest on."""

from __future__ import annotations

import importlib
import pkgutil
from itertools import islice

from agent.training.seeds import (
    FIRST_TRAINING_SEED,
    MEETING_SEEDS,
    MOST_SEEDS,
    PLAN_SEEDS,
    SCREENS,
    SELECTION_SEEDS,
    seeds_of,
)
from benchmarks import bars
from benchmarks.suites.practice import OTHER_SEED

ON_PRACTICE = ("checkpoint", "demo", "practice", "servers", "training")


def ranges(module: str) -> list[range]:
    found = importlib.import_module(f"{bars.__name__}.{module}")
    return [value for value in vars(found).values() if isinstance(value, range)]


def test_no_figure_rests_on_a_seed_that_training_draws() -> None:
    names = [module.name for module in pkgutil.iter_modules(bars.__path__)]
    seeds = [seeds for name in names for seeds in ranges(name)]
    assert len(seeds) > 15
    assert max(max(each) for each in seeds) < OTHER_SEED
    assert 2 * OTHER_SEED <= FIRST_TRAINING_SEED, "the other seed's screens are none of training"
    for start in (0, SCREENS, MOST_SEEDS * SCREENS):
        for each in seeds_of(start, 0, 1):
            assert next(iter(each)) >= FIRST_TRAINING_SEED


def test_no_figure_of_the_checkpoint_rests_on_a_seed_that_chose_it() -> None:
    for name in ON_PRACTICE:
        for seeds in ranges(name):
            assert not {*seeds} & {*SELECTION_SEEDS}, name


def test_no_two_workers_and_no_two_kinds_of_question_share_a_task() -> None:
    drawn = [{*islice(each, 500)} for worker in range(4) for each in seeds_of(40, worker, 4)]
    assert len(set().union(*drawn)) == 8 * 500


def test_what_one_seed_of_training_sees_no_other_one_does() -> None:
    screens, plans = (next(iter(each)) for each in seeds_of(MOST_SEEDS * SCREENS, 0, 1))
    assert screens < FIRST_TRAINING_SEED + MEETING_SEEDS
    assert screens < FIRST_TRAINING_SEED + PLAN_SEEDS <= plans
    ends = [next(iter(seeds_of(seed * SCREENS, 0, 1)[0])) for seed in range(3)]
    assert ends[1] - ends[0] == ends[2] - ends[1] > SCREENS
