"""The bars on time: capture, start of the command, reset of the world.

Responsible for judging what ``benchmarks.latency`` measures. They mean something on a machine that
does nothing else, so the tests never run them.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median, quantiles

from benchmarks.bars.base import Bar, Bench, Finding
from environments.practice.templates import TEMPLATES

CAPTURES, CAPTURE_MS = 200, 5.0
HELPS, HELP_MS = 10, 300.0
RESETS, RESET_MS = 20, 20.0


def capture(bench: Bench) -> Finding:
    """Measure grabs of a whole screen up to an Observation."""
    from environments.desktop.capture import measure_capture

    times = measure_capture(1920, 1080, len(bench.part_of(range(CAPTURES))))
    return _judged(times, CAPTURE_MS)


def help_time(bench: Bench) -> Finding:
    """Measure the installed command, and see what it loads."""
    from benchmarks.latency.help import help_loads_torch, measure_help

    found = _judged(measure_help(len(bench.part_of(range(HELPS)))), HELP_MS)
    loads = help_loads_torch()
    figure = f"{found.figure}, torch {'is' if loads else 'not'} imported"
    return Finding(figure, bool(found.passed) and not loads, data=found.data)


def reset_time(bench: Bench) -> Finding:
    """Measure resets of every template up to the first frame; the slowest template counts."""
    from benchmarks.latency.reset import measure_resets

    seeds = bench.part_of(range(2300, 2300 + RESETS))
    times = measure_resets(tuple(TEMPLATES), seeds)
    slowest = max(times, key=lambda template: median(times[template]))
    found = _judged(times[slowest], RESET_MS)
    return Finding(f"{found.figure} ({slowest}, the slowest)", found.passed, data=found.data)


def _judged(times_ms: Sequence[float], bar_ms: float) -> Finding:
    p50 = median(times_ms)
    p95 = quantiles(times_ms, n=20)[-1] if len(times_ms) > 1 else p50
    figure = f"p50 {p50:.2f} ms, p95 {p95:.2f} ms, {len(times_ms)} times"
    return Finding(figure, p50 <= bar_ms, data={"p50_ms": p50, "p95_ms": p95})


BARS = (
    Bar(
        "capture",
        "capture at 1920x1080 under Xvfb, up to a usable Observation",
        f"p50 <= {CAPTURE_MS:g} ms",
        capture,
        timing=True,
    ),
    Bar(
        "help-time",
        "deskhand --help",
        f"p50 <= {HELP_MS:g} ms, torch not imported",
        help_time,
        timing=True,
    ),
    Bar(
        "reset-time",
        "reset of the practice world up to its first frame, in process",
        f"p50 < {RESET_MS:g} ms, every template",
        reset_time,
        timing=True,
    ),
)
