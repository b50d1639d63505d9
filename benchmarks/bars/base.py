"""What a bar is: a measurement, what it must reach, and where its parts are kept.

Responsible for the verdict on a figure and for measuring in parts, so that a killed measurement
goes on where it stopped. Measures nothing itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from benchmarks.base import Kind, TaskResult
from benchmarks.casting import Casting
from benchmarks.header import About
from benchmarks.playing import Asked, Make, header_for, play
from benchmarks.report import Tally, wilson
from benchmarks.results import ResultLog
from benchmarks.runner import Heard
from environments.base import Stop

if TYPE_CHECKING:
    from agent.models.loaded import Loaded

Status = Literal["pass", "fail", "measured", "not measured"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a measurement gave.

    Attributes:
        figure: the figure in words.
        passed: whether it reaches the bar; None where there is no bar or no figure.
        notes: lines that belong with the figure.
        data: the same for machines.
        missing: it could not be measured here; ``figure`` says why.
    """

    figure: str
    passed: bool | None
    notes: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    missing: bool = False

    @property
    def status(self) -> Status:
        """The verdict in a word."""
        if self.missing:
            return "not measured"
        return "measured" if self.passed is None else "pass" if self.passed else "fail"


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of the table.

    Attributes:
        name: name on the command line.
        what: what is measured.
        bar: what it must reach, empty where it is only measured.
        measure: the measurement.
        timing: it measures time, so it says nothing on a machine that does other things as well.
        needs_checkpoint: it measures the embedded checkpoint.
        needs_registry: it fetches a program of other people or runs what is installed of theirs,
            which not every machine can.
        needs: a package without which it cannot be measured, and which we do not bring along.
    """

    name: str
    what: str
    bar: str
    measure: Callable[[Bench], Finding]
    timing: bool = False
    needs_checkpoint: bool = False
    needs_registry: bool = False
    needs: str = ""


class SuiteRun(Protocol):
    """One run of a suite: who plays, what is said of it, and what makes the suite."""

    @property
    def casting(self) -> Casting:
        """Who plays."""
        ...

    @property
    def about(self) -> About:
        """What is said of the run in the header of its results."""
        ...

    @property
    def make(self) -> Make:
        """What makes the suite."""
        ...


class Bench:
    """Where bars are measured: a folder for their parts, a stop, and the model they share."""

    def __init__(self, folder: Path, stop: Stop, share: float, heard: Heard) -> None:
        """Measure a ``share`` of each row (1.0: all of it) and tell ``heard`` about each part."""
        self.folder = folder
        self.stop = stop
        self.share = share
        self.heard = heard
        self._loaded: dict[str, Loaded] = {}

    @property
    def whole(self) -> bool:
        """Tell whether rows are measured in full."""
        return self.share >= 1

    def part_of(self, numbers: Sequence[int]) -> tuple[int, ...]:
        """Return the first numbers that make up the share, at least one."""
        return tuple(numbers[: max(1, math.ceil(len(numbers) * self.share))])

    def log(self, name: str) -> ResultLog:
        """Return the results file of a row."""
        return ResultLog(self.folder / f"{name}.jsonl")

    def load(self, spec: str) -> Loaded:
        """Return a model, loaded once for all rows."""
        from agent.models.registry import load_model

        if spec not in self._loaded:
            self._loaded[spec] = load_model(spec)
        return self._loaded[spec]

    def play(self, name: str, run: SuiteRun, workers: int = 1) -> list[TaskResult]:
        """Return the results of a run of a suite.

        Raises:
            Stopped: it was stopped before all was played.
        """
        asked = Asked(run.casting, workers=workers)
        head = header_for(run.make, run.about, asked)
        log = self.log(f"{name}/{head.agent}-{head.fingerprint}")
        with log.held():
            log.begin(head)
            results = play(run.make, asked, log, self.stop, self.heard, self.load)
        self.stop.check()
        return results

    def forget(self, name: str) -> None:
        """Forget what was measured of a row."""
        self.log(name).clear()
        for kept in self.folder.glob(f"{name}/*.jsonl"):
            kept.unlink()

    def each(
        self, name: str, keys: Iterable[str], measure: Callable[[str], TaskResult]
    ) -> list[TaskResult]:
        """Return one result per key, measuring what was not measured before.

        Raises:
            Stopped: it was stopped before all was measured.
        """
        log = self.log(name)
        before, results = log.read(), []
        for key in keys:
            self.stop.check()
            result = before.get(key)
            if result is None:
                result = measure(key)
                log.append(result)
            self.heard(result)
            results.append(result)
        return results


def reaches(count: Tally, bar: float, whole: bool) -> bool:
    """Tell whether a rate is at least ``bar``; a slice must only not speak against it.

    An episode that broke leaves the figure open, so nothing passes with one.
    """
    if count.errors or not count.played:
        return False
    return (count.rate if whole else wilson(count.successes, count.played)[1]) >= bar


def stays_under(count: Tally, bar: float, whole: bool) -> bool:
    """Tell whether a rate is at most ``bar``; a slice must only not speak against it."""
    if count.errors or not count.played:
        return False
    return (count.rate if whole else wilson(count.successes, count.played)[0]) <= bar


def measured(key: str, group: str, ok: bool, reason: str, seconds: float = 0.0) -> TaskResult:
    """Return the record of one part that was measured outside a suite."""
    kind = Kind.SUCCESS if ok else Kind.AGENT_FAIL
    score = float(ok)
    return TaskResult(
        key=key, group=group, seed=0, kind=kind, score=score, reason=reason, seconds=seconds
    )
