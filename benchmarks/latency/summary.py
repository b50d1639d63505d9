"""Figures from measured steps, and their words for a terminal.

Responsible for medians, percentiles, ratios and totals, and for saying under which conditions they
hold. Measures nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from benchmarks.latency.comparison import Runs
from benchmarks.latency.replay import Taken

TENTH = 9
"""Index of the tenth step, where nine past screens stand in the prompt."""

WALL = "step"


@dataclass(frozen=True, slots=True)
class Spread:
    """Milliseconds of one stage over all steps."""

    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class Figures:
    """One backend.

    Attributes:
        stages: per stage, and for the whole step under "step"; a stage counts in every step.
        counters: work of one whole trace, the median over the traces.
        tenth_ms: the tenth step, median over the traces.
        steps: how many steps were measured.
    """

    stages: Mapping[str, Spread]
    counters: Mapping[str, int]
    tenth_ms: float
    steps: int


def figures(traces: Sequence[Sequence[Taken]]) -> Figures:
    """Return the figures of one backend."""
    steps = [step for trace in traces for step in trace]
    names = dict.fromkeys(name for step in steps for name in step.timings_ms)
    stages = {WALL: _spread([step.wall_ms for step in steps])}
    stages |= {name: _spread([s.timings_ms.get(name, 0.0) for s in steps]) for name in names}
    totals = [_total(trace) for trace in traces]
    counters = {name: round(median(total[name] for total in totals)) for name in totals[0]}
    late = [trace[min(TENTH, len(trace) - 1)].wall_ms for trace in traces]
    return Figures(stages, counters, median(late), len(steps))


def speedups(runs: Runs, baseline: str) -> dict[str, tuple[float, float]]:
    """Return per backend how many times faster than the baseline: at the tenth step, and in all."""
    base = figures(runs[baseline])
    found = {}
    for name, traces in runs.items():
        own = figures(traces)
        whole = sum(s.wall_ms for t in runs[baseline] for s in t) / sum(
            s.wall_ms for t in traces for s in t
        )
        found[name] = (base.tenth_ms / own.tenth_ms, whole)
    return found


def same_text(runs: Runs) -> bool:
    """Tell whether all backends said the same at every step of every trace."""
    told = {tuple(tuple(s.text for s in trace) for trace in traces) for traces in runs.values()}
    return len(told) == 1


def prompt_mismatches(runs: Runs, leader: str, server: str) -> list[tuple[int, int]]:
    """Return (ours, theirs) for every step at which a server counted another prompt length."""
    pairs = zip(_steps(runs[leader]), _steps(runs[server]), strict=True)
    lengths = [(ours.prompt_tokens, theirs.counters["prompt_tokens"]) for ours, theirs in pairs]
    return [(ours, theirs) for ours, theirs in lengths if ours != theirs]


def table(runs: Runs, baseline: str | None) -> list[str]:
    """Return the lines of a table: stages and counters per backend, ratios to the baseline."""
    found = {name: figures(traces) for name, traces in runs.items()}
    lines = [_row("ms, median / p95", list(found))]
    for stage in dict.fromkeys(stage for f in found.values() for stage in f.stages):
        cells = [f.stages.get(stage) for f in found.values()]
        lines.append(_row(stage, [f"{c.p50_ms:.1f} / {c.p95_ms:.1f}" if c else "" for c in cells]))
    lines.append(_row("step 10", [f"{f.tenth_ms:.1f}" for f in found.values()]))
    lines += _ratio_lines(runs, baseline) if baseline else []
    lines.append(_row("work of one trace", [""] * len(found)))
    for counter in dict.fromkeys(name for f in found.values() for name in f.counters):
        totals = [f.counters.get(counter, "") for f in found.values()]
        lines.append(_row(counter, [str(total) for total in totals]))
    return lines


def _ratio_lines(runs: Runs, baseline: str) -> list[str]:
    ratios = speedups(runs, baseline)
    return [
        _row(f"faster than {baseline}", [""] * len(ratios)),
        _row("  at step 10", [f"{late:.2f}x" for late, _ in ratios.values()]),
        _row("  whole trace", [f"{whole:.2f}x" for _, whole in ratios.values()]),
    ]


def _row(name: str, cells: Sequence[str]) -> str:
    return f"{name:26}" + "".join(f"{cell:>20}" for cell in cells)


def _steps(traces: Sequence[Sequence[Taken]]) -> list[Taken]:
    return [step for trace in traces for step in trace]


def _total(trace: Sequence[Taken]) -> Counter[str]:
    """Return the work of a trace; of a level (the context), the highest."""
    total: Counter[str] = Counter()
    for step in trace:
        for name, count in step.counters.items():
            level = name in ("context_tokens", "prompt_tokens")
            total[name] = max(total[name], count) if level else total[name] + count
    return total


def _spread(times_ms: Sequence[float]) -> Spread:
    p95 = quantiles(times_ms, n=20)[-1] if len(times_ms) > 1 else times_ms[0]
    return Spread(median(times_ms), p95)
