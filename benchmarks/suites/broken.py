"""Suites of which some tasks break: for the bars and tests that show what the harness does then.

Responsible for breaking real tasks where it says, each in one way: those of the practice desktop,
and pages in a browser. Judges nothing.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Literal, get_args

from benchmarks.base import Advice
from benchmarks.suites.miniwob.pages import pages_folder
from benchmarks.suites.miniwob.presets import PRESETS
from benchmarks.suites.miniwob.suite import MiniWobCase, MiniWobSuite, SharedKiosk
from benchmarks.suites.practice import PracticeCase, PracticeSuite, SharedDesk
from benchmarks.suites.practice_places import Where
from benchmarks.suites.running import descendants
from environments.base import Environment, Stop
from environments.errors import DeviceDisconnectedError
from environments.practice.tasks import OracleStep

Part = Literal[
    "none", "setup", "setup bug", "words", "player", "scorer", "range", "no number", "teardown"
]
PARTS: tuple[Part, ...] = get_args(Part)[1:]
"""Every way to break but the loss of a whole world, which needs one with processes of its own."""
SEED = 2000
PAGE = "click-test"


class BrokenCase(PracticeCase):
    """A real case that breaks where it is told to.

    Attributes:
        torn_down: how often it was torn down.
    """

    def __init__(self, part: Part, desk: SharedDesk, seed: int = SEED) -> None:
        """Say where it breaks."""
        super().__init__("click_button", seed, desk)
        self.key = f"broken/{part}/{seed}"
        self.part = part
        self.torn_down = 0

    def setup(self, stop: Stop) -> Environment:
        """Set up the world, or fail to."""
        if self.part == "setup":
            raise DeviceDisconnectedError("The display has gone.")
        if self.part == "setup bug":
            raise KeyError("a bug of the setup")
        return super().setup(stop)

    @property
    def instruction(self) -> str:
        """What is asked for, if it can be said."""
        return "" if self.part == "words" else super().instruction

    def oracle(self) -> OracleStep:
        """Return the next step, if the oracle does not break."""
        if self.part == "player":
            raise RuntimeError("a bug of the player")
        return super().oracle()

    def score(self) -> float:
        """Return the score, or no score at all."""
        if self.part == "scorer":
            raise ZeroDivisionError("a bug of the scorer")
        wrong = {"range": 7.0, "no number": float("nan")}
        return wrong.get(self.part, super().score())

    def teardown(self) -> None:
        """Count, and perhaps break."""
        self.torn_down += 1
        if self.part == "teardown":
            raise OSError("the page has gone")


class LostWorldCase(PracticeCase):
    """A real case whose world dies while it is played: its program, or the display as a whole."""

    def __init__(self, program: str, desk: SharedDesk) -> None:
        """Name the program that is killed; one that runs already is somebody else's."""
        super().__init__("click_button", SEED, desk)
        self.key = f"broken/{program} killed"
        self._program = program
        self._others = frozenset(descendants(os.getpid(), program))

    def oracle(self) -> OracleStep:
        """Kill the world, then say what would have been next."""
        step = super().oracle()
        for pid in {*descendants(os.getpid(), self._program)} - self._others:
            os.kill(pid, signal.SIGKILL)
        return step


class LostPageCase(MiniWobCase):
    """A real page whose process in the browser is killed in the middle of an episode."""

    def __init__(self, seed: int, kiosk: SharedKiosk) -> None:
        """Take a kiosk that has not been opened: pages that are there are somebody else's."""
        super().__init__(PAGE, seed, 0, kiosk)
        self.key = f"broken/page killed/{seed}"
        self._others = frozenset(_pages())

    def oracle(self) -> Advice:
        """Kill the page, then say what would have been next."""
        step = super().oracle()
        for pid in {*_pages()} - self._others:
            os.kill(pid, signal.SIGKILL)
        return step


class BrokenPages(MiniWobSuite):
    """Pages that are lost, with a sound one before, between and behind."""

    def __init__(self) -> None:
        """Take the pages of MiniWoB++.

        Raises:
            ConfigError: they are not there; the text says how to get them.
        """
        self._kiosk = SharedKiosk(PRESETS["browsergym"], "static", pages_folder())
        super().__init__({PAGE: tuple(range(5))}, self._kiosk)

    def tasks(self) -> list[MiniWobCase]:
        """Return the pages that are lost and the sound ones."""
        cases = super().tasks()
        for case in cases:
            case.key = f"broken/none/page/{case.seed}"
        return [LostPageCase(c.seed, self._kiosk) if c.seed % 2 else c for c in cases]


def _pages() -> Iterator[int]:
    return descendants(os.getpid(), "--type=renderer")


class BrokenSuite(PracticeSuite):
    """Every way to break, with a sound task before, between and behind."""

    def __init__(self, on: Where = "in-process", programs: tuple[str, ...] = ()) -> None:
        """Break everything in turn; of ``programs`` each is killed under a task."""
        self._desk_here = SharedDesk(on)
        super().__init__(["click_button"], [SEED], self._desk_here)
        self._programs = programs

    def tasks(self) -> list[PracticeCase]:
        """Return the broken tasks and the sound ones."""
        desk = self._desk_here
        broken: list[PracticeCase] = [LostWorldCase(name, desk) for name in self._programs]
        if not broken:
            broken = [BrokenCase(part, desk) for part in PARTS]
        sound = [BrokenCase("none", desk, SEED + number) for number in range(len(broken) + 1)]
        mixed = [case for pair in zip(sound, broken, strict=False) for case in pair]
        return [*mixed, sound[-1]]
