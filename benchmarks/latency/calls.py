"""How many forward passes a tool call takes.

Responsible for the trace without thoughts, where all that is decoded is calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent.models.qwen3_vl.engine import CHUNK, Options, Qwen3VLModel
from benchmarks.latency.backends import Stable
from benchmarks.latency.replay import PROFILE, Player, Taken, Trace
from environments.base import Stop


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls of one trace: their tokens, and the passes of decoding that made them."""

    tokens: int
    forwards: int
    worst: float

    @property
    def ratio(self) -> float:
        """Passes per token."""
        return self.forwards / self.tokens


def count_calls(stable: Stable, trace: Trace, options: Options, stop: Stop) -> Calls:
    """Let an engine make the trace's calls with nothing said before them."""
    model = Qwen3VLModel(stable.engine(options), replace(PROFILE, thought_tokens=0))
    player = Player(trace, model)
    for _ in range(trace.steps):
        stop.check()
        player.step()
    return _counted(player.taken)


def _counted(steps: Sequence[Taken]) -> Calls:
    tokens = [step.counters["tokens_generated"] for step in steps]
    passes = [_decoding(step) for step in steps]
    worst = max(done / made for done, made in zip(passes, tokens, strict=True))
    return Calls(sum(tokens), sum(passes), worst)


def _decoding(step: Taken) -> int:
    """Return the passes that did not read the prompt."""
    return step.counters["forwards"] - -(-step.counters["tokens_prefilled"] // CHUNK)
