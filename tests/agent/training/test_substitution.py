"""Moments about other words, which teach to copy what a task names."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import pytest

from agent.training.moments import Moment, moment_of
from agent.training.substitution import reworded
from agent.training.teacher import PracticeTeacher


def asked(instruction: str, thought: str, *lines: str, **arguments: str) -> Moment:
    teacher = PracticeTeacher(["click_button"])
    teacher.reset(1_000_000)
    moment = moment_of(teacher, lines)
    return replace(moment, instruction=instruction, thought=thought, arguments=arguments)


def test_a_word_of_the_task_is_another_one_in_all_that_was_said() -> None:
    name = "Kanesha"
    moment = asked(f"Enter {name} and hit Go.", f"Type {name}.", f"1. Click {name}.", text=name)
    other = reworded(moment, random.Random(1))
    assert other
    word = other.arguments["text"]
    assert word != name
    assert other.instruction == f"Enter {word} and hit Go."
    assert other.thought == f"Type {word}."
    assert other.lines == (f"1. Click {word}.",)


@pytest.mark.parametrize(
    ("task", "thought"),
    [
        ("Click on the lime colored box.", "Click the card."),
        ('Enter "Kanesha" into the text field and press Submit.', "Click the field."),
        ("Select 7 with the slider and hit Submit.", "To 7."),
    ],
)
def test_without_its_picture_nothing_is_asked_that_is_not_taken_from_the_task(
    task: str, thought: str
) -> None:
    assert reworded(asked(task, thought), random.Random(1)) is None


def test_other_words_are_names_or_strings_that_nobody_knows() -> None:
    moment, rng = asked("Select akw4 and go.", "Click akw4."), random.Random(2)
    others = (reworded(moment, rng) for _ in range(60))
    words = {each.thought.removeprefix("Click ").removesuffix(".") for each in others if each}
    assert len(words) > 50
    assert all(re.fullmatch(r"\w+", word) for word in words)
