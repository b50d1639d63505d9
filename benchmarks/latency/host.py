"""The time of a step that is neither the model's arithmetic nor the screen's.

Responsible for what is left of ``Agent.step`` when forward passes, vision tower, preprocessing,
capture and settling are taken away: prompt, session, grammar, parser, registry, journal. Measured
through the real loop with a real journal.
"""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median

from agent.journal import Journal
from agent.models.qwen3_vl.engine import Engine, Options, Qwen3VLModel
from agent.models.qwen3_vl.images import prepare
from benchmarks.latency.backends import Stable
from benchmarks.latency.comparison import threads
from benchmarks.latency.replay import PROFILE, TASK, Player, Trace
from benchmarks.latency.watched import watch

ELSEWHERE = ("vision", "capture", "settle")


def measure_host(stable: Stable, trace: Trace, runs: Path) -> list[float]:
    """Return the milliseconds of each step but the first, which compiles the grammar."""
    engine = Engine(stable.engine_weights, Options())
    seen = watch(engine)
    model = Qwen3VLModel(engine, PROFILE)
    left: list[float] = []
    with (
        threads(1),
        Journal(runs, task=TASK, model=model.name, environment="trace") as journal,
    ):
        player = Player(trace, model, journal, journal)
        prepare_ms = _prepare_ms(engine, trace)
        for _ in range(trace.steps):
            seen.clear()  # Logits of 151,936 words add up.
            before = seen.seconds
            step = player.step()
            spent = sum(step.timings_ms.get(stage, 0.0) for stage in ELSEWHERE)
            spent += (seen.seconds - before) * 1000
            # Laying the prompt out stands in the same stage as the pixels, and is ours to count.
            spent += prepare_ms * step.counters["frames_encoded"]
            left.append(step.wall_ms - spent)
    return left[1:]


def _prepare_ms(engine: Engine, trace: Trace) -> float:
    """Return the median time of turning one frame into patches."""
    rules = engine.checkpoint.rules.within(PROFILE.image_tokens)
    times = []
    for frame in trace.frames[:5]:
        started = time.perf_counter()
        prepare(frame, rules)
        times.append((time.perf_counter() - started) * 1000)
    return median(times)
