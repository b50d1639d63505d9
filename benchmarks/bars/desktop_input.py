"""The bars on input: what reaches a program, and how soon a stop ends it.

Responsible for counting. The cases stand in ``suites.input_contract``, the moments to stop at in
``suites.stops``.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import cache

from benchmarks.bars.base import Bar, Bench, Finding, measured
from benchmarks.base import Kind, TaskResult
from benchmarks.suites.input_contract import SCREEN_PX, cases, trial
from environments.desktop.virtual import VirtualDisplay


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


BARS = (
    Bar(
        "desktop-contract",
        "pointer, wheel, keys and text of every class, by the X events that a program gets",
        "40 of 40",
        contract,
    ),
)
