"""Tasks over two worlds: both halves of a seed belong together, and both must be right."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from environments.actions import OpenApp, Tap, TypeText
from environments.base import Stop
from environments.errors import ConfigError
from environments.geometry import InputPoint
from environments.practice.environment import InProcessPractice
from environments.practice.joint import COPY_CODE, JointTruth, code_task, halves_of
from environments.practice.phone.environment import InProcessPhone
from environments.practice.phone.templates import TEMPLATES as PHONE_TEMPLATES
from environments.practice.tasks import PracticeTask
from environments.practice.templates import TEMPLATES

SEEDS = range(60)


def test_the_desktops_half_is_solved_by_its_oracle_in_the_steps_it_says() -> None:
    for seed in SEEDS:
        desktop = InProcessPractice("enter_code", seed, Stop())
        steps = 0
        while (step := desktop.task.oracle()).action is not None:
            desktop.execute(step.action)
            steps += 1
        assert desktop.task.score() == 1.0
        assert steps == desktop.task.steps == 3


def test_the_code_is_nowhere_on_the_desktop_and_in_no_words_of_the_task() -> None:
    for seed in SEEDS:
        task, desktop = code_task(seed), PracticeTask("enter_code", seed)
        shown = " ".join(target.label for target in desktop.targets(only_reachable=False))
        assert task.code not in shown + desktop.instruction
        assert task.sender in desktop.instruction
        assert task.code in task.message


def test_the_phones_half_shows_the_code_and_reading_it_changes_nothing_that_counts() -> None:
    for seed in SEEDS:
        phone = InProcessPhone("receive_code", seed, Stop())
        oracle, steps = phone.task.scene.oracle, 0
        while (step := oracle(phone.phone)).action is not None:
            phone.execute(step.action)
            steps += 1
        shown = [view.text for view in phone.phone.screenful().content]
        assert code_task(seed).message in shown
        assert steps == phone.task.steps == 2
        assert phone.task.score() == 1.0


def test_a_phone_on_which_something_was_written_is_no_success() -> None:
    phone = InProcessPhone("receive_code", 1, Stop())
    phone.execute(OpenApp("Notes"))
    phone.execute(Tap(InputPoint(*target(phone, "New"))))
    phone.execute(TypeText("Plum"))
    assert phone.task.score() == 0.0


def target(phone: InProcessPhone, label: str) -> tuple[int, int]:
    return next(each.centre for each in phone.task.targets() if each.label == label)


def test_codes_of_different_seeds_differ_and_one_seed_always_has_the_same() -> None:
    assert len({code_task(seed).code for seed in SEEDS}) == len(SEEDS)
    assert code_task(7) == code_task(7)


def test_a_wrong_code_is_no_success() -> None:
    desktop = InProcessPractice("enter_code", 1, Stop())
    wrong = code_task(2).code
    while not isinstance(action := desktop.task.oracle().action, TypeText):
        assert action is not None
        desktop.execute(action)
    desktop.execute(TypeText(wrong))
    assert desktop.task.values()[f"field:{code_task(1).field}"] == wrong
    assert desktop.task.score() == 0.0


def test_halves_are_no_templates_of_their_own_in_training_or_benchmark() -> None:
    assert "enter_code" not in TEMPLATES
    assert "receive_code" not in PHONE_TEMPLATES
    assert halves_of(COPY_CODE)["desktop"] == "enter_code"
    with pytest.raises(ConfigError, match=COPY_CODE):
        halves_of("fill_form")


@dataclass
class Half:
    instruction: str
    steps: int
    right: float

    def score(self) -> float:
        return self.right


@pytest.mark.parametrize(
    ("desktop", "phone", "score"), [(1, 1, 1), (1, 0, 0), (0, 1, 0), (0, 0, 0)]
)
def test_the_whole_is_right_only_if_both_halves_are(
    desktop: float, phone: float, score: float
) -> None:
    truth = JointTruth(Half("Copy it.", 3, desktop), Half("", 2, phone))
    assert (truth.score(), truth.instruction, truth.steps) == (score, "Copy it.", 7)
