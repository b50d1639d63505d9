"""Other looks and other languages: what changes with them, and what must not."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from environments.base import Stop
from environments.practice.canvas import FONTS, LATTICE_PX, LOOKS, Canvas, Pen
from environments.practice.environment import InProcessPractice
from environments.practice.guises import SCALES, THEMES, guise_for
from environments.practice.phone.environment import InProcessPhone
from environments.practice.phone.templates import TEMPLATES as PHONE
from environments.practice.templates import TEMPLATES
from environments.practice.tongues import TONGUES, WORDS
from environments.registry import open_environment

Practised = InProcessPractice | InProcessPhone


def opened(template: str, seed: int, place: str) -> Practised:
    world = "practice-phone" if template in PHONE else "practice"
    found = open_environment(f"{world}:{place}:{template}/{seed}", Stop())
    assert isinstance(found, InProcessPractice | InProcessPhone)
    return found


@pytest.mark.parametrize("template", [*TEMPLATES, *PHONE])
def test_a_guise_changes_the_picture_and_nothing_else(template: str) -> None:
    alike = []
    for seed in range(4):
        usual, guised = (opened(template, seed, place) for place in ("in-process", "guise"))
        assert usual.task.instruction == guised.task.instruction
        assert usual.task.targets(only_reachable=False) == guised.task.targets(only_reachable=False)
        assert usual.task.values() == guised.task.values()
        seen, shown = usual.observe(), guised.observe()
        assert seen.screen == shown.screen
        scale = guise_for(template, seed).pen.scale
        assert shown.frame.shape[:2] == tuple(round(n * scale) for n in seen.frame.shape[:2])
        alike.append(np.array_equal(seen.frame, shown.frame))
    assert alike.count(True) <= 1, "a guise may be the usual look by chance"


@pytest.mark.parametrize("template", ["fill_form", "add_contact"])
def test_a_task_is_solved_in_a_guise_and_the_next_one_wears_its_own(template: str) -> None:
    world = opened(template, 4, "guise")
    while (step := world.task.oracle()).action is not None:
        world.execute(step.action)
    assert world.task.score() == 1
    world.task.reset(template, 5)
    assert np.array_equal(world.observe().frame, opened(template, 5, "guise").observe().frame)


def test_every_theme_font_and_scale_is_worn() -> None:
    drawn = [guise_for("click_button", seed) for seed in range(300)]
    assert {(look.desktop, look.pen.font, look.pen.scale) for look in drawn} == {
        (theme.desktop, font, scale) for theme in THEMES for font in FONTS for scale in SCALES
    }
    assert len(THEMES) == 5
    assert len(FONTS) == 3
    assert (min(SCALES), max(SCALES)) == (1.0, 1.5)


@pytest.mark.parametrize("tongue", WORDS)
def test_no_two_words_of_a_language_are_drawn_alike(tongue: str) -> None:
    pictures = {}
    for word in WORDS[tongue]:
        canvas = Canvas((160, LATTICE_PX), LOOKS[0].window, Pen())
        canvas.text(0, 0, word, LOOKS[0].text)
        pictures[word] = canvas.image.tobytes()
    assert len({*WORDS[tongue]}) == len(WORDS[tongue])
    assert not [pair for pair in combinations(pictures, 2) if len({*map(pictures.get, pair)}) == 1]


@pytest.mark.parametrize("template", TONGUES)
def test_buttons_in_other_languages_are_pressed_by_their_labels(template: str) -> None:
    for seed in range(20):
        world = opened(template, seed, "in-process")
        step = world.task.oracle()
        assert step.action is not None
        world.execute(step.action)
        assert world.task.score() == 1
        assert not {*TEMPLATES} & {template}
