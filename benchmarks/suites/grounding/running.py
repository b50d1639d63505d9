"""One run of a grounding benchmark: which questions, who answers, and what is said of it.

Responsible for putting data set, respondent and results file together, for the command and for the
bars alike. Prints nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from agent.models.loaded import Loaded
from benchmarks.base import TaskResult
from benchmarks.casting import Load
from benchmarks.header import About, Header, Who, header, player
from benchmarks.suites.asking import Asking, spread
from benchmarks.suites.grounding import official
from benchmarks.suites.grounding.answering import OTHER_SIZE, QUESTION, Respondent, answer_in
from benchmarks.suites.grounding.catalogue import DataSet, version_of
from benchmarks.suites.grounding.items import Item, Pictures
from benchmarks.suites.grounding.judging import (
    Count,
    Judged,
    Verdict,
    by_groups,
    count,
    refusals_wrong,
    without_refusals,
)
from benchmarks.suites.grounding.regions import Nowhere
from environments.base import Kind

SCORING = "point in the region, edges inclusive; a box by its centre; refusals as the data set says"


@dataclass(frozen=True)
class GroundingRun:
    """What is asked for.

    Attributes:
        data_set: which data set.
        root: its folder.
        options: how it is read ("instructions", "language").
        who: who answers.
        model: what ``--model`` says; not looked at unless a model answers.
        question: what is asked, with ``{instruction}`` in it.
        most: how many questions, spread over all; None for all.
    """

    data_set: DataSet
    root: Path
    options: Mapping[str, str] = field(default_factory=dict)
    who: Who = "model"
    model: str = "embedded"
    question: str = QUESTION
    most: int | None = None

    @cached_property
    def _all(self) -> Sequence[Item]:
        return self.data_set.items(self.root, self.options)

    @cached_property
    def items(self) -> Sequence[Item]:
        """The questions."""
        return spread(self._all, self.most)

    @cached_property
    def header(self) -> Header:
        """The conditions of the results."""
        about = About(
            "grounding",
            preset=self.data_set.preset(self.options),
            dataset=version_of(list(self.items)),
            scoring=SCORING,
            conditions={"question": self.question},
            notes=(self.data_set.note,) if self.data_set.note else (),
            whole=self.data_set.full or len(self._all),
        )
        return header(about, player(self.who, self.model), [item.key for item in self.items])

    def run(self, asking: Asking, load: Load) -> list[TaskResult]:
        """Ask what has not been asked before and return all results.

        Raises:
            ConfigError, ModelError: the model or the data set is not there.
        """
        pictures = Pictures(self.root, self.data_set.places)
        speakers = _speakers(load(self.model)) if self.who == "model" else {}
        respondent = Respondent(self.who, pictures, speakers, self.question)
        return asking.run(self.items, self.group, respondent.answer)

    def group(self, item: Item) -> str:
        """Return the group of an item in the first table."""
        return str(getattr(item, self.data_set.group)) or "-"

    def judged(self, results: Iterable[TaskResult]) -> list[Judged]:
        """Return the verdicts that stand in records; what broke has none."""
        known = {item.key: item for item in self.items}
        return [
            (known[result.key], cast(Verdict, result.reason))
            for result in results
            if result.kind.counts and result.key in known
        ]

    def lines(self, results: Sequence[TaskResult]) -> Iterator[str]:
        """Yield what stands below the first table: totals and splits."""
        judged = self.judged(results)
        whole = count(judged)
        yield f"wrong format: {whole.wrong_format} of {whole.total}, counted as wrong"
        if others := other_sizes(results):
            yield f"{others} picture(s) of another size than the data set says; points are scaled"
        if any(isinstance(item.region, Nowhere) for item in self.items):
            yield f"with refusals: {_told(whole)}"
            yield f"refusals all wrong: {_told(refusals_wrong(judged))}"
            yield f"without refusals: {_told(count(without_refusals(judged)))}"
        for name, groups in self.data_set.splits.items():
            yield f"by {name}:"
            for group, counted in by_groups(judged, groups).items():
                yield f"  {group:28} {_told(counted)}"

    def figures(self, results: Sequence[TaskResult]) -> dict[str, Any]:
        """Return the same for machines."""
        judged = self.judged(results)
        splits = {
            name: {group: _data(counted) for group, counted in by_groups(judged, by).items()}
            for name, by in self.data_set.splits.items()
        }
        totals = {
            "with_refusals": _data(count(judged)),
            "refusals_all_wrong": _data(refusals_wrong(judged)),
            "without_refusals": _data(count(without_refusals(judged))),
        }
        return {"totals": totals, "splits": splits, "other_size": other_sizes(results)}

    def details(self, results: Iterable[TaskResult]) -> list[official.Detail]:
        """Return the answers as ScreenSpot-Pro's own file has them; what broke is left out."""
        known = {item.key: item for item in self.items}
        language = self.options.get("language", self.data_set.language)
        return [
            official.detail(
                known[result.key],
                answer_in(result),
                str(result.facts.get("reply", "")),
                cast(Verdict, result.reason),
                language,
            )
            for result in results
            if result.kind.counts and result.key in known
        ]


def other_sizes(results: Iterable[TaskResult]) -> int:
    """Return how many questions were asked about a picture of another size than it should have."""
    return sum(OTHER_SIZE in result.facts for result in results)


def _speakers(loaded: Loaded) -> dict[Kind, Loaded]:
    return {"desktop": loaded.suited("desktop"), "phone": loaded.suited("phone")}


def _told(counted: Count) -> str:
    low, high = counted.interval
    share = f"{100 * counted.accuracy:6.2f} %  [{100 * low:.1f}, {100 * high:.1f}]"
    return f"{share}  {counted.correct}/{counted.total}"


def _data(counted: Count) -> dict[str, object]:
    return {
        "accuracy": counted.accuracy,
        "interval": counted.interval,
        "correct": counted.correct,
        "total": counted.total,
        "wrong_format": counted.wrong_format,
    }
