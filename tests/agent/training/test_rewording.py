"""Moments about other words, which teach to copy what a task names."""

from __future__ import annotations

import random
import re
from dataclasses import replace

from agent.training.moments import Moment, moment_of
from agent.training.rewording import reworded
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
    word = other.arguments["text"]
    assert word != name
    assert other.instruction == f"Enter {word} and hit Go."
    assert other.thought == f"Type {word}."
    assert other.lines == (f"1. Click {word}.",)


def test_what_the_reply_does_not_take_from_the_task_stays() -> None:
    moment = asked("Click on the lime colored box.", "Click the card.")
    assert reworded(moment, random.Random(1)) is moment


def test_other_words_are_names_or_strings_that_nobody_knows() -> None:
    moment, rng = asked("Select akw4 and go.", "Click akw4."), random.Random(2)
    words = {
        reworded(moment, rng).thought.removeprefix("Click ").removesuffix(".") for _ in range(60)
    }
    assert len(words) > 50
    assert all(re.fullmatch(r"\w+", word) for word in words)
