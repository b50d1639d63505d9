"""The bar on loops: models that go round in circles are told so, and end in time.

Responsible for counting; the ways to go round stand in ``suites.going_round``.
"""

from __future__ import annotations

from benchmarks.bars.base import Bar, Bench, Finding, measured
from benchmarks.base import Kind, TaskResult
from benchmarks.suites.going_round import MOST_STEPS, WAYS, going_round

SCREENS = 3
NAME = "trust-loops"


def looping(bench: Bench) -> Finding:
    """Let every kind of circle be gone on several screens."""
    known = {f"{way}/{number}": (way, number) for number in range(SCREENS) for way in WAYS}
    keys = bench.part_of(range(len(known)))

    def measure(key: str) -> TaskResult:
        found = going_round(*known[key])
        return measured(key, known[key][0], found.holds, found.sentence())

    results = bench.each(NAME, [list(known)[index] for index in keys], measure)
    good = sum(result.kind is Kind.SUCCESS for result in results)
    notes = tuple(f"{r.key}: {r.reason}" for r in results if r.kind is not Kind.SUCCESS)
    figure = f"{good} of {len(results)} ended as a loop in time, told first"
    return Finding(figure, good == len(results), notes)


BARS = (
    Bar(
        NAME,
        "30 models that go round in circles in ten ways",
        f"30 of 30 end with reason loop within {MOST_STEPS} steps, told first",
        looping,
    ),
)
