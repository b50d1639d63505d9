"""Moments of tasks: a screen, what is asked, what was done so far, and the right next step.

Responsible for playing a teacher's tasks, with slips that have to be mended, and for what of a
moment is kept. Knows no tokens.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from agent.models.profiles.embedded import TURNS_SHOWN, history_line
from agent.training.clicks import arguments_for
from agent.training.teacher import Teacher
from agent.training.touches import touch_arguments
from environments.actions import Action, Click, Drag, MoveTo, Scroll, Swipe, Tap
from environments.base import Frame, Kind
from environments.effects import judge
from environments.geometry import InputPoint, Screen
from environments.practice.widgets import Target

SLIP_RATE = 0.12
"""How often a step of the past goes wrong: beside the target, or the wrong way."""

REFUSED_RATE = 0.03
"""How often a step of the past was refused: nothing happened, so it has to be done again."""

WORDS: Mapping[Kind, Callable[[Action | None, Screen], dict[str, Any]]] = {
    "desktop": arguments_for,
    "phone": touch_arguments,
}
"""How an oracle's action is said about each kind of screen."""


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """One moment of a task.

    Attributes:
        lines: the past, as it stands in the prompt.
        thought, arguments: the right reply.
        at: the point of the reply that lies on what its thought names, in input points.
        targets: what can be pointed at, in input points; later ones lie on top.
        labels: the same with what cannot be reached now.
    """

    kind: Kind
    frame: Frame
    screen: Screen
    instruction: str
    lines: tuple[str, ...]
    thought: str
    arguments: Mapping[str, Any]
    at: tuple[int, int] | None
    targets: tuple[Target, ...]
    labels: tuple[Target, ...]


class Moments:
    """Plays the tasks of a teacher and says what it met."""

    def __init__(self, teacher: Teacher, rng: random.Random) -> None:
        """Let the chance decide where a step of the past goes wrong."""
        self._teacher = teacher
        self._rng = rng

    def some(self, seed: int) -> Moment:
        """Return some moment of the task of a seed.

        Raises:
            LookupError: a slip made the task unsolvable; the seed is not fit for training.
        """
        self._teacher.reset(seed)
        lines: list[str] = []
        count = self._rng.randint(0, self._teacher.steps)
        while len(lines) < count and self._go_on(lines):
            pass
        return moment_of(self._teacher, lines)

    def every(self, seed: int) -> Iterator[Moment]:
        """Yield the moments of the task of a seed, one after the other.

        Raises:
            LookupError: a slip made the task unsolvable.
        """
        self._teacher.reset(seed)
        lines: list[str] = []
        for _ in range(self._teacher.steps + 2):
            yield moment_of(self._teacher, lines)
            if not self._go_on(lines):
                break

    def _go_on(self, lines: list[str]) -> bool:
        """Do the next step, add it to the lines of the past, and tell whether there was one."""
        step = self._teacher.label()
        if step.action is None:
            return False
        if self._rng.random() < REFUSED_RATE:
            lines.append(history_line(len(lines) + 1, step.thought, "", is_error=True))
            return True
        before = self._teacher.screen.observe()
        action = self._slip(step.action, before.screen)
        self._teacher.screen.execute(action)
        effect = judge(action, before, self._teacher.screen.observe())
        lines.append(history_line(len(lines) + 1, step.thought, effect, is_error=False))
        return True

    def _slip(self, action: Action, screen: Screen) -> Action:
        if self._rng.random() > SLIP_RATE:
            return action
        match action:
            case Click() | Tap():
                width, height = screen.width_px, screen.height_px
                return replace(action, at=InputPoint(*map(self._rng.randrange, (width, height))))
            case Scroll():
                return replace(action, dy_px=-action.dy_px)
        return action


def moment_of(teacher: Teacher, lines: Sequence[str]) -> Moment:
    """Return how a task stands, with the lines of its past.

    Raises:
        LookupError: it cannot be solved any more.
    """
    step, look = teacher.label(), teacher.screen.observe()
    return Moment(
        kind=teacher.kind,
        frame=np.asarray(look.frame),
        screen=look.screen,
        instruction=teacher.instruction,
        lines=tuple(lines[-TURNS_SHOWN:]),
        thought=step.thought,
        arguments=WORDS[teacher.kind](step.action, look.screen),
        at=aimed_at(step.action),
        targets=tuple(teacher.targets()),
        labels=tuple(teacher.targets(only_reachable=False)),
    )


def aimed_at(action: Action | None) -> tuple[int, int] | None:
    """Return the point of an action that lies on what its thought names, None without one."""
    match action:
        case Click(InputPoint(x, y)) | Tap(InputPoint(x, y)) | MoveTo(InputPoint(x, y)):
            return x, y
        case Scroll(at=InputPoint(x, y)) | Drag(InputPoint(x, y)):
            return x, y
        case Swipe(start, to) if start.y == to.y:  # Up and down only scroll.
            return start.x, start.y
    return None
