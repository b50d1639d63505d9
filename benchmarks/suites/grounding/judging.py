"""Is an answer right? One rule for every grounding benchmark.

Responsible for the verdict and for counting it by groups. A point in the region is correct, edges
inclusive; what could not be read is ``wrong_format``, which counts as wrong and is told apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from benchmarks.intervals import wilson
from benchmarks.suites.grounding.answers import Answer
from benchmarks.suites.grounding.items import Item
from benchmarks.suites.grounding.regions import Nowhere

Verdict = Literal["correct", "wrong", "wrong_format"]
Judged = tuple[Item, Verdict]


def judge(item: Item, answer: Answer) -> Verdict:
    """Return the verdict on an answer.

    Where nothing is to be found only a refusal is correct, and a refusal is wrong elsewhere.
    """
    if isinstance(item.region, Nowhere):
        return "correct" if answer.refused else "wrong" if answer.point else "wrong_format"
    if answer.refused:
        return "wrong"
    if answer.point is None:
        return "wrong_format"
    return "correct" if item.region.holds(answer.point) else "wrong"


@dataclass(frozen=True, slots=True)
class Count:
    """Verdicts in numbers."""

    correct: int
    total: int
    wrong_format: int

    @property
    def accuracy(self) -> float:
        """Share of correct ones; 0 if there are none at all."""
        return self.correct / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the accuracy."""
        return wilson(self.correct, self.total)


def count(judged: Iterable[Judged]) -> Count:
    """Count verdicts."""
    verdicts = [verdict for _, verdict in judged]
    return Count(verdicts.count("correct"), len(verdicts), verdicts.count("wrong_format"))


def refusals_wrong(judged: Sequence[Judged]) -> Count:
    """Count verdicts as harnesses do that know no refusal: where nothing is, all is wrong."""
    return replace(count(judged), correct=count(without_refusals(judged)).correct)


def without_refusals(judged: Iterable[Judged]) -> list[Judged]:
    """Return the verdicts on questions that have an answer.

    Of OSWorld-G's 564 questions 54 have none. Some harnesses leave them out, some count them.
    """
    return [(item, verdict) for item, verdict in judged if not isinstance(item.region, Nowhere)]


Groups = Callable[[Item], Sequence[str]]
"""The groups that an item is in."""


def by_groups(judged: Iterable[Judged], groups: Groups) -> Mapping[str, Count]:
    """Count verdicts by group, in the order of names."""
    found: dict[str, list[Judged]] = {}
    for item, verdict in judged:
        for group in groups(item):
            found.setdefault(group, []).append((item, verdict))
    return {group: count(found[group]) for group in sorted(found)}
