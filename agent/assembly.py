"""Puts the parts of one run together, so that the loop and what it holds name no concrete ones.

Responsible for which environment, model, tools, limits and journal belong to a run, and for giving
everything back when it ends. Decides nothing while it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from agent.config import RunSettings, home_folder
from agent.listener import Listener
from agent.outcome import Check, Evidence, Outcome, StateCheck
from environments.base import Environment, Glimpsed, Observation, Stop, Telling
from environments.errors import ConfigError

if TYPE_CHECKING:
    from agent.models.registry import Loaded
    from environments.practice.base import PracticeDesktop

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


def refuse_unwanted(model: str, on: str, quantize: str = "none") -> None:
    """See that the model may act on the screen, before anything is opened or loaded.

    Raises:
        ConfigError: there is no such model, or it would be the embedded checkpoint on a person's
            own desktop without having been named.
    """
    from agent.models.registry import choose_model

    is_embedded = choose_model(model, quantize).is_embedded
    if is_embedded and model == "auto" and on.partition(":")[0] == PERSONAL:
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

    check = parse_expectation(settings.expect) if settings.expect is not None else None
    environment = open_environment(_spec(settings), stop)
    try:
        stage = Stage(environment, settings.on, settings.task, check)
        yield _practised(stage, settings) if _is_practice(settings) else stage
    finally:
        environment.close()


def _is_practice(settings: RunSettings) -> bool:
    return settings.on.partition(":")[0] == PRACTICE


def _spec(settings: RunSettings) -> str:
    """Return what to open: a practice screen with the task that the settings name."""
    from environments.registry import split_spec

    name, argument = split_spec(settings.on)
    if settings.template and not _is_practice(settings):
        raise ConfigError("--template belongs to --on practice; leave one of the two out.")
    if not _is_practice(settings) or argument:
        return settings.on
    return f"{name}:{settings.template or ''}/{settings.seed}"


def _practised(stage: Stage, settings: RunSettings) -> Stage:
    """Let the practice world say what is asked, and whether it was done.

    Words of a person's own are checked by the world's state only if they name the template too:
    the world cannot know what other words mean.
    """
    truth = cast("PracticeDesktop", stage.environment).task
    if stage.task and not settings.template:
        return stage
    check = stage.check or state_check(truth.score)
    return replace(stage, task=stage.task or truth.instruction, check=check)


def state_check(score: Callable[[], float]) -> Check:
    """Return the check that asks the practice world itself."""

    def test(observation: Observation) -> Evidence:
        if score():
            return Evidence(True, "exactly what was asked for has changed, and nothing else")
        return Evidence(False, "the values of the practice world are not those asked for")

    return StateCheck("the practice world's own state", test)


def _stop_key(on: str, stop: Stop) -> AbstractContextManager[None]:
    """Hear the stop key at the person's desk also while the run is somewhere else."""
    from environments.desktop.stop_key import stop_key_heard

    return nullcontext() if on.partition(":")[0] == PERSONAL else stop_key_heard(stop)


def run_on(
    stage: Stage, loaded: Loaded, settings: RunSettings, stop: Stop, listeners: Sequence[Listener]
) -> RunReport:
    """Do one task on an open stage with a loaded model, and journal it.

    Raises:
        JournalError: the journal cannot be begun.
    """
    from agent.context import Context, Room
    from agent.foresight import Foresight, LooksAhead
    from agent.journal import Journal
    from agent.limits import Limits
    from agent.listener import Listeners
    from agent.loop import Agent, nobody_looks
    from agent.second_look import SecondLook
    from agent.stopping import obeying_requests
    from agent.toolset import spoken_kind, tools_for
    from agent.watching import published
    from tools.registry import ToolRegistry

    loaded = loaded.suited(spoken_kind(stage.environment))
    model, name, grid = loaded.model, loaded.model.name, loaded.profile.grid
    with (
        Journal(runs_folder(), task=stage.task, model=name, environment=stage.name) as journal,
        obeying_requests(journal.folder, stop),
        published(journal.folder, stage.environment),
    ):
        told = Listeners(journal, *listeners)
        context = Context(
            loaded.profile,
            settings.history,
            model if isinstance(model, Room) else None,
            told.on_notice,
        )
        offered = tools_for(stage.environment, grid, is_small=loaded.is_embedded)
        tools = ToolRegistry(stage.environment, offered, stop, grid, recorder=journal)
        if isinstance(model, LooksAhead) and isinstance(stage.environment, Glimpsed):
            foresight = Foresight(model, context, stage.task, tools.specs)
            stage.environment.glimpse = foresight.glimpse
            told = Listeners(told, foresight)
        if isinstance(stage.environment, Telling):
            stage.environment.tell = told.on_notice
        limits = Limits(settings.max_steps, settings.minutes)
        doubt = nobody_looks if loaded.is_embedded else SecondLook(model)
        agent = Agent(stage.environment, model, tools, context, limits, told, doubt)
        outcome = agent.run(stage.task, stop, stage.check)
    return RunReport(outcome, journal.id, journal.folder)
