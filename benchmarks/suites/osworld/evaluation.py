"""The score of a task when the agent has ended.

Responsible for the rules between an agent's end, the steps after it and the metrics: who gives up
wins an infeasible task and no other; of several metrics all must hold ("and": 0 at the first 0,
else their mean) or one ("or": 1 at the first 1, else the best).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from benchmarks.suites.osworld.format import Comparison, Evaluator
from benchmarks.suites.osworld.getters import Scene, state
from benchmarks.suites.osworld.metrics import METRICS
from environments.errors import ConfigError


def given_up(evaluator: Evaluator, gave_up: bool) -> float | None:
    """Return the score that giving up decides, or not giving up; None where metrics decide."""
    if evaluator.is_infeasible:
        return float(gave_up)
    return 0.0 if gave_up else None


def metric_score(evaluator: Evaluator, scene: Scene) -> float:
    """Return what the metrics say of the scene.

    What was made on the machine and cannot be read is no success: 0.

    Raises:
        ConfigError: what the task itself brings along is missing or cannot be read.
        DeviceError: the sandbox cannot be asked.
        Exception: whatever a metric raises on what it was not made for; never a zero.
    """
    return joined(_scores(evaluator.comparisons(), scene), evaluator.conj)


def joined(scores: Iterable[float], conj: str) -> float:
    """Return the score of several metrics; stops asking where it is decided."""
    seen: list[float] = []
    for score in scores:
        if conj == "and" and score == 0:
            return 0.0
        if conj == "or" and score == 1:
            return 1.0
        seen.append(score)
    return sum(seen) / len(seen) if conj == "and" else max(seen)


def _scores(comparisons: Iterable[Comparison], scene: Scene) -> Iterator[float]:
    for each in comparisons:
        if not each.result:
            raise ConfigError(f"The task's metric {each.func} is given nothing to judge.")
        wanted = [state(scene, each.expected)] if each.expected else []
        yield METRICS[each.func](state(scene, each.result), *wanted, **each.options)
