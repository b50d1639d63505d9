"""Puts the parts of one run together, so that the loop and what it holds name no concrete ones.

Responsible for which environment, model, tools, limits and journal belong to a run, and for giving
everything back when it ends. Decides nothing while it runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from agent.config import RunSettings, home_folder
from agent.listener import Listener
from agent.outcome import Check, Outcome, interrupted
from environments.base import Environment, Glimpsed, Stop, Telling
from environments.errors import DeskhandError, JournalError

if TYPE_CHECKING:
    from agent.context import Context
    from agent.discretion import Discretion
    from agent.door import GuardedScreen
    from agent.journal import Journal
    from agent.loop import Agent
    from agent.models.loaded import Loaded
    from agent.recall import Past
    from agent.resume import Resumption
    from tools.asking import Person
    from tools.registry import ToolRegistry
    from tools.rules.rulebook import Rules
    from tools.schema import Tool


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a run takes place.

    Attributes:
        environment: the screen, opened.
        name: what it is called in the journal and for people.
        task: what is asked for, in words.
        check: what decides about success, None if nothing does.
        person: who is asked, None for whoever the settings of the run say.
        further: tools beside those of the screen.
    """

    environment: Environment
    name: str
    task: str
    check: Check | None
    person: Person | None = None
    further: tuple[Tool, ...] = ()


@dataclass(frozen=True, slots=True)
class RunReport:
    """A run that has ended: its outcome, and where its journal lies."""

    outcome: Outcome
    run_id: str
    folder: Path


def runs_folder() -> Path:
    """Return the folder with one folder per run."""
    return home_folder() / "runs"


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
    """Begin the journal of a run that a later process can go on with, on the very same screens."""
    from agent.journal import Journal
    from environments.registry import same_again

    lasting = settings.model_copy(update={"on": same_again(settings.on, stage.environment)})
    return Journal(
        runs_folder(),
        task=stage.task,
        model=model,
        environment=stage.name,
        settings=lasting.model_dump_json(),
    )


@contextmanager
def _recorded(
    stage: Stage, model: str, settings: RunSettings, stop: Stop, resumption: Resumption | None
) -> Iterator[Journal]:
    """Keep a run's journal, and hear and tell what other processes have to know of it.

    What ends a run before its first step is written down too, unless it may still be resumed.
    """
    from tools.secrets import references

    on, shown = settings.on, not references(stage.task)
    with resumption.journal if resumption else _begun(stage, model, settings) as journal:
        try:
            with attended(journal.folder, stage.environment, on, stop, shown):
                yield journal
        except (DeskhandError, KeyboardInterrupt) as error:
            with suppress(JournalError):  # That the run has ended may be written already.
                if resumption is None:
                    journal.on_outcome(interrupted(error))
            raise


@contextmanager
def attended(
    folder: Path, environment: Environment, on: str, stop: Stop, shown: bool
) -> Iterator[None]:
    """Obey a stop from anywhere, say where the screen is, and leave nothing held down.

    Args:
        folder: of the run.
        environment: its screen.
        on: what that is called.
        stop: is set by the stop key and by ``deskhand stop``.
        shown: onlookers may see the screen.
    """
    from agent.resume import holding_noted
    from agent.stopping import obeying_requests
    from agent.watching import published

    with (
        obeying_requests(folder, stop),
        _stop_key(on, stop),
        published(folder, environment, shown=shown),
        holding_noted(folder, environment),
    ):
        yield


