"""The bars on the harness: what a kill, a lost worker or a broken task may not change.

Responsible for which runs are compared. Everything is compared with one unbroken, sequential run.
"""

from __future__ import annotations

import json
import os
import random
import secrets
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.bars.base import Bar, Bench, Finding, measured
from benchmarks.bars.demo import MARK, left_running
from benchmarks.base import Kind, TaskResult
from benchmarks.playing import Asked, Make, play
from benchmarks.report import table
from benchmarks.results import ResultLog
from benchmarks.suites.broken import BrokenPages, BrokenSuite
from benchmarks.suites.noted import Killer, noted
from benchmarks.suites.practice_run import PracticeRun
from benchmarks.versions import code_version
from environments.base import Stop
from environments.practice.templates import DEMO, TEMPLATES

KILLS = range(20)
SEEDS = range(2300, 2310)
LIMIT_S = 300
"""For one run of a few seconds, on a machine that does other things as well."""
GONE_S = 30.0
"""For workers to notice that the one who started them has been killed."""
LOOK_S = 0.002
ALL = tuple(TEMPLATES)
WORLD = ("environments.practice.windows", "Xvfb")
"""Programs of the practice desktop on a display."""


def resume(bench: Bench) -> Finding:
    """Kill a run at random moments, half of them with workers, and let it go on."""
    version = code_version()
    with tempfile.TemporaryDirectory(prefix="deskhand-bar-") as folder:
        whole = _Played(Path(folder) / "whole.jsonl", workers=1)
        whole.to_its_end()
        keys = {f"resume/code@{version}/{n}": n for n in bench.part_of(KILLS)}
        results = bench.each(
            "bench-resume", keys, lambda key: _killed_once(key, keys[key], Path(folder), whole)
        )
    same = sum(result.kind is Kind.SUCCESS for result in results)
    notes = tuple(result.reason for result in results)
    return Finding(f"{same} of {len(results)} same table", same == len(results), notes)


def workers(bench: Bench) -> Finding:
    """Compare two worker processes, of which one is killed, with a sequential run."""
    return _compared(bench, ray=False)


def on_ray(bench: Bench) -> Finding:
    """Compare two workers on Ray, of which one is killed, with a sequential run."""
    from benchmarks.cluster import imported

    imported()
    return _compared(bench, ray=True)


def broken(bench: Bench) -> Finding:
    """Play suites in which every second task breaks, in this process and with two workers."""
    suites: list[Make] = [partial(BrokenSuite), partial(BrokenSuite, "display", WORLD)]
    if bench.whole or find_spec("miniwob"):
        suites.append(BrokenPages)
    results = [
        result
        for make in suites
        for count in (1, 2)
        for result in _oracle_on(make, count, bench.stop)
    ]
    wrong = [r for r in results if r.kind is not _due(r) or (r.score is None) is _is_sound(r)]
    kinds = Counter(result.kind.value for result in results)
    figure = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    notes = tuple(f"{r.key}: {r.kind} {r.score} {r.reason}" for r in wrong)
    due = sum(2 * len(make().tasks()) for make in suites)
    return Finding(f"{figure}, none lost", not wrong and len(results) == due, notes)


