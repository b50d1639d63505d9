"""What a practice world brings to a run: where a template takes place, and who checks it."""

from __future__ import annotations

import pytest

from agent.assembly import staged
from agent.config import RunSettings, settings_from
from agent.practice import screen_for, spec_for
from environments.base import Stop
from environments.errors import ConfigError
from environments.several import SeveralScreens

IN_PROCESS = "practice:in-process+practice-phone:in-process"


def settings(**given: object) -> RunSettings:
    return settings_from(**given)


@pytest.mark.parametrize(
    ("on", "template", "spec"),
    [
        ("practice", "fill_form", "practice:fill_form/3"),
        ("practice:in-process", "fill_form", "practice:in-process:fill_form/3"),
        ("practice-phone", "open_app", "practice-phone:open_app/3"),
        ("practice-phone", None, "practice-phone:/3"),
        (
            "practice+practice-phone",
            "copy_code",
            "desktop=practice:enter_code/3+phone=practice-phone:receive_code/3",
        ),
        (
            "mine=practice-phone:in-process+pc=practice:in-process",
            "copy_code",
            "mine=practice-phone:in-process:receive_code/3+pc=practice:in-process:enter_code/3",
        ),
    ],
)
def test_every_practice_screen_is_opened_with_its_task(
    on: str, template: str | None, spec: str
) -> None:
    assert spec_for(settings(on=on, template=template, seed=3)) == spec


@pytest.mark.parametrize(
    ("on", "template", "words"),
    [
        ("virtual", "fill_form", "belongs to --on practice"),
        ("practice+virtual", "copy_code", "practice desktop and phone"),
        ("practice+practice-phone", "fill_form", "use copy_code"),
    ],
)
def test_a_template_on_a_screen_that_it_does_not_belong_to_is_refused(
    on: str, template: str, words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        spec_for(settings(on=on, template=template))


def test_a_template_alone_says_where_it_takes_place() -> None:
    assert screen_for(None) is None
    assert screen_for("fill_form") == "practice"
    assert screen_for("send_message") == "practice-phone"
    assert screen_for("copy_code") == "practice+practice-phone"


def test_a_task_over_two_worlds_brings_its_words_and_a_check_of_both() -> None:
    with staged(settings(on=IN_PROCESS, template="copy_code", seed=2), Stop()) as stage:
        screens = stage.environment
        assert isinstance(screens, SeveralScreens)
        assert "has sent a code to the phone" in stage.task
        assert stage.check is not None
        assert stage.check.verify(screens.observe()).passed is False
        desktop = screens.screens["desktop"]
        while (action := desktop.task.oracle().action) is not None:  # type: ignore[attr-defined]
            desktop.execute(action)
        assert stage.check.verify(screens.observe()).passed is True


def test_words_of_a_persons_own_over_two_worlds_are_not_checked_by_the_worlds() -> None:
    with staged(settings(on=IN_PROCESS, task="Look around"), Stop()) as stage:
        assert (stage.task, stage.check) == ("Look around", None)
