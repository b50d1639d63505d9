"""A person's own desktop, with the person at it: another process on the same display."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest
from Xlib import XK, X
from Xlib.ext.xtest import fake_input

from benchmarks.suites.visitor import Visitor
from environments.actions import Click, Drag, Hold, MoveTo, PressKeys, Scroll, TypeText, Wait
from environments.base import Observation, Stop
from environments.desktop.guest import BROKEN_OFF, CORNER, NOT_DONE, NOTICE
from environments.desktop.panic import Area, PersonEvent
from environments.desktop.person import PersonWatch
from environments.desktop.shared import SharedDesktop
from environments.desktop.stop_key import stop_key_heard
from environments.desktop.virtual import VirtualDisplay
from environments.desktop.x11 import DisplayAddress, connect, hang_up
from environments.errors import Stopped, ToolError
from environments.geometry import InputPoint

IDLE_S = 0.1
HERE, THERE = InputPoint(50, 60), InputPoint(120, 90)


class Heard:
    """What was told, and a way to wait for it."""

    def __init__(self) -> None:
        self.events: list[PersonEvent] = []
        self._changed = threading.Condition()

    def __call__(self, event: PersonEvent, areas: object) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def wait_for(self, wanted: Callable[[list[PersonEvent]], bool]) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: wanted(self.events), timeout=30)


@pytest.fixture(scope="module")
def display(x_display: VirtualDisplay) -> Iterator[VirtualDisplay]:
    """A display that plays the person's own; skips where none can be started."""
    with VirtualDisplay(640, 480, window_manager=False) as display:
        yield display


@pytest.fixture
def visitor(display: VirtualDisplay) -> Iterator[Visitor]:
    with closing(Visitor(display.env())) as visitor:
        visitor.does("move", 300, 200)
        yield visitor


@pytest.fixture
def stop() -> Stop:
    return Stop()


@pytest.fixture
def desktop(display: VirtualDisplay, visitor: Visitor, stop: Stop) -> Iterator[SharedDesktop]:
    with closing(SharedDesktop(display.address, stop, idle_s=IDLE_S)) as desktop:
        desktop.observe()
        yield desktop


def seen(desktop: SharedDesktop, since: int = 0) -> int:
    """Wait until the person's next event has been noticed, and return how many there were."""
    while desktop.presence.touches == since:
        Stop().wait(0.001)
    return desktop.presence.touches


def test_our_own_actions_of_every_kind_are_never_taken_for_a_persons(
    desktop: SharedDesktop,
) -> None:
    ours = [Click(HERE), Click(HERE, "right", 2), MoveTo(InputPoint(0, 0)), Drag(THERE, HERE)]
    ours += [Scroll(300), Scroll(dx_px=100), PressKeys(("ctrl", "alt", "escape"))]  # type: ignore[list-item]
    ours += [TypeText("Hello, wörld 日本 "), PressKeys(("shift", "F5"))]  # type: ignore[list-item]
    for _ in range(5):
        for action in ours:
            desktop.execute(action)
        assert not desktop.observe().notice
    assert desktop.presence.touches == 0
    assert not desktop._guest._run.is_set()


def test_what_a_person_did_while_the_model_thought_keeps_the_action_from_being_sent(
    desktop: SharedDesktop, visitor: Visitor
) -> None:
    said: list[str] = []
    desktop.tell = said.append
    visitor.does("move", 310, 210)
    seen(desktop)
    with pytest.raises(ToolError) as refused:
        desktop.execute(MoveTo(HERE))
    assert str(refused.value) == NOT_DONE
    assert desktop.presence.idle_in_s() == 0
    assert len(said) == 1
    assert desktop.cursor == InputPoint(310, 210)
    desktop.observe()
    desktop.execute(MoveTo(HERE))
    assert desktop.cursor == HERE


def test_a_person_who_types_into_our_typing_ends_it_and_the_model_is_told(
    desktop: SharedDesktop, visitor: Visitor
) -> None:
    class Slow(Stop):
        checks = 0

        def check(self) -> None:
            self.checks += 1
            if self.checks == 50:
                visitor.does("down", "x")
                visitor.does("up", "x")
                seen(desktop)

    slow = Slow()
    desktop._guest.stop._stop = slow
    with pytest.raises(ToolError) as refused:
        desktop.execute(TypeText("a" * 1000))
    assert str(refused.value) == BROKEN_OFF
    assert slow.checks <= 52


def test_the_look_after_a_person_was_there_says_so_to_the_model(
    desktop: SharedDesktop, visitor: Visitor
) -> None:
    visitor.does("click")
    seen(desktop)
    looked: Observation = desktop.observe()
    assert looked.notice == NOTICE
    assert not desktop.observe().notice


def test_what_is_held_between_actions_comes_up_when_the_person_comes_and_the_model_is_told(
    desktop: SharedDesktop, visitor: Visitor
) -> None:
    desktop.execute(Hold(("shift",)))
    desktop.observe()
    assert [*desktop._hands.driver.held]
    visitor.does("move", 312, 212)
    while [*desktop._hands.driver.held]:
        Stop().wait(0.001)
    with pytest.raises(ToolError, match="let go"):
        desktop.execute(Click(HERE))
    desktop.observe()
    visitor.does("move", 313, 213)
    seen(desktop, desktop._guest._known)
    with pytest.raises(ToolError) as refused:
        desktop.execute(Click(HERE))
    assert str(refused.value) == NOT_DONE


