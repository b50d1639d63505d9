"""A screen for Qwen-Agent's programs: opened, guarded and journaled as any run's is.

Responsible for putting together what their calls go through. The tools themselves stand in
``tools.qwen_agent``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING

from agent.api import stage_for
from agent.assembly import attended, runs_folder
from agent.choosing import OWN
from agent.config import settings_from
from agent.door import guarded_screen
from agent.guarding import person_for, rules_for
from agent.journal import Journal
from agent.listener import Listener
from agent.models.profiles.finding import EMBEDDED, load_profile, suited
from agent.outcome import CRASHED, Outcome, interrupted
from agent.toolset import spoken_kind, tools_for
from environments.base import Environment, Stop
from environments.errors import DeskhandError
from tools.secrets import references

if TYPE_CHECKING:
    from tools.asking import Person
    from tools.qwen_agent import Screen

TASK = "Calls of a Qwen-Agent program."


@contextmanager
def opened_screen(
    on: str | Environment = "virtual",
    *,
    profile: str = "qwen3vl-desktop",
    person: Person | None = None,
    stop: Stop | None = None,
    **settings: object,
) -> Iterator[Screen]:
    """Open a screen for an ``Assistant`` and close it again; one of your own stays open.

    Args:
        on: a screen by its name on the command line, or an open environment.
        profile: of the model that will call; it decides the grid of its coordinates. "embedded" for
            the small checkpoint, which knows one tool.
        person: who is asked what the rules do not allow by themselves.
        stop: ends every call.
        settings: ``preset``, ``rules``, ``template``, ``seed`` and what else a run takes.

    Raises:
        ConfigError, DeviceError: the screen cannot be opened, or the rules cannot be read.
    """
    from tools.qwen_agent import Screen

    stop = stop or Stop()
    name = on if isinstance(on, str) else OWN
    asked = settings_from(**{"task": TASK, **settings, "on": name})
    with (
        stage_for(on, asked, stop) as stage,
        Journal(
            runs_folder(), task=TASK, model="a Qwen-Agent program", environment=stage.name
        ) as journal,
        _ended(journal),
        attended(journal.folder, stage.environment, name, stop, not references(asked.task)),
    ):
        asks = person or person_for(asked, journal.folder, stop, Listener(), True)
        guarded = guarded_screen(rules_for(asked, asked.task), stage.environment, asks)
        journal.hide(guarded.discreet.redactor.text)
        spoken = suited(load_profile(profile), spoken_kind(stage.environment))
        offered = tools_for(stage.environment, spoken.grid, is_small=profile == EMBEDDED)
        door = guarded.door(offered, stop, spoken.grid, journal)
        screen = Screen(guarded.discreet.environment, door, journal.on_observation)
        with closing(screen):
            yield screen


@contextmanager
def _ended(journal: Journal) -> Iterator[None]:
    """Write how a program's calls ended, whatever ended them."""

    def write(kind: object, error: BaseException | None, trace: object) -> None:
        # Qwen-Agent passes ours on inside of its own.
        known = error and (error.__cause__ or error)
        outcome = Outcome("stopped", "The program's calls are over.", ended_by="person")
        if known is not None:
            is_ours = isinstance(known, DeskhandError | KeyboardInterrupt)
            outcome = interrupted(known) if is_ours else CRASHED
        journal.on_outcome(outcome)

    with ExitStack() as stack:
        stack.push(write)
        yield
