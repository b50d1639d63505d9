"""Tasks on the practice phone: what counts, and the words of the oracle.

Responsible for what every template of the phone shares; building and scoring are the practice
world's. The scenes themselves stand in ``templates``.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from environments.actions import PressButton, Swipe, SystemButton, Tap
from environments.geometry import InputPoint
from environments.practice.canvas import ROW_PX
from environments.practice.phone.layout import STATUS_PX
from environments.practice.phone.world import PhoneWorld
from environments.practice.tasks import OracleStep, SceneOf, TaskOf
from environments.practice.widgets import Target

PhoneOracle = Callable[[PhoneWorld], OracleStep]
PhoneScene = SceneOf[PhoneWorld]
PhoneTemplate = Callable[[random.Random, PhoneWorld], PhoneScene]

LONG_PRESS_MS = 800
SWIPE_MS = 300
MENDABLE = ("drafts", "notes", "lock")
"""Values that further actions can put right, whatever they are now."""


class PhoneTask(TaskOf[PhoneWorld]):
    """One task on one practice phone.

    What only passes (which page is shown) counts if it is asked for; the rest always counts.
    """

    def built(self, template: str, seed: int, rng: random.Random) -> PhoneScene:
        """Build the scene of a template on a phone that the seed draws."""
        from environments.practice.phone.templates import template_named

        build = template_named(template, seed)
        return build(rng, PhoneWorld(rng.getrandbits(32)))

    def values(self) -> dict[str, object]:
        """Return everything that scoring looks at."""
        asked = self.scene.goal
        passing = {key: value for key, value in self.world.passing().items() if key in asked}
        return self.world.values() | passing

    def _is_spoilt(self, key: str, value: object) -> bool:
        if key in self.scene.goal or key in MENDABLE:
            return False
        return value != self._wanted[key]


# ---- single steps


def tap_on(world: PhoneWorld, label: str, role: str | None = None) -> OracleStep:
    """Return a tap on the target with a label."""
    return OracleStep(f"Tap {label}.", Tap(point_of(world, label, role)))


def hold_on(world: PhoneWorld, label: str, role: str | None = None) -> OracleStep:
    """Return a long press on the target with a label."""
    at = point_of(world, label, role)
    return OracleStep(f"Hold {label}.", Tap(at, hold_ms=LONG_PRESS_MS))


def press_button(name: SystemButton) -> OracleStep:
    """Return the press of a button of the phone."""
    return OracleStep(f"Press {name.title()}.", PressButton(name))


def swipe(way: str, start: tuple[int, int], to: tuple[int, int]) -> OracleStep:
    """Return a swipe; ``way`` is the direction of the finger."""
    action = Swipe(InputPoint(*start), InputPoint(*to), duration_ms=SWIPE_MS)
    return OracleStep(f"Swipe {way}.", action)


def pull_shade(world: PhoneWorld) -> OracleStep:
    """Return the swipe that opens the shade."""
    width, height = world.turned_px
    return swipe("down", (width // 2, STATUS_PX // 2), (width // 2, height // 2))


def throw_away(world: PhoneWorld, label: str) -> OracleStep:
    """Return the swipe that dismisses a card."""
    y = target_of(world, label).centre[1]
    return swipe("right", (ROW_PX, y), (world.turned_px[0] - ROW_PX, y))


def target_of(world: PhoneWorld, label: str, role: str | None = None) -> Target:
    """Return the topmost target with a label.

    Raises:
        LookupError: there is none.
    """
    found = [t for t in world.targets() if t.label == label and role in (None, t.role)]
    if not found:
        raise LookupError(f"{label} cannot be reached")
    return found[-1]


def point_of(world: PhoneWorld, label: str, role: str | None = None) -> InputPoint:
    """Return the middle of the topmost target with a label.

    Raises:
        LookupError: there is none.
    """
    return InputPoint(*target_of(world, label, role).centre)
