"""Stops at random moments: when came the last input, and when did computing end?

Responsible for keeping Deskhand busy in a thread, for stopping it in the middle, and for the times:
of the input as the X server took it, on the one clock that all processes share (CLOCK_MONOTONIC).
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.suites.input_contract import Listener
from environments.actions import Drag, Hold, TypeText, Wait
from environments.base import Stop
from environments.desktop.environment import DesktopEnvironment
from environments.desktop.virtual import VirtualDisplay
from environments.errors import Stopped
from environments.geometry import InputPoint

if TYPE_CHECKING:
    from agent.models.loaded import Loaded

SEED = 4200
INPUT_MS, COMPUTING_MS = 200.0, 1000.0
EARLIEST_S, LATEST_S = 0.02, 0.8
CHARACTERS = 5_000
LEFT, RIGHT = InputPoint(20, 40), InputPoint(700, 500)
_HELD = Hold(("ctrl", "shift"), "left", LEFT)


@dataclass(frozen=True, slots=True)
class Stopping:
    """What one stop led to.

    Attributes:
        input_ms: from the stop to the last event that the server took, 0 if none came after.
        ended_ms: from the stop until what was going on had ended.
        held: keys and buttons that were still down then.
        events: how many events the program had received.
    """

    input_ms: float
    ended_ms: float
    held: int
    events: int

    @property
    def holds(self) -> bool:
        """Whether it is within the bar."""
        return not self.held and self.input_ms <= INPUT_MS and self.ended_ms <= COMPUTING_MS

    def sentence(self) -> str:
        """Say it for a person; the two times come first."""
        return (
            f"{self.input_ms:.1f} ms to the last input, {self.ended_ms:.1f} ms to the end, "
            f"{self.held} held, {self.events} events before"
        )


def stopping(
    what: str, number: int, display: VirtualDisplay, load: Callable[[], Loaded]
) -> Stopping:
    """Stop in the middle of something and measure.

    Args:
        what: one of ``KINDS``.
        number: draws the moment.
        display: where it happens.
        load: returns the model for "generation".
    """
    stop = Stop()
    after_s = random.Random(SEED + number).uniform(EARLIEST_S, LATEST_S)
    with _heard(display) as listener, _environment(display, stop) as environment:
        turns = _BUSY[what](environment, stop, load)
        next(turns)  # What has to be there before, such as keys that are held.
        begun, ended = threading.Event(), [math.inf]
        worker = threading.Thread(target=_work, args=(turns, begun, ended))
        worker.start()
        begun.wait()
        threading.Event().wait(after_s)
        asked = time.monotonic()
        stop.set("measured")
        worker.join()
        _wait_until_up(listener, asked)
        events = [event for event in listener.happened() if event[0] not in ("text", "wheel")]
        last = max((event[-1] for event in events), default=asked)
        return Stopping(
            input_ms=max(0.0, last - asked) * 1000,
            ended_ms=(ended[0] - asked) * 1000,
            held=listener.held(),
            events=len(events),
        )


def _work(turns: Iterator[None], begun: threading.Event, ended: list[float]) -> None:
    begun.set()
    try:
        for _ in turns:
            pass
    except Stopped:
        ended[0] = time.monotonic()


def _wait_until_up(listener: Listener, asked: float) -> None:
    while listener.held() and time.monotonic() - asked < COMPUTING_MS / 1000:
        threading.Event().wait(0.005)


def _typing(
    environment: DesktopEnvironment, stop: Stop, load: Callable[[], Loaded]
) -> Iterator[None]:
    yield
    for _ in cycle("x"):
        environment.execute(TypeText("Some Text. " * (CHARACTERS // 11)))
        yield


def _dragging(
    environment: DesktopEnvironment, stop: Stop, load: Callable[[], Loaded]
) -> Iterator[None]:
    yield
    for start, to in cycle(((LEFT, RIGHT), (RIGHT, LEFT))):
        environment.execute(Drag(to, start))
        yield


def _waiting(
    environment: DesktopEnvironment, stop: Stop, load: Callable[[], Loaded]
) -> Iterator[None]:
    environment.execute(_HELD)
    yield
    environment.execute(Wait(60))


def _generating(
    environment: DesktopEnvironment, stop: Stop, load: Callable[[], Loaded]
) -> Iterator[None]:
    from agent.models.base import Image
    from environments.practice.environment import InProcessPractice
    from environments.practice.templates import TEMPLATES
    from tools.computer_use import computer_use

    tool, loaded, never = computer_use(), load(), Stop()
    asked = []
    for template in TEMPLATES:
        desktop = InProcessPractice(template, SEED, never)
        look = desktop.observe()
        image = Image(look.frame, look.frame_hash)
        asked.append(loaded.profile.messages(desktop.task.instruction, (), image, [tool.spec]))
    environment.execute(_HELD)
    yield
    for messages in cycle(asked):
        loaded.model.generate(messages, [tool.spec], stop=stop)
        yield


def _asking(
    environment: DesktopEnvironment, stop: Stop, load: Callable[[], Loaded]
) -> Iterator[None]:
    from agent.answering import ByCommand
    from agent.questions import Questions
    from tools.asking import NO, YES, Inquiry

    with TemporaryDirectory() as folder:
        asker = Questions([ByCommand(Path(folder))], stop, lambda _: None, waits=True)
        environment.execute(_HELD)
        yield
        asker.ask(Inquiry("approve", "Go on?", (YES, NO), limit_s=60))


Busy = Callable[[DesktopEnvironment, Stop, Callable[[], "Loaded"]], Iterator[None]]
_BUSY: dict[str, Busy] = {
    "typing": _typing,
    "drag": _dragging,
    "wait": _waiting,
    "generation": _generating,
    "question": _asking,
}
KINDS = tuple(_BUSY)


@contextmanager
def _heard(display: VirtualDisplay) -> Iterator[Listener]:
    listener = Listener(display, "--timed")
    try:
        yield listener
    finally:
        listener.close()


@contextmanager
def _environment(display: VirtualDisplay, stop: Stop) -> Iterator[DesktopEnvironment]:
    environment = DesktopEnvironment(display.address, stop)
    try:
        yield environment
    finally:
        environment.close()
