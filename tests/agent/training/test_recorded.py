"""Moments on disk, and what a checkpoint meets when it acts itself."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agent.models.registry import load_model
from agent.training.curriculum import Stage
from agent.training.lessons import Lessons
from agent.training.meeting import met
from agent.training.moments import Moment, Moments
from agent.training.recorded import SUFFIX, read_moments, record, recorded, write_moments
from agent.training.samples import SampleMaker
from agent.training.teacher import PracticeTeacher
from agent.training.vocabulary import build_tokenizer
from environments.errors import ConfigError
from environments.geometry import Screen

SEEDS = range(1_000_000, 1_000_003)


def played(template: str) -> Moments:
    return Moments(PracticeTeacher([template]), random.Random(1))


def told(moment: Moment) -> tuple[object, ...]:
    names = (target.label for target in moment.targets)
    return (moment.instruction, moment.lines, moment.thought, moment.arguments, *names)


def test_what_was_recorded_teaches_the_same_as_what_is_played(tmp_path: Path) -> None:
    made = [*record(played("change_setting").every, SEEDS, tmp_path)]
    moments = [*read_moments(tmp_path / f"{SEEDS.start}{SUFFIX}")]
    play = played("change_setting")
    again = [moment for seed in SEEDS for moment in play.every(seed)]
    assert made == [len(again)]
    assert any(moment.labels != moment.targets for moment in again), "a dialog covers some of it"
    assert [told(moment) for moment in moments] == [told(moment) for moment in again]
    for ours, theirs in zip(moments, again, strict=True):
        assert np.array_equal(ours.frame, theirs.frame)
    maker = SampleMaker(build_tokenizer(), random.Random(1), 0)
    for ours, theirs in zip(map(maker.sample, moments), map(maker.sample, again), strict=True):
        assert ours.segments == theirs.segments
        assert np.array_equal(ours.labels, theirs.labels)


def test_what_stands_there_is_not_played_again(tmp_path: Path) -> None:
    assert [*record(played("click_button").every, SEEDS, tmp_path)]
    assert not [*record(played("click_button").every, SEEDS, tmp_path)]


def test_a_damaged_file_and_an_empty_folder_are_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="deskhand train record"):
        next(recorded(tmp_path, random.Random(1)))
    (tmp_path / f"1{SUFFIX}").write_text('{"kind": "desktop"')
    with pytest.raises(ConfigError, match="record them again"):
        next(recorded(tmp_path, random.Random(1)))


def test_where_a_checkpoint_goes_wrong_the_right_step_from_there_is_learnt() -> None:
    loaded, teacher = load_model("embedded"), PracticeTeacher(["set_brightness"])
    moments = [moment for seed in range(5) for moment in met(loaded, teacher, seed)]
    assert {moment.kind for moment in moments} == {"phone"}
    assert all(moment.instruction and moment.thought for moment in moments)
    first = [moment for moment in moments if moment.lines == ("",)]
    assert len(first) == 5
    assert any("1. " in moment.lines[0] for moment in moments)


def test_a_stage_learns_from_what_was_recorded_in_batches_of_one_size(tmp_path: Path) -> None:
    for template, seeds in (("click_button", SEEDS), ("open_app", range(10, 13))):
        assert [*record(played(template).every, seeds, tmp_path)]
    stage = Stage("known", 1, 1e-3, {"text": 1.0}, screens=4, recorded=1.0)
    batch, plans = next(iter(Lessons(build_tokenizer(), stage, 0, tmp_path)))
    assert plans is None
    assert len(batch.pixels) == 4
    assert set(batch.grids.tolist()) <= {0, 1}


def test_beside_recorded_moments_others_are_asked_in_other_words(tmp_path: Path) -> None:
    assert [*record(played("click_button").every, SEEDS, tmp_path)]
    stage = Stage("known", 1, 1e-3, {"text": 1.0}, screens=4, copies=3, recorded=1.0)
    _, plans = next(iter(Lessons(build_tokenizer(), stage, 0, tmp_path)))
    assert plans
    assert len(plans.ids) == 3


def test_screens_of_any_size_are_learnt_from_with_their_like(tmp_path: Path) -> None:
    frames = [np.zeros((256 * n, 320 * n, 3), np.uint8) for n in (1, 1, 2, 2)]
    moment = next(iter(played("click_button").every(SEEDS[0])))
    large = [replace(moment, frame=f, screen=Screen(f.shape[1], f.shape[0])) for f in frames]
    write_moments(tmp_path / f"1{SUFFIX}", large)
    stage = Stage("known", 1, 1e-3, {"text": 1.0}, screens=2, recorded=1.0, tokens=256)
    lessons = iter(Lessons(build_tokenizer(), stage, 0, tmp_path))
    sizes = {batch.shapes: len(batch.pixels) for batch, _ in itertools.islice(lessons, 6)}
    assert sizes == {((8, 10), (10, 8)): 2, ((14, 17),): 1}
