"""MiniWoB++ as a teacher, in a real browser."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing

import pytest

from agent.training.curriculum import course_named
from agent.training.moments import Moments
from agent.training.samples import SampleMaker
from agent.training.seeds import FIRST_TRAINING_SEED, SELECTION_SEEDS
from agent.training.teacher import Teacher, teacher_named
from agent.training.vocabulary import build_tokenizer
from benchmarks.suites.miniwob.presets import PRESETS
from environments.practice.widgets import contains
from tests.benchmarks.miniwob.test_live import missing


@pytest.fixture(scope="module")
def teacher() -> Iterator[Teacher]:
    if missing():
        pytest.skip(missing())
    with closing(teacher_named("miniwob")(("click-test-2",))) as found:
        yield found


def test_no_page_that_is_learnt_from_is_one_that_figures_are_taken_on() -> None:
    protocol = PRESETS["browsergym"]
    played = {seed for seeds in protocol.seeds(protocol.tasks).values() for seed in seeds}
    assert max(played) < FIRST_TRAINING_SEED
    assert not played & {*SELECTION_SEEDS}


def test_its_words_lie_where_they_are_seen_and_its_oracle_solves_the_page(
    teacher: Teacher,
) -> None:
    played = Moments(teacher, random.Random(5)).every(FIRST_TRAINING_SEED)
    moment = next(played)
    with pytest.raises(LookupError, match="over"):
        next(played)
    assert moment.at is not None
    [aimed] = [target for target in moment.targets if contains(target.box, *moment.at)]
    assert aimed.label in moment.instruction
    assert teacher.score() == 1.0
    _, act = course_named("pages")
    sample = SampleMaker(build_tokenizer(), random.Random(1), 2, act.tokens).sample(moment)
    assert sample.grid == (10, 16)
    assert (sample.labels >= 0).any()


def test_its_stages_read_before_they_act() -> None:
    read, act = course_named("pages")
    assert read.teacher == act.teacher == "miniwob"
    assert set(read.losses) == {"align"}
    assert act.recorded == 1.0
    assert read.steps < act.steps
