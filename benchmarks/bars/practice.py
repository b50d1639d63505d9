"""The bars on the practice suite: the embedded checkpoint, its ablations and the baselines.

Responsible for which episodes a figure rests on. Every figure of the embedded checkpoint says that
it is one, and how wide the world is that it holds for.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any

from benchmarks.bars.base import Bar, Bench, Finding, reaches, stays_under
from benchmarks.base import TaskResult
from benchmarks.header import Who
from benchmarks.report import SMALL, Tally, by_group, stage_medians, tally
from benchmarks.suites import width
from benchmarks.suites.practice import Frames
from benchmarks.suites.practice_places import PLACES, Where
from benchmarks.suites.practice_run import PracticeRun
from environments.practice.templates import DEMO

SEEDS = range(2000, 2050)
"""The checkpoint was chosen by seeds 500 to 523, and training draws from 1,000,000 on."""

STEP_MS = 500
DISPLAY_SEEDS = range(2100, 2115)
BASELINE_SEEDS = range(2200, 2220)
IN_PROCESS: tuple[Where, ...] = ("in-process", "phone")
"""Where the baselines play: the desktop and the phone, both without a device."""

SAID: dict[Where, str] = {
    "in-process": "the demo's templates in process",
    "display": "the demo's templates on a display",
    "phone": "the phone's demo templates in process",
    "adb": "the phone's demo templates through adb",
}
Judge = Callable[[Tally, float, bool], bool]

BASELINE_BARS: dict[Who, str] = {"oracle": "1.00", "noop": "0.00", "random": "< 0.10"}
RANDOM_ALL, RANDOM_TEMPLATE = 0.10, 0.25
FEWEST_TARGETS, FEWEST_LABELS, FEWEST_WORDINGS = 4, 40, 3
FEWEST_CELLS = width.CELLS // 2
"""Targets stand anywhere when at least half of the screen's tokens hold one on some screen."""


def embedded(
    bench: Bench, name: str, on: Where, frames: Frames, judge: Judge, bar: float
) -> Finding:
    """Measure the embedded checkpoint on a place's demo; each template must reach the bar."""
    seeds = bench.part_of(DISPLAY_SEEDS if on == "display" else SEEDS)
    run = PracticeRun(PLACES[on].demo, seeds, on=on, frames=frames)
    results = bench.play(name, run)
    passed = all(judge(count, bar, bench.whole) for count in by_group(results).values())
    return _finding(run, results, passed)


def step_time(bench: Bench) -> Finding:
    """Measure steps of the embedded checkpoint on the display, from look to look."""
    run = PracticeRun(tuple(DEMO), bench.part_of(DISPLAY_SEEDS[:5]), on="display")
    stages = stage_medians(bench.play("step-time", run))
    wall = stages.pop("wall")
    split = ", ".join(f"{stage} {milliseconds:.1f}" for stage, milliseconds in stages.items())
    note = f"median of each stage, ms: {split}"
    return Finding(
        f"p50 {wall:.0f} ms on {len(os.sched_getaffinity(0))} cores",
        wall <= STEP_MS,
        (note, SMALL),
        {"wall_ms": wall, "stages_ms": stages},
    )


def baselines(bench: Bench) -> Finding:
    """Measure oracle, no-op and random on every template of both worlds."""
    seeds, passed, figures, notes = bench.part_of(BASELINE_SEEDS), True, [], []
    for who in BASELINE_BARS:
        runs = [PracticeRun(PLACES[on].templates, seeds, agent=who, on=on) for on in IN_PROCESS]
        results = [result for run in runs for result in bench.play("baselines", run)]
        passed = passed and _baseline_holds(who, results)
        figures.append(f"{who} {tally(results).words()}")
        notes += [f"{who:7} {group:16} {count.words()}" for group, count in _telling(who, results)]
    return Finding("; ".join(figures), passed, tuple(notes))


def world_width(bench: Bench) -> Finding:
    """Count what the figures of the demo's templates hold for."""
    found = width.measure(tuple(DEMO), SEEDS)
    passed = (
        found.fewest >= FEWEST_TARGETS
        and found.labels >= FEWEST_LABELS
        and found.cells >= FEWEST_CELLS
        and found.wordings >= FEWEST_WORDINGS
    )
    return Finding(found.sentence(), passed, data=asdict(found))


def _finding(run: PracticeRun, results: list[TaskResult], passed: bool) -> Finding:
    groups = by_group(results)
    lines = [f"{group:16} {count.words()}" for group, count in groups.items()]
    data: dict[str, Any] = {group: asdict(count) for group, count in groups.items()}
    worst = min(groups.values(), key=lambda count: count.rate)
    best = max(groups.values(), key=lambda count: count.rate)
    figure = f"{worst.rate:.3f} to {best.rate:.3f}; all {tally(results).words()}"
    return Finding(figure, passed, (*lines, f"in {run.width().sentence()}", SMALL), data)


def _baseline_holds(who: Who, results: list[TaskResult]) -> bool:
    count = tally(results)
    if count.errors or not count.played:
        return False
    if who == "random":
        worst = max(group.rate for group in by_group(results).values())
        return count.rate < RANDOM_ALL and worst <= RANDOM_TEMPLATE
    return count.rate == (1.0 if who == "oracle" else 0.0)


def _telling(who: Who, results: list[TaskResult]) -> list[tuple[str, Tally]]:
    """Return the templates that are not at the figure of all: what random hit, what broke."""
    usual = 1.0 if who == "oracle" else 0.0
    return [(g, c) for g, c in by_group(results).items() if c.rate != usual or c.errors]


def _row(name: str, on: Where, frames: Frames, bar: float) -> Bar:
    judge = reaches if frames == "normal" else stays_under
    shown = {"normal": "", "blank": ", blanked", "other-seed": ", shown another seed's frames"}
    seeds = len(DISPLAY_SEEDS if on == "display" else SEEDS)
    return Bar(
        name,
        f"embedded checkpoint, {SAID[on]}, {seeds} unseen seeds each{shown[frames]}",
        f"{'>=' if frames == 'normal' else '<='} {bar:.2f} each",
        partial(embedded, name=name, on=on, frames=frames, judge=judge, bar=bar),
        needs_checkpoint=True,
    )


BARS = (
    _row("embedded-in-process", "in-process", "normal", 0.90),
    _row("embedded-display", "display", "normal", 0.85),
    _row("embedded-blank", "in-process", "blank", 0.25),
    _row("embedded-other-frame", "in-process", "other-seed", 0.25),
    _row("android-embedded", "adb", "normal", 0.90),
    _row("android-embedded-blank", "phone", "blank", 0.25),
    Bar(
        "world-width",
        "what an agent has to choose from on the demo's templates",
        f">= {FEWEST_TARGETS} targets a screen, >= {FEWEST_LABELS} labels, >= {FEWEST_CELLS} of "
        f"{width.CELLS} tokens hold targets, {FEWEST_WORDINGS} wordings",
        world_width,
    ),
    Bar(
        "baselines",
        "oracle, no-op and random, every template of both worlds x 20 seeds, in process",
        "oracle 1.00, no-op 0.00, random < 0.10 and no template over 0.25",
        baselines,
    ),
    Bar(
        "step-time",
        "one step of the embedded checkpoint on the display",
        f"p50 <= {STEP_MS} ms",
        step_time,
        timing=True,
        needs_checkpoint=True,
    ),
)
