"""The Teacher: a world that can set a task, show it and say what to do next.

Responsible for the protocol that training learns from and for the practice worlds as the first
teacher. Other teachers register under the entry-point group ``deskhand.teachers``.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from importlib.metadata import entry_points
from typing import Protocol

from environments.base import Environment, Kind, Stop, kind_of
from environments.errors import ConfigError
from environments.practice.environment import InProcessPractice
from environments.practice.guises import guise_for
from environments.practice.phone.environment import InProcessPhone
from environments.practice.phone.templates import TEMPLATES
from environments.practice.tasks import Dressing, OracleStep
from environments.practice.templates import TEMPLATES as DESKTOP
from environments.practice.widgets import Target


class Teacher(Protocol):
    """A source of tasks whose next right step is known in every state."""

    @property
    def kind(self) -> Kind:
        """What the screen of the task belongs to."""
        ...

    @property
    def instruction(self) -> str:
        """What is asked for, in plain words."""
        ...

    @property
    def steps(self) -> int:
        """Right actions from the start to the end."""
        ...

    @property
    def turns(self) -> int:
        """Turns that somebody gets for it who may go wrong."""
        ...

    def reset(self, seed: int) -> None:
        """Set up the task of a seed; ``instruction`` and ``steps`` (its length) change with it."""
        ...

    @property
    def screen(self) -> Environment:
        """Where the task stands; to be looked at and acted on, rightly or wrongly."""
        ...

    def label(self) -> OracleStep:
        """Return the right next step.

        Raises:
            LookupError: the task cannot be solved any more.
        """
        ...

    def targets(self, only_reachable: bool = True) -> Sequence[Target]:
        """Return what can be pointed at, in input points."""
        ...

    def score(self) -> float:
        """Return how much of the task is reached, 0 to 1."""
        ...

    def close(self) -> None:
        """End what was started; may be called twice."""
        ...


def teacher_named(name: str) -> Callable[[Sequence[str]], Teacher]:
    """Return what makes a teacher from the names of its tasks.

    Raises:
        ConfigError: nobody has registered a teacher of this name.
    """
    found = entry_points(group="deskhand.teachers", name=name)
    if not found:
        known = ", ".join(sorted(entry_points(group="deskhand.teachers").names))
        raise ConfigError(f"There is no teacher {name!r}; there are: {known}.")
    make: Callable[[Sequence[str]], Teacher] = next(iter(found)).load()
    return make


Practised = InProcessPractice | InProcessPhone
"""A practice world in this process, with the truth about its task."""


def practised(template: str, seed: int, stop: Stop, dressing: Dressing | None = None) -> Practised:
    """Return the world that a template belongs to, with its task set up.

    Raises:
        ConfigError: there is no such template, or a font of the look is missing.
    """
    where = InProcessPhone if template in TEMPLATES else InProcessPractice
    return where(template, seed, stop, dressing)


class PracticeTeacher:
    """The practice desktop and phone as a teacher: a template drawn for every seed.

    Attributes:
        guises: share of the tasks that are not shown in their usual look.
    """

    guises = 0.0

    def __init__(self, templates: Sequence[str]) -> None:
        """Draw evenly from ``templates``; one that stands there twice comes twice as often.

        Without any, from all of both worlds.
        """
        self._templates = templates or (*DESKTOP, *TEMPLATES)
        self._desk: Practised

    @property
    def kind(self) -> Kind:
        """A desktop or a phone, as the template has it."""
        return kind_of(self._desk)

    @property
    def instruction(self) -> str:
        """What is asked for, in plain words."""
        return self._desk.task.instruction

    @property
    def steps(self) -> int:
        """Actions that the oracle needs from the start."""
        return self._desk.task.steps

    @property
    def turns(self) -> int:
        """Twice as many."""
        return 2 * self.steps

    def reset(self, seed: int) -> None:
        """Set up one practice task."""
        rng = random.Random(f"teacher/{seed}")
        template = rng.choice(self._templates)
        dressing = guise_for if rng.random() < self.guises else None
        self._desk = practised(template, seed, Stop(), dressing)

    @property
    def screen(self) -> Environment:
        """The world."""
        return self._desk

    def label(self) -> OracleStep:
        """Ask the oracle."""
        return self._desk.task.oracle()

    def targets(self, only_reachable: bool = True) -> Sequence[Target]:
        """Ask the world."""
        return self._desk.task.targets(only_reachable)

    def score(self) -> float:
        """Return 1.0 in exactly the wanted state."""
        return self._desk.task.score()

    def close(self) -> None:
        """Leave nothing; the worlds are in this process."""


class GuiseTeacher(PracticeTeacher):
    """The same, two thirds of the tasks in other themes, fonts and scales."""

    guises = 0.67
