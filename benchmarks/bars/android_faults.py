"""The bar on faults: what goes wrong on a phone or its line is recovered from, or told as it is.

Responsible for counting. Steps, faults and the judgement of each stand in ``suites.phone_faults``.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence

from benchmarks.bars.base import Bar, Bench, Finding, measured
from benchmarks.base import Kind, TaskResult
from benchmarks.suites.phone_faults import STEPS, Stepped, ordeal

PARTS = 20


def faults(bench: Bench) -> Finding:
    """Take 1,000 steps in parts of 50, each part on a phone with a schedule of its own."""
    keys = {f"faults/{number}": number for number in bench.part_of(range(PARTS))}

    def measure(key: str) -> TaskResult:
        started = time.monotonic()
        with ordeal(keys[key], bench.stop) as under:
            steps = [under.step() for _ in range(STEPS)]
            stray = under.strays()
        return _told(key, steps, stray, time.monotonic() - started)

    return _finding(bench.each("android-faults", keys, measure))


def _told(key: str, steps: Sequence[Stepped], stray: str, seconds: float) -> TaskResult:
    struck = Counter(fault for step in steps for fault in step.faults)
    reported = Counter(step.reported for step in steps if step.reported)
    wrong = [step.wrong for step in steps if step.wrong] + [stray] * bool(stray)
    counts = f"{len(steps)} steps, {sum(struck.values())} faults, {sum(reported.values())} told"
    raced = sum(step.raced for step in steps)
    words = "; ".join(wrong) or f"{dict(struck)}; told: {dict(reported)}"
    return measured(key, "faults", not wrong, f"{counts}, {raced} raced; {words}", seconds)


def _finding(results: Sequence[TaskResult]) -> Finding:
    bad = [result for result in results if result.kind is not Kind.SUCCESS]
    counts = [_numbers(result.reason) for result in results]
    steps, struck, told, raced = (sum(column) for column in zip(*counts, strict=True))
    return Finding(
        f"{steps} steps, {struck} faults, {told} told as what they are, the rest recovered; "
        f"{raced} touches raced a rotation, all marked; {len(bad)} parts with anything wrong",
        not bad,
        tuple(f"{result.key}: {result.reason}" for result in bad),
        {"steps": steps, "faults": struck, "told": told, "raced": raced},
    )


def _numbers(reason: str) -> tuple[int, int, int, int]:
    words = reason.partition(";")[0].replace(",", "").split()
    steps, struck, told, raced = (int(word) for word in words if word.isdigit())
    return steps, struck, told, raced


BARS = (
    Bar(
        "android-faults",
        "1,000 steps on a phone with injected faults: drops, offline, unauthorised, cut and "
        "missing pictures, slow ones, rotation around a touch, secure windows, refused input",
        "no touch after a told rotation, every race marked, no wrong phone, each fault recovered "
        "or told as what it is",
        faults,
    ),
)
