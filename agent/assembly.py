"""Puts the parts of one run together; the only module of ``agent`` that names concrete ones.

Responsible for which environment, model, tools, limits and journal belong to a run, and for giving
everything back when it ends. Decides nothing while it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent.config import RunSettings, home_folder
from agent.listener import Listener
from agent.outcome import Check, Evidence, Outcome, StateCheck
from environments.base import Environment, Observation, Stop
from environments.errors import ConfigError

if TYPE_CHECKING:
    from agent.models.registry import Loaded

PRACTICE = "practice"
PERSONAL = "desktop"
"""The environment that is a person's own screen."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a run takes place.

    Attributes:
        environment: the screen, opened.
        name: what it is called in the journal and for people.
        task: what is asked for, in words.
        check: what decides about success, None if nothing does.
    """

    environment: Environment
    name: str
    task: str
    check: Check | None


@dataclass(frozen=True, slots=True)
class RunReport:
    """A run that has ended: its outcome, and where its journal lies."""

    outcome: Outcome
    run_id: str
    folder: Path


def runs_folder() -> Path:
    """Return the folder with one folder per run."""
    return home_folder() / "runs"


def refuse_unwanted(model: str, on: str) -> None:
    """See that the model may act on the screen, before anything is opened or loaded.

    Raises:
        ConfigError: there is no such model, or it would be the embedded checkpoint on a person's
            own desktop without having been named.
    """
    from agent.models.registry import choose_model

    if choose_model(model).is_embedded and model == "auto" and on.partition(":")[0] == PERSONAL:
        raise ConfigError(
            "No GPU was found for a published model, and the small embedded checkpoint does not "
            "touch your own desktop unless named; add --model embedded, or use --on virtual."
        )


@contextmanager
def staged(settings: RunSettings, stop: Stop) -> Iterator[Stage]:
    """Open the screen of a run and close it again.

    Raises:
        ConfigError: there is no such environment, template or expectation.
        DeviceError: the screen cannot be opened.
    """
    from agent.expectation import parse_expectation
    from environments.registry import open_environment

    check = parse_expectation(settings.expect) if settings.expect else None
    if settings.template:
        with practised(settings, stop) as stage:
            yield Stage(
                stage.environment, stage.name, settings.task or stage.task, check or stage.check
            )
        return
    environment = open_environment(settings.on, stop)
    try:
        yield Stage(environment, settings.on, settings.task, check)
    finally:
        environment.close()


@contextmanager
def practised(settings: RunSettings, stop: Stop) -> Iterator[Stage]:
    """Open a practice task as a stage: the world says what is asked, and whether it was done."""
    from environments.practice.environment import PracticeEnvironment
    from environments.practice.tasks import PracticeTask

    if settings.on.partition(":")[0] != PRACTICE:
        raise ConfigError("--template belongs to --on practice; leave one of the two out.")
    task = PracticeTask(settings.template or "", settings.seed)
    environment = PracticeEnvironment(task.world, stop)
    try:
        yield Stage(environment, "practice:in-process", task.instruction, state_check(task.score))
    finally:
        environment.close()


def state_check(score: Callable[[], float]) -> Check:
    """Return the check that asks the practice world itself."""

    def test(observation: Observation) -> Evidence:
        if score():
            return Evidence(True, "exactly what was asked for has changed, and nothing else")
        return Evidence(False, "the values of the practice world are not those asked for")

    return StateCheck("the practice world's own state", test)


def run_on(
    stage: Stage, loaded: Loaded, settings: RunSettings, stop: Stop, listeners: Sequence[Listener]
) -> RunReport:
    """Do one task on an open stage with a loaded model, and journal it.

    Raises:
        JournalError: the journal cannot be begun.
    """
    from agent.context import Context
    from agent.journal import Journal
    from agent.limits import Limits
    from agent.listener import Listeners
    from agent.loop import Agent
    from tools.computer_use import computer_use
    from tools.registry import ToolRegistry

    name, grid = loaded.model.name, loaded.profile.grid
    with Journal(runs_folder(), task=stage.task, model=name, environment=stage.name) as journal:
        agent = Agent(
            stage.environment,
            loaded.model,
            ToolRegistry(stage.environment, [computer_use()], stop, grid, recorder=journal),
            Context(loaded.profile),
            Limits(settings.max_steps, settings.minutes),
            Listeners(journal, *listeners),
        )
        outcome = agent.run(stage.task, stop, stage.check)
    return RunReport(outcome, journal.id, journal.folder)
