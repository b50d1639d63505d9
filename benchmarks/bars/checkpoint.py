"""The bars on the embedded checkpoint over whole worlds: every template, other looks, real devices.

Responsible for which episodes a figure rests on: seeds that neither training draws nor the choice
between checkpoints. The demo's templates and the ablations stand in ``practice``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from statistics import fmean
from typing import Any

from benchmarks.bars.base import Bar, Bench, Finding, reaches
from benchmarks.base import TaskResult
from benchmarks.comparison import Pairs, paired
from benchmarks.report import SMALL, Tally, by_group, tally
from benchmarks.suites.practice_places import PLACES, Where
from benchmarks.suites.practice_run import PracticeRun
from environments.practice.tongues import TONGUES

SEEDS = range(2400, 2415)
"""For each template: 240 tasks of the desktop, 255 of the phone."""

DEVICE_SEEDS = range(2400, 2407)
"""The same tasks on devices, about 110 of each world."""

TONGUE_SEEDS = range(2400, 2440)
SINGLE, SEVERAL, WORST = 0.95, 0.80, 0.50
SHORTEST = 3
"""Actions of the oracle from which on a task is one of several steps."""

MOST_APART = 0.05
SLICED = 5
"""A slice takes one template of so many."""


def everything(bench: Bench, on: Where, name: str) -> Finding:
    """Measure every template of a world; short and long tasks have bars of their own."""
    run = _run(bench, on, SEEDS)
    results = bench.play(name, run)
    steps = {result.key: _steps(on, result) for result in results}
    short = tally(r for r in results if steps[r.key] == 1)
    long = tally(r for r in results if steps[r.key] >= SHORTEST)
    groups = by_group(results)
    worst = min(groups, key=lambda group: groups[group].rate)
    passed = (
        _reach(short, SINGLE, bench.whole)
        and _reach(long, SEVERAL, bench.whole)
        and all(reaches(count, WORST, bench.whole) for count in groups.values())
    )
    figure = f"one step {_told(short)}; {SHORTEST} and more {_told(long)}; worst {worst}"
    lines = [f"{group:16} {count.words()}" for group, count in groups.items()]
    notes = (f"all {tally(results).words()}", *lines, f"in {run.width().sentence()}", SMALL)
    return Finding(f"{figure} {_told(groups[worst])}", passed, notes, _data(groups))


def apart(bench: Bench, name: str, sides: Sequence[tuple[Where, Where]], seeds: range) -> Finding:
    """Measure the same tasks in their usual place and in another one, as pairs."""
    first: list[TaskResult] = []
    second: list[TaskResult] = []
    for usual, other in sides:
        first += bench.play(name, _run(bench, usual, seeds))
        second += bench.play(name, _run(bench, other, seeds))
    pairs, broke = paired(first, second), any(not r.kind.counts for r in (*first, *second))
    groups = by_group(second)
    notes = [
        f"{group:16} {count.words()}, there {groups[group].words()}"
        for group, count in by_group(first).items()
    ]
    figure = f"{_difference(pairs)}; {_told(tally(first))} and {_told(tally(second))}"
    passed = not broke and _is_near(pairs, bench.whole)
    return Finding(figure, passed, (*notes, SMALL), asdict(pairs))


def tongues(bench: Bench) -> Finding:
    """Measure pointing at labels in other languages; there is no bar for it."""
    run = PracticeRun(tuple(TONGUES), bench.part_of(TONGUE_SEEDS))
    groups = by_group(bench.play("embedded-tongues", run))
    figure = ", ".join(f"{group} {_told(count)}" for group, count in groups.items())
    return Finding(figure, None, (SMALL,), _data(groups))


def _run(bench: Bench, on: Where, seeds: range) -> PracticeRun:
    templates = PLACES[on].templates if bench.whole else PLACES[on].templates[::SLICED]
    return PracticeRun(templates, bench.part_of(seeds), on=on)


def _reach(count: Tally, bar: float, whole: bool) -> bool:
    """Tell whether tasks of a length reach a bar; a slice may have none of them."""
    if not whole and not count.played and not count.errors:
        return True
    return reaches(count, bar, whole)


def _steps(on: Where, result: TaskResult) -> int:
    return PLACES[on].opened(result.group, result.seed).task.steps


def _told(count: Tally) -> str:
    return f"{count.rate:.3f} ({count.successes}/{count.played})"


def _difference(pairs: Pairs) -> str:
    low, high = pairs.interval
    lost = f"only here {pairs.only_first}, only there {pairs.only_second}"
    return f"{pairs.difference:+.3f} [{low:+.3f}, {high:+.3f}] of {pairs.count} pairs ({lost})"


def _is_near(pairs: Pairs, whole: bool) -> bool:
    """Tell whether the difference is small; a slice must only not speak against it."""
    low, high = pairs.interval
    if whole:
        return abs(pairs.difference) <= MOST_APART
    return low <= MOST_APART and high >= -MOST_APART


def _data(groups: dict[str, Tally]) -> dict[str, Any]:
    return {
        "mean": fmean(count.rate for count in groups.values()),
        **{group: asdict(count) for group, count in groups.items()},
    }


def _world(name: str, world: str, on: Where) -> Bar:
    return Bar(
        name,
        f"embedded checkpoint, every template of the {world}, {len(SEEDS)} unseen seeds each",
        f"one step >= {SINGLE:.2f}, {SHORTEST} and more >= {SEVERAL:.2f}, none under {WORST:.2f}",
        partial(everything, on=on, name=name),
        needs_checkpoint=True,
    )


def _pairs(name: str, what: str, seeds: range, *sides: tuple[Where, Where]) -> Bar:
    return Bar(
        name,
        f"embedded checkpoint, {what}, the same seeds paired with in process",
        f"within {MOST_APART * 100:.0f} points",
        partial(apart, name=name, sides=sides, seeds=seeds),
        needs_checkpoint=True,
    )


BARS = (
    _world("embedded-desktop", "desktop", "in-process"),
    _world("embedded-phone", "phone", "phone"),
    _pairs(
        "embedded-looks",
        "both worlds in 5 themes, 3 fonts and scales from 1 to 1.5",
        SEEDS,
        ("in-process", "guise"),
        ("phone", "phone-guise"),
    ),
    _pairs(
        "embedded-display-pairs",
        "every desktop template on an X display",
        DEVICE_SEEDS,
        ("in-process", "display"),
    ),
    _pairs(
        "embedded-adb-pairs",
        "every phone template through adb",
        DEVICE_SEEDS,
        ("phone", "adb"),
    ),
    Bar(
        "embedded-tongues",
        "embedded checkpoint, buttons in Korean, Russian and Chinese, 40 unseen seeds each",
        "",
        tongues,
        needs_checkpoint=True,
    ),
)
