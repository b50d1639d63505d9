"""The touch_gesture tool: what it accepts and what it becomes."""

from __future__ import annotations

from typing import Any

import pytest

from environments.actions import Action, ReplaceText, Swipe, Tap
from environments.errors import ToolError
from environments.geometry import InputPoint, Screen
from tools.touch_gestures import touch_gesture

SCREEN = Screen(1080, 2400)
MIDDLE, ZERO, LAST = InputPoint(540, 1200), InputPoint(0, 0), InputPoint(1079, 2399)


def does(**arguments: Any) -> object:
    return touch_gesture().prepare(arguments, SCREEN, 1000).does


@pytest.mark.parametrize(
    ("arguments", "action"),
    [
        ({"action": "double_tap", "coordinate": [500, 500]}, Tap(MIDDLE, count=2)),
        (
            {"action": "drag", "start": [0, 0], "coordinate": [500, 500]},
            Swipe(ZERO, MIDDLE, 600, hold_ms=800),
        ),
        (
            {
                "action": "swipe",
                "start": [0, 0],
                "path": [[500, 500]],
                "coordinate": [1000, 1000],
                "duration_ms": 900,
            },
            Swipe(ZERO, LAST, 900, (MIDDLE,)),
        ),
        ({"action": "replace", "text": "new"}, ReplaceText("new")),
        ({"action": "replace", "text": ""}, ReplaceText("")),
    ],
)
def test_every_gesture_becomes_the_action_it_names(
    arguments: dict[str, Any], action: Action
) -> None:
    assert does(**arguments) == action


def test_a_gesture_without_a_start_is_refused_in_words() -> None:
    with pytest.raises(ToolError, match="swipe needs start"):
        does(action="swipe", coordinate=[1, 1])


def test_the_action_is_written_first_so_that_a_grammar_knows_what_follows() -> None:
    for variant in touch_gesture().spec.input_schema["anyOf"]:
        assert next(iter(variant["properties"])) == "action"
