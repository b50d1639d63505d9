"""Figures from results, and their words for a terminal.

Responsible for counting honestly: an episode that broke is told and never counted as a zero, and
a rate comes with its interval. Plays nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from benchmarks.base import Kind, TaskResult
from benchmarks.header import Header
from benchmarks.intervals import bootstrap_mean, wilson

__all__ = [
    "Tally",
    "by_group",
    "notes",
    "score_line",
    "share_words",
    "stage_medians",
    "standing",
    "table",
    "tally",
    "wilson",
    "work_medians",
]

SMALL = (
    "These are figures of the small embedded checkpoint: it knows the practice worlds and nothing "
    "else, and they say nothing about real programs."
)


@dataclass(frozen=True, slots=True)
class Tally:
    """Results in numbers.

    Attributes:
        successes: episodes that reached everything.
        played: episodes that say something about the agent, timeouts included.
        timeouts: of those, the ones that ran out of time.
        errors: episodes that broke, which are in none of the above.
        stopped: episodes that a person stopped, in none of the above either.
    """

    successes: int
    played: int
    timeouts: int
    errors: int
    stopped: int = 0

    @property
    def rate(self) -> float:
        """Share of successes among the episodes played; 0 if there were none."""
        return self.successes / self.played if self.played else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson 95 % interval of the rate."""
        return wilson(self.successes, self.played)

    @property
    def rate_of_all(self) -> float:
        """The same with every episode that broke counted as a failure."""
        begun = self.played + self.errors
        return self.successes / begun if begun else 0.0

    def words(self) -> str:
        """Return rate, interval and counts in one line; with broken episodes the other rate too."""
        told = [f"{share_words(self.successes, self.played)}  {self.successes}/{self.played}"]
        if self.timeouts:
            told.append(f"{self.timeouts} timed out")
        if self.errors:
            other = " ".join(share_words(self.successes, self.played + self.errors).split())
            told.append(f"{self.errors} broke and are not counted (else {other})")
        if self.stopped:
            told.append(f"{self.stopped} stopped")
        return ", ".join(told)

    def data(self) -> dict[str, Any]:
        """Return the same for machines; a rate of nothing is None."""
        begun = self.played + self.errors
        return asdict(self) | {
            "rate": self.rate if self.played else None,
            "interval": self.interval,
            "rate_of_all": self.rate_of_all if begun else None,
            "interval_of_all": wilson(self.successes, begun),
        }


def tally(results: Iterable[TaskResult]) -> Tally:
    """Count results."""
    kinds = Counter(result.kind for result in results)
    played = sum(count for kind, count in kinds.items() if kind.counts)
    timeouts, errors, stopped = kinds[Kind.TIMEOUT], kinds[Kind.ENV_ERROR], kinds[Kind.STOPPED]
    return Tally(kinds[Kind.SUCCESS], played, timeouts, errors, stopped)


def share_words(successes: int, played: int) -> str:
    """Return a share with its interval; a dash where there is nothing to have a share of."""
    low, high = wilson(successes, played)
    rate = f"{successes / played:.3f}" if played else "-    "
    return f"{rate}  [{low:.2f}, {high:.2f}]"


def by_group(results: Iterable[TaskResult]) -> dict[str, Tally]:
    """Count results by group, in the order of first appearance."""
    groups: dict[str, list[TaskResult]] = {}
    for result in results:
        groups.setdefault(result.group, []).append(result)
    return {group: tally(members) for group, members in groups.items()}


def table(results: Sequence[TaskResult]) -> list[str]:
    """Return a line per group and one for all: rate, 95 % interval, counts; then the mean score."""
    rows = [*by_group(results).items(), ("all", tally(results))]
    lines = [f"{group:16} {count.words()}" for group, count in rows]
    return [*lines, *filter(None, [score_line(results)])]


def score_line(results: Iterable[TaskResult]) -> str:
    """Return the mean score with its interval where scores lie between 0 and 1, else nothing."""
    scores = [r.score for r in results if r.kind.counts and r.score is not None]
    if all(score in (0, 1) for score in scores):
        return ""
    low, high = bootstrap_mean(scores)
    return f"mean score {sum(scores) / len(scores):.3f}  [{low:.2f}, {high:.2f}]"


def stage_medians(results: Iterable[TaskResult]) -> dict[str, float]:
    """Return the median milliseconds of every stage over the steps that have it."""
    return _medians(step for result in results for step in result.steps_ms)


def work_medians(results: Iterable[TaskResult]) -> dict[str, float]:
    """Return the median of everything that the model counted, over the steps that have it."""
    return _medians(step for result in results for step in result.steps_work)


def _medians(steps: Iterable[Mapping[str, float]]) -> dict[str, float]:
    found: dict[str, list[float]] = {}
    for step in steps:
        for name, value in step.items():
            found.setdefault(name, []).append(value)
    return {name: median(values) for name, values in found.items()}


def standing(header: Header, results: Sequence[TaskResult]) -> tuple[str, ...]:
    """Return what the figures of a run do not rest on: episodes still to come, and those left out.

    The first line says what is missing of the run itself, the second that the run as a whole is
    only a part of its protocol.
    """
    count = tally(results)
    lines = []
    if count.played < header.episodes:
        fresh = header.episodes - count.played - count.errors - count.stopped
        why = {"broke": count.errors, "stopped": count.stopped, "not played yet": fresh}
        told = ", ".join(f"{number} {words}" for words, number in why.items() if number > 0)
        lines.append(
            f"incomplete: {count.played} of {header.episodes} episodes count ({told}); the same "
            "command plays the others."
        )
    if not header.is_whole:
        lines.append(f"{header.part(count.played)} of {header.preset}: no figure of that protocol.")
    return tuple(lines)


def notes(header: Header) -> tuple[str, ...]:
    """Return the sentences that belong with every figure of a run."""
    return (*header.notes, *((SMALL,) if header.profile == "embedded" else ()))
