"""Puts the parts of one run together, so that the loop and what it holds name no concrete ones.

Responsible for which environment, model, tools, limits and journal belong to a run, and for giving
everything back when it ends. Decides nothing while it runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from agent.config import RunSettings, home_folder
from agent.listener import Listener
from agent.outcome import Check, Outcome
from environments.base import Environment, Glimpsed, Stop, Telling
from environments.errors import ConfigError

if TYPE_CHECKING:
    from agent.journal import Journal
    from agent.models.registry import Loaded
    from agent.resume import Resumption

PERSONAL = ("desktop", "android")
"""The environments that are a person's own screens."""


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
    if is_embedded and model == "auto" and _is_personal(on):
        raise ConfigError(
            "No GPU was found for a published model, and the small embedded checkpoint does not "
            "touch your own desktop or phone unless named; add --model embedded, or use --on "
            "virtual or --on practice-phone."
        )


def _is_personal(on: str) -> bool:
    from environments.registry import ENVIRONMENTS
    from environments.several import split_screens

    specs = split_screens(on, tuple(ENVIRONMENTS)).values()
    return any(spec.partition(":")[0] in PERSONAL for spec in specs)


@contextmanager
def staged(settings: RunSettings, stop: Stop) -> Iterator[Stage]:
    """Open the screen of a run and close it again.

    Raises:
        ConfigError: there is no such environment, template or expectation.
        DeviceError: the screen cannot be opened.
    """
    from agent.expectation import parse_expectation
    from agent.practice import spec_for
    from environments.registry import open_environment

    check = parse_expectation(settings.expect) if settings.expect is not None else None
    environment = open_environment(spec_for(settings), stop)
    try:
        stage = Stage(environment, settings.on, settings.task, check)
        yield _practised(stage, settings)
    finally:
        environment.close()


def _practised(stage: Stage, settings: RunSettings) -> Stage:
    """Let the practice world say what is asked, and whether it was done.

    Words of a person's own are checked by the world's state only if they name the template too:
    the world cannot know what other words mean.
    """
    from agent.practice import state_check, truth_of

    truth = truth_of(stage.environment, settings)
    if truth is None or (stage.task and not settings.template):
        return stage
    check = stage.check or state_check(truth.score)
    return replace(stage, task=stage.task or truth.instruction, check=check)


def _stop_key(on: str, stop: Stop) -> AbstractContextManager[None]:
    """Hear the stop key at the person's desk also while the run is somewhere else."""
    from environments.desktop.stop_key import stop_key_heard

    return nullcontext() if on.partition(":")[0] == "desktop" else stop_key_heard(stop)


def _begun(stage: Stage, model: str, settings: RunSettings) -> Journal:
    """Begin the journal of a run that a later process can go on with."""
    from agent.journal import Journal

    return Journal(
        runs_folder(),
        task=stage.task,
        model=model,
        environment=stage.name,
        settings=settings.model_dump_json(),
    )


def run_on(
    stage: Stage,
    loaded: Loaded,
    settings: RunSettings,
    stop: Stop,
    listeners: Sequence[Listener],
    resumption: Resumption | None = None,
) -> RunReport:
    """Do one task on an open stage with a loaded model, and journal it.

    With a ``resumption`` it goes on behind what was done before, in the same journal.

    Raises:
        JournalError: the journal cannot be begun.
    """
    from agent.answering import Inbox
    from agent.context import Context, Room
    from agent.discretion import discretion_for
    from agent.foresight import Foresight, LooksAhead
    from agent.guarding import answered, freeze, guard_for, person_for, rules_for
    from agent.limits import Limits
    from agent.listener import Listeners
    from agent.loop import Agent, nobody_looks
    from agent.resume import guarded, holding_noted, rehearsed
    from agent.second_look import SecondLook
    from agent.stopping import obeying_requests
    from agent.toolset import spoken_kind, tools_for
    from agent.watching import published
    from tools.person import person_tool
    from tools.registry import ToolRegistry

    loaded = loaded.suited(spoken_kind(stage.environment))
    model, grid, past = loaded.model, loaded.profile.grid, resumption.past if resumption else None
    kept = resumption.journal.folder if resumption else None
    rules = rules_for(settings, stage.task, kept)
    with (
        resumption.journal if resumption else _begun(stage, model.name, settings) as journal,
        obeying_requests(journal.folder, stop),
        _stop_key(settings.on, stop),
        published(journal.folder, stage.environment),
        holding_noted(journal.folder, stage.environment),
    ):
        freeze(rules, journal.folder)
        told = Listeners(journal, *listeners)
        person = person_for(settings, journal.folder, stop, told, aloud=not listeners)
        discreet = discretion_for(rules, stage.environment, person, resumed=past is not None)
        journal.redact = discreet.redactor.text
        guard = guard_for(rules, stage.environment, discreet.environment.observe, person)
        context = Context(
            loaded.profile,
            settings.history,
            model if isinstance(model, Room) else None,
            told.on_notice,
            Inbox(journal.folder).new,
        )
        offered = tools_for(stage.environment, grid, is_small=loaded.is_embedded)
        if not loaded.is_embedded:
            offered = (*offered, person_tool(person, guard, rules.file.answer_s))
        door = guarded(guard, past, person)
        tools = ToolRegistry(discreet.environment, offered, stop, grid, door, journal)
        tools.vault = discreet.vault
        if isinstance(model, LooksAhead) and isinstance(stage.environment, Glimpsed):
            foresight = Foresight(model, context, stage.task, tools.specs)
            stage.environment.glimpse = discreet.glimpsed(foresight.glimpse)
            told = Listeners(told, foresight)
        if isinstance(stage.environment, Telling):
            stage.environment.tell = told.on_notice
        limits = Limits(settings.max_steps, settings.minutes, ask=answered(rules, person))
        doubt = nobody_looks if loaded.is_embedded else SecondLook(model)
        agent = Agent(discreet.environment, model, tools, context, limits, told, doubt)
        if past:
            rehearsed(model, past)
        outcome = agent.run(stage.task, stop, stage.check, past.steps if past else ())
    return RunReport(outcome, journal.id, journal.folder)
