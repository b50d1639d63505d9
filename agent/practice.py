"""What a practice world brings to a run: the task that stands on it, its words and its check.

Responsible for turning ``--on``, ``--template`` and ``--seed`` into what is opened, also where a
task stands on a desktop and a phone at once, and for finding who knows the truth afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol, cast

from agent.config import RunSettings, is_practice
from agent.outcome import Check, Evidence, StateCheck
from environments.base import Environment, Kind, Observation, kind_of
from environments.errors import ConfigError
from environments.several import SEPARATOR, SeveralScreens

if TYPE_CHECKING:
    from environments.practice.base import PracticeTruth

WORLDS: Mapping[str, Kind] = {"practice": "desktop", "practice-phone": "phone"}
"""The practice worlds by the first word of their spec, and which kind of screen they are."""

BOTH = SEPARATOR.join(WORLDS)
"""Where a task over two worlds takes place."""


class Truth(Protocol):
    """What a run needs of a world that knows itself."""

    @property
    def instruction(self) -> str:
        """What is asked for."""
        ...

    def score(self) -> float:
        """Return 1.0 if it is done."""
        ...


def spec_for(settings: RunSettings) -> str:
    """Return what to open: practice screens with the task that the settings name.

    Raises:
        ConfigError: there is no such screen, or the template belongs to another.
    """
    from environments.registry import ENVIRONMENTS, split_spec
    from environments.several import split_screens

    screens = split_screens(settings.on, tuple(ENVIRONMENTS))
    if "" not in screens:
        return _joint_spec(screens, settings)
    name, argument = split_spec(settings.on)
    if settings.template and not is_practice(settings.on):
        raise ConfigError("--template belongs to --on practice; leave one of the two out.")
    if not is_practice(settings.on) or argument:
        return settings.on
    return f"{name}:{settings.template or ''}/{settings.seed}"


def truth_of(environment: Environment, settings: RunSettings) -> Truth | None:
    """Return who knows whether the task was done; None where nobody does."""
    if not isinstance(environment, SeveralScreens):
        return task_of(environment) if is_practice(settings.on) else None
    from environments.practice.joint import JOINT, JointTruth

    if settings.template not in JOINT:
        return None
    halves = {kind_of(screen): task_of(screen) for screen in environment.screens.values()}
    return JointTruth(halves["desktop"], halves["phone"])


def screen_for(template: str | None) -> str | None:
    """Return where a template takes place if no screen was named; None without a template."""
    if not template:
        return None
    from environments.practice.joint import JOINT
    from environments.practice.phone.templates import TEMPLATES

    if template in JOINT:
        return BOTH
    return "practice-phone" if template in TEMPLATES else "practice"


def state_check(score: Callable[[], float]) -> Check:
    """Return the check that asks the practice world itself."""

    def test(observation: Observation) -> Evidence:
        if score():
            return Evidence(True, "exactly what was asked for has changed, and nothing else")
        return Evidence(False, "the values of the practice world are not those asked for")

    return StateCheck("the practice world's own state", test)


def _joint_spec(screens: Mapping[str, str], settings: RunSettings) -> str:
    """Return the screens, each practice world among them with its half of the template."""
    if not settings.template:
        return settings.on
    from environments.practice.joint import halves_of
    from environments.registry import split_spec

    halves, parts, seen = halves_of(settings.template), [], []
    for name, spec in screens.items():
        kind = WORLDS.get(spec.partition(":")[0])
        world, argument = split_spec(spec)
        if kind is None or argument:
            parts.append(f"{name}={spec}")
        else:
            parts.append(f"{name}={world}:{halves[kind]}/{settings.seed}")
            seen.append(kind)
    if sorted(seen) != sorted(halves):
        raise ConfigError(f"{settings.template} needs a practice desktop and phone: --on {BOTH}")
    return SEPARATOR.join(parts)


def task_of(environment: Environment) -> PracticeTruth:
    """Return what a practice world knows about its task."""
    return cast(_Practised, environment).task


class _Practised(Protocol):
    @property
    def task(self) -> PracticeTruth: ...
