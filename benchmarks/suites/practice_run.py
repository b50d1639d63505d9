"""One run of the practice suite: who plays what, where, and what it is shown.

Responsible for putting suite, player and results file together, for the command and for the bars
alike. Prints nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from agent.models.base import Model
from benchmarks.base import Task, TaskResult
from benchmarks.results import ResultLog
from benchmarks.runner import Heard, Runner
from benchmarks.suites import width
from benchmarks.suites.practice import (
    Frames,
    PracticeSuite,
    SharedDesk,
    baseline_player,
    model_player,
)
from benchmarks.suites.practice_places import Where
from benchmarks.versions import code_version, model_version
from environments.base import Stop

if TYPE_CHECKING:
    from agent.models.registry import Loaded

Who = Literal["model", "oracle", "noop", "random"]
Load = Callable[[str], "Loaded"]
"""From the words after ``--model`` to a model in memory."""


@dataclass(frozen=True, slots=True)
class PracticeRun:
    """What is asked for.

    Attributes:
        templates, seeds: every template is played with every seed.
        agent: who plays.
        on: in process or on a display, or the phone in process or through adb.
        frames: what the model is shown.
        model: what ``--model`` says; not looked at unless the agent is "model".
    """

    templates: tuple[str, ...]
    seeds: tuple[int, ...]
    agent: Who = "model"
    on: Where = "in-process"
    frames: Frames = "normal"
    model: str = "embedded"

    @property
    def is_embedded(self) -> bool:
        """Tell whether the small embedded checkpoint plays, or another one made like it."""
        from agent.models.registry import choose_model

        return self.agent == "model" and choose_model(self.model).is_embedded

    @property
    def player_name(self) -> str:
        """Name and version of who plays."""
        if self.agent != "model":
            return self.agent
        from agent.models.registry import choose_model

        return f"{self.model}@{model_version(choose_model(self.model).source)}"

    @property
    def conditions(self) -> str:
        """Everything but template and seed that decides a result."""
        return f"{self.on}/{self.frames}/{self.player_name}/code@{code_version()}"

    def width(self) -> width.Width:
        """Return how wide the world is on the screens of this run."""
        return width.measure(self.templates, self.seeds, self.on)

    def player(self, load: Load) -> Callable[[Task], Model]:
        """Return who plays each task."""
        if self.agent != "model":
            return baseline_player(self.agent)
        return model_player(load(self.model).model, self.frames, self.on)


def play(
    run: PracticeRun, load: Load, log: ResultLog, stop: Stop, heard: Heard, runs: Path | None = None
) -> list[TaskResult]:
    """Play what the log does not hold and return all results.

    Raises:
        ConfigError, ModelError: the model, the template or the display is not there.
    """
    desk = SharedDesk(run.on)
    suite = PracticeSuite(run.templates, run.seeds, desk, run.conditions)
    try:
        return Runner(run.player(load), log, runs=runs).run(suite.tasks(), stop, heard)
    finally:
        suite.close()
