from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from environments.actions import Action, Drag, Hold, Release, Scroll
from environments.errors import ToolError
from environments.geometry import InputPoint, Screen
from tools.gestures import gesture
from tools.schema import Request

SCREEN = Screen(1000, 500)


def prepared(arguments: Mapping[str, Any]) -> Request:
    return gesture().prepare(arguments, SCREEN, 1000)


@pytest.mark.parametrize(
    ("arguments", "action"),
    [
        ({"action": "drag", "coordinate": [100, 100]}, Drag(InputPoint(100, 50))),
        (
            {
                "action": "drag",
                "start": [0, 0],
                "path": [[0, 1000], [500, 500]],
                "coordinate": [1000, 1000],
                "button": "right",
            },
            Drag(
                InputPoint(999, 499),
                InputPoint(0, 0),
                "right",
                (InputPoint(0, 499), InputPoint(500, 250)),
            ),
        ),
        ({"action": "hold", "keys": ["shift"]}, Hold(("shift",))),
        (
            {"action": "hold", "button": "left", "coordinate": [10, 10]},
            Hold((), "left", InputPoint(10, 5)),
        ),
        ({"action": "release"}, Release()),
        ({"action": "release", "keys": ["shift"], "button": "left"}, Release(("shift",), "left")),
        ({"action": "wheel", "vertical": -2}, Scroll(dy_notches=-2)),
        (
            {"action": "wheel", "horizontal": 3, "coordinate": [0, 0]},
            Scroll(at=InputPoint(0, 0), dx_notches=3),
        ),
    ],
)
def test_every_gesture_becomes_its_action(arguments: dict[str, Any], action: Action) -> None:
    assert prepared(arguments).does == action


def test_holding_nothing_is_refused_with_what_is_missing() -> None:
    with pytest.raises(ToolError, match="name what to keep down"):
        prepared({"action": "hold", "coordinate": [10, 10]})


def test_the_point_of_a_gesture_is_told_for_pictures() -> None:
    assert prepared({"action": "drag", "coordinate": [100, 100]}).point_px == (100, 50)
    assert prepared({"action": "release"}).point_px is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"action": "drag"}, "coordinate"),
        ({"action": "drag", "coordinate": [1001, 0]}, "1000"),
        ({"action": "drag", "coordinate": [1, 1], "path": [[1, 1]] * 17}, "at most 16"),
        ({"action": "wheel", "vertical": 51}, "50"),
        ({"action": "hold", "keys": ["a"] * 6}, "at most 5"),
        ({"action": "fling"}, "drag"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_cure(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(ToolError, match=said):
        prepared(arguments)


def test_a_grammar_can_be_made_of_the_schema() -> None:
    from llguidance import LLMatcher

    schema = dict(gesture().spec.input_schema)
    assert LLMatcher.validate_grammar(LLMatcher.grammar_from_json_schema(schema)) == ""
