"""The bar on tasks in OSWorld's format: ours, before and after what they ask for was done.

Responsible for playing each with an agent that does nothing and with its oracle, through the one
runner, and for looking at what remains. The tasks stand in ``suites.osworld.own``.
"""

from __future__ import annotations

from functools import partial
from typing import NoReturn

from benchmarks.bars.base import Bar, Bench, Finding, measured
from benchmarks.base import Kind, TaskResult
from benchmarks.header import Who
from benchmarks.suites.osworld.suite import OSWorldTask, Wanted, sort
from benchmarks.suites.osworld.walls import sandbox_problem
from environments.base import Stop
from environments.errors import ConfigError

STEPS = 40
"""No oracle needs more, its last word included."""


def own_tasks(bench: Bench) -> Finding:
    """Play our own tasks: nothing done must score 0, the oracle 1, and nothing may remain.

    Raises:
        ConfigError: there is no sandbox here, or a program is missing.
    """
    problem = sandbox_problem()
    if problem:
        raise ConfigError(problem)
    wanted = Wanted(steps=STEPS)
    found = sort(wanted)
    if bench.whole and found.lacking:
        told = "; ".join(f"{key} needs {', '.join(why)}" for key, why in found.lacking.items())
        raise ConfigError(f"Some of our own tasks cannot be played here: {told}.")
    known = {OSWorldTask(file, wanted).key: file for file in found.playable}
    keys = [list(known)[at] for at in bench.part_of(range(len(known)))]

    def measure(key: str) -> TaskResult:
        return trial(partial(OSWorldTask, known[key], wanted), key, bench.stop)

    results = bench.each("osworld-own", keys, measure)
    good = sum(result.kind is Kind.SUCCESS for result in results)
    notes = tuple(f"{r.key}: {r.reason}" for r in results if r.kind is not Kind.SUCCESS)
    figure = f"{good} of {len(results)} are 0 before and 1 after, and leave nothing"
    return Finding(figure, good == len(results), notes)


def trial(make: partial[OSWorldTask], key: str, stop: Stop) -> TaskResult:
    """Return whether a task is 0 where nothing is done, 1 by its oracle, and leaves nothing."""
    before, first = played(make(), "noop", stop)
    after, second = played(make(), "oracle", stop)
    wrong = [f"{left} remained" for left in (*first, *second)]
    wrong += [] if before.score == 0 else [f"nothing done scores {before.score} ({before.reason})"]
    wrong += [] if after.score == 1 else [f"the oracle scores {after.score} ({after.reason})"]
    seconds = before.seconds + after.seconds
    return measured(key, before.group, not wrong, "; ".join(wrong) or "as it must be", seconds)


def played(task: OSWorldTask, agent: Who, stop: Stop) -> tuple[TaskResult, tuple[str, ...]]:
    """Play one episode and say what remained of it."""
    from benchmarks.casting import Casting
    from benchmarks.runner import Terms, play_episode

    players = Casting(agent).players(_no_model)
    result = play_episode(task, players, Terms(), stop)
    stop.check()
    if not hasattr(task, "machine"):  # Its machine could not be opened; the result says why.
        return result, ()
    return result, task.machine.traces.left()


def _no_model(spec: str) -> NoReturn:
    raise ConfigError(f"No model plays here, also not {spec}.")


BARS = (
    Bar(
        "osworld-own",
        "our own tasks in OSWorld's format: nothing done, then the oracle, by real input",
        "all 0 before and 1 after, nothing remains",
        own_tasks,
        needs_registry=True,
    ),
)
