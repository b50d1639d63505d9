"""The bars on input: what reaches a program, and how soon a stop ends it.

Responsible for counting. The cases stand in ``suites.input_contract``, the moments to stop at in
``suites.stops``.
"""

from __future__ import annotations

import re
from contextlib import ExitStack
from functools import cache, partial

from benchmarks.bars.base import Bar, Bench, Finding, measured
from benchmarks.base import Kind, TaskResult
from benchmarks.suites.input_contract import SCREEN_PX, cases, trial
from benchmarks.suites.stops import COMPUTING_MS, INPUT_MS, KINDS, stopping
from environments.desktop.virtual import VirtualDisplay

STOPS = 100


def contract(bench: Bench) -> Finding:
    """Count the cases after which a program had got exactly the events that it must."""
    known = {f"contract/{case.name}": case for case in cases()}
    count = len(bench.part_of(range(len(known))))
    keys = [list(known)[index * len(known) // count] for index in range(count)]
    with ExitStack() as opened:
        display = cache(
            lambda: opened.enter_context(VirtualDisplay(*SCREEN_PX, window_manager=False))
        )

        def measure(key: str) -> TaskResult:
            wrong = trial(known[key], display(), bench.stop)
            return measured(key, "contract", not wrong, wrong or "as it must be")

        results = bench.each("desktop-contract", keys, measure)
    good = sum(result.kind is Kind.SUCCESS for result in results)
    notes = tuple(f"{r.key}: {r.reason}" for r in results if r.kind is not Kind.SUCCESS)
    return Finding(f"{good} of {len(results)} cases", good == len(results), notes)


def stops(bench: Bench) -> Finding:
    """Stop at random moments of everything that can be going on."""
    count = len(bench.part_of(range(STOPS)))
    known = {f"stop/{KINDS[number % len(KINDS)]}/{number}": number for number in range(count)}
    with ExitStack() as opened:
        display = cache(
            lambda: opened.enter_context(VirtualDisplay(*SCREEN_PX, window_manager=False))
        )

        def measure(key: str) -> TaskResult:
            what = key.split("/")[1]
            found = stopping(what, known[key], display(), partial(bench.load, "embedded"))
            return measured(key, what, found.holds, found.sentence(), found.ended_ms / 1000)

        results = bench.each("desktop-stop", known, measure)
    good = sum(result.kind is Kind.SUCCESS for result in results)
    slowest = [max(_times(result)[column] for result in results) for column in (0, 1)]
    notes = tuple(f"{r.key}: {r.reason}" for r in results if r.kind is not Kind.SUCCESS)
    figure = (
        f"{good} of {len(results)}; slowest {slowest[0]:.0f} ms to the last input and release, "
        f"{slowest[1]:.0f} ms to the end of computing"
    )
    return Finding(figure, good == len(results), notes)


def _times(result: TaskResult) -> list[float]:
    return [float(number) for number in re.findall(r"([\d.]+) ms", result.reason)]


BARS = (
    Bar(
        "desktop-contract",
        "pointer, wheel, keys and text of every class, by the X events that a program gets",
        "40 of 40",
        contract,
    ),
    Bar(
        "desktop-stop",
        "stop at 100 random moments of typing, dragging, waiting, generating and asking",
        f"100 within {INPUT_MS:g} ms by the X log, computing ended within {COMPUTING_MS:g} ms",
        stops,
        timing=True,
        needs_checkpoint=True,
    ),
)
