"""One task from a program: ``run``.

Responsible for taking what a program has at hand, by name or as an object of its own, and for
handing it to the same run that the command line makes: the same rules, journal and outcome.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.assembly import RunReport, Stage, run_on, staged
from agent.choosing import OWN, load_for, model_for
from agent.config import RunSettings, settings_from
from agent.listener import Listener
from agent.outcome import Check
from environments.base import Environment, Stop

if TYPE_CHECKING:
    from agent.models.base import Model
    from agent.models.loaded import Loaded
    from tools.asking import Person
    from tools.schema import Tool


def run(  # noqa: PLR0913 - one argument for each part that can be one's own
    task: str = "",
    *,
    on: str | Environment = "virtual",
    model: str | Model | Loaded = "auto",
    tools: Sequence[Tool] = (),
    check: Check | None = None,
    person: Person | None = None,
    listeners: Sequence[Listener] = (),
    stop: Stop | None = None,
    **settings: object,
) -> RunReport:
    """Do one task and return its outcome and where its journal lies.

    Args:
        task: what to do, in plain words; empty for the words of a practice task.
        on: a screen by its name on the command line, opened and closed here; or an environment that
            is open, which stays open.
        model: a model by its name on the command line; one that is loaded (``load_model``), for
            several tasks; or one of your own.
        tools: further tools for the model.
        check: decides about success; without it and without ``expect`` a claim stays unknown.
        person: is asked what the rules do not allow by themselves; otherwise whoever is at hand.
        listeners: hear every step.
        stop: ends the run from another thread; give an environment of your own the same one.
        settings: whatever else ``deskhand run`` takes: expect, max_steps, minutes, preset, ...

    Raises:
        ConfigError: something is named that is not there, or a part of your own is none.
        DeviceError: the screen cannot be opened.
        ModelError: the model cannot be loaded.
        Stopped: a stop was asked for before the task was begun.
    """
    from agent.own_parts import noted, own_tools

    stop, further = stop or Stop(), own_tools(tools)
    named = {"on": on if isinstance(on, str) else OWN}
    named |= {"model": model} if isinstance(model, str) else {}
    asked = settings_from(**{**settings, **named, "task": task or None})
    if isinstance(model, str):
        model_for(asked)  # What it refuses is refused before a screen is opened.
    with noted(), stage_for(on, asked, stop) as found:
        stage = replace(found, person=person, further=further, check=check or found.check)
        return run_on(stage, _loaded(model, asked, stop), asked, stop, listeners)


@contextmanager
def stage_for(on: str | Environment, asked: RunSettings, stop: Stop) -> Iterator[Stage]:
    """Open a screen that is named and close it again; one of a program's own stays open.

    Raises:
        ConfigError: it is no screen, cannot be opened, or another run has it.
        DeviceError: it cannot be opened.
    """
    from agent.expectation import parse_expectation
    from agent.own_parts import own_screen

    if isinstance(on, str):
        with staged(asked, stop) as stage:
            yield stage
        return
    check = parse_expectation(asked.expect) if asked.expect is not None else None
    with own_screen(on) as screen:
        yield Stage(screen, OWN, asked.task, check)


def _loaded(model: str | Model | Loaded, asked: RunSettings, stop: Stop) -> Loaded:
    from agent.models.loaded import Loaded
    from agent.own_parts import own_model

    if isinstance(model, Loaded):
        return model
    return load_for(asked, stop) if isinstance(model, str) else own_model(model)
