"""The desktop of Windows and macOS over a computer that only remembers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from environments.actions import (
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
from environments.base import Stop
from environments.desktop.guest import BROKEN_OFF, LET_GO, NOT_DONE, NOTICE, Guest
from environments.desktop.monitors import windows_monitor
from environments.desktop.panic import PersonEvent
from environments.errors import ConfigError, DeviceDisconnectedError, Stopped, ToolError
from environments.geometry import ImagePoint, InputPoint
from environments.platforms.environment import NativeDesktop
from environments.settle import Patience
from tests.environments.platforms.machines import LEFT, MAIN, RETINA, Computer

AT_ONCE = Patience(poll_s=0.001, quiet_s=0.001, first_change_s=0.002, limit_s=0.1)
HERE = InputPoint(50, 60)


@pytest.fixture
def computer() -> Computer:
    return Computer()


@pytest.fixture
def stop() -> Stop:
    return Stop()


def opened(computer: Computer, stop: Stop, wanted: str = "") -> NativeDesktop:
    return NativeDesktop(computer, Guest(stop, idle_s=0.02), wanted, AT_ONCE)


@pytest.fixture
def desktop(computer: Computer, stop: Stop) -> Iterator[NativeDesktop]:
    with closing(opened(computer, stop)) as desktop:
        desktop.observe()
        yield desktop


def test_a_click_presses_and_releases_where_it_was_asked(
    desktop: NativeDesktop, computer: Computer
) -> None:
    desktop.execute(Click(HERE, "right", 2))
    pressed = [("down", "right"), ("up", "right")]
    assert computer.hands.did == [("move", 50, 60), *pressed, *pressed]


def test_a_chord_goes_down_in_order_and_up_in_reverse(
    desktop: NativeDesktop, computer: Computer
) -> None:
    desktop.execute(PressKeys(("ctrl", "shift", "S")))
    names = [name for _, name in computer.hands.did]
    assert names == ["ctrl", "shift", "s", "s", "shift", "ctrl"]


def test_a_key_that_this_keyboard_lacks_is_refused_before_anything_is_pressed(
    desktop: NativeDesktop, computer: Computer
) -> None:
    with pytest.raises(ToolError, match="insert"):
        desktop.execute(PressKeys(("ctrl", "insert")))
    assert computer.hands.did == []


def test_text_is_written_by_character_with_enter_and_tab_as_keys(
    desktop: NativeDesktop, computer: Computer
) -> None:
    desktop.execute(TypeText("é\r\n\t😀"))
    keys = [("down", "enter"), ("up", "enter"), ("down", "tab"), ("up", "tab")]
    assert computer.hands.did == [("write", "é"), *keys, ("write", "😀")]


def test_a_drag_moves_between_press_and_release(desktop: NativeDesktop, computer: Computer) -> None:
    desktop.execute(Drag(to=InputPoint(90, 100), start=HERE))
    did = computer.hands.did
    assert did[:2] == [("move", 50, 60), ("down", "left")]
    assert did[-2:] == [("move", 90, 100), ("up", "left")]
    assert len(did) > 8


def test_a_drag_that_would_end_on_no_monitor_presses_nothing(
    desktop: NativeDesktop, computer: Computer
) -> None:
    for drag in (Drag(InputPoint(9_000, 5), HERE), Drag(HERE, HERE, path=(InputPoint(5, 9_000),))):
        with pytest.raises(ToolError, match="on no monitor"):
            desktop.execute(drag)
    assert computer.hands.did == []


def test_a_drag_may_lead_over_a_gap_between_monitors(computer: Computer, stop: Stop) -> None:
    far = windows_monitor("far", (4_000, 0, 5_000, 1_000))
    computer.plugged = (MAIN, far)
    with closing(opened(computer, stop)) as desktop:
        desktop.execute(Drag(InputPoint(4_500, 500), HERE))
    assert computer.hands.did[-2:] == [("move", 4_500, 500), ("up", "left")]


def test_a_character_that_no_keyboard_writes_is_refused_before_anything_is_written(
    desktop: NativeDesktop, computer: Computer
) -> None:
    for text in ("ab\x00", "ab\x1b[31m", "ab\ud800"):
        with pytest.raises(ToolError, match="cannot be typed"):
            desktop.execute(TypeText(text))
    assert computer.hands.did == []


def test_the_wheel_turns_both_ways(desktop: NativeDesktop, computer: Computer) -> None:
    desktop.execute(Scroll(dy_px=-150, dx_px=100))
    assert computer.hands.did == [("wheel", -1, False)] * 2 + [("wheel", 1, True)]


def test_what_is_held_comes_up_by_release_and_when_the_desktop_closes(
    computer: Computer, stop: Stop
) -> None:
    desktop = opened(computer, stop)
    desktop.observe()
    desktop.execute(Hold(("shift",), "left", HERE))
    desktop.execute(Release(("shift",)))
    assert computer.hands.did[-1] == ("up", "shift")
    desktop.close()
    desktop.close()
    assert computer.hands.did[-1] == ("up", "left")
    assert not computer.listening


@pytest.mark.parametrize("action", [TypeText("a\n"), PressKeys(("ctrl", "a")), Drag(HERE)])
def test_a_stop_in_the_middle_leaves_nothing_pressed(
    desktop: NativeDesktop, computer: Computer, stop: Stop, action: TypeText
) -> None:
    computer.hands.before = lambda: stop.set("enough")
    with pytest.raises(Stopped):
        desktop.execute(action)
    pressed = [name for what, name, *_ in computer.hands.did if what == "down"]
    released = [name for what, name, *_ in computer.hands.did if what == "up"]
    assert sorted(pressed) == sorted(released)


def test_a_person_who_comes_in_between_breaks_it_off(
    desktop: NativeDesktop, computer: Computer
) -> None:
    computer.hands.before = lambda: computer.hear(PersonEvent("other"))
    with pytest.raises(ToolError) as refused:
        desktop.execute(TypeText("abc"))
    assert str(refused.value) == BROKEN_OFF
    assert computer.hands.did == [("write", "a")]
    assert desktop.observe().notice == NOTICE


def test_a_person_who_came_before_is_let_go_first_and_what_was_held_is_up(
    desktop: NativeDesktop, computer: Computer
) -> None:
    desktop.execute(Hold(("shift",)))
    desktop.observe()
    computer.hear(PersonEvent("down", "x"))
    assert computer.hands.did[-1] == ("up", "shift")
    with pytest.raises(ToolError) as refused:
        desktop.execute(MoveTo(HERE))
    assert str(refused.value) == f"{NOT_DONE} {LET_GO}"


def test_the_stop_key_and_the_corner_stop(computer: Computer) -> None:
    for events in (
        [PersonEvent("down", key) for key in ("ctrl", "alt", "esc")],
        [PersonEvent("rest", at=InputPoint(*at)) for at in ((900, 500), (1919, 1079))],
    ):
        stop = Stop()
        with closing(opened(computer, stop)):
            for event in events:
                computer.hear(event)
            assert stop.is_set()


def test_a_point_on_no_monitor_is_refused(desktop: NativeDesktop, computer: Computer) -> None:
    with pytest.raises(ToolError, match="no monitor"):
        desktop.execute(Click(InputPoint(-5, 1000)))
    assert computer.hands.did == []


def test_a_window_that_takes_no_input_is_told_to_the_model(
    desktop: NativeDesktop, computer: Computer
) -> None:
    computer.unreachable = "The window 'Registry' runs as administrator."
    with pytest.raises(ToolError, match="administrator"):
        desktop.execute(Click(HERE))
    desktop.execute(Wait(0))
    assert computer.hands.did == []


def test_a_monitor_left_of_the_first_is_seen_in_its_own_pixels(computer: Computer) -> None:
    with closing(opened(computer, Stop(), "left")) as desktop:
        looked = desktop.observe()
    assert looked.frame.shape == (1024, 1280, 3)
    assert looked.screen.to_input(ImagePoint(0, 0)) == InputPoint(-1280, -200)
    assert looked.foreground == "Letters"


def test_a_retina_monitor_is_seen_in_pixels_and_touched_in_points() -> None:
    with closing(opened(Computer(RETINA), Stop())) as desktop:
        looked = desktop.observe()
    assert looked.frame.shape == (1800, 2880, 3)
    assert looked.screen.to_input(ImagePoint(2879, 1799)) == InputPoint(1439, 899)


def test_a_monitor_that_is_unplugged_ends_with_its_name(computer: Computer) -> None:
    with closing(opened(computer, Stop(), "left")) as desktop:
        computer.plugged = (MAIN,)
        with pytest.raises(DeviceDisconnectedError, match=r"left was unplugged.*main"):
            desktop.observe()


def test_an_unknown_monitor_and_a_missing_permission_are_refused_before_anything() -> None:
    with pytest.raises(ConfigError, match="no monitor 'third'"):
        opened(Computer(LEFT, MAIN), Stop(), "third")
    broken = Computer(problem="No permission.")
    with pytest.raises(ConfigError, match="No permission"):
        opened(broken, Stop())
    assert not broken.listening
