"""Puts the parts of one run together; the only module of ``agent`` that names concrete ones.

Responsible for which environment, model, tools, limits and journal belong to a run, and for giving
everything back when it ends. Decides nothing while it runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from agent.config import RunSettings, home_folder
from agent.listener import Listener
from agent.models.base import Model
from agent.outcome import Check, Evidence, Outcome, StateCheck
from environments.base import Environment, Observation, Stop
from environments.errors import ConfigError

EMBEDDED = "embedded"
PRACTICE = "practice"
PERSONAL = "desktop"
"""The environment that is a person's own screen."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a run takes place.

    Attributes:
        environment: the screen, opened.
        task: what is asked for, in words.
        check: what decides about success, None if nothing does.
    """

    environment: Environment
    task: str
    check: Check | None


def choose_model(name: str, on: str) -> str:
    """Return the model to load for a screen.

    Raises:
        ConfigError: it would be the embedded checkpoint on a person's desktop, not asked for.
    """
    from agent.models.registry import resolve

    chosen = resolve(name)
    if chosen == EMBEDDED and name != EMBEDDED and on.partition(":")[0] == PERSONAL:
        raise ConfigError(
            "No GPU was found for a published model, and the small embedded checkpoint does not "
            "touch your own desktop unless named; add --model embedded, or use --on virtual."
        )
    return chosen


def load(name: str, on: str, stop: Stop) -> Model:
    """Load the model for a screen; takes from a second to minutes.

    Raises:
        ConfigError, ModelError: there is no such model, or it cannot be loaded.
    """
    from agent.models.registry import load_model

    return load_model(choose_model(name, on), stop)


@contextmanager
def staged(settings: RunSettings, stop: Stop) -> Iterator[Stage]:
    """Open the screen of a run and close it again."""
    from agent.expectation import parse_expectation
    from environments.registry import open_environment

    check = parse_expectation(settings.expect) if settings.expect else None
    if settings.template:
        with practised(settings, stop) as stage:
            yield Stage(stage.environment, settings.task or stage.task, check or stage.check)
        return
    environment = open_environment(settings.on, stop)
    try:
        yield Stage(environment, settings.task, check)
    finally:
        environment.close()