@dataclass(frozen=True, slots=True)
class _Parts:
    """What one run is put together from; ``past`` is what it goes on behind."""

    stage: Stage
    loaded: Loaded
    settings: RunSettings
    stop: Stop
    listeners: Sequence[Listener]
    past: Past | None


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
        ConfigError: the rules cannot be read, or a secret that was typed before cannot be hidden.
    """
    from agent.guarding import freeze, rules_for
    from agent.listener import Listeners
    from agent.resume import rehearsed
    from agent.toolset import spoken_kind

    loaded = loaded.suited(spoken_kind(stage.environment))
    past = resumption.past if resumption else None
    rules = rules_for(settings, stage.task, resumption.journal.folder if resumption else None)
    with (
        _recorded(stage, loaded.model.name, settings, stop, resumption) as journal,
        _joined(stage, loaded, settings, stop, Listeners(journal, *listeners)) as joint,
    ):
        freeze(rules, journal.folder)
        agent = _agent(_Parts(joint, loaded, settings, stop, listeners, past), rules, journal)
        if past:
            rehearsed(loaded.model, past)
        outcome = agent.run(stage.task, stop, stage.check, past.steps if past else ())
    return RunReport(outcome, journal.id, journal.folder)


@contextmanager
def _joined(
    stage: Stage, loaded: Loaded, settings: RunSettings, stop: Stop, told: Listener
) -> Iterator[Stage]:
    """Add the tools of the MCP servers that the person configured, where the model knows tools."""
    from agent.joining import joined_tools

    if loaded.is_embedded:
        yield stage
        return
    with joined_tools(settings, stage.environment, stop, told.on_notice) as tools:
        yield replace(stage, further=(*stage.further, *tools))


def _agent(parts: _Parts, rules: Rules, journal: Journal) -> Agent:
    """Put the loop together: who sees, who asks, who decides and who is told."""
    from agent.discretion import refuse_to_forget
    from agent.door import guarded_screen
    from agent.guarding import answered, person_for
    from agent.limits import Limits
    from agent.listener import Listeners
    from agent.loop import Agent, nobody_looks
    from agent.second_look import SecondLook

    stage, settings, model = parts.stage, parts.settings, parts.loaded.model
    told = Listeners(journal, *parts.listeners)
    aloud = not parts.listeners  # Else a listener prints the question.
    person = stage.person or person_for(settings, journal.folder, parts.stop, told, aloud)
    screen = guarded_screen(rules, stage.environment, person, resumed=parts.past is not None)
    discreet = screen.discreet
    if parts.past:
        refuse_to_forget(parts.past, discreet.vault)
    journal.hide(discreet.redactor.text)
    tools = _door(parts, rules, screen, journal)
    journal.spoken(parts.loaded.profile, tools.specs)
    context = _context(parts, journal.folder, told)
    listener = _foreseen(parts, context, tools, discreet, told)
    limits = Limits(settings.max_steps, settings.minutes, ask=answered(rules, discreet.person))
    doubt = nobody_looks if parts.loaded.is_embedded else SecondLook(model)
    return Agent(discreet.environment, model, tools, context, limits, listener, doubt)


def _door(parts: _Parts, rules: Rules, screen: GuardedScreen, journal: Journal) -> ToolRegistry:
    """Return the one door for calls, with the tools that the model knows."""
    from agent.resume import guarded
    from agent.toolset import tools_for
    from tools.person import person_tool

    loaded, person = parts.loaded, screen.discreet.person
    grid = loaded.profile.grid
    offered = tools_for(parts.stage.environment, grid, is_small=loaded.is_embedded)
    if not loaded.is_embedded:
        asking = person_tool(person, screen.guard, rules.file.answer_s)
        offered = (*offered, asking, *parts.stage.further)
    approver = guarded(screen.guard, parts.past, person)
    return screen.door(offered, parts.stop, grid, journal, approver)


def _context(parts: _Parts, folder: Path, told: Listener) -> Context:
    from agent.answering import Inbox
    from agent.context import Context, Room

    model = parts.loaded.model
    return Context(
        parts.loaded.profile,
        parts.settings.history,
        model if isinstance(model, Room) else None,
        told.on_notice,
        Inbox(folder).new,
    )


def _foreseen(
    parts: _Parts, context: Context, tools: ToolRegistry, discreet: Discretion, told: Listener
) -> Listener:
    """Let a model that can read a screen while it settles do so; return who is told of the run."""
    from agent.foresight import Foresight, LooksAhead
    from agent.listener import Listeners

    environment, model = parts.stage.environment, parts.loaded.model
    if isinstance(environment, Telling):
        environment.tell = told.on_notice
    if not (isinstance(model, LooksAhead) and isinstance(environment, Glimpsed)):
        return told
    foresight = Foresight(model, context, parts.stage.task, tools.specs)
    environment.glimpse = discreet.glimpsed(foresight.glimpse)
    return Listeners(told, foresight)
