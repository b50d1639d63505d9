"""The application that no training is shown: it can be solved, and nobody trains on it."""

from __future__ import annotations

from agent.training import curriculum
from environments.base import Stop
from environments.practice.environment import InProcessPractice
from environments.practice.phone.templates import TEMPLATES as PHONE
from environments.practice.templates import TEMPLATES
from environments.practice.unseen import BEGIN, CLOSE, UNSEEN


def test_its_oracle_solves_every_seed_in_the_steps_that_it_says() -> None:
    for name in UNSEEN:
        for seed in range(60):
            desk = InProcessPractice(name, seed, Stop())
            for _ in range(desk.task.steps):
                action = desk.task.oracle().action
                assert action is not None
                desk.execute(action)
            assert desk.task.oracle().action is None
            assert desk.task.score() == 1.0


def test_no_task_of_it_tells_how_it_is_worked() -> None:
    for name in UNSEEN:
        told = {InProcessPractice(name, seed, Stop()).task.instruction for seed in range(60)}
        assert len(told) > 30
        assert not any(word in text for text in told for word in (BEGIN, CLOSE))


def test_no_stage_of_training_draws_from_it() -> None:
    stages = [s for value in vars(curriculum).values() if isinstance(value, tuple) for s in value]
    drawn = {t for s in stages if isinstance(s, curriculum.Stage) for t in s.templates}
    assert drawn >= set(TEMPLATES)
    assert not set(UNSEEN) & (drawn | set(TEMPLATES) | set(PHONE))
