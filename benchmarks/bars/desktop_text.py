"""The bar on text: what is written arrives, and the clipboard is as it was.

Responsible for which strings go into which program and for the verdict. The strings stand in
``suites.text_round_trips``, the programs in ``suites.text_programs``, what becomes of the clipboard
in ``suites.clipboard_return``.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cache, partial
from typing import Any

from benchmarks.bars.base import Bar, Bench, Finding, measured
from benchmarks.base import Kind, TaskResult
from benchmarks.suites.clipboard_return import handed_over, kept
from benchmarks.suites.text_programs import PROGRAMS, SCREEN_PX, Field, missing
from benchmarks.suites.text_round_trips import SHORT, Sample, samples, write
from environments.base import Stop
from environments.desktop.virtual import VirtualDisplay


def text_round_trips(bench: Bench) -> Finding:
    """Count the strings that arrive code point for code point, and look at the clipboard.

    A slice takes the programs that are installed; all of it needs them all.
    """
    lacking = missing()
    if bench.whole and lacking:
        return Finding(f"not installed: apt-get install {' '.join(lacking)}", None, missing=True)
    results, expected = [], 0
    for program in (name for name in PROGRAMS if name not in lacking):
        chosen = _chosen(bench)
        expected += len(chosen)
        results += _in_program(bench, program, chosen)
    clipboard = _clipboard(bench) if "mousepad" not in lacking else []
    if not results:
        return Finding(f"not installed: apt-get install {' '.join(lacking)}", None)
    return _finding(results, clipboard)


def _chosen(bench: Bench) -> tuple[Sample, ...]:
    known = samples()
    if bench.whole:
        return known
    # Evenly over the classes, with the first of the long strings, which goes by keys and quickly.
    count = len(bench.part_of(range(len(known))))
    return (*(known[index * len(known) // count] for index in range(count)), known[SHORT])


def _in_program(bench: Bench, program: str, chosen: Sequence[Sample]) -> list[TaskResult]:
    with ExitStack() as opened:

        @cache
        def field() -> Field:
            display = opened.enter_context(VirtualDisplay(*SCREEN_PX))
            started: Any = opened.enter_context(PROGRAMS[program](display, bench.stop))
            return started  # type: ignore[no-any-return]

        known = {f"text/{program}/{sample.key}": sample for sample in chosen}
        return bench.each(
            "desktop-text", known, lambda key: _measured(key, field(), known[key], bench.stop)
        )


def _measured(key: str, field: Field, sample: Sample, stop: Stop) -> TaskResult:
    field.empty()
    started = time.monotonic()
    outcome = write(field.environment, sample.text, stop)
    seconds = time.monotonic() - started
    found = field.content(sample.text)
    written = field.environment.written
    ways = " and ".join(written.ways) if written else outcome.reason
    told = _difference(sample.text, found) or f"{len(found)} characters by {ways}"
    return measured(key, sample.group, found == sample.text, told, seconds)


def _difference(wanted: str, found: str) -> str:
    if wanted == found:
        return ""
    pairs = enumerate(zip(wanted, found, strict=False))
    place = next((i for i, (a, b) in pairs if a != b), min(len(wanted), len(found)))
    near = slice(max(0, place - 5), place + 10)
    return (
        f"{len(found)} of {len(wanted)} characters; at {place} stands {found[near]!a} "
        f"instead of {wanted[near]!a}"
    )


def _clipboard(bench: Bench) -> list[TaskResult]:
    parts = {"clipboard/kept": kept, "clipboard/handed-over": handed_over}
    measures = {key: partial(part, bench.stop) for key, part in parts.items()}

    def measure(key: str) -> TaskResult:
        ok, told = measures[key]()
        return measured(key, "clipboard", ok, told)

    return bench.each("desktop-text", parts, measure)


def _finding(results: list[TaskResult], clipboard: list[TaskResult]) -> Finding:
    equal = sum(result.kind is Kind.SUCCESS for result in results)
    bad = [result for result in (*results, *clipboard) if result.kind is not Kind.SUCCESS]
    told = "; ".join(result.reason for result in clipboard) or "clipboard not looked at"
    notes = tuple(f"{result.key}: {result.reason}" for result in bad)
    figure = f"{equal} of {len(results)} equal by code point; {told}"
    return Finding(figure, not bad, notes, {"equal": equal, "strings": len(results)})


BARS = (
    Bar(
        "desktop-text",
        "300 strings of every class, three of 10,000 characters, into mousepad and Chromium; "
        "the clipboard's text, HTML, image and files afterwards",
        "600 of 600 equal; the clipboard as before, handed over at the end",
        text_round_trips,
    ),
)
