"""Samples: what the network is shown, asked and told."""

from __future__ import annotations

import itertools
import json
import random
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from agent.models.base import Image
from agent.models.profiles.base import Turn
from agent.models.profiles.embedded import PROFILE
from agent.models.qwen3_vl.grammar import CallGrammar
from agent.models.qwen3_vl.prompt import lay_out
from agent.models.qwen3_vl.vocabulary import Vocabulary
from agent.parsing import parse
from agent.toolset import tools_for
from agent.training.batches import Collator
from agent.training.moments import Moment, Moments, moment_of
from agent.training.samples import (
    PRACTICE,
    PRACTICE_TOKENS,
    Raster,
    Sample,
    SampleMaker,
    Segment,
    raster_of,
    shown_in,
)
from agent.training.teacher import PracticeTeacher, practised
from agent.training.vocabulary import NAMES, build_tokenizer
from environments.base import Observation, Stop
from environments.effects import judge
from environments.geometry import Screen
from environments.practice.phone import templates as phone
from environments.practice.templates import TEMPLATES
from tools.schema import ToolSpec

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return build_tokenizer()


def played(template: str, rng: random.Random | None = None) -> Moments:
    return Moments(PracticeTeacher([template]), rng or random.Random(1))


def sample(tokenizer: PreTrainedTokenizerFast, template: str, seed: int = 3) -> Sample:
    maker = SampleMaker(tokenizer, random.Random(1), pointings=2)
    return maker.sample(played(template).some(seed))


def told(tokenizer: PreTrainedTokenizerFast, segment: Segment) -> str:
    weighed = zip(segment.ids, segment.weights, strict=True)
    return str(tokenizer.decode([token for token, weight in weighed if weight]))


ALL = (*TEMPLATES, *phone.TEMPLATES)


def tools_of(template: str) -> list[ToolSpec]:
    world = practised(template, 1, Stop())
    return [tool.spec for tool in tools_for(world, PROFILE.grid, is_small=True)]


@pytest.mark.parametrize("template", ALL)
def test_every_answer_is_a_call_that_the_tools_accept(
    tokenizer: PreTrainedTokenizerFast, template: str
) -> None:
    tools = tools_of(template)
    for seed in range(5):
        for segment in plans_of(tokenizer, template, seed):
            reply = str(tokenizer.decode(segment.ids)).split("<|im_start|>assistant\n")[1]
            plan = parse(reply.removesuffix("<|im_end|>"), tools)
            assert plan.error is None
            assert json.dumps(dict(plan.calls[0].arguments)) in reply


@pytest.mark.parametrize("template", ALL)
def test_every_answer_is_spelled_as_the_grammar_lets_it_be_said(
    tokenizer: PreTrainedTokenizerFast, template: str
) -> None:
    vocabulary = Vocabulary(tokenizer, len(tokenizer))
    grammar = CallGrammar(tools_of(template), vocabulary)
    for segment in plans_of(tokenizer, template, 3):
        call = grammar.start()
        answer = segment.ids[segment.ids.index(vocabulary.call_open) + 1 : -1]
        while answer:
            forced = call.forced()
            assert forced == answer[: len(forced)]
            taken = forced or answer[:1]
            call.take(taken)
            answer = answer[len(taken) :]
        assert call.done


@pytest.mark.parametrize("template", ["fill_form", "send_message", "rotate_screen"])
def test_a_question_is_token_for_token_what_the_engine_asks(
    tokenizer: PreTrainedTokenizerFast, template: str
) -> None:
    world = practised(template, 4, Stop())
    maker = SampleMaker(tokenizer, random.Random(1), 0)
    questions = [maker.plan(moment) for moment in played(template, Unslipping(1)).every(4)]
    prefix = Collator(tokenizer).prefix
    turns: list[Turn] = []
    for question in questions:
        look = world.observe()
        now = Image(look.frame, look.frame_hash)
        messages = PROFILE.messages(world.task.instruction, turns, now, tools_of(template))
        asked = lay_out(messages, Vocabulary(tokenizer, len(tokenizer)), shown_in(80)).ids
        given = question.weights.count(0.0) - len(question.point_at)
        assert list(asked) == [*prefix, *question.ids[:given]]
        step = world.task.oracle()
        if step.action is not None:
            world.execute(step.action)
            effect = judge(step.action, look, world.observe())
            turns.append(Turn(None, "", step.thought, f"{effect}; why", verdict=effect))
    assert len(turns) == len(questions) - 1 == world.task.steps


class Unslipping(random.Random):
    """A chance that never lets a step slip."""

    def random(self) -> float:
        return 1.0


def plans_of(tokenizer: PreTrainedTokenizerFast, template: str, seed: int) -> list[Segment]:
    try:
        maker = SampleMaker(tokenizer, random.Random(1), 2)
        return [maker.plan(moment) for moment in played(template).every(seed)]
    except LookupError:  # a slip made it unsolvable
        return []


def test_a_question_never_holds_its_own_answer(tokenizer: PreTrainedTokenizerFast) -> None:
    for segment in sample(tokenizer, "click_button").segments:
        given = sum(weight == 0 for weight in segment.weights)
        assert segment.point_at[0] >= given - 1
        assert "coordinate" not in tokenizer.decode(segment.ids[: segment.point_at[0]])


