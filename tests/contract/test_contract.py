from __future__ import annotations

import pytest

from environments.actions import (
    Action,
    Button,
    Click,
    Drag,
    Hold,
    MoveTo,
    PressKeys,
    Release,
    Scroll,
    TypeText,
    Wait,
)
from environments.errors import Stopped, ToolError
from environments.geometry import InputPoint
from tests.contract.conftest import CountedStop
from tests.contract.subjects import Event, Subject

HERE = InputPoint(50, 60)
THERE = InputPoint(120, 90)


def did(subject: Subject, action: Action) -> list[Event]:
    subject.happened()
    subject.environment.execute(action)
    return subject.happened()


def without_moves(events: list[Event]) -> list[Event]:
    return [event for event in events if event[0] != "move"]


def keys(events: list[Event]) -> list[Event]:
    return [event for event in events if event[0] in ("down", "up")]


def text(events: list[Event]) -> str:
    return "".join(event[1] for event in events if event[0] == "text")


@pytest.mark.parametrize("button", ["left", "right", "middle"])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_click_presses_and_releases_the_button_as_often_as_asked(
    subject: Subject, button: Button, count: int
) -> None:
    events = without_moves(did(subject, Click(HERE, button, count)))
    assert events == [("press", button, 50, 60), ("release", button, 50, 60)] * count


def test_a_click_without_a_point_lands_where_the_pointer_is(subject: Subject) -> None:
    subject.environment.execute(MoveTo(THERE))
    events = without_moves(did(subject, Click(None)))
    assert events == [("press", "left", 120, 90), ("release", "left", 120, 90)]


def test_the_first_pixel_of_the_screen_can_be_clicked(subject: Subject) -> None:
    events = without_moves(did(subject, Click(InputPoint(0, 0))))
    assert events == [("press", "left", 0, 0), ("release", "left", 0, 0)]


def test_moving_presses_nothing(subject: Subject) -> None:
    subject.environment.execute(MoveTo(HERE))
    assert set(did(subject, MoveTo(THERE))) == {("move", 120, 90)}


def test_a_drag_moves_between_press_and_release(subject: Subject) -> None:
    events = did(subject, Drag(to=THERE, start=HERE))
    begin = events.index(("press", "left", 50, 60))
    end = events.index(("release", "left", 120, 90))
    between = events[begin + 1 : end]
    assert {event[0] for event in between} == {"move"}
    assert len(set(between)) >= 4
    assert [event[1] for event in between] == sorted(event[1] for event in between)


def test_a_drag_without_a_start_begins_where_the_pointer_is(subject: Subject) -> None:
    subject.environment.execute(MoveTo(HERE))
    assert without_moves(did(subject, Drag(to=THERE))) == [
        ("press", "left", 50, 60),
        ("release", "left", 120, 90),
    ]


def test_a_drag_passes_the_points_on_its_way_in_order(subject: Subject) -> None:
    corner = InputPoint(50, 90)
    events = did(subject, Drag(to=THERE, start=HERE, path=(corner,)))
    assert without_moves(events) == [("press", "left", 50, 60), ("release", "left", 120, 90)]
    moves = [event for event in events if event[0] == "move"]
    turn = moves.index(("move", 50, 90))
    assert {event[1] for event in moves[:turn]} == {50}
    assert {event[2] for event in moves[turn:]} == {90}


@pytest.mark.parametrize("bad", [InputPoint(50, 10_000), InputPoint(-1, 0)])
def test_a_drag_that_would_leave_the_screen_is_refused_before_anything_is_pressed(
    subject: Subject, bad: InputPoint
) -> None:
    subject.happened()
    for action in (Drag(to=bad, start=HERE), Drag(to=THERE, start=HERE, path=(bad,))):
        with pytest.raises(ToolError, match="off the screen"):
            subject.environment.execute(action)
    assert without_moves(subject.happened()) == []


def test_a_button_that_is_held_stays_down_until_it_is_released(subject: Subject) -> None:
    events = did(subject, Hold(button="left", at=HERE))
    assert without_moves(events) == [("press", "left", 50, 60)]
    assert without_moves(did(subject, MoveTo(THERE))) == []
    assert subject.held() == 1
    assert without_moves(did(subject, Release(button="left"))) == [("release", "left", 120, 90)]
    assert subject.held() == 0


def test_keys_that_are_held_go_down_in_order_stay_down_and_come_up_in_reverse(
    subject: Subject,
) -> None:
    assert keys(did(subject, Hold(("ctrl", "shift")))) == [("down", "ctrl"), ("down", "shift")]
    assert without_moves(did(subject, Click(HERE)))[0] == ("press", "left", 50, 60)
    assert subject.held() == 2
    released = keys(did(subject, Release(("ctrl", "shift"))))
    assert released == [("up", "shift"), ("up", "ctrl")]
    assert subject.held() == 0


def test_a_release_that_names_nothing_lets_everything_go(subject: Subject) -> None:
    subject.environment.execute(Hold(("shift",), button="left", at=HERE))
    assert subject.held() == 2
    subject.environment.execute(Release())
    assert subject.held() == 0


def test_an_action_that_fails_lets_go_of_what_was_held_before(subject: Subject) -> None:
    subject.environment.execute(Hold(("shift",)))
    with pytest.raises(ToolError):
        subject.environment.execute(PressKeys(("no such key",)))
    assert subject.held() == 0


def test_a_stop_lets_go_of_what_was_held_before(subject: Subject, stop: CountedStop) -> None:
    subject.environment.execute(Hold(("shift",), button="left", at=HERE))
    stop.set("enough")
    with pytest.raises(Stopped):
        subject.environment.execute(Wait(60))
    assert subject.held() == 0


