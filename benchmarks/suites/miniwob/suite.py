"""The MiniWoB++ suite: its tasks on one kiosk, scored by the pages' own raw reward.

Responsible for adapting pages to ``Task``: setup, instruction, score, a random agent's clicks.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from benchmarks.base import Advice
from benchmarks.suites.miniwob.kiosk import Kiosk, State
from benchmarks.suites.miniwob.oracles import advise
from benchmarks.suites.miniwob.oracles.moves import DONE
from benchmarks.suites.miniwob.oracles.truth import Truth
from benchmarks.suites.miniwob.presets import PATIENCE, Preset, Settle
from environments.base import Environment, Stop
from environments.errors import DeviceError
from tools.computer_use import GRID

ASKED_THERE = "Do what the yellow band at the top of the screen asks for."
TASK_PX = (160, 210)
"""Width and height of a task in CSS pixels; random clicks fall on it."""


class SharedKiosk:
    """One kiosk for all tasks of a suite, opened with the first and anew if it broke."""

    def __init__(self, preset: Preset, settle: Settle, folder: Path) -> None:
        """Say what it is to show, from which pages."""
        self.preset = preset
        self._settle: Settle = settle
        self._folder = folder
        self._kiosk: Kiosk | None = None

    def begin(self, page: str, seed: int, stop: Stop) -> tuple[Kiosk, str]:
        """Return the kiosk with an episode begun, and what the page asks for.

        Raises:
            CaptureError: the page fails in a new browser, too.
            ConfigError: Xvfb or Chromium is missing.
        """
        if self._kiosk is not None:
            try:
                return self._kiosk, self._kiosk.begin(page, seed)
            except DeviceError:
                self.close()
        self._kiosk = Kiosk(self.preset, PATIENCE[self._settle], self._folder, stop)
        return self._kiosk, self._kiosk.begin(page, seed)

    def close(self) -> None:
        """Close the kiosk if one is open."""
        kiosk, self._kiosk = self._kiosk, None
        if kiosk is not None:
            kiosk.close()


class MiniWobCase:
    """One page with one seed."""

    def __init__(self, page: str, seed: int, again: int, shared: SharedKiosk) -> None:
        """Name it; ``again`` tells episodes with the same page and seed apart."""
        self.group = page
        self.seed = seed
        repeated = f"/{again}" if again else ""
        self.key = f"miniwob/{shared.preset.name}/{page}/{seed}{repeated}"
        self._shared = shared
        self._utterance = ""
        self._kiosk: Kiosk
        self._end: State | None = None
        self._memory: dict[str, Any] = {}

    def setup(self, stop: Stop) -> Environment:
        """Open the page and start its episode."""
        self._end, self._memory = None, {}
        self._kiosk, self._utterance = self._shared.begin(self.group, self.seed, stop)
        return self._kiosk.environment

    @property
    def instruction(self) -> str:
        """What is asked for, or where that stands."""
        return self._utterance if self._shared.preset.asks_in == "text" else ASKED_THERE

    @property
    def max_steps(self) -> int:
        """The protocol's."""
        return self._shared.preset.max_steps

    def is_over(self) -> bool:
        """Tell whether the page has ended the episode, or was left."""
        state = self._kiosk.state()
        if state.done or state.episode is None:
            self._end = state
        return self._end is not None

    def score(self) -> float:
        """Return 1.0 if the raw reward is above 0; a page that was left has none."""
        if self._end is None:
            self._kiosk.catch_up()
            self._end = self._kiosk.state()
        return float(self._end.done and self._end.raw > 0)

    def facts(self) -> Mapping[str, JsonValue]:
        """Return what the page says: raw reward, 0 where it has not ended, and why."""
        end = self._end or State(episode=None)
        is_left = end.episode is None
        return {"asked": self._utterance, "raw": end.raw, "done": end.done, "left": is_left}

    def oracle(self) -> Advice:
        """Return what a person who knows the page's truth would do next."""
        self._kiosk.catch_up()
        if self.is_over():  # The last step has only now reached the page.
            return DONE
        preset, here = self._shared.preset, self._kiosk.environment.cursor
        truth = Truth(
            self._kiosk.read, self._utterance, preset.page_px, preset.scale, here, self._memory
        )
        return advise(self.group, truth)

    def read(self, script: str) -> JsonValue:
        """Return the value of a script that only reads the page.

        Raises:
            CaptureError: the script failed, or the page is gone.
        """
        return self._kiosk.read(script)

    def random_call(self, rng: random.Random, tool: str) -> Mapping[str, Any]:
        """Return a click somewhere on the task, evenly."""
        shown = self._shared.preset.page_px
        parts = (min(side / whole, 1.0) for side, whole in zip(TASK_PX, shown, strict=True))
        return {
            "action": "left_click",
            "coordinate": [rng.randrange(round(part * GRID)) for part in parts],
        }

    def teardown(self) -> None:
        """Leave the kiosk to the next task."""


class MiniWobSuite:
    """Some pages, each with some seeds, on one kiosk."""

    name = "miniwob"

    def __init__(self, seeds: Mapping[str, tuple[int, ...]], shared: SharedKiosk) -> None:
        """Take the seeds of every page, in the order in which they are played."""
        self._seeds = seeds
        self._shared = shared

    def tasks(self) -> list[MiniWobCase]:
        """Return one task per page and seed."""
        return [
            MiniWobCase(page, seed, seeds[:place].count(seed), self._shared)
            for page, seeds in self._seeds.items()
            for place, seed in enumerate(seeds)
        ]

    def close(self) -> None:
        """Close the kiosk."""
        self._shared.close()
