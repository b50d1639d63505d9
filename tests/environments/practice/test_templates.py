from __future__ import annotations

import random

import pytest

from environments.actions import Action, Click, PressKeys
from environments.base import Stop
from environments.errors import ConfigError
from environments.geometry import InputPoint
from environments.practice.environment import InProcessPractice, open_in_process
from environments.practice.tasks import PracticeTask
from environments.practice.templates import TEMPLATES
from environments.practice.world import SCREEN_PX
from tests.environments.practice.scenes import solve

SEEDS = range(20)
EVERY = pytest.mark.parametrize("template", sorted(TEMPLATES))


def opened(template: str, seed: int) -> InProcessPractice:
    return InProcessPractice(template, seed, Stop())


def somewhere(draw: random.Random) -> Action:
    width, height = SCREEN_PX
    return Click(InputPoint(draw.randrange(width), draw.randrange(height)))


@EVERY
def test_the_oracle_solves_every_task_in_just_the_steps_it_promises(template: str) -> None:
    for seed in SEEDS:
        desktop = opened(template, seed)
        assert solve(desktop) == desktop.task.steps
        assert desktop.task.score() == 1.0


@EVERY
def test_doing_nothing_solves_no_task(template: str) -> None:
    assert [PracticeTask(template, seed).score() for seed in SEEDS] == [0.0] * len(SEEDS)


@EVERY
def test_an_unfinished_task_scores_nothing(template: str) -> None:
    for seed in SEEDS:
        desktop = opened(template, seed)
        for _ in range(desktop.task.steps):
            assert desktop.task.score() == 0.0
            action = desktop.task.oracle().action
            assert action is not None
            desktop.execute(action)


@EVERY
def test_clicking_anywhere_hardly_ever_solves_a_task(template: str) -> None:
    solved = 0.0
    for seed in SEEDS:
        desktop, draw = opened(template, seed), random.Random(seed)
        for _ in range(2 * desktop.task.steps):
            desktop.execute(somewhere(draw))
        solved += desktop.task.score()
    assert solved / len(SEEDS) <= 0.25


@EVERY
def test_a_seed_always_gives_the_same_run(template: str) -> None:
    first, second = opened(template, 7), opened(template, 7)
    assert first.task.instruction == second.task.instruction
    while (step := first.task.oracle()).action is not None:
        assert step == second.task.oracle()
        assert first.observe().frame_hash == second.observe().frame_hash
        first.execute(step.action)
        second.execute(step.action)
    assert first.task.values() == second.task.values()
    assert first.observe().frame_hash == second.observe().frame_hash


@EVERY
def test_seeds_differ(template: str) -> None:
    assert len({opened(template, seed).observe().frame_hash for seed in SEEDS}) > 15


@EVERY
def test_one_change_too_many_makes_the_score_nothing(template: str) -> None:
    desktop = opened(template, 3)
    solve(desktop)
    if desktop.world.front and desktop.world.front.focus:
        desktop.world.front.focus = None
    desktop.execute(PressKeys(("ctrl", "y")))
    assert desktop.task.score() == 0.0


@EVERY
def test_a_reset_is_the_same_as_a_fresh_start(template: str) -> None:
    used, fresh = opened("fill_form", 2), opened(template, 5)
    solve(used)
    used.task.reset(template, 5)
    assert (used.task.template, used.task.seed) == (template, 5)
    assert used.task.instruction == fresh.task.instruction
    assert used.task.values() == fresh.task.values()
    assert used.observe().frame_hash == fresh.observe().frame_hash
    assert solve(used) == fresh.task.steps


def test_a_reset_to_no_template_is_refused_and_leaves_the_task_as_it_was() -> None:
    desktop = opened("click_button", 1)
    before = desktop.observe().frame_hash
    with pytest.raises(ConfigError, match="click_button"):
        desktop.task.reset("fly", 1)
    assert (desktop.task.template, desktop.task.seed) == ("click_button", 1)
    assert desktop.observe().frame_hash == before


def test_a_goal_whose_window_was_closed_cannot_be_reached_any_more() -> None:
    desktop = opened("click_button", 1)
    close = next(t for t in desktop.task.targets() if t.role == "close button")
    desktop.execute(Click(InputPoint(*close.centre)))
    with pytest.raises(LookupError, match="cannot be undone"):
        desktop.task.oracle()


def test_a_name_without_a_seed_means_the_first_seed() -> None:
    assert open_in_process("fill_form", Stop()).task.seed == 1
    assert open_in_process("", Stop()).task.template == "click_button"
    assert open_in_process("set_slider/12", Stop()).task.seed == 12


@pytest.mark.parametrize("argument", ["click_button/first", "fly/1", "click_button/-1"])
def test_a_name_of_no_task_is_refused_with_an_example_or_the_list(argument: str) -> None:
    with pytest.raises(ConfigError, match="click_button"):
        open_in_process(argument, Stop())
