"""The time of a step that is neither the model's arithmetic nor the screen's.

Responsible for what is left of ``Agent.step`` when forward passes, vision tower, preprocessing,
capture and settling are taken away: prompt, session, grammar, parser, registry, journal. Measured
through the real loop with a real journal.
"""

from __future__ import annotations

import gc
from pathlib import Path

from agent.journal import Journal
from agent.models.qwen3_vl.engine import Engine, Options, Qwen3VLModel
from benchmarks.latency.backends import Stable
from benchmarks.latency.comparison import threads
from benchmarks.latency.replay import PROFILE, TASK, Player, Trace
from benchmarks.latency.watched import watch

ELSEWHERE = ("preprocess", "vision", "capture", "settle")


def measure_host(stable: Stable, trace: Trace, runs: Path) -> list[float]:
    """Return the milliseconds of each step but the first, which compiles the grammar."""
    engine = Engine(stable.engine_weights, Options())
    seen = watch(engine)
    model = Qwen3VLModel(engine, PROFILE)
    gc.freeze()  # As after every loading of a model.
    left: list[float] = []
    with (
        threads(1),
        Journal(runs, task=TASK, model=model.name, environment="trace") as journal,
    ):
        player = Player(trace, model, journal, journal)
        for _ in range(trace.steps):
            seen.clear()  # Logits of 151,936 words add up.
            before = seen.seconds
            step = player.step()
            spent = sum(step.timings_ms.get(stage, 0.0) for stage in ELSEWHERE)
            spent += (seen.seconds - before) * 1000
            left.append(step.wall_ms - spent)
    return left[1:]
