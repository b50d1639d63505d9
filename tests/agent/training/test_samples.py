"""Samples: what the network is shown, asked and told."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import numpy as np
import pytest

from agent.parsing import parse
from agent.training.batches import PICTURE, Collator
from agent.training.evaluation import FIRST_TRAINING_SEED, SELECTION_SEEDS
from agent.training.samples import SampleMaker, Segment, aligned, tokens_on
from agent.training.teacher import PracticeTeacher, teacher_named
from agent.training.vocabulary import build_tokenizer
from environments.errors import ConfigError
from environments.practice import words
from environments.practice.templates import TEMPLATES
from tools.computer_use import computer_use

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return build_tokenizer()


def maker(tokenizer: PreTrainedTokenizerFast, *templates: str) -> SampleMaker:
    return SampleMaker(tokenizer, PracticeTeacher(templates), random.Random(1), pointings=2)


def told(tokenizer: PreTrainedTokenizerFast, segment: Segment) -> str:
    weighed = zip(segment.ids, segment.weights, strict=True)
    return str(tokenizer.decode([token for token, weight in weighed if weight]))


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_answer_is_a_call_that_the_tools_accept(
    tokenizer: PreTrainedTokenizerFast, template: str
) -> None:
    tools = [computer_use().spec]
    for seed in range(5):
        for segment in plans_of(tokenizer, template, seed):
            reply = tokenizer.decode(segment.ids).split("<|im_start|>assistant\n")[1]
            plan = parse(reply.removesuffix("<|im_end|>"), tools)
            assert plan.error is None
            assert json.dumps(dict(plan.calls[0].arguments)) in reply


def plans_of(tokenizer: PreTrainedTokenizerFast, template: str, seed: int) -> list[Segment]:
    try:
        return maker(tokenizer, template).plans(seed)
    except LookupError:  # a slip made it unsolvable
        return []


def test_a_question_never_holds_its_own_answer(tokenizer: PreTrainedTokenizerFast) -> None:
    sample = maker(tokenizer, "click_button").make(3)
    for segment in sample.segments:
        given = sum(weight == 0 for weight in segment.weights)
        assert segment.point_at[0] >= given - 1
        assert "coordinate" not in tokenizer.decode(segment.ids[: segment.point_at[0]])


def test_a_question_without_its_picture_asks_for_no_point(
    tokenizer: PreTrainedTokenizerFast,
) -> None:
    segments = maker(tokenizer, "fill_form").plans(7)
    clicks = [segment for segment in segments if segment.point_at]
    assert clicks
    for segment in clicks:
        assert not any(segment.weights[at + 1] for at in segment.point_at)


def test_labels_lie_on_the_visual_tokens_that_their_targets_cover() -> None:
    teacher = PracticeTeacher(["click_button"])
    teacher.reset(5)
    targets = teacher.targets()
    labels = aligned(targets)
    for target in targets:
        if target.role == "button":
            at = tokens_on(target.box)
            assert {words.LABELS[label] for label in labels[at]} == {target.label}


def test_questions_about_one_screen_cannot_see_each_other(
    tokenizer: PreTrainedTokenizerFast,
) -> None:
    collate = Collator(tokenizer)
    sample = maker(tokenizer, "click_button").make(3)
    batch = collate([sample])
    prefix, first = len(collate.prefix), len(sample.segments[0].ids)
    second = prefix + first
    seen = batch.mask[0, 0, second] == 0
    assert seen[:prefix].all()
    assert not seen[prefix:second].any()
    assert batch.positions[0, 0, second] == batch.positions[0, 0, prefix]
    assert (batch.ids[0] == tokenizer.convert_tokens_to_ids("<|image_pad|>")).sum() == PICTURE


def test_training_never_draws_a_seed_that_figures_are_taken_on() -> None:
    assert max(SELECTION_SEEDS) < FIRST_TRAINING_SEED
    assert np.intersect1d(np.array(SELECTION_SEEDS), np.arange(2000, 3000)).size == 0


def test_an_unknown_teacher_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="practice"):
        teacher_named("nobody")
    assert teacher_named("practice") is PracticeTeacher
