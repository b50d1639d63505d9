"""One run of ``deskhand bench latency``: what is compared, under which conditions, in which words.

Responsible for putting comparison, floors, divergence and the long run together for one size of
network, as lines for a person and as values for a machine.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from benchmarks.latency.backends import ABOUT, ENGINE, PLAIN, SERVER, TOKENWISE, Stable
from benchmarks.latency.budget import LONG, run_within
from benchmarks.latency.comparison import Heard, Plan, Runs, compare, threads
from benchmarks.latency.divergence import measure_divergence
from benchmarks.latency.networks import TINY
from benchmarks.latency.replay import CPU_PX, GPU_PX, PROFILE, Taken, Trace
from benchmarks.latency.roofline import Ceilings, Work, measure_ceilings, work_of
from benchmarks.latency.summary import (
    figures,
    prompt_mismatches,
    same_text,
    speedups,
    table,
)
from environments.base import Stop

NO_SENSE = (
    "The weights are random: replies have no sense, and what forgetting old screens changes in "
    "them says little about a trained model."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What one run is to measure.

    Attributes:
        size: "tiny", "tiny-151k", "2B", "4B" or "8B".
        backends: names, the one that others follow first.
        steps, repeats: length and number of the traces that count.
        seed: of weights and screens.
        url, served: a server to compare with.
        evict: pictures kept by the forgetful cache whose divergence is measured; 0 for none.
        budget: tokens of the long run; 0 for none.
        screen_px: width and height of the screens; None for 1080p on a GPU, small on a CPU.
        threads: of torch on a CPU.
    """

    size: str = TINY
    backends: tuple[str, ...] = (ENGINE, TOKENWISE, PLAIN)
    steps: int = 20
    repeats: int = 3
    seed: int = 0
    url: str | None = None
    served: str | None = None
    evict: int = 0
    budget: int = 0
    screen_px: tuple[int, int] | None = None
    threads: int = 1

    @property
    def on_gpu(self) -> bool:
        """Tell whether a GPU is there to be measured."""
        import torch

        return torch.cuda.is_available()

    @property
    def trace(self) -> Trace:
        """The first trace."""
        usual = GPU_PX if self.on_gpu else CPU_PX
        return Trace(self.seed, self.steps, self.screen_px or usual)

    @property
    def patches(self) -> int:
        """Return the patches of a screen: four a token."""
        from agent.models.qwen3_vl.images import ImageRules, token_grid

        width, height = self.trace.size_px
        rows, columns = token_grid(height, width, ImageRules().within(PROFILE.image_tokens))
        return 4 * rows * columns

    def stable(self) -> Stable:
        """Return the backends' network."""
        return Stable(self.size, self.seed, "cuda" if self.on_gpu else "cpu", self.url, self.served)


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured.

    Attributes:
        asked: what was to be measured.
        runs: every step.
        lines: the same for a person.
        data: the same for a machine.
    """

    asked: Asked
    runs: Runs
    lines: Sequence[str]
    data: Mapping[str, Any] = field(default_factory=dict)


def measure(asked: Asked, stop: Stop, heard: Heard = lambda _: None) -> Report:
    """Measure what is asked for.

    Raises:
        ConfigError, ModelError: a backend is not there or cannot go on.
        Stopped: it was stopped.
    """
    with closing(asked.stable()) as stable:
        return _measured(asked, stable, stop, heard)


def _measured(asked: Asked, stable: Stable, stop: Stop, heard: Heard) -> Report:
    runs = compare(
        Plan(asked.backends, asked.trace, asked.repeats, threads=asked.threads), stable, stop, heard
    )
    base = next((name for name in (PLAIN, SERVER) if name in asked.backends), None)
    lines = [f"{asked.size}, {asked.steps} steps, {asked.repeats} traces", *table(runs, base)]
    data: dict[str, Any] = {name: asdict(figures(traces)) for name, traces in runs.items()}
    if base:
        data["faster_than"] = {"baseline": base, "at_step_10_and_in_all": speedups(runs, base)}
    if asked.on_gpu:
        at = measure_ceilings()
        work = work_of(stable.engine_weights.model.config)
        lines += floors(runs, work, at, asked.patches)
        data["ceilings"] = asdict(at)
    notes = [*fairness(asked, stable, runs), *_more(asked, stable, stop, heard)]
    return Report(asked, runs, [*lines, *notes], data | {"notes": notes})


def floors(runs: Runs, work: Work, at: Ceilings, patches: int) -> list[str]:
    """Return the lines that hold measured times against the least they could be."""
    lines = [
        f"ceilings measured in this run: {at.flops_per_s / 1e12:.0f} TFLOP/s bf16, "
        f"{at.bytes_per_s / 1e12:.2f} TB/s"
    ]
    for name, traces in runs.items():
        steps = [step for trace in traces for step in trace if "frames_encoded" in step.counters]
        if steps:
            floor = median(work.step_ms(step, patches, at) for step in steps)
            whole, token = floor_ratios(traces, work, at, patches)
            lines.append(
                f"{name}: floor of its own work, one pass a token, {floor:.1f} ms a step, measured "
                f"{whole:.2f} times that; a decoded token takes {token:.2f} times its floor"
            )
    return lines


def floor_ratios(
    traces: Sequence[Sequence[Taken]], work: Work, at: Ceilings, patches: int
) -> tuple[float, float]:
    """Return how many times its floor a warm step takes, and a decoded token; medians."""
    warm = [step for trace in traces for step in trace[1:]]
    steps = [step.wall_ms / work.step_ms(step, patches, at) for step in warm]
    tokens = [
        step.timings_ms["decode"]
        / (step.counters["tokens_generated"] * work.decode_ms(step.prompt_tokens, at))
        for step in warm
    ]
    return median(steps), median(tokens)


def fairness(asked: Asked, stable: Stable, runs: Runs) -> list[str]:
    """Return under which conditions the backends were compared."""
    weights = stable.engine_weights
    width, height = asked.trace.size_px
    notes = [f"{name}: {ABOUT[name]}" for name in asked.backends]
    notes += [
        f"{weights.model.dtype} on {_machine(asked)}; attention: {weights.attention} (engine), "
        f"sdpa (generate); screens of {width}x{height}",
        "history: append-only for all; the step is a whole turn of the loop, without a journal",
        f"the same tokens from all: {'yes' if same_text(runs) else 'NO'}",
    ]
    if SERVER in runs:
        notes += _server_notes(runs, asked.backends[0])
    return notes


def _server_notes(runs: Runs, leader: str) -> list[str]:
    other = prompt_mismatches(runs, leader, SERVER)
    told = f"in {len(other)} steps it counted other lengths, such as {other[0]}" if other else "yes"
    return [
        "the server is asked what the first backend is asked and writes as many tokens, without a "
        "grammar; its reply is thrown away, so it reads the first backend's reply (about 55 "
        "tokens) from the prompt",
        "before each turn the machine was let come to rest: servers poll for a while after an "
        "answer and would take a core from whoever comes next",
        f"prompts of the same length at the server (ours, theirs): {told}",
    ]


def _more(asked: Asked, stable: Stable, stop: Stop, heard: Heard) -> list[str]:
    """Return what is measured beside the comparison."""
    notes = [NO_SENSE]
    with threads(asked.threads):
        if asked.evict:
            heard("forgetting old screens")
            found = measure_divergence(stable, asked.trace, asked.evict, stop)
            notes.append(f"forgetting old screens, {found.sentence()}")
        if asked.budget:
            heard("the long run")
            trace = Trace(asked.seed, LONG, asked.trace.size_px)
            notes += _long_run(stable, trace, asked.budget, stop)
    return notes


def _long_run(stable: Stable, trace: Trace, budget: int, stop: Stop) -> list[str]:
    run = run_within(stable, trace, budget, stop)
    within = "stayed within" if run.within else "DID NOT STAY within"
    lines = [f"{trace.steps} steps {within} {budget} tokens (at most {max(run.held)})"]
    return lines + [f"  step {step}: {sentence}" for step, sentence in run.told]


def _machine(asked: Asked) -> str:
    import torch

    if asked.on_gpu:
        return torch.cuda.get_device_name(0)
    return f"{platform.machine()}, {asked.threads} of {len(os.sched_getaffinity(0))} cores"


def default_sizes() -> tuple[str, ...]:
    """Return what is measured here when nothing is named."""
    import torch

    return ("2B", "4B", "8B") if torch.cuda.is_available() else (TINY,)
