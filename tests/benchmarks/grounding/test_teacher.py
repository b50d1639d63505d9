"""Real programs as a teacher: Chromium and GTK, with boxes that they tell themselves."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from agent.models.registry import load_model
from agent.training.curriculum import course_named
from agent.training.evaluation import play
from agent.training.moments import Moments, moment_of
from agent.training.samples import SampleMaker
from agent.training.seeds import FIRST_TRAINING_SEED, SELECTION_SEEDS
from agent.training.teacher import Teacher, teacher_named
from agent.training.vocabulary import NAMES, build_tokenizer
from benchmarks.suites.grounding.made import SETS, pages, programs
from benchmarks.suites.grounding.teacher import TASKS_A_SHOT
from benchmarks.suites.running import descendants
from environments.actions import Click
from environments.errors import ConfigError
from environments.geometry import InputPoint
from environments.practice.widgets import contains


@pytest.fixture(scope="module")
def teacher() -> Iterator[Teacher]:
    if shutil.which("chromium") is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    with closing(teacher_named("programs")(("chromium",))) as found:
        yield found


def test_no_program_that_is_learnt_from_looks_as_one_that_figures_are_taken_on() -> None:
    asked, learnt = programs.looks(programs.ASKED), programs.looks(programs.LEARNT)
    assert not {look.name for look in asked} & {look.name for look in learnt}


def test_pages_that_are_learnt_from_that_choose_and_of_sets_are_others(teacher: Teacher) -> None:
    firsts = {seed: seed // TASKS_A_SHOT for seed in (FIRST_TRAINING_SEED, SELECTION_SEEDS[0])}
    last = SELECTION_SEEDS[-1] // TASKS_A_SHOT
    assert SETS <= firsts[SELECTION_SEEDS[0]] <= last < firsts[FIRST_TRAINING_SEED]
    with pages.chromium() as (folder, tools):
        for seed, number in firsts.items():
            teacher.reset(seed)
            frame = teacher.screen.observe().frame
            own = (pages.page_of(number, each) for each in range(pages.PHONE_EVERY))
            assert any(np.array_equal(pages.shot_of(tools, p, folder).frame, frame) for p in own)


def test_a_click_on_what_is_asked_for_is_all_that_there_is_to_do(teacher: Teacher) -> None:
    played = Moments(teacher, random.Random(5)).every(FIRST_TRAINING_SEED)
    moment = next(played)
    assert moment.at is not None
    with pytest.raises(LookupError, match="done"):
        next(played)
    assert teacher.score() == 1.0


def test_a_click_beside_it_scores_nothing_even_if_the_right_one_follows(teacher: Teacher) -> None:
    teacher.reset(FIRST_TRAINING_SEED)
    right = teacher.label().action
    assert right is not None
    teacher.screen.execute(Click(InputPoint(0, 0)))
    teacher.screen.execute(right)
    assert teacher.score() == 0.0


@pytest.mark.parametrize(("beside", "score"), [(0, 1.0), (-500, 0.0)])
def test_what_a_model_says_is_judged_by_where_it_clicks(
    teacher: Teacher, tmp_path: Path, beside: int, score: float
) -> None:
    teacher.reset(FIRST_TRAINING_SEED)
    screen, right = teacher.screen.observe().screen, teacher.label().action
    assert isinstance(right, Click)
    at = [right.at.x * 1000 // screen.width_px, right.at.y * 1000 // screen.height_px]
    arguments = {"action": "left_click", "coordinate": [(each + beside) % 1000 for each in at]}
    call = json.dumps({"name": "computer_use", "arguments": arguments})
    script = tmp_path / "script.json"
    script.write_text(json.dumps([f"<tool_call>\n{call}\n</tool_call>"]))
    assert play(load_model(f"scripted:{script}"), teacher, FIRST_TRAINING_SEED) == score


def test_every_task_of_a_picture_is_another_and_its_words_lie_where_they_are_read(
    teacher: Teacher,
) -> None:
    asked = set()
    for number in range(TASKS_A_SHOT):
        teacher.reset(FIRST_TRAINING_SEED + number)
        moment = moment_of(teacher, [])
        asked.add(moment.instruction)
        assert {target.label for target in moment.targets} <= {*NAMES}
        assert {*moment.targets} < {*moment.labels}, "each row has a button that reads alike"
        assert moment.at is not None
        under = [target for target in moment.targets if contains(target.box, *moment.at)]
        assert all(target.label in moment.thought for target in under)
    assert len(asked) == TASKS_A_SHOT


def test_a_picture_is_learnt_from_in_the_tokens_that_its_stage_shows(teacher: Teacher) -> None:
    teacher.reset(FIRST_TRAINING_SEED)
    _, point = course_named("programs")
    maker = SampleMaker(build_tokenizer(), random.Random(1), 2, point.tokens)
    sample = maker.sample(moment_of(teacher, []))
    rows, columns = sample.grid
    assert rows * columns == len(sample.labels) == len(sample.patches) / 4
    assert 80 < rows * columns <= point.tokens
    assert (sample.labels >= 0).any()
    assert all(segment.aims for segment in sample.segments)


def test_what_can_be_pointed_at_by_a_word_is_the_only_one_of_this_word(teacher: Teacher) -> None:
    for seed in range(FIRST_TRAINING_SEED, FIRST_TRAINING_SEED + 10 * TASKS_A_SHOT, TASKS_A_SHOT):
        teacher.reset(seed)
        words = [target.label for target in teacher.targets()]
        assert len({*words}) == len(words)


def test_a_browser_that_has_ended_is_started_again(teacher: Teacher) -> None:
    teacher.reset(FIRST_TRAINING_SEED)
    for pid in descendants(os.getpid(), "--remote-debugging-pipe"):
        os.kill(pid, signal.SIGKILL)
    teacher.reset(FIRST_TRAINING_SEED + TASKS_A_SHOT)
    assert teacher.targets()


def test_a_gtk_program_is_a_teacher_too() -> None:
    if programs.missing():
        pytest.skip(f"not installed: {', '.join(programs.missing())}")
    with closing(teacher_named("programs")(("gtk",))) as teacher:
        teacher.reset(FIRST_TRAINING_SEED)
        step = teacher.label()
        assert isinstance(step.action, Click)
        assert step.thought.removeprefix("Click ").removesuffix(".") in teacher.instruction


def test_a_part_that_is_not_there_is_refused() -> None:
    with pytest.raises(ConfigError, match="chromium, gtk"):
        teacher_named("programs")(("windows",))


def test_a_checkpoint_is_judged_by_pages_alone_which_never_repeat() -> None:
    for stage in course_named("programs"):
        assert stage.watched == stage.templates == ("chromium",)
