"""Forty things that a pointer and a keyboard can do, and the events a program must get from each.

Responsible for the cases and for the program that hears the events. What is done goes through the
real driver; what came is what the program reports.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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
)
from environments.base import Stop
from environments.desktop.environment import DesktopEnvironment
from environments.desktop.virtual import VirtualDisplay
from environments.desktop.x11 import connect
from environments.geometry import InputPoint

Event = tuple[Any, ...]
SCREEN_PX = (800, 600)
A, B, C = InputPoint(50, 60), InputPoint(400, 300), InputPoint(50, 300)
CORNER = InputPoint(SCREEN_PX[0] - 1, SCREEN_PX[1] - 1)
_BUTTON_BITS = 0x1F00


@dataclass(frozen=True, slots=True)
class Case:
    """What is done, and what a program must get.

    Attributes:
        name: what is tried.
        does: the actions, in order.
        expected: the events without motion; for a text only the text.
        through: points that the pointer must pass in this order.
        text: what must be written, None if the events decide.
    """

    name: str
    does: tuple[Action, ...]
    expected: tuple[Event, ...] = ()
    through: tuple[InputPoint, ...] = ()
    text: str | None = None


class Listener:
    """The program that hears the events, covering a display."""

    def __init__(self, display: VirtualDisplay, *options: str) -> None:
        """Start it; returns when it has the keyboard."""
        command = [sys.executable, "-m", "benchmarks.suites.targets.listener", *options]
        self._process = subprocess.Popen(
            command, env=display.env(), stdout=subprocess.PIPE, text=True
        )
        self.connection = connect(display.address)
        _, window = self._read()
        self._window = self.connection.create_resource_object("window", window)

    def happened(self) -> list[Event]:
        """Return what arrived since the last question."""
        from Xlib.protocol.event import ClientMessage

        mark = self.connection.intern_atom("DESKHAND_MARK")
        message = ClientMessage(window=self._window, client_type=mark, data=(32, [0] * 5))
        self._window.send_event(message)
        self.connection.flush()
        events = []
        while (event := self._read()) != ("mark",):
            events.append(event)
        return events

    def held(self) -> int:
        """Return how many keys and buttons are down now."""
        keys = sum(byte.bit_count() for byte in self.connection.query_keymap())
        mask = int(self.connection.screen().root.query_pointer().mask)
        return int(keys) + (mask & _BUTTON_BITS).bit_count()

    def close(self) -> None:
        """End it."""
        self.connection.close()
        self._process.terminate()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _read(self) -> Event:
        assert self._process.stdout is not None
        return tuple(json.loads(self._process.stdout.readline()))


def cases() -> tuple[Case, ...]:
    """Return the cases: pointer 14, wheel 6, holding 4, keys 7, text 9."""
    return (*_pointer(), *_wheel(), *_holding(), *_keys(), *_texts())


def trial(case: Case, display: VirtualDisplay, stop: Stop) -> str:
    """Return what is wrong with a case; empty if it did what it must and left nothing pressed."""
    listener = Listener(display)
    environment = DesktopEnvironment(display.address, stop)
    try:
        listener.happened()
        for action in case.does:
            environment.execute(action)
        found = listener.happened()
        held = listener.held()
    finally:
        environment.close()
        listener.close()
    return f"{held} keys or buttons are still down" if held else _wrong(case, found)


def _wrong(case: Case, found: Sequence[Event]) -> str:
    if case.text is not None:
        written = "".join(event[1] for event in found if event[0] == "text")
        return "" if written == case.text else f"wrote {written!a}"
    acted = tuple(event for event in found if event[0] not in ("move", "text"))
    if acted != case.expected:
        return f"got {acted!r:.200}"
    moves = iter([event[1:] for event in found if event[0] == "move"])
    missed = [point for point in case.through if (point.x, point.y) not in moves]
    return f"did not pass {missed}" if missed else ""


def _clicked(button: Button, at: InputPoint, count: int = 1) -> tuple[Event, ...]:
    press, release = ("press", button, at.x, at.y), ("release", button, at.x, at.y)
    return (press, release) * count


def _dragged(button: Button, start: InputPoint, to: InputPoint) -> tuple[Event, ...]:
    return ("press", button, start.x, start.y), ("release", button, to.x, to.y)


def _pointer() -> tuple[Case, ...]:
    zero, middle = InputPoint(0, 0), InputPoint(225, 180)
    return (
        Case("left click", (Click(A),), _clicked("left", A)),
        Case("right click", (Click(A, "right"),), _clicked("right", A)),
        Case("middle click", (Click(A, "middle"),), _clicked("middle", A)),
        Case("double click", (Click(A, count=2),), _clicked("left", A, 2)),
        Case("triple click", (Click(A, count=3),), _clicked("left", A, 3)),
        Case("click at zero", (Click(zero),), _clicked("left", zero)),
        Case("click at the last pixel", (Click(CORNER),), _clicked("left", CORNER)),
        Case("click where the pointer is", (MoveTo(B), Click(None)), _clicked("left", B)),
        Case("move", (MoveTo(A), MoveTo(B)), (), (A, B)),
        Case("drag", (Drag(B, A),), _dragged("left", A, B), (A, middle, B)),
        Case(
            "drag from where the pointer is", (MoveTo(A), Drag(B)), _dragged("left", A, B), (A, B)
        ),
        Case("drag along a path", (Drag(B, A, path=(C,)),), _dragged("left", A, B), (A, C, B)),
        Case("drag with the right button", (Drag(B, A, "right"),), _dragged("right", A, B)),
        Case("drag from x = 0", (Drag(B, zero),), _dragged("left", zero, B), (B,)),
    )


def _wheel() -> tuple[Case, ...]:
    def turned(direction: str, count: int) -> tuple[Event, ...]:
        return (("wheel", direction, A.x, A.y),) * count

    return (
        Case("scroll up by pixels", (Scroll(dy_px=300, at=A),), turned("up", 3)),
        Case("scroll down by pixels", (Scroll(dy_px=-250, at=A),), turned("down", 3)),
        Case("scroll right by pixels", (Scroll(dx_px=100, at=A),), turned("right", 1)),
        Case("scroll left by pixels", (Scroll(dx_px=-200, at=A),), turned("left", 2)),
        Case("scroll by notches", (Scroll(dy_notches=-4, at=A),), turned("down", 4)),
        Case("scroll sideways by notches", (Scroll(dx_notches=2, at=A),), turned("right", 2)),
    )


def _holding() -> tuple[Case, ...]:
    shift = (("down", "shift"), *_clicked("left", A), ("up", "shift"))
    both = (
        ("down", "ctrl"),
        ("press", "left", 50, 60),
        ("release", "left", 50, 60),
        ("up", "ctrl"),
    )
    return (
        Case(
            "hold and release a button",
            (Hold(button="left", at=A), MoveTo(C), MoveTo(B), Release(button="left")),
            _dragged("left", A, B),
            (A, C, B),
        ),
        Case("click with a key held", (Hold(("shift",)), Click(A), Release(("shift",))), shift),
        Case(
            "hold keys and release them in reverse",
            (Hold(("ctrl", "alt")), Release(("ctrl", "alt"))),
            (("down", "ctrl"), ("down", "alt"), ("up", "alt"), ("up", "ctrl")),
        ),
        Case("release everything", (Hold(("ctrl",), "left", A), Release()), both),
    )


def _chord(*names: str) -> tuple[Event, ...]:
    return (
        *(("down", name) for name in names),
        *(("up", name) for name in reversed(names)),
    )


def _keys() -> tuple[Case, ...]:
    chords = {
        "a key": (("a",), ("a",)),
        "Enter": (("Return",), ("Return",)),
        "a function key": (("f5",), ("F5",)),
        "two keys": (("ctrl", "s"), ("ctrl", "s")),
        "three keys": (("ctrl", "shift", "t"), ("ctrl", "shift", "t")),
        "four keys": (("ctrl", "alt", "shift", "Up"), ("ctrl", "alt", "shift", "Up")),
        "a chord with plus signs": (("Ctrl+Alt+T",), ("ctrl", "alt", "t")),
    }
    return tuple(
        Case(name, (PressKeys(written),), _chord(*pressed))
        for name, (written, pressed) in chords.items()
    )


def _texts() -> tuple[Case, ...]:
    texts = {
        "ASCII": "".join(map(chr, range(32, 127))),
        "newline and tab": "two\nlines\tand a tab\n",
        "what shells and formats read": 'a_b %s $() `x` & "q" \'',
        "Korean": "한국어 입력 시험",
        "Chinese": "中文輸入測試今天天氣很好請保存文件並關閉窗口一二三四五六七八九十",
        "Russian": "съешь ещё этих мягких французских булок, да выпей чаю",
        "Arabic and Hebrew": "مرحبا بالعالم שלום עולם",
        "emoji that are joined": "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f3f3\ufe0f",
        "combining marks": "e\u0301 q\u0307\u0323 n\u0303",
    }
    return tuple(Case(f"text: {name}", (TypeText(t),), text=t) for name, t in texts.items())
