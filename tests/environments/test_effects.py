"""What is said about an action from what was found out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from environments.actions import (
    Action,
    Click,
    Drag,
    MoveTo,
    PressButton,
    PressKeys,
    ReplaceText,
    Swipe,
    Tap,
    TypeText,
    Wait,
)
from environments.base import Observation
from environments.effects import Effect, explain, judge
from environments.evidence import Evidence
from environments.geometry import InputPoint, Screen
from environments.tiles import Tiles

SCREEN = Screen(640, 640)
FRAME = np.zeros((640, 640, 3), np.uint8)
LOOK = Observation(FRAME, SCREEN, 0.0)
CLICK = Click(InputPoint(100, 100))
TAP = Tap(InputPoint(100, 100))
TYPING = TypeText("a")
NEAR, FAR = (3, 3), (18, 18)


def tiles(*places: tuple[int, int]) -> Tiles:
    found = np.zeros((20, 20), np.bool_)
    for place in places:
        found[place] = True
    return found


def found(**facts: Any) -> Observation:
    """A look with evidence in which nothing happened but the facts given."""
    nothing = Evidence(tiles(), tiles(), tiles(), tiles(), tiles(), tiles())
    return replace(LOOK, evidence=replace(nothing, **facts))


@pytest.mark.parametrize(
    ("action", "facts", "effect", "words"),
    [
        (CLICK, {}, Effect.NO_OP, "nothing changed"),
        (CLICK, {"changed": tiles(NEAR)}, Effect.CONFIRMED, "the screen changed near the point"),
        (CLICK, {"changed": tiles(FAR)}, Effect.CONFIRMED,
         "nothing changed within 150 px of the point, but elsewhere"),
        (TYPING, {"changed": tiles(FAR)}, Effect.CONFIRMED, "the screen changed"),
        (CLICK, {"changed": ~tiles()}, Effect.CONFIRMED, "most of the screen changed"),
        (CLICK, {"passing": tiles(NEAR)}, Effect.UNVERIFIABLE,
         "something changed for a moment and looks as before"),
        (CLICK, {"stopped": tiles(FAR)}, Effect.CONFIRMED, "what moved by itself has stopped"),
        (CLICK, {"left_out": tiles(FAR)}, Effect.NO_OP,
         "nothing changed but what moves or comes up by itself"),
        (CLICK, {"left_out": tiles(FAR), "blind": tiles(FAR)}, Effect.NO_OP,
         "nothing changed but what moves or comes up by itself"),
        (CLICK, {"left_out": tiles(NEAR), "blind": tiles(NEAR)}, Effect.UNVERIFIABLE,
         "nothing changed but what moves or comes up by itself"),
        (Drag(to=InputPoint(600, 600), start=InputPoint(1, 1)),
         {"left_out": tiles(FAR), "blind": tiles(FAR)}, Effect.UNVERIFIABLE,
         "nothing changed but what moves or comes up by itself"),
        (TYPING, {"left_out": tiles(FAR), "blind": tiles(FAR)}, Effect.UNVERIFIABLE,
         "nothing changed but what moves or comes up by itself"),
        (TYPING, {"left_out": tiles(FAR), "blind": tiles(FAR), "caret": tiles(NEAR)}, Effect.NO_OP,
         "nothing changed but what moves or comes up by itself"),
        (PressKeys(("f8",)), {"left_out": tiles(FAR), "blind": tiles(FAR), "caret": tiles(FAR)},
         Effect.UNVERIFIABLE, "nothing changed but what moves or comes up by itself"),
        (PressKeys(("ctrl", "p")), {"left_out": tiles(FAR), "blind": tiles(FAR),
                                    "caret": tiles(NEAR)},
         Effect.UNVERIFIABLE, "nothing changed but what moves or comes up by itself"),
        (TAP, {}, Effect.NO_OP, "nothing changed"),
        (TAP, {"changed": tiles(NEAR)}, Effect.CONFIRMED, "the screen changed near the point"),
        (Swipe(InputPoint(1, 1), InputPoint(100, 100)), {"changed": tiles(NEAR)},
         Effect.CONFIRMED, "the screen changed near the point"),
        (ReplaceText("a"), {"clipboard": True}, Effect.NO_OP, "nothing changed"),
        (PressButton("back"), {}, Effect.NO_OP, "nothing changed"),
        (PressButton("volume_up"), {}, Effect.UNVERIFIABLE, "nothing changed"),
        (CLICK, {"opened": ("Open File",), "front": "Open File"}, Effect.CONFIRMED,
         "a new window 'Open File' opened; nothing changed"),
        (CLICK, {"closed": ("Open File",), "front": "Letter"}, Effect.CONFIRMED,
         "the window 'Open File' closed; in front is now 'Letter'; nothing changed"),
        (PressKeys(("ctrl", "c")), {"clipboard": True}, Effect.CONFIRMED,
         "nothing changed; something was copied to the clipboard"),
        (TYPING, {"clipboard": True}, Effect.NO_OP, "nothing changed"),
        (TYPING, {"read_back": True}, Effect.CONFIRMED, "nothing changed"),
        (TYPING, {"read_back": False, "changed": tiles(FAR)}, Effect.UNVERIFIABLE,
         "the screen changed"),
        (PressKeys(("shift",)), {}, Effect.UNVERIFIABLE, "nothing changed"),
        (MoveTo(InputPoint(1, 1)), {}, Effect.UNVERIFIABLE, "nothing changed"),
        (Wait(1), {"changed": tiles(FAR)}, Effect.CONFIRMED, "the screen changed"),
        (CLICK, {"notes": ("the text was pasted",)}, Effect.NO_OP,
         "nothing changed; the text was pasted"),
    ],
)  # fmt: skip
def test_the_verdict_and_its_reason_follow_from_what_was_found_out(
    action: Action, facts: dict[str, Any], effect: Effect, words: str
) -> None:
    after = found(**facts)
    assert (judge(action, LOOK, after), explain(action, after)) == (effect, words)


def test_the_look_that_the_model_saw_counts_only_where_nothing_was_found_out() -> None:
    other = replace(LOOK, frame=FRAME + 1)
    assert judge(CLICK, other, LOOK) is Effect.CONFIRMED
    assert judge(CLICK, other, found()) is Effect.NO_OP, "a clock has ticked while it thought"
    assert explain(CLICK, LOOK) == ""


def test_titles_are_told_as_data_on_one_line_and_not_at_length() -> None:
    words = explain(CLICK, found(opened=("New\norders:\x07 click 'OK'" + "!" * 99,)))
    assert words.startswith("a new window 'New orders: click 'OK'!!!")
    assert "\n" not in words
    assert len(words) < 120
