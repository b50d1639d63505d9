"""Plays the tasks of a suite with the real loop, one after the other.

Responsible for the life of an episode and for what its end is called; an episode that breaks is
recorded as an error and never as a zero, and the suite goes on. Prints nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agent.context import Context, Room
from agent.journal import Journal
from agent.limits import Limits
from agent.listener import Listener, Listeners
from agent.loop import Agent
from agent.models.base import Model
from agent.models.profiles.finding import load_profile
from agent.outcome import Limit, Outcome
from agent.step import Run, Step
from agent.toolset import tools_for
from benchmarks.base import Hears, Kind, Over, Task, TaskResult, Telling
from benchmarks.results import ResultLog
from environments.base import Environment, Stop
from environments.errors import Stopped
from tools.approval import AllowAll
from tools.registry import ToolRegistry

Heard = Callable[[TaskResult], None]
Players = Callable[[Task, Environment], Model]
"""Gives the model that plays a task on the screen that its ``setup`` has opened."""
BROKEN = ("device", "model", "journal", "crash")
"""What ends an episode without saying anything about the agent."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which an episode is played.

    Attributes:
        minutes: the agent's time limit, from its first look on; setup and scoring have their own
            time.
        runs: folder for a journal of every episode, None for none.
        clock: seconds that never go back.
    """

    minutes: float = 10.0
    runs: Path | None = None
    clock: Callable[[], float] = time.monotonic


USUAL = Terms()


@dataclass(frozen=True, slots=True)
class Runner:
    """Plays what the results file does not hold yet, one after the other.

    Attributes:
        player: gives the model that plays a task.
        log: where results are kept and what was played before.
        terms: under which an episode is played.
    """

    player: Players
    log: ResultLog
    terms: Terms = USUAL

    def run(self, tasks: Iterable[Task], stop: Stop, heard: Heard) -> list[TaskResult]:
        """Return the result of every task, played now or before; plays no more when stopped."""
        before, ended = self.log.read(), False
        results: list[TaskResult] = []
        for task in tasks:
            result = before.get(task.key)
            if result is None or not result.kind.counts:
                if ended:
                    continue
                result = self.play(task, stop)
                self.log.append(result)
            heard(result)
            results.append(result)
            ended = ended or stop.is_set()
        return results

    def play(self, task: Task, stop: Stop) -> TaskResult:
        """Play one episode."""
        return play_episode(task, self.player, self.terms, stop)


def play_episode(task: Task, player: Players, terms: Terms, stop: Stop) -> TaskResult:
    """Play one episode from setup to teardown, whatever happens in between."""
    started = terms.clock()
    try:
        with _ended(task):
            return _scored(task, player, terms, stop)
    except Stopped as stopped:
        return _unscored(task, Kind.STOPPED, str(stopped), terms.clock() - started)
    except Exception as error:  # noqa: BLE001 - whatever breaks an episode must not end a suite
        reason = f"{type(error).__name__}: {error}"
        return _unscored(task, Kind.ENV_ERROR, reason, terms.clock() - started)


def _scored(task: Task, player: Players, terms: Terms, stop: Stop) -> TaskResult:
    started = terms.clock()
    environment = task.setup(stop)
    model = player(task, environment)
    began, times = terms.clock(), StepTimes()
    outcome = _act(task, environment, model, terms, times, stop)
    seconds = terms.clock() - began
    if isinstance(task, Hears):
        task.ended(outcome)
    kind, score = _judged(task, outcome)
    return TaskResult(
        key=task.key,
        group=task.group,
        seed=task.seed,
        kind=kind,
        score=score,
        reason=outcome.reason,
        claim=outcome.claim,
        seconds=seconds,
        setup_seconds=began - started,
        steps_ms=tuple(times.steps),
        steps_work=tuple(times.work),
        facts=task.facts() if isinstance(task, Telling) and score is not None else {},
    )


def _act(
    task: Task, environment: Environment, model: Model, terms: Terms, times: StepTimes, stop: Stop
) -> Outcome:
    limits = _limits(task, terms)
    times.begin()
    if terms.runs is None:
        agent = _agent(environment, model, stop, limits, times, None)
        return agent.run(task.instruction, stop)
    with Journal(
        terms.runs, task=task.instruction, model=model.name, environment=task.key
    ) as journal:
        agent = _agent(environment, model, stop, limits, times, journal)
        return agent.run(task.instruction, stop)


class StepTimes(Listener):
    """Collects what every step cost; "wall" is the time since the step before it.

    Attributes:
        steps: milliseconds by stage, for each step.
        work: what the model counted, for each step.
    """

    def __init__(self) -> None:
        """Begin with no steps."""
        self.steps: list[dict[str, float]] = []
        self.work: list[dict[str, int]] = []
        self._last = 0.0

    def begin(self) -> None:
        """Start the clock of the first step."""
        self._last = time.perf_counter()

    def on_step(self, step: Step) -> None:
        """Keep the step's stages."""
        now = time.perf_counter()
        self.steps.append({**step.timings_ms, "wall": (now - self._last) * 1000})
        self.work.append({name: count for name, count in step.reply.counters.items() if count})
        self._last = now


@dataclass(frozen=True, slots=True)
class EpisodeLimits(Limits):
    """Limits of an episode whose world may end it first."""

    is_over: Callable[[], bool] = lambda: False

    def reached(self, run: Run) -> Limit | None:
        """Return why the episode ends here, None while it may go on."""
        if self.is_over():
            return Limit("The world ended the episode.")
        # Named, because a dataclass with slots is made anew and ``super()`` looks for the old one.
        return Limits.reached(self, run)


def _limits(task: Task, terms: Terms) -> Limits:
    if isinstance(task, Over):
        return EpisodeLimits(task.max_steps, terms.minutes, terms.clock, is_over=task.is_over)
    return Limits(task.max_steps, terms.minutes, terms.clock)


def _agent(
    environment: Environment,
    model: Model,
    stop: Stop,
    limits: Limits,
    times: StepTimes,
    journal: Journal | None,
) -> Agent:
    profile = load_profile(model.profile)
    offered = tools_for(environment, profile.grid, is_small=True)  # Players know only the main one.
    tools = ToolRegistry(environment, offered, stop, profile.grid, AllowAll(), recorder=journal)
    listener = Listeners(journal, times) if journal else times
    if journal:
        journal.spoken(profile, tools.specs)
    context = Context(profile, room=model if isinstance(model, Room) else None)
    return Agent(environment, model, tools, context, limits, listener)


@contextmanager
def _ended(task: Task) -> Iterator[None]:
    try:
        yield
    finally:
        task.teardown()


def _judged(task: Task, outcome: Outcome) -> tuple[Kind, float | None]:
    """Return what the end is called, and the score of the state at the end."""
    if outcome.ended_by == "person":
        return Kind.STOPPED, None
    if outcome.ended_by in BROKEN:
        return Kind.ENV_ERROR, None
    score = task.score()
    if score >= 1:
        return Kind.SUCCESS, score
    return (Kind.TIMEOUT if outcome.ended_by == "time" else Kind.AGENT_FAIL), score


def _unscored(task: Task, kind: Kind, reason: str, seconds: float) -> TaskResult:
    return TaskResult(
        key=task.key, group=task.group, seed=task.seed, kind=kind, reason=reason, seconds=seconds
    )
