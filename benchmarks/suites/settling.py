"""Thirty animated windows: is the screen looked at too early, or later than need be?

Responsible for clicking one of them through the real environment and for comparing the look that
came of it with the screen when the window has done its last drawing. Scenes are in ``animated``.

What no wait can know is not in it: a change that comes, without any sign before it, later than the
first-change limit, or after a pause longer than the quiet time.
"""

from __future__ import annotations

import json
import random
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from benchmarks.suites.animated import PANEL, SCENES, SIZE_PX, Scene, scene
from environments.actions import Click
from environments.actions import Wait as LetTimePass
from environments.base import Frame, Observation, Stop
from environments.desktop.environment import DesktopEnvironment
from environments.desktop.virtual import VirtualDisplay
from environments.errors import DeviceDisconnectedError
from environments.geometry import InputPoint
from environments.settle import DEFAULT_PATIENCE, Patience

CASES = tuple(f"{kind}/{seed}" for seed in range(3) for kind in SCENES)
THINKING_S = (1.0, 4.0)
"""How long a model looks at a screen before it acts."""

_ANSWER_S = 30.0
_SPARE_S = 0.03
"""So much sooner than a wait ends must things move for a scene to be what it was written as."""


@dataclass(frozen=True, slots=True)
class Wait:
    """What came of one case.

    Attributes:
        rule: the rule that ended the wait.
        early: the look differs from the screen after the last change.
        wait_ms: from the action's beginning to the look's return.
        lag_ms: from the last change to the look's return.
        as_written: False where this machine was too busy to draw the scene in its time.
    """

    rule: str
    early: bool
    wait_ms: float
    lag_ms: float
    as_written: bool


def play(case: str, stop: Stop, patience: Patience = DEFAULT_PATIENCE) -> Wait:
    """Click one animated window and tell how the screen was waited for.

    Raises:
        Stopped: a stop was asked for.
        ConfigError: Xvfb or openbox is missing.
        DeviceDisconnectedError: the window has ended.
    """
    kind, _, seed = case.partition("/")
    shown = scene(kind, int(seed))
    with ExitStack() as opened:
        display = opened.enter_context(VirtualDisplay(*SIZE_PX))
        window = opened.enter_context(_shown(display, shown))
        window.wait_for("ready")
        environment = DesktopEnvironment(display.address, stop, patience)
        opened.callback(environment.close)
        environment.observe()
        stop.wait(random.Random(case).uniform(*THINKING_S))
        return _clicked(environment, window, shown)


def _clicked(environment: DesktopEnvironment, window: _Program, shown: Scene) -> Wait:
    began_s = time.monotonic()
    environment.execute(Click(InputPoint(PANEL[0] + 5, PANEL[1] + 5)))
    look = environment.observe()
    ended_s = time.monotonic()
    window.wait_for("done")
    # The window manager may still be drawing a frame around what has said that it is done.
    environment.execute(LetTimePass(0.5))
    end, times_s = environment.observe().frame, window.times_s
    return Wait(
        rule=look.settled_by,
        early=_differs(look, end, shown),
        wait_ms=(ended_s - began_s) * 1000,
        lag_ms=(ended_s - times_s[-1]) * 1000,
        as_written=_as_written(times_s),
    )


def _differs(look: Observation, end: Frame, shown: Scene) -> bool:
    different = (look.frame != end).any(axis=2)
    for moving in shown.moving:
        left, top, width, height = moving.box
        different[top : top + height, left : left + width] = False
    return bool(different.any())


def _as_written(times_s: list[float]) -> bool:
    patience = DEFAULT_PATIENCE
    first_s = times_s[1] - times_s[0]
    longest_s = max((b - a for a, b in pairwise(times_s[1:])), default=0.0)
    return (
        first_s < patience.first_change_s - _SPARE_S and longest_s < patience.quiet_s - _SPARE_S / 2
    )


class _Program:
    """The window's process, as it is heard."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self.times_s: list[float] = []

    def wait_for(self, word: str) -> None:
        """Read what it says up to a word, and keep the times."""
        output = self._process.stdout
        assert output is not None
        while True:
            line = output.readline() if select.select([output], [], [], _ANSWER_S)[0] else b""
            if not line:
                raise DeviceDisconnectedError("The animated window has ended. Start again.")
            said, *times_s = json.loads(line)
            self.times_s += times_s
            if said == word:
                return


@contextmanager
def _shown(display: VirtualDisplay, shown: Scene) -> Iterator[_Program]:
    command = [sys.executable, "-m", "benchmarks.suites.animated", shown.text()]
    # Unbuffered, so that no line hides behind another from select.
    process: Any = subprocess.Popen(command, env=display.env(), stdout=subprocess.PIPE, bufsize=0)
    with process:
        try:
            yield _Program(process)
        finally:
            process.terminate()
