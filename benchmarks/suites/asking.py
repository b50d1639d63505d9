"""Benchmarks that ask about one recorded picture: no world, no loop, one answer.

Responsible for what they share: going on where a results file ends, and for what the end of a
question is called. A question that breaks is recorded as an error and never as a zero. Prints
nothing and judges nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from pydantic import JsonValue

from benchmarks.base import Kind, TaskResult
from benchmarks.results import ResultLog
from benchmarks.runner import Heard
from environments.base import Stop
from environments.errors import Stopped


class Question(Protocol):
    """What has a name by which it is found again."""

    @property
    def key(self) -> str:
        """Name within its data set."""
        ...


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of a question.

    Attributes:
        ok: the answer is right.
        reason: the verdict in a word.
        facts: what is kept of the answer.
    """

    ok: bool
    reason: str
    facts: Mapping[str, JsonValue] = field(default_factory=dict)


Q = TypeVar("Q", bound=Question)
Answer = Callable[[Q, Stop], Answered]


@dataclass(frozen=True, slots=True)
class Asking:
    """Where answers are kept, and who hears them.

    Attributes:
        log: the results file.
        stop: a person's wish to stop.
        heard: is told each result.
    """

    log: ResultLog
    stop: Stop
    heard: Heard

    def run(
        self, questions: Iterable[Q], group: Callable[[Q], str], answer: Answer[Q]
    ) -> list[TaskResult]:
        """Return the result of every question, asked now or before; asks no more when stopped."""
        before, ended = self.log.read(), False
        results: list[TaskResult] = []
        for question in questions:
            result = before.get(question.key)
            if result is None or not result.kind.counts:
                if ended:
                    continue
                result = self._ask(question, group(question), answer)
                if result.kind is not Kind.STOPPED:
                    self.log.append(result)
            self.heard(result)
            results.append(result)
            ended = ended or self.stop.is_set()
        return results

    def _ask(self, question: Q, group: str, answer: Answer[Q]) -> TaskResult:
        started = time.monotonic()
        try:
            found = answer(question, self.stop)
        except Stopped:
            return TaskResult(key=question.key, group=group, seed=0, kind=Kind.STOPPED)
        except Exception as error:  # noqa: BLE001 - whatever breaks a question must not end a suite
            said = f"{type(error).__name__}: {error}"
            kind = Kind.ENV_ERROR
            return TaskResult(key=question.key, group=group, seed=0, kind=kind, reason=said)
        return TaskResult(
            key=question.key,
            group=group,
            seed=0,
            kind=Kind.SUCCESS if found.ok else Kind.AGENT_FAIL,
            score=float(found.ok),
            reason=found.reason,
            seconds=time.monotonic() - started,
            facts=found.facts,
        )


def spread(questions: Sequence[Q], most: int | None) -> list[Q]:
    """Return ``most`` questions that lie evenly over all of them, in their order."""
    if most is None or most >= len(questions):
        return list(questions)
    return [questions[number * len(questions) // most] for number in range(most)]
