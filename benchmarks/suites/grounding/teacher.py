"""Pictures of real programs as a teacher: one click on the thing that is asked for.

Responsible for drawing web pages and GTK programs that our grounding set does not hold, and for
what can be read on them. Renders nothing itself.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from benchmarks.suites.chromium import DevTools
from benchmarks.suites.grounding.made import pages, programs
from benchmarks.suites.grounding.made.shots import Shot, Thing, askable
from environments.actions import Action, Click
from environments.base import Environment, Kind, Observation, Stop
from environments.errors import CaptureError, ConfigError
from environments.geometry import InputPoint, Screen
from environments.practice.tasks import OracleStep
from environments.practice.widgets import Target, contains

PARTS = ("chromium", "gtk")
USUAL = ("chromium",) * 9 + ("gtk",)
"""Pages can be made without end, programs look one of few ways."""

TASKS_A_SHOT = 2
"""Tasks of seeds that follow each other and share a picture, for one is dear to make."""


class ProgramTeacher:
    """A picture of a real program and something on it to be clicked; ends with ``close()``."""

    kind: Kind = "desktop"
    steps = turns = 1

    def __init__(self, parts: Sequence[str] = ()) -> None:
        """Draw evenly from parts of the set; without any mostly from pages.

        Raises:
            ConfigError: there is no such part, or a program of it is not installed, and with it a
                seed would mean another picture.
        """
        if unknown := sorted({*parts} - {*PARTS}):
            raise ConfigError(f"There is no part {unknown[0]!r}; there are: {', '.join(PARTS)}.")
        self._parts = tuple(parts) or USUAL
        if "gtk" in self._parts and (missing := programs.missing()):
            raise ConfigError(
                f"Not installed: {', '.join(missing)}; pages need none: --template chromium."
            )
        self._opened = ExitStack()
        self._browser: tuple[Path, DevTools] | None = None
        self._number = -1
        self._shot: Shot
        self._thing: Thing
        self._screen: Still

    @property
    def instruction(self) -> str:
        """What is to be clicked, in the words of the set."""
        return self._thing.asked

    def reset(self, seed: int) -> None:
        """Show the picture of a seed.

        Raises:
            LookupError: nothing on it can be asked for.
            ConfigError: Chromium is not installed.
            CaptureError: a program has ended, or shows nothing.
        """
        number, which = divmod(seed, TASKS_A_SHOT)
        if number != self._number:
            self._number, self._shot = number, self._shot_of(number)
        things = askable(self._shot)
        if not things:
            raise LookupError("Nothing on the picture has a name of its own.")
        random.Random(f"teacher/{number}").shuffle(things)
        self._thing = things[which % len(things)]
        self._screen = Still(self._shot)

    @property
    def screen(self) -> Environment:
        """The picture."""
        return self._screen

    def label(self) -> OracleStep:
        """Click into the middle of the thing.

        Raises:
            LookupError: something was clicked; a picture does not change.
        """
        if self._screen.clicked is not None:
            raise LookupError("The click is done.")
        left, top, right, bottom = self._thing.box
        middle = InputPoint((left + right) // 2, (top + bottom) // 2)
        return OracleStep(f"Click {self._thing.name}.", Click(middle))

    def targets(self, only_reachable: bool = True) -> Sequence[Target]:
        """Return what can be read, each by its last word; to be reached is what has no namesake."""
        found = [
            Target(thing.reads.split()[-1], "thing", _edges(thing))
            for thing in self._shot.things
            if thing.reads.strip()
        ]
        counts = Counter(target.label for target in found)
        return [each for each in found if counts[each.label] == 1 or not only_reachable]

    def score(self) -> float:
        """Return 1.0 if the first click was on the thing."""
        at = self._screen.clicked
        return float(at is not None and contains(_edges(self._thing), at.x, at.y))

    def close(self) -> None:
        """Close the browser."""
        self._browser = None
        self._opened.close()

    def _shot_of(self, number: int) -> Shot:
        rng = random.Random(f"teacher/shot/{number}")
        if rng.choice(self._parts) == "gtk":
            return _program(rng.choice(programs.looks(programs.LEARNT)))
        page = pages.page_of(number, rng.randrange(pages.PHONE_EVERY))
        try:
            return self._page(page)
        except CaptureError:  # A browser that has ended is not the page's fault.
            self.close()
            return self._page(page)

    def _page(self, page: pages.Page) -> Shot:
        self._browser = self._browser or self._opened.enter_context(pages.chromium())
        folder, tools = self._browser
        return pages.shot_of(tools, page, folder)


class Still:
    """A picture that takes one click and stays as it is."""

    clicked: InputPoint | None = None

    def __init__(self, shot: Shot) -> None:
        """Show a picture; its pixels are its input points."""
        self._shot = shot

    def observe(self) -> Observation:
        """Return the picture."""
        height, width, _ = self._shot.frame.shape
        return Observation(self._shot.frame, Screen(width, height), time.monotonic())

    def execute(self, action: Action) -> None:
        """Keep where the first click went."""
        if isinstance(action, Click) and self.clicked is None:
            self.clicked = action.at

    def close(self) -> None:
        """Nothing was started."""


@cache
def _program(look: programs.Look) -> Shot:
    return programs.shot_of(look, Stop())


def _edges(thing: Thing) -> tuple[int, int, int, int]:
    left, top, right, bottom = thing.box
    return left, top, right + 1, bottom + 1
