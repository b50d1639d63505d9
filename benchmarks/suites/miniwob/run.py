"""One run of MiniWoB++: which protocol, which tasks and seeds, how the screen is waited for.

Responsible for saying what is asked for, for the command and for the bars alike. Playing stands in
``benchmarks.playing``.
"""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.base import Suite, TaskResult
from benchmarks.casting import Casting
from benchmarks.header import About, Who
from benchmarks.playing import Make
from benchmarks.report import share_words
from benchmarks.suites.miniwob.catalogue import LEFT_OUT, named
from benchmarks.suites.miniwob.oracles import ORACLES, reason_without, solvable
from benchmarks.suites.miniwob.pages import pages_folder, pages_version
from benchmarks.suites.miniwob.presets import (
    PRESETS,
    SCORING,
    SETTLE_WORDS,
    Name,
    Preset,
    Settle,
)
from benchmarks.suites.miniwob.suite import MiniWobSuite, SharedKiosk
from benchmarks.versions import program_versions
from environments.errors import ConfigError

ARIAL = ("Arial", "Liberation Sans", "Arimo")
"""Fonts as wide as the one that the pages ask for; with another one their text wraps elsewhere."""
OTHER_FONT = (
    "No font as wide as Arial is installed (apt-get install fonts-liberation): some texts wrap "
    "elsewhere than on the machines of others."
)
_ANSWER_S = 20


@dataclass(frozen=True, slots=True)
class MiniWobRun:
    """What is asked for.

    Attributes:
        preset: the protocol.
        tasks: those that are played; empty for all of the protocol, or of the oracles.
        seeds: the same for every task instead of the protocol's; empty for those.
        settle: how the screen is waited for after an action.
        agent: who plays.
        model: what ``--model`` says; not looked at unless the agent is "model".
        pages: a folder with the pages; None for the wheel's.
    """

    preset: Name = "browsergym"
    tasks: tuple[str, ...] = ()
    seeds: tuple[int, ...] = ()
    settle: Settle = "default"
    agent: Who = "model"
    model: str = "embedded"
    pages: Path | None = None

    @property
    def casting(self) -> Casting:
        """Who plays."""
        return Casting(self.agent, self.model)

    @property
    def protocol(self) -> Preset:
        """The protocol."""
        return PRESETS[self.preset]

    @property
    def played(self) -> tuple[str, ...]:
        """The tasks that are played.

        Raises:
            ConfigError: there is no such task, or the oracle is to play one that it does not know.
        """
        if not self.tasks:
            tasks = self.protocol.tasks
            return solvable(tasks) if self.agent == "oracle" else tasks
        for task in named(self.tasks):
            if self.agent == "oracle" and task not in ORACLES:
                raise ConfigError(f"No oracle plays {task}: {reason_without(task)}.")
        return self.tasks

    @property
    def episodes(self) -> Mapping[str, tuple[int, ...]]:
        """The page seeds of every task that is played."""
        if self.seeds:
            return dict.fromkeys(self.played, self.seeds)
        return self.protocol.seeds(self.played)

    @property
    def about(self) -> About:
        """What is said of the run in the header of its results.

        Raises:
            ConfigError: the pages or Chromium are missing.
        """
        preset, seeds = self.protocol, self.protocol.seeds_in_words
        width, height = preset.page_px
        whole, played = preset.seeds(preset.tasks), self.episodes
        return About(
            "miniwob",
            preset=preset.name,
            dataset=pages_version(pages_folder(self.pages)),
            scoring=SCORING,
            settle=SETTLE_WORDS[self.settle],
            seeds=f"{self.seeds[0]}:{self.seeds[-1] + 1}" if self.seeds else seeds,
            conditions={
                "page": f"{width}x{height} at {preset.scale:g}",
                "steps": f"{preset.max_steps} steps",
                "font": font(),
            },
            versions={"chromium": browser_version()},
            notes=(
                f"Scored by: {SCORING}.",
                f"Settling, {SETTLE_WORDS[self.settle]}.",
                *preset.notes,
                *(() if font() in ARIAL else (OTHER_FONT,)),
                *self._left_out(),
            ),
            whole=sum(map(len, whole.values())),
            strays=sum(
                (Counter(seeds) - Counter(whole.get(task, ()))).total()
                for task, seeds in played.items()
            ),
        )

    @property
    def make(self) -> Make:
        """What makes the suite.

        Raises:
            ConfigError: the pages are missing.
        """
        folder = pages_folder(self.pages)
        return partial(miniwob_suite, self.preset, self.settle, self.episodes, folder)

    def _left_out(self) -> tuple[str, ...]:
        pages = ", ".join(f"{page} ({reason})" for page, reason in LEFT_OUT.items())
        told = f"Left out, for no environment is registered for them: {pages}."
        if self.tasks:
            return ()
        if self.agent != "oracle":
            return (told,)
        without = [task for task in self.protocol.tasks if task not in ORACLES]
        return (told, *(f"No oracle for {task}: {reason_without(task)}." for task in without))


def miniwob_suite(
    preset: Name, settle: Settle, episodes: Mapping[str, tuple[int, ...]], folder: Path
) -> Suite:
    """Return the suite on a kiosk of its own."""
    return MiniWobSuite(episodes, SharedKiosk(PRESETS[preset], settle, folder))


def raw_words(results: Sequence[TaskResult]) -> tuple[str, ...]:
    """Return what the raw rewards were, beside being above 0 or not; nothing if there are none."""
    raw = [float(str(result.facts["raw"])) for result in results if "raw" in result.facts]
    if not raw:
        return ()
    left = sum(bool(result.facts.get("left")) for result in results)
    gone = f"; the page was left in {left}" if left else ""
    return (
        f"Raw reward: mean {sum(raw) / len(raw):.2f}, with 0 for a page that had not ended; "
        f"exactly 1 in {raw.count(1)} of {len(raw)} episodes, "
        f"{share_words(raw.count(1), len(raw))}{gone}.",
    )


def browser_version() -> str:
    """Return the name and version of Chromium.

    Raises:
        ConfigError: it is not installed.
    """
    found = program_versions("chromium")
    if not found:
        raise ConfigError("chromium is not installed: apt-get install chromium")
    return found["chromium"]


def font() -> str:
    """Return with what the pages' Arial is drawn."""
    try:
        family = _said("fc-match", "-f", "%{family[0]}", "Arial")
    except FileNotFoundError:
        family = ""
    return family if family in ARIAL else "no Arial"


def _said(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=_ANSWER_S, check=True)
    return done.stdout.strip()