def test_waiting_goes_on_while_the_person_works(desktop: SharedDesktop, visitor: Visitor) -> None:
    visitor.does("move", 311, 211)
    seen(desktop)
    desktop.execute(Wait(0))
    assert desktop.observe().notice


@pytest.mark.parametrize("alt", ["Alt_L", "Alt_R"])
def test_the_stop_key_stops_the_run_whatever_is_going_on(
    desktop: SharedDesktop, visitor: Visitor, stop: Stop, alt: str
) -> None:
    for verb in ("down", "up"):
        for key in ("Control_R", alt, "Escape"):
            visitor.does(verb, key)
    with pytest.raises(Stopped, match="ctrl\\+alt\\+esc"):
        stop.wait(30)
    with pytest.raises(Stopped):
        desktop.execute(Click(HERE))


def test_the_stop_key_at_the_desk_stops_a_run_that_is_somewhere_else(
    display: VirtualDisplay, visitor: Visitor, stop: Stop
) -> None:
    variables = display.address.variables() | {"DESKHAND_STOP_KEY": "shift+F9"}
    with stop_key_heard(stop, variables):
        for verb in ("down", "up"):
            visitor.does(verb, "Shift_L")
            visitor.does(verb, "F9")
        with pytest.raises(Stopped, match="shift\\+F9"):
            stop.wait(30)


@pytest.mark.parametrize(
    "variables",
    [{}, {"DISPLAY": ":94321"}, {"DISPLAY": "192.0.2.1:0"}, {"WAYLAND_DISPLAY": "wayland-0"}],
)
def test_without_a_desk_that_can_be_heard_the_run_goes_on(
    stop: Stop, variables: dict[str, str]
) -> None:
    with stop_key_heard(stop, variables):
        assert not stop.is_set()


def test_the_mouse_in_a_corner_stops_the_run(
    desktop: SharedDesktop, visitor: Visitor, stop: Stop
) -> None:
    visitor.does("move", 320, 220)
    seen(desktop)
    # Where the pointer was found between the two is known once the person rests.
    desktop.presence.wait_until_idle(stop)
    visitor.does("move", 639, 0)
    with pytest.raises(Stopped, match="corner"):
        stop.wait(30)
    assert stop.reason == CORNER


def test_every_single_event_of_another_process_is_noticed(
    desktop: SharedDesktop, visitor: Visitor
) -> None:
    for number in range(50):
        count = desktop.presence.touches
        visitor.does("move", 200 + number, 100)
        seen(desktop, count)
        with pytest.raises(ToolError, match="not done"):
            desktop.execute(MoveTo(HERE))
        desktop.observe()


@pytest.fixture
def nested(display: VirtualDisplay) -> Iterator[DisplayAddress]:
    """A display in a window, whose mouse and keyboard are real devices as far as it knows."""
    if not shutil.which("Xephyr"):
        pytest.skip("Xephyr not installed: apt-get install xserver-xephyr")
    reader, writer = os.pipe()
    with ExitStack() as undo:
        undo.callback(os.close, reader)
        server = subprocess.Popen(
            ["Xephyr", "-displayfd", str(writer), "-screen", "320x240", "-auth", os.devnull],
            env=display.env(),
            pass_fds=(writer,),
            stderr=subprocess.DEVNULL,
        )
        undo.callback(server.wait)
        undo.callback(server.terminate)
        os.close(writer)
        yield DisplayAddress(f":{os.read(reader, 16).decode().strip()}")


def test_what_comes_from_a_device_is_a_persons_even_if_this_very_process_moved_it(
    display: VirtualDisplay, nested: DisplayAddress
) -> None:
    heard = Heard()
    outer, inner = connect(display.address), connect(nested)
    with ExitStack() as undo:
        undo.callback(hang_up, outer)
        undo.callback(hang_up, inner)
        undo.callback(PersonWatch(nested, heard).close)
        fake_input(inner, X.MotionNotify, x=5, y=5)
        inner.sync()
        for x, y in ((50, 50), (60, 70)):  # Its window lies in the outer display's upper corner.
            fake_input(outer, X.MotionNotify, x=x, y=y)
        code = outer.keysym_to_keycode(XK.string_to_keysym("Escape"))
        fake_input(outer, X.KeyPress, code)
        fake_input(outer, X.KeyRelease, code)
        outer.sync()
        assert heard.wait_for(lambda events: PersonEvent("up", "esc") in events)
        assert heard.wait_for(lambda events: any(event.kind == "rest" for event in events))
    kinds = [event.kind for event in heard.events if event.kind != "rest"]
    assert kinds[0] == "move"
    assert kinds[-2:] == ["down", "up"]


def test_a_watch_on_a_display_that_goes_away_ends_quietly() -> None:
    with VirtualDisplay(320, 200, window_manager=False) as display:
        watch = PersonWatch(display.address, lambda event, areas: None)
    watch.close()
    watch.close()


def test_the_areas_of_the_monitors_come_with_the_events(
    display: VirtualDisplay, visitor: Visitor
) -> None:
    areas: list[tuple[Area, ...]] = []
    heard = Heard()

    def hear(event: PersonEvent, told: object) -> None:
        areas.append(tuple(told))  # type: ignore[arg-type]
        heard(event, told)

    with closing(PersonWatch(display.address, hear)):
        visitor.does("move", 7, 8)
        assert heard.wait_for(lambda events: PersonEvent("rest", at=InputPoint(7, 8)) in events)
    assert areas[-1] == (Area(0, 0, 640, 480),)
