"""A long run within a given budget of tokens.

Responsible for fifty steps of the trace on an engine that may hold so many tokens and no more, and
for when it said that it begins to cut.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from agent.models.qwen3_vl.engine import Options, Qwen3VLModel
from benchmarks.latency.backends import Stable
from benchmarks.latency.replay import PROFILE, Player, Trace
from environments.base import Stop

LONG = 50


@dataclass(frozen=True, slots=True)
class LongRun:
    """What a long run showed.

    Attributes:
        budget: tokens that it was given.
        held: rows that the cache held at each step, the reply included.
        told: (step, sentence) each time it said that it cuts, steps counted from 1.
    """

    budget: int
    held: tuple[int, ...]
    told: tuple[tuple[int, str], ...]

    @property
    def within(self) -> bool:
        """Tell whether no step held more than was given."""
        return max(self.held) <= self.budget


@dataclass(slots=True)
class _Ear:
    """Hears what a person would be told, and at which step."""

    step: int = 0
    told: list[tuple[int, str]] = field(default_factory=list)

    def hear(self, sentence: str) -> None:
        self.told.append((self.step, sentence))


def run_within(stable: Stable, trace: Trace, budget: int, stop: Stop) -> LongRun:
    """Run the trace on an engine with room for ``budget`` tokens.

    Raises:
        ModelError: it could not be kept within.
        Stopped: it was stopped.
    """
    engine = stable.engine(Options(context_tokens=budget))
    ear, held = _Ear(), []
    player = Player(trace, Qwen3VLModel(engine, PROFILE), tell=ear.hear)
    for number in range(1, trace.steps + 1):
        stop.check()
        ear.step = number
        done = player.step().counters
        held.append(done["context_tokens"] + done["tokens_generated"])
    return LongRun(budget, tuple(held), tuple(ear.told))
