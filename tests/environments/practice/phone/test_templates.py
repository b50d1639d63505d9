from __future__ import annotations

import random

import pytest

from environments.actions import Action, Swipe, Tap, TypeText
from environments.base import Stop
from environments.errors import ConfigError
from environments.geometry import InputPoint
from environments.practice.phone.environment import InProcessPhone, open_phone_in_process
from environments.practice.phone.tasks import PhoneTask
from environments.practice.phone.templates import DEMO, TEMPLATES
from environments.practice.phone.words import LABELS

SEEDS = range(20)
EVERY = pytest.mark.parametrize("template", sorted(TEMPLATES))


def opened(template: str, seed: int) -> InProcessPhone:
    return InProcessPhone(template, seed, Stop())


def solve(phone: InProcessPhone) -> int:
    steps = 0
    while (step := phone.task.oracle()).action is not None:
        assert steps < 4 * phone.task.steps, f"the oracle does not come to an end: {step}"
        phone.execute(step.action)
        steps += 1
    return steps


def somewhere(draw: random.Random) -> Action:
    start, to = (InputPoint(draw.randrange(256), draw.randrange(256)) for _ in range(2))
    return draw.choice((Tap(start), Tap(start, hold_ms=800), Swipe(start, to), TypeText("Plum")))


def test_there_are_at_least_twelve_and_those_of_the_demo_among_them() -> None:
    assert len(TEMPLATES) >= 12
    assert set(DEMO) <= set(TEMPLATES)


@EVERY
def test_the_oracle_solves_every_task_in_just_the_steps_it_promises(template: str) -> None:
    for seed in SEEDS:
        phone = opened(template, seed)
        assert solve(phone) == phone.task.steps
        assert phone.task.score() == 1.0


@EVERY
def test_doing_nothing_solves_no_task(template: str) -> None:
    assert [PhoneTask(template, seed).score() for seed in SEEDS] == [0.0] * len(SEEDS)


@EVERY
def test_an_unfinished_task_scores_nothing(template: str) -> None:
    for seed in SEEDS:
        phone = opened(template, seed)
        for _ in range(phone.task.steps):
            assert phone.task.score() == 0.0
            action = phone.task.oracle().action
            assert action is not None
            phone.execute(action)


@EVERY
def test_touching_anywhere_hardly_ever_solves_a_task_and_never_breaks_the_phone(
    template: str,
) -> None:
    solved = 0.0
    for seed in SEEDS:
        phone, draw = opened(template, seed), random.Random(seed)
        for _ in range(2 * phone.task.steps):
            phone.execute(somewhere(draw))
            phone.observe()
            phone.phone.ui_xml()
        solved += phone.task.score()
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
    phone = opened(template, 3)
    solve(phone)
    phone.phone.put_setting("system", "font_scale", "1.3")
    assert phone.task.score() == 0.0


@EVERY
def test_the_oracle_finds_its_way_from_another_application(template: str) -> None:
    for seed in SEEDS:
        phone = opened(template, seed)
        elsewhere = next(a for a in phone.phone.apps if a.label == "Browser")
        if phone.task.scene.goal.get("front") == elsewhere.package:
            continue
        phone.phone.start(elsewhere.package)
        solve(phone)
        assert phone.task.score() == 1.0


@EVERY
def test_every_label_that_can_be_pointed_at_is_a_word_of_the_world(template: str) -> None:
    for seed in SEEDS:
        phone = opened(template, seed)
        while (step := phone.task.oracle()).action is not None:
            named = [t for t in phone.task.targets() if t.role not in ("key", "list")]
            unknown = {t.label for t in named} - set(LABELS)
            assert not unknown, unknown
            phone.execute(step.action)


def test_a_slip_that_cannot_be_undone_is_said() -> None:
    phone = opened("delete_photo", 4)
    kept = next(p for p in phone.phone.store.photos if p not in phone.task.instruction)
    phone.phone.store.photos.remove(kept)
    with pytest.raises(LookupError, match="another photo"):
        phone.task.oracle()
    phone = opened("open_app", 4)
    phone.phone.switching("global", "wifi_on")()
    with pytest.raises(LookupError, match="cannot be undone"):
        phone.task.oracle()


def test_a_slip_in_a_text_is_mended() -> None:
    phone = opened("send_message", 4)
    while not phone.phone.has_focus:
        action = phone.task.oracle().action
        assert action is not None
        phone.execute(action)
    phone.execute(TypeText("Wrong"))
    solve(phone)
    assert phone.task.score() == 1.0


def test_a_reset_is_the_same_as_a_fresh_start() -> None:
    used, fresh = opened("write_note", 2), opened("delete_photo", 5)
    solve(used)
    used.task.reset("delete_photo", 5)
    assert used.task.instruction == fresh.task.instruction
    assert used.task.values() == fresh.task.values()
    assert used.observe().frame_hash == fresh.observe().frame_hash
    assert solve(used) == fresh.task.steps


def test_a_name_without_a_seed_means_the_first_seed() -> None:
    assert open_phone_in_process("send_message", Stop()).task.seed == 1
    assert open_phone_in_process("", Stop()).task.template == "open_app"
    assert open_phone_in_process("edit_note/12", Stop()).task.seed == 12


@pytest.mark.parametrize("argument", ["open_app/first", "fly/1", "click_button/1"])
def test_a_name_of_no_task_is_refused_with_an_example_or_the_list(argument: str) -> None:
    with pytest.raises(ConfigError, match="open_app"):
        open_phone_in_process(argument, Stop())