class _Played:
    """A run of the command in a process of its own."""

    def __init__(self, out: Path, workers: int) -> None:
        self.out, self.mark = out, secrets.token_hex(8)
        self.seconds, self._started = 0.0, 0.0
        seeds = f"{SEEDS[0]}:{SEEDS[-1] + 1}"
        self._argv = [sys.executable, "-m", "agent", "bench", "practice", "--agent", "random"]
        self._argv += ["--seeds", seeds, "--out", str(out), "--workers", str(workers), "--json"]

    def start(self) -> subprocess.Popen[str]:
        """Start it, and return when it has begun to play."""
        process = subprocess.Popen(
            self._argv,
            env=os.environ | {MARK: self.mark},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        while process.poll() is None and not self.out.exists():
            Stop().wait(LOOK_S)
        self._started = time.monotonic()
        return process

    def wait_for(self, episodes: int, process: subprocess.Popen[str]) -> None:
        """Return when so many episodes stand in the file, or the run has ended."""
        while process.poll() is None and self.out.read_bytes().count(b"\n") <= episodes:
            Stop().wait(LOOK_S)

    def to_its_end(self) -> dict[str, Any]:
        """Run it and return what it printed."""
        with self.start() as process:
            printed, _ = process.communicate(timeout=LIMIT_S)
        self.seconds = time.monotonic() - self._started
        answer: dict[str, Any] = json.loads(printed)
        return answer

    @property
    def table(self) -> list[str]:
        """The table of what stands in the file, in the order of the keys."""
        return table(sorted(ResultLog(self.out).read().values(), key=lambda result: result.key))


def _killed_once(key: str, number: int, folder: Path, whole: _Played) -> TaskResult:
    """Kill a run at a random moment and let it go on; record whether the tables are the same."""
    run = _Played(folder / f"{number}.jsonl", workers=1 + number % 2)
    episodes, drawn = len(ResultLog(whole.out).read()), random.Random(f"resume/{number}")
    process = run.start()
    run.wait_for(drawn.randrange(episodes), process)
    with suppress(subprocess.TimeoutExpired):  # Anywhere within the episode that follows.
        process.wait(drawn.uniform(0, whole.seconds / episodes))
    process.kill()
    process.communicate()
    before = len(ResultLog(run.out).read())
    left = _left_after(run.mark)
    answer = run.to_its_end()
    same = run.table == whole.table and not left
    told = f"killed after {before} of {episodes} episodes, left running: {left or 'none'}"
    return measured(key, "resume", same, f"{told} {answer.get('error', '')}".strip())


def _left_after(mark: str) -> list[int]:
    """Return the processes of a killed run that have not gone a while later."""
    until = time.monotonic() + GONE_S
    while (left := left_running(mark)) and time.monotonic() < until:
        Stop().wait(LOOK_S)
    return left


def _compared(bench: Bench, ray: bool) -> Finding:
    """Compare runs of two workers, one of them killed, with sequential ones: two players."""
    runs = [PracticeRun(ALL, bench.part_of(SEEDS), agent="random")]
    if bench.whole:
        runs.append(PracticeRun(tuple(DEMO), tuple(SEEDS[:3])))
    same, figures = True, []
    for run in runs:
        with tempfile.TemporaryDirectory(prefix="deskhand-bar-") as folder:
            alone = _played(run, Asked(run.casting), bench, Path(folder), None)
            killer = Killer(Path(folder), after=max(1, len(alone) // 3))
            many = Asked(run.casting, workers=2, ray=ray)
            shared = _played(run, many, bench, Path(folder), killer)
        again = sum(result.tries > 1 for result in shared)
        equal = _told(shared) == _told(alone)
        same = same and equal and killer.killed is not None and again == 1
        word = "same" if equal else "another"
        figures.append(f"{run.agent}: {word} table of {len(alone)}, {again} begun again")
    return Finding("; ".join(figures), same)


def _played(
    run: PracticeRun, asked: Asked, bench: Bench, folder: Path, killer: Killer | None
) -> list[TaskResult]:
    make = partial(noted, run.make, folder) if killer else run.make
    log = ResultLog(folder / f"{asked.workers}.jsonl")
    heard = killer or (lambda result: None)
    results = play(make, asked, log, bench.stop, heard, bench.load)
    bench.stop.check()
    return results


def _told(results: Sequence[TaskResult]) -> list[object]:
    """Return what must be the same: everything but times and tries."""
    return [(r.key, r.kind, r.score, r.reason, r.claim, len(r.steps_ms)) for r in results]


def _oracle_on(make: Make, count: int, stop: Stop) -> list[TaskResult]:
    from benchmarks.casting import Casting

    with tempfile.TemporaryDirectory(prefix="deskhand-bar-") as folder:
        asked = Asked(Casting("oracle"), workers=count)
        log = ResultLog(Path(folder) / "broken.jsonl")
        results = play(make, asked, log, stop, lambda result: None, _loads_nothing)
    stop.check()
    return results


def _loads_nothing(spec: str) -> Any:
    raise AssertionError("An oracle needs no model.")


def _is_sound(result: TaskResult) -> bool:
    return result.key.startswith("broken/none")


def _due(result: TaskResult) -> Kind:
    return Kind.SUCCESS if _is_sound(result) else Kind.ENV_ERROR


BARS = (
    Bar(
        "bench-resume",
        f"kill -9 of a run at {len(KILLS)} random moments, then resume",
        "same final table as an unbroken run, nothing left running",
        resume,
    ),
    Bar(
        "bench-workers",
        "two worker processes, one killed in mid-run, against one process",
        "same final table, one episode begun again",
        workers,
    ),
    Bar(
        "bench-ray",
        "Ray on one machine with two workers, one killed in mid-run",
        "same final table, one episode begun again",
        on_ray,
        needs="ray",
    ),
    Bar(
        "bench-broken",
        "every second task breaks: setup, words, player, scorer, teardown; the world is killed, or "
        "a page's process in Chromium",
        "env_error and no score, all others as ever, none lost; with workers too",
        broken,
    ),
)
