"""A desktop shared with a person: are our own events ours, and is each of theirs noticed?

Responsible for moments in which Deskhand acts and a person may come: another process on the same
display, or a mouse and a keyboard that the display takes for real ones (those of a nested X server,
moved from outside). Seeded; judges each moment in one sentence.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self

from benchmarks.suites.visitor import Visitor
from environments.actions import Action, Click, Drag, MoveTo, PressKeys, Scroll, TypeText
from environments.base import Stop
from environments.desktop.shared import SharedDesktop
from environments.desktop.virtual import VirtualDisplay
from environments.desktop.x11 import DisplayAddress
from environments.errors import ToolError
from environments.geometry import InputPoint

Way = Literal["program", "device"]
"""How the person's events come in: another process through XTEST, or a device of the display."""

SIZE_PX = (640, 480)
NESTED_PX = (320, 240)
IDLE_S = 0.05
NOTICED_S = 1.0
"""A person who is not noticed by then is missed."""

LATEST_S = 0.12
"""The person comes at a random moment up to here; the action takes about as long."""

_TEXTS = ("Hello, world. ", "Grüße aus Köln; ", "日本語 text ", "a_b %s $() `x` & ")
_CHORDS = (("ctrl", "a"), ("ctrl", "alt", "escape"), ("shift", "F5"), ("alt", "tab"), ("enter",))


@dataclass(frozen=True, slots=True)
class Visit:
    """What became of one visit.

    Attributes:
        noticed: the model is told before anything else is done.
        events_seen: how many events of the person's were counted.
        lag_ms: from telling the visitor to move until the last of its events was seen.
    """

    noticed: bool
    events_seen: int
    lag_ms: float


class Desk:
    """One shared desktop and its visitor."""

    def __init__(self, way: Way) -> None:
        """Open it.

        Raises:
            ConfigError: Xvfb is missing.
        """
        self._undo = ExitStack()
        with ExitStack() as unfinished:
            unfinished.callback(self._undo.close)
            display = self._undo.enter_context(VirtualDisplay(*SIZE_PX, window_manager=False))
            address = display.address
            if way == "device":
                address = self._undo.enter_context(nested(display))
            self._visitor = Visitor(display.env())
            self._undo.callback(self._visitor.close)
            self._visitor.does("move", 100, 100)
            self._desktop = SharedDesktop(address, Stop(), idle_s=IDLE_S)
            self._undo.callback(self._desktop.close)
            self._desktop.observe()
            unfinished.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._undo.close()

    def alone(self, seed: int, count: int) -> int:
        """Do ``count`` actions with nobody there; return how many were refused or remarked."""
        chance, remarked = random.Random(seed), 0
        for _ in range(count):
            before = self._desktop.presence.touches
            try:
                self._desktop.execute(some_action(chance))
            except ToolError:
                remarked += 1
            else:
                remarked += self._desktop.presence.touches != before
            if remarked:
                self._desktop.observe()
        return remarked

    def visited(self, seed: int) -> Visit:
        """Type while a person comes at a random moment: before, during or just after it."""
        chance = random.Random(seed)
        self._desktop.observe()
        before, told = self._desktop.presence.touches, False
        sent_s: list[float] = []
        # Never where the last visit ended: a mouse that does not move is not there to be noticed.
        to = chance.randrange(50, 150), 40 + seed % 100
        person = threading.Timer(chance.uniform(0, LATEST_S), self._come, (to, sent_s))
        person.start()
        try:
            self._desktop.execute(TypeText("The quick brown fox. " * 20))
        except ToolError:
            told = True
        person.join()
        seen_s = self._noticed(before)
        told = told or bool(self._desktop.observe().notice)
        events = self._desktop.presence.touches - before
        return Visit(told and events > 0, events, (seen_s - sent_s[0]) * 1000)

    def _come(self, to: tuple[int, int], sent_s: list[float]) -> None:
        sent_s.append(time.monotonic())
        self._visitor.does("move", *to)

    def _noticed(self, before: int) -> float:
        """Return when the person was noticed; infinity if they were not."""
        waiting, end_s = Stop(), time.monotonic() + NOTICED_S
        while self._desktop.presence.touches == before:
            if time.monotonic() > end_s:
                return float("inf")
            waiting.wait(0.001)
        return self._desktop.presence.last_s


def some_action(chance: random.Random) -> Action:
    """Return an action of a random kind that changes nothing on an empty display."""
    x, y = chance.randrange(NESTED_PX[0]), chance.randrange(NESTED_PX[1])
    at = InputPoint(*chance.choice(((0, 0), (x, y))))
    return chance.choice(
        (
            Click(at, chance.choice(("left", "right", "middle")), chance.choice((1, 2, 3))),
            MoveTo(at),
            Drag(InputPoint(y % NESTED_PX[0], x % NESTED_PX[1]), at),
            Scroll(chance.choice((-300, 100)), at=at),
            Scroll(dx_px=chance.choice((-100, 200))),
            PressKeys(chance.choice(_CHORDS)),
            TypeText(chance.choice(_TEXTS)),
        )
    )


def can_nest() -> bool:
    """Tell whether there is an X server that shows itself in a window."""
    return shutil.which("Xephyr") is not None


@contextmanager
def nested(display: VirtualDisplay) -> Iterator[DisplayAddress]:
    """Show a display in the upper left corner of another; its devices are real to it."""
    reader, writer = os.pipe()
    size = "x".join(map(str, NESTED_PX))
    server = subprocess.Popen(
        ["Xephyr", "-displayfd", str(writer), "-screen", size, "-noreset"],
        env=display.env(),
        pass_fds=(writer,),
        stderr=subprocess.DEVNULL,
    )
    try:
        os.close(writer)
        yield DisplayAddress(f":{os.read(reader, 16).decode().strip()}")
    finally:
        os.close(reader)
        server.terminate()
        server.wait()
