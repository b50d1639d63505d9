"""pynput and mss below the native desktop; the real ones, on a real X display."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from types import SimpleNamespace

import pytest

from environments.actions import Click, Drag, PressKeys, Scroll, TypeText
from environments.base import Stop
from environments.desktop.guest import Guest
from environments.desktop.panic import PersonEvent
from environments.desktop.virtual import VirtualDisplay
from environments.desktop.x11 import on_display
from environments.geometry import InputPoint
from environments.platforms.environment import NativeDesktop
from environments.platforms.eyes import MssEyes, by_macos, by_windows
from environments.platforms.hands import PynputEars, PynputHands, utf16_units
from tests.contract.subjects import XSubject
from tests.environments.platforms.machines import Computer

HERE = InputPoint(50, 60)


@pytest.fixture
def subject(x_display: VirtualDisplay) -> Iterator[XSubject]:
    """A native desktop on an X display, witnessed by a program that has the focus."""
    with ExitStack() as undo:
        subject = XSubject(x_display, Stop())
        undo.callback(subject.close)
        subject.environment.close()
        computer = Computer()
        with on_display(x_display.address):
            hands, eyes = PynputHands(), MssEyes(by_windows, "Look.")
        undo.callback(eyes.close)
        undo.callback(hands.close)
        computer.hands = hands  # type: ignore[assignment]
        computer.monitors = eyes.monitors  # type: ignore[method-assign]
        computer.grab = eyes.grab  # type: ignore[method-assign]
        subject.environment = NativeDesktop(computer, Guest(Stop()))
        yield subject


def test_everything_arrives_through_pynput_as_it_was_asked(subject: XSubject) -> None:
    subject.happened()
    subject.environment.execute(Click(HERE, "right"))
    assert [e for e in subject.happened() if e[0] != "move"] == [
        ("press", "right", 50, 60),
        ("release", "right", 50, 60),
    ]
    subject.environment.execute(Drag(InputPoint(120, 90), HERE))
    events = subject.happened()
    assert ("press", "left", 50, 60) in events
    assert events[-1] == ("release", "left", 120, 90)
    subject.environment.execute(Scroll(dy_px=-200, at=HERE))
    assert [e[:2] for e in subject.happened() if e[0] == "wheel"] == [("wheel", "down")] * 2
    subject.environment.execute(PressKeys(("ctrl", "a")))
    keys = [e for e in subject.happened() if e[0] in ("down", "up")]
    assert keys == [("down", "ctrl"), ("down", "a"), ("up", "a"), ("up", "ctrl")]
    subject.environment.execute(TypeText("Hello, 2\n"))
    assert "".join(e[1] for e in subject.happened() if e[0] == "text") == "Hello, 2\n"
    assert subject.held() == 0


def test_the_pixels_seen_by_mss_are_those_of_the_display(subject: XSubject) -> None:
    looked = subject.environment.observe()
    assert looked.frame.shape == (480, 640, 3)
    assert looked.frame[0, 0].tolist() != looked.frame[479, 639].tolist()
    assert not looked.frame.flags.writeable


def test_the_boxes_of_mss_are_read_by_each_platforms_rule() -> None:
    box = {"left": -720, "top": 0, "width": 720, "height": 450}
    windows, mac = by_windows("a", box, 720, False), by_macos("b", box, 1440, False)
    assert (windows.screen.width_px, windows.screen.scale) == (720, 1)
    assert (mac.screen.width_px, mac.screen.height_px, mac.screen.scale) == (1440, 900, 2)
    assert mac.screen.origin == InputPoint(-720, 0)


def test_a_character_beyond_the_first_plane_is_two_units_for_windows() -> None:
    assert utf16_units("é") == ("é",)
    assert [hex(ord(unit)) for unit in utf16_units("😀")] == ["0xd83d", "0xde00"]


def test_only_what_no_program_made_is_a_persons() -> None:
    heard: list[PersonEvent] = []
    ears = PynputEars(heard.append)
    escape, letter = SimpleNamespace(name="esc"), SimpleNamespace(char="A")
    for injected in (True, False):
        ears.on_press(escape, injected)
        ears.on_release(letter, injected)
        ears.on_move(3.4, 5.6, injected)
        ears.on_click(1, 1, None, True, injected)
        ears.on_scroll(1, 1, 0, 1, injected)
    assert heard == [
        PersonEvent("down", "esc"),
        PersonEvent("up", "a"),
        PersonEvent("move"),
        PersonEvent("rest", at=InputPoint(3, 6)),
        PersonEvent("other"),
        PersonEvent("other"),
    ]


def test_modifiers_are_named_as_the_stop_key_names_them() -> None:
    from environments.platforms.hands import key_name_of

    names = [key_name_of(SimpleNamespace(name=name)) for name in ("ctrl_l", "alt_gr", "cmd")]
    assert names == ["ctrl", "altright", "win"]
    assert key_name_of(None) == ""