def test_closing_lets_go_of_what_is_held(subject: Subject) -> None:
    subject.environment.execute(Hold(("shift",), button="left", at=HERE))
    subject.environment.close()
    assert subject.held() == 0


@pytest.mark.parametrize(
    ("scroll", "expected"),
    [
        (Scroll(dy_notches=2, at=HERE), ["up", "up"]),
        (Scroll(dy_notches=-1, at=HERE), ["down"]),
        (Scroll(dx_notches=2, at=HERE), ["right", "right"]),
        (Scroll(dx_notches=-3, at=HERE), ["left"] * 3),
        (Scroll(dy_px=-100, dx_notches=1, at=HERE), ["down", "right"]),
    ],
)
def test_scrolling_by_notches_turns_exactly_so_many(
    subject: Subject, scroll: Scroll, expected: list[str]
) -> None:
    events = without_moves(did(subject, scroll))
    assert events == [("wheel", direction, 50, 60) for direction in expected]


@pytest.mark.parametrize(
    ("scroll", "direction", "notches"),
    [
        (Scroll(dy_px=300, at=HERE), "up", 3),
        (Scroll(dy_px=-250, at=HERE), "down", 3),
        (Scroll(dy_px=-1, at=HERE), "down", 1),
        (Scroll(dy_px=0, at=HERE), "down", 0),
    ],
)
def test_scrolling_turns_the_wheel_by_whole_notches_away_from_zero(
    subject: Subject, scroll: Scroll, direction: str, notches: int
) -> None:
    assert without_moves(did(subject, scroll)) == [("wheel", direction, 50, 60)] * notches


@pytest.mark.parametrize(("pixels", "direction"), [(100, "right"), (-100, "left")])
def test_scrolling_sideways_turns_the_other_wheel(
    subject: Subject, pixels: int, direction: str
) -> None:
    events = without_moves(did(subject, Scroll(dx_px=pixels, at=HERE)))
    assert events == [("wheel", direction, 50, 60)]


def test_a_chord_goes_down_in_order_and_up_in_reverse(subject: Subject) -> None:
    assert keys(did(subject, PressKeys(("control", "shift", "a")))) == [
        ("down", "ctrl"),
        ("down", "shift"),
        ("down", "a"),
        ("up", "a"),
        ("up", "shift"),
        ("up", "ctrl"),
    ]


def test_a_capital_in_a_chord_does_not_press_shift(subject: Subject) -> None:
    assert ("down", "shift") not in did(subject, PressKeys(("ctrl", "A")))


def test_an_unknown_key_is_refused_with_near_names_and_nothing_is_pressed(
    subject: Subject,
) -> None:
    subject.happened()
    with pytest.raises(ToolError, match="pagedown"):
        subject.environment.execute(PressKeys(("ctrl", "pagedwn")))
    assert subject.happened() == []


@pytest.mark.parametrize(
    "written",
    [
        "plain text, 123",
        "".join(map(chr, range(32, 127))),
        "two\nlines\tand a tab",
        "Grüße, señor",
        "日本語 Привет €",
        'a_b %s $() `x` & "q" \'',
        "한국어 中文 русский",
        "עברית العربية",
        "family \U0001f468\u200d\U0001f469\u200d\U0001f467 and e\u0301",
        "one \u4e00\ttwo \u0301\nthree \u200d\n\n",
    ],
)
def test_text_arrives_as_it_was_written(subject: Subject, written: str) -> None:
    assert text(did(subject, TypeText(written))) == written
    assert subject.held() == 0


def test_more_foreign_characters_than_spare_keys_are_typed_in_turns(subject: Subject) -> None:
    alphabet = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
    assert text(did(subject, TypeText(alphabet))) == alphabet
    assert text(did(subject, TypeText("яя aя"))) == "яя aя"


def test_a_stop_in_the_middle_of_typing_ends_it_and_leaves_nothing_pressed(
    subject: Subject, stop: CountedStop
) -> None:
    subject.happened()
    stop.after = 100
    with pytest.raises(Stopped):
        subject.environment.execute(TypeText("Xy" * 5000))
    assert 90 <= len(text(subject.happened())) <= 100
    assert subject.held() == 0


def test_a_stop_in_the_middle_of_a_chord_lets_the_held_keys_go(
    subject: Subject, stop: CountedStop
) -> None:
    subject.happened()
    stop.after = 3
    with pytest.raises(Stopped):
        subject.environment.execute(PressKeys(("ctrl", "alt", "shift", "a")))
    assert keys(subject.happened())[0] == ("down", "ctrl")
    assert subject.held() == 0


def test_a_stop_in_the_middle_of_a_drag_lets_the_button_go(
    subject: Subject, stop: CountedStop
) -> None:
    subject.happened()
    stop.after = 6
    with pytest.raises(Stopped):
        subject.environment.execute(Drag(to=THERE, start=HERE))
    assert ("release", "left", 120, 90) not in subject.happened()
    assert subject.held() == 0


def test_after_a_stop_nothing_is_sent_at_all(subject: Subject, stop: CountedStop) -> None:
    subject.happened()
    stop.set("enough")
    for action in (Click(HERE), TypeText("a"), Wait(60), Scroll(dy_px=100, at=HERE)):
        with pytest.raises(Stopped):
            subject.environment.execute(action)
    assert subject.happened() == []


def test_two_looks_at_a_still_screen_are_equal(subject: Subject) -> None:
    first, second = subject.environment.observe(), subject.environment.observe()
    assert first.frame_hash == second.frame_hash
    assert not first.frame.flags.writeable
    assert first.frame.shape == (first.screen.height_px, first.screen.width_px, 3)


def test_closing_twice_is_allowed(subject: Subject) -> None:
    subject.environment.close()
    subject.environment.close()
