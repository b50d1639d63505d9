"""The bar on a phone's text: every string arrives, and the keyboard is as it was.

Responsible for which strings are written how and for the verdict. The strings stand in
``suites.text_round_trips``, the note in ``suites.phone_notes``, the process that is killed in
``suites.phone_writer``.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import benchmarks
from benchmarks.bars.base import Bar, Bench, Finding, measured
from benchmarks.base import Kind, TaskResult
from benchmarks.suites.phone_notes import Note, note
from benchmarks.suites.text_round_trips import SHORT, Sample, samples
from environments.actions import ReplaceText, TypeText
from environments.base import Stop
from environments.errors import DeviceDisconnectedError

KILLS = 20
SEED = 5100
_LATEST_S = 0.4
"""A writer is killed at any time up to this after it began; one text takes less."""


def text_on_a_phone(bench: Bench) -> Finding:
    """Write each string in place of what is there and once more after it, and read both back."""
    known = {f"text/{sample.key}": sample for sample in _chosen(bench)}
    kills = {f"kill/{number}": number for number in bench.part_of(range(KILLS))}
    with ExitStack() as opened:
        paper = cache(lambda: opened.enter_context(note(bench.stop)))

        def measure(key: str) -> TaskResult:
            if key in kills:
                return _killed(key, kills[key], paper(), bench.stop)
            return _written(key, known[key], paper())

        results = bench.each("android-text", [*known, *kills], measure)
    return _finding(results)


def _chosen(bench: Bench) -> tuple[Sample, ...]:
    known = samples()
    if bench.whole:
        return known
    # Evenly over the classes, and one of the long strings.
    count = len(bench.part_of(range(len(known))))
    return (*(known[index * len(known) // count] for index in range(count)), known[SHORT])


def _written(key: str, sample: Sample, paper: Note) -> TaskResult:
    keyboard, started = paper.keyboard, time.monotonic()
    paper.phone.execute(ReplaceText(sample.text))
    paper.phone.observe()
    told = [_difference("replaced", sample.text, paper.text)]
    ways = paper.phone.phone.written
    paper.phone.execute(TypeText(sample.text))
    paper.phone.observe()
    told.append(_difference("appended", sample.text * 2, paper.text))
    seconds = time.monotonic() - started
    told += _keyboard(paper, keyboard)
    told += [f"read as a command: {reason}" for reason in paper.phone.program.ask("injections")]
    wrong = "; ".join(filter(None, told))
    way = " and ".join(ways.ways) if ways else "nothing"
    what = wrong or f"{len(sample.text)} characters, twice, by {way}"
    return measured(key, sample.group, not wrong, what, seconds)


def _killed(key: str, number: int, paper: Note, stop: Stop) -> TaskResult:
    """Kill a writer in the middle, and look at the keyboard after the next connect."""
    phone = paper.phone
    keyboard = paper.keyboard
    lent = False

    def meanwhile() -> None:
        nonlocal lent
        _kill_a_writer(phone.adb_port, phone.serial, number, stop)
        lent = paper.keyboard != keyboard

    # One run per phone: ours makes room for the writer and comes back as the next one.
    phone.connect_again(meanwhile)
    left = "keyboard left lent, marked" if lent else "keyboard as it was"
    wrong = "; ".join(_keyboard(paper, keyboard))
    told = wrong or f"{left}; put back by the next connect"
    return measured(key, "killed, lent" if lent else "killed", not wrong, told)


def _kill_a_writer(port: int, serial: str, number: int, stop: Stop) -> None:
    command = [sys.executable, "-P", "-m", "benchmarks.suites.phone_writer", str(port), serial]
    environ = {**os.environ, "PYTHONPATH": str(Path(benchmarks.__file__).parents[1])}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environ) as writer:
        assert writer.stdout is not None
        try:
            if writer.stdout.readline() != b"writing\n":
                raise DeviceDisconnectedError("The writer on the phone did not begin.")
            stop.wait(random.Random(f"{SEED}/{number}").uniform(0, _LATEST_S))
        finally:
            writer.kill()


def _keyboard(paper: Note, former: str) -> list[str]:
    told = []
    if paper.keyboard != former:
        told.append(f"the keyboard is {paper.keyboard} instead of {former}")
    if paper.is_marked:
        told.append("the note about the former keyboard is still there")
    return told


def _difference(what: str, wanted: str, found: str) -> str:
    if wanted == found:
        return ""
    pairs = enumerate(zip(wanted, found, strict=False))
    place = next((i for i, (a, b) in pairs if a != b), min(len(wanted), len(found)))
    near = slice(max(0, place - 5), place + 10)
    return (
        f"{what}: {len(found)} of {len(wanted)} characters; at {place} stands {found[near]!a} "
        f"instead of {wanted[near]!a}"
    )


def _finding(results: Sequence[TaskResult]) -> Finding:
    texts = [result for result in results if result.key.startswith("text/")]
    kills = [result for result in results if result.key.startswith("kill/")]
    exact = sum(result.kind is Kind.SUCCESS for result in texts)
    back = sum(result.kind is Kind.SUCCESS for result in kills)
    lent = sum(result.group == "killed, lent" for result in kills)
    bad = [result for result in results if result.kind is not Kind.SUCCESS]
    return Finding(
        f"{exact} of {len(texts)} exact, replaced and appended, keyboard back each time; "
        f"{back} of {len(kills)} kills mended ({lent} in the middle)",
        not bad,
        tuple(f"{result.key}: {result.reason}" for result in bad),
        {"exact": exact, "strings": len(texts), "kills": len(kills), "in_the_middle": lent},
    )


BARS = (
    Bar(
        "android-text",
        "300 strings replaced and appended in the practice phone's notes over adb, by its state; "
        "the keyboard after each, and after kill -9 and the next connect",
        "300 of 300 exact, keyboard back each time",
        text_on_a_phone,
    ),
)