def test_a_question_without_its_picture_asks_for_no_point(
    tokenizer: PreTrainedTokenizerFast,
) -> None:
    segments = plans_of(tokenizer, "fill_form", 7)
    clicks = [segment for segment in segments if segment.point_at]
    assert clicks
    for segment in clicks:
        assert not any(segment.weights[at + 1] for at in segment.point_at)


def raster_at(look: Observation | Moment) -> Raster:
    return raster_of(look.frame, look.screen, PRACTICE_TOKENS)


@pytest.mark.parametrize(
    ("template", "grid"), [("click_button", PRACTICE[0]), ("open_app", PRACTICE[1])]
)
def test_labels_lie_on_the_visual_tokens_that_their_targets_cover(
    template: str, grid: tuple[int, int]
) -> None:
    teacher = PracticeTeacher([template])
    teacher.reset(5)
    targets = teacher.targets()
    raster = raster_at(teacher.screen.observe())
    assert raster.grid == grid
    labels = raster.labelled(targets)
    found = [target for target in targets if target.role in ("button", "icon")]
    assert found
    for target in found:
        at = raster.under(target.box)
        assert {NAMES[label] for label in labels[at]} == {target.label}


@pytest.mark.parametrize("scale", [1, 5])
def test_around_every_point_there_is_a_token_to_look_at(scale: int) -> None:
    frame = np.zeros((256 * scale, 320 * scale, 3), np.uint8)
    raster = raster_of(frame, Screen(320 * scale, 256 * scale), 80)
    for x, y in itertools.product(range(0, 320 * scale, 7), (0, 16, 31, 32, 255)):
        assert raster.around((x, y))


def test_screens_that_lie_and_stand_share_a_batch_each_with_its_own_places(
    tokenizer: PreTrainedTokenizerFast,
) -> None:
    samples = [sample(tokenizer, name) for name in ("click_button", "open_app")]
    assert [sample.grid for sample in samples] == [*PRACTICE]
    collate = Collator(tokenizer)
    batch = collate(samples)
    assert batch.grids.tolist() == [0, 1]
    last = collate.picture_at + 80 - 1
    rows_and_columns = (batch.positions[1:, :, last] - collate.picture_at + 1).T
    assert rows_and_columns.tolist() == [list(grid) for grid in PRACTICE]


def test_questions_about_one_screen_cannot_see_each_other(
    tokenizer: PreTrainedTokenizerFast,
) -> None:
    collate = Collator(tokenizer)
    one = sample(tokenizer, "click_button")
    batch = collate([one])
    prefix, first = len(collate.prefix), len(one.segments[0].ids)
    second = prefix + first
    seen = batch.mask[0, 0, second] == 0
    assert seen[:prefix].all()
    assert not seen[prefix:second].any()
    assert batch.positions[0, 0, second] == batch.positions[0, 0, prefix]
    assert batch.ids[0].tolist().count(tokenizer.convert_tokens_to_ids("<|image_pad|>")) == 80


def test_a_word_of_the_task_is_looked_up_where_it_stands_on_the_screen(
    tokenizer: PreTrainedTokenizerFast,
) -> None:
    teacher = PracticeTeacher(["click_button"])
    for seed in range(5):
        question = sample(tokenizer, "click_button", seed).segments[0]
        teacher.reset(seed)
        target = next(t for t in teacher.targets() if t.label in teacher.instruction)
        raster = raster_at(teacher.screen.observe())
        word = tokenizer.encode(target.label)[0]
        found = [looks for at, looks in question.finds if question.ids[at] == word]
        assert found
        assert all(looks == raster.under(target.box) for looks in found)


def test_a_close_button_is_asked_for_by_the_title_of_its_window(
    tokenizer: PreTrainedTokenizerFast,
) -> None:
    teacher = PracticeTeacher(["close_window"])
    teacher.reset(4)
    moment = moment_of(teacher, [])
    maker = SampleMaker(tokenizer, random.Random(1), pointings=9)
    raster, asked = raster_at(moment), maker.sample(moment)
    sides = [raster.under(t.box) for t in moment.targets if t.role == "close button"]
    for title, side in zip(("Files", "Music"), sides, strict=True):
        words = tokenizer.encode(f"Close {title}.", add_special_tokens=False)
        [segment] = [each for each in asked.segments if each.ids[: len(words)] == words]
        assert segment.aims == side
        assert segment.finds == [(words.index(tokenizer.encode(title)[0]), side)]
    assert "Close" not in {NAMES[label] for label in asked.labels if label >= 0}


def test_a_refused_step_stands_in_the_past_and_is_asked_for_again() -> None:
    for seed in range(200):
        try:
            moments = [*played("click_button", random.Random(seed)).every(seed)]
        except LookupError:  # a slip made it unsolvable
            continue
        for before, after in pairwise(moments):
            if after.lines and after.lines[-1].endswith("refused\n"):
                assert after.thought == before.thought
                assert np.array_equal(after.frame, before.frame)
                return
    pytest.fail("no step was refused")
