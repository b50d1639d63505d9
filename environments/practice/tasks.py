"""Tasks of the practice world: a scene, what is asked for, when it is reached, and an oracle.

Responsible for what every template shares, on the desktop and on the phone: building from a seed
and scoring by the world's own state; and for the words of the desktop's oracle. The scenes
themselves stand in ``templates``.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

from environments.actions import Action, Click, PressKeys, Scroll, Swipe, TypeText
from environments.desktop.pointer import WHEEL_NOTCH_PX
from environments.geometry import InputPoint
from environments.practice.canvas import Look, look_for
from environments.practice.widgets import Target
from environments.practice.world import World


@dataclass(frozen=True, slots=True)
class OracleStep:
    """What the oracle would do next: a thought in words, and an action or None when done."""

    thought: str
    action: Action | None


DONE = OracleStep("Done.", None)


class Truthful(Protocol):
    """A practice world of any kind: it can say all of its values and targets."""

    def values(self) -> dict[str, object]:
        """Return everything that scoring looks at."""
        ...

    def targets(self, only_reachable: bool = True) -> list[Target]:
        """Return what can be pointed at, in screen pixels."""
        ...

    def dress(self, look: Look) -> None:
        """Look otherwise."""
        ...


Dressing = Callable[[str, int], Look]
"""Draws the look of a task from its template and seed."""

W = TypeVar("W", bound=Truthful)


@dataclass(frozen=True)
class SceneOf(Generic[W]):
    """What a template makes of a seed.

    Attributes:
        world: the desktop or phone as it stands at the start.
        wordings: the same request in several forms.
        goal: the values that must differ from the start, and what they must become.
        oracle: the next step towards the goal from any state of the world.
        steps: how many actions the oracle needs from the start.
    """

    world: W
    wordings: tuple[str, ...]
    goal: Mapping[str, object]
    oracle: Callable[[W], OracleStep]
    steps: int


class TaskOf(ABC, Generic[W]):
    """One task in one practice world; the same template and seed give the same task."""

    def __init__(self, template: str, seed: int, dressing: Dressing | None = None) -> None:
        """Build the scene, in a look of its own or in one that ``dressing`` draws.

        Raises:
            ConfigError: there is no such template.
        """
        self._dressing = dressing
        self.reset(template, seed)

    def reset(self, template: str, seed: int) -> None:
        """Become another task, with a new world.

        Raises:
            ConfigError: there is no such template; the task stays as it was.
        """
        rng = random.Random(f"{template}/{seed}")
        scene = self.built(template, seed, rng)
        if self._dressing:
            scene.world.dress(self._dressing(template, seed))
        self.template = template
        self.seed = seed
        self.scene = scene
        self.instruction = rng.choice(self.scene.wordings)
        self._wanted = self.values() | dict(self.scene.goal)

    @abstractmethod
    def built(self, template: str, seed: int, rng: random.Random) -> SceneOf[W]:
        """Build the scene of a template.

        Raises:
            ConfigError: there is no such template.
        """

    @property
    def world(self) -> W:
        """The desktop or phone that the task is about."""
        return self.scene.world

    @property
    def steps(self) -> int:
        """Actions that the oracle needs from the start."""
        return self.scene.steps

    def score(self) -> float:
        """Return 1.0 if exactly what was asked for has changed, else 0.0."""
        return float(self.values() == self._wanted)

    def values(self) -> dict[str, object]:
        """Return everything that scoring looks at."""
        return self.world.values()

    def targets(self, only_reachable: bool = True) -> list[Target]:
        """Return what can be pointed at, in screen pixels."""
        return self.world.targets(only_reachable)

    def oracle(self) -> OracleStep:
        """Return the next step towards the goal.

        Raises:
            LookupError: earlier actions have made the goal unreachable for this oracle.
        """
        if self.score():
            return DONE
        spoilt = [key for key, value in self.values().items() if self._is_spoilt(key, value)]
        if spoilt:
            raise LookupError(f"cannot be undone: {', '.join(spoilt)}")
        return self.scene.oracle(self.world)

    def _is_spoilt(self, key: str, value: object) -> bool:
        wanted = self._wanted[key]
        if key not in self.scene.goal:
            return value != wanted
        if isinstance(wanted, tuple) and isinstance(value, tuple):  # what was done stays done
            return value != wanted[: len(value)]
        return key.startswith("press:") and value not in range(int(str(wanted)) + 1)


Oracle = Callable[[World], OracleStep]
Scene = SceneOf[World]
Template = Callable[[random.Random, Look], Scene]


class PracticeTask(TaskOf[World]):
    """One task on one practice desktop."""

    def built(self, template: str, seed: int, rng: random.Random) -> Scene:
        """Build the scene of a template, in a look that the seed draws."""
        from environments.practice.named import template_named

        build = template_named(template, seed)
        return build(rng, look_for(rng))


def click_on(world: World, label: str, role: str | None = None) -> OracleStep:
    """Return a click on the target with a label."""
    return OracleStep(f"Click {label}.", Click(point_of(world, label, role)))


def double_click_on(world: World, label: str) -> OracleStep:
    """Return a double click on the target with a label."""
    return OracleStep(f"Double-click {label}.", Click(point_of(world, label), count=2))


def type_text(text: str) -> OracleStep:
    """Return the typing of a text where the focus is."""
    return OracleStep(f"Type {text}.", TypeText(text))


def press_keys(*keys: str) -> OracleStep:
    """Return the pressing of keys together."""
    return OracleStep(f"Press {' '.join(keys)}.", PressKeys(keys))


def scroll_at(world: World, label: str, notches: int) -> OracleStep:
    """Return turns of the wheel over a target."""
    way = "up" if notches > 0 else "down"
    return OracleStep(
        f"Scroll {way}.", Scroll(dy_px=notches * WHEEL_NOTCH_PX, at=point_of(world, label))
    )


def looked_for(name: str, step: OracleStep, do: str) -> OracleStep:
    """Return a step with what is looked for said first: then ``do`` it, or go where it may be.

    Who says a name has looked whether it is there; what follows hangs on that.
    """
    if isinstance(step.action, Scroll | Swipe):
        way = step.thought[0].lower() + step.thought[1:]
        return replace(step, thought=f"Find {name}, {way}")
    return replace(step, thought=f"Find {name}: {do}.")


def has_target(world: World, label: str, role: str | None = None) -> bool:
    """Tell whether a target can be seen and reached."""
    return any(t.label == label and role in (None, t.role) for t in world.targets())


def point_of(world: World, label: str, role: str | None = None) -> InputPoint:
    """Return the middle of the topmost target with a label.

    Raises:
        LookupError: it cannot be reached any more (its window was closed, say).
    """
    targets = [t for t in world.targets() if t.label == label and role in (None, t.role)]
    if not targets:
        raise LookupError(f"{label} cannot be reached")
    return InputPoint(*targets[-1].centre)
