"""The words for a phone's touches say what was meant."""

import pytest

from agent.training.touches import touch_arguments
from environments.actions import (
    Action,
    MoveTo,
    OpenApp,
    PressButton,
    Swipe,
    Tap,
    TypeText,
    Wait,
)
from environments.geometry import InputPoint, Screen
from tools.mobile_use import mobile_use

SCREEN = Screen(256, 320)
MIDDLE, CORNER = InputPoint(128, 160), InputPoint(0, 0)


@pytest.mark.parametrize(
    "action",
    [
        Tap(MIDDLE),
        Swipe(MIDDLE, CORNER),
        PressButton("back"),
        PressButton("recents"),
        PressButton("power"),
        OpenApp("Notes"),
        TypeText("Plum"),
        Wait(2.0),
    ],
)
def test_what_is_said_is_understood_as_the_same_action(action: Action) -> None:
    arguments = touch_arguments(action, SCREEN)
    tool = mobile_use(1000)
    request = tool.prepare(arguments, SCREEN, 1000)
    assert request.does == action


def test_a_long_press_stays_one() -> None:
    arguments = touch_arguments(Tap(MIDDLE, hold_ms=800), SCREEN)
    action = mobile_use(1000).prepare(arguments, SCREEN, 1000).does
    assert isinstance(action, Tap)
    assert action.hold_ms >= 800


def test_nothing_left_to_do_is_a_claim() -> None:
    assert touch_arguments(None, SCREEN) == {"action": "terminate", "status": "success"}


def test_what_no_phone_does_is_refused() -> None:
    with pytest.raises(ValueError, match="no oracle"):
        touch_arguments(MoveTo(MIDDLE), SCREEN)
