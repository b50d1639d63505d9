"""One turn of the loop as a value, and the run that collects them.

Responsible for what is remembered of a turn. Decides nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from agent.models.base import Reply
from agent.parsing import Plan
from environments.base import Observation, Stop
from environments.errors import ConfigError
from tools.schema import Ending, ToolResult


class Timings(dict[str, float]):
    """Milliseconds by stage, in the order in which the stages first took place."""

    def add(self, timings_ms: Mapping[str, float]) -> None:
        """Add what a part of the step cost."""
        for stage, milliseconds in timings_ms.items():
            self[stage] = self.get(stage, 0.0) + milliseconds

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add what the body costs."""
        started = time.perf_counter()
        yield
        self.add({name: (time.perf_counter() - started) * 1000})


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One turn of the loop.

    Attributes:
        index: 0 for the first step of a run.
        observation: what the model looked at, None once it has been dropped from memory.
        reply: what the model said.
        plan: what it meant.
        results: what came of the calls, in order, up to the first error or ending.
        timings_ms: the whole turn by stage; a look is counted in the step that took it.
        remark: what else the model is told with what came of the calls, for instance by a person.
        screen_was: hash of the screen that the model looked at, once the look has been dropped.
    """

    index: int
    observation: Observation | None
    reply: Reply
    plan: Plan
    results: tuple[ToolResult, ...] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    remark: str = ""
    screen_was: str = ""

    @property
    def screen(self) -> str:
        """Hash of the screen that the model looked at, also when the look has been dropped."""
        return self.observation.frame_hash if self.observation else self.screen_was

    @property
    def ending(self) -> Ending | None:
        """The model's wish to end the run, if this step holds one, with what it said of it."""
        ending = next((result.ending for result in self.results if result.ending), None)
        return replace(ending, words=self.plan.thought) if ending else None

    def without_looks(self) -> Step:
        """Return the step without its pictures, which are what takes memory."""
        results = tuple(replace(result, observation=None) for result in self.results)
        return replace(self, observation=None, results=results, screen_was=self.screen)


@dataclass(slots=True, eq=False)
class Run:
    """A task from its first look to its outcome.

    Attributes:
        task: what the person wants, in their words.
        stop: the person's wish to stop, shared with the environment and the tools.
        started_s: when it began, by the clock of the limits.
        steps: what has happened so far; old ones have lost their pictures.

    Raises:
        ConfigError: the task is empty.
    """

    task: str
    stop: Stop
    started_s: float
    steps: list[Step] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.task.strip():
            raise ConfigError("The task is empty; say in plain words what is to be done.")

    @property
    def seen_last(self) -> Observation | None:
        """The settled look after the last action, None where the last step did not act."""
        results = self.steps[-1].results if self.steps else ()
        return results[-1].observation if results else None

    @property
    def ending(self) -> Ending | None:
        """The model's wish to end the run, if its last step holds one."""
        return self.steps[-1].ending if self.steps else None

    @property
    def screens(self) -> list[str]:
        """Hash of each step's screen, and of the one after the last step."""
        seen = [step.screen for step in self.steps]
        last = self.seen_last
        return [*seen, last.frame_hash if last else seen[-1]] if seen else []
