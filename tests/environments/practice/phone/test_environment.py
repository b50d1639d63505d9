"""The phone in process as an Environment."""

from __future__ import annotations

import pytest

from environments.actions import (
    Action,
    Click,
    Drag,
    MoveTo,
    OpenApp,
    PressButton,
    PressKeys,
    ReplaceText,
    Scroll,
    Swipe,
    Tap,
    TypeText,
    Wait,
)
from environments.base import Stop
from environments.errors import Stopped, ToolError
from environments.geometry import InputPoint
from environments.practice.phone.environment import PhoneEnvironment
from environments.practice.phone.world import PhoneWorld
from environments.registry import open_environment


@pytest.fixture
def stop() -> Stop:
    return Stop()


@pytest.fixture
def environment(stop: Stop) -> PhoneEnvironment:
    return PhoneEnvironment(PhoneWorld(8), stop)


def noted(environment: PhoneEnvironment) -> str:
    field = environment.phone.focus
    assert field is not None
    return field.text


@pytest.fixture
def writing(environment: PhoneEnvironment) -> PhoneEnvironment:
    environment.execute(OpenApp("notes"))
    new = next(t for t in environment.phone.targets() if t.label == "New")
    environment.execute(Tap(InputPoint(*new.centre)))
    return environment


def test_the_registry_knows_it() -> None:
    phone = open_environment("practice-phone:in-process:send_message/3", Stop())
    assert phone.observe().frame.shape == (320, 256, 3)
    phone.close()


def test_an_application_opens_by_its_name_or_package(environment: PhoneEnvironment) -> None:
    environment.execute(OpenApp("Browser"))
    assert environment.observe().foreground == "org.practice.browser"
    environment.execute(OpenApp("org.practice.notes"))
    assert environment.observe().foreground == "org.practice.notes"
    with pytest.raises(ToolError, match="Contacts"):
        environment.execute(OpenApp("Chess"))


def test_typing_appends_and_replacing_replaces(writing: PhoneEnvironment) -> None:
    writing.execute(TypeText("one\r\n"))
    writing.execute(TypeText("two"))
    assert noted(writing) == "one\ntwo"
    writing.execute(ReplaceText("three"))
    assert noted(writing) == "three"
    writing.execute(PressKeys(("backspace",)))
    writing.execute(PressKeys(("ctrl", "a")))
    writing.execute(TypeText("four"))
    assert noted(writing) == "four"


def test_a_long_press_is_told_from_a_tap_by_how_long_it_lasts(writing: PhoneEnvironment) -> None:
    writing.execute(TypeText("plum"))
    field = next(t for t in writing.phone.targets() if t.label == "Note")
    at = InputPoint(field.box[0] + 12, field.box[1] + 12)
    writing.execute(Tap(at))
    assert writing.phone.focus is not None
    assert writing.phone.focus.selected == ""
    writing.execute(Tap(at, hold_ms=800))
    assert writing.phone.focus.selected == "plum"
    writing.execute(Tap(at))
    writing.execute(Tap(at, count=2))
    assert writing.phone.focus.selected == "plum"


def test_a_swipe_moves_a_list_by_as_much_as_the_finger_went(environment: PhoneEnvironment) -> None:
    environment.execute(OpenApp("Contacts"))
    environment.execute(Swipe(InputPoint(128, 250), InputPoint(128, 186)))
    assert environment.phone.page.scroll_px == 64
    environment.execute(Swipe(InputPoint(128, 100), InputPoint(128, 110)))
    assert environment.phone.page.scroll_px == 64
    environment.execute(Swipe(InputPoint(128, 100), InputPoint(128, 250)))
    assert environment.phone.page.scroll_px == 0


def test_a_swipe_along_a_path_goes_through_its_corners(environment: PhoneEnvironment) -> None:
    environment.execute(OpenApp("Contacts"))
    path = (InputPoint(128, 120),)
    environment.execute(Swipe(InputPoint(128, 250), InputPoint(128, 218), path=path))
    assert environment.phone.page.scroll_px == 32


@pytest.mark.parametrize(
    "action",
    [
        Click(InputPoint(1, 1)),
        MoveTo(InputPoint(1, 1)),
        Drag(InputPoint(1, 1)),
        Scroll(dy_px=100),
        Tap(InputPoint(256, 0)),
        Swipe(InputPoint(1, 1), InputPoint(1, 320)),
        PressKeys(("no_such_key",)),
    ],
)
def test_what_a_phone_cannot_do_is_refused_in_words(
    environment: PhoneEnvironment, action: Action
) -> None:
    before = environment.observe().frame_hash
    with pytest.raises(ToolError, match=r"phone|screen"):
        environment.execute(action)
    assert environment.observe().frame_hash == before


def test_time_passes_only_by_what_is_done(environment: PhoneEnvironment) -> None:
    came: list[float] = []
    environment.phone.later(9.0, lambda: came.append(environment.phone.time_s))
    environment.observe()
    environment.execute(PressButton("home"))
    assert came == []
    environment.execute(Wait(7.0))
    assert came == [9.0]


def test_a_stop_lets_the_finger_go(environment: PhoneEnvironment, stop: Stop) -> None:
    environment.execute(OpenApp("Contacts"))
    stop.set("enough")
    with pytest.raises(Stopped):
        environment.execute(Swipe(InputPoint(128, 250), InputPoint(128, 100)))
    assert environment.phone.page.scroll_px == 0


def test_a_secure_window_and_a_dark_screen_are_said(environment: PhoneEnvironment) -> None:
    assert environment.observe().notice == ""
    environment.execute(OpenApp("Bank"))
    seen = environment.observe()
    assert "forbids pictures" in seen.notice
    assert not seen.frame.any()
    environment.execute(PressButton("home"))
    environment.execute(PressButton("power"))
    assert "off" in environment.observe().notice
    environment.close()
    environment.close()
