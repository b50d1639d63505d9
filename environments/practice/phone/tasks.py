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
from environments.practice.phone.apps.launcher import HOME
from environments.practice.phone.layout import STATUS_PX
from environments.practice.phone.text import Field
from environments.practice.phone.views import View
from environments.practice.phone.world import PhoneWorld
from environments.practice.tasks import OracleStep, SceneOf, TaskOf, type_text
from environments.practice.widgets import Target

PhoneOracle = Callable[[PhoneWorld], OracleStep]
PhoneScene = SceneOf[PhoneWorld]
PhoneTemplate = Callable[[random.Random, PhoneWorld], PhoneScene]

LONG_PRESS_MS = 800
SWIPE_MS = 300
SWIPE_ROWS = 5
"""Rows that one swipe of the oracle moves a list by."""

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


# ---- ways


def enter(world: PhoneWorld, app: str) -> OracleStep | None:
    """Return the next step towards an application, None if it is in front."""
    if not world.awake:
        return press_button("power")
    if world.is_locked:
        width, height = world.turned_px
        return swipe("up", (width // 2, height - 2 * ROW_PX), (width // 2, 2 * ROW_PX))
    if world.cover is not None:
        return press_button("back")
    package = next(a.package for a in world.apps if a.label == app)
    if world.owner == package:
        return None
    return tap_on(world, app, "icon") if world.owner == HOME else press_button("home")


def go_to(world: PhoneWorld, app: str, *pages: str) -> OracleStep | None:
    """Return the next step to one of some pages of an application, by Back; None if there.

    A page's name may be given up to its first colon, and then stands for all of its kind.
    """
    step = enter(world, app)
    name = world.page.name
    if step is not None or name in pages or name.partition(":")[0] in pages:
        return step
    return press_button("back")


def into_view(world: PhoneWorld, label: str) -> OracleStep | None:
    """Return the swipe that brings something in a list nearer, None if it can be touched."""
    if any(target.label == label for target in world.targets()):
        return None
    screen = world.screenful()
    view = next((v for v in screen.content if v.text == label and v.touchable), None)
    if view is None:
        raise LookupError(f"{label} is not on this page")
    x, (top, bottom) = world.turned_px[0] // 2, (screen.area[1], screen.area[3])
    rows = min(SWIPE_ROWS, (bottom - top) // ROW_PX - 2)
    low = bottom - ROW_PX // 2
    high = low - rows * ROW_PX
    if view.box[1] >= bottom - ROW_PX:
        return swipe("up", (x, low), (x, high))
    return swipe("down", (x, high), (x, low))


def swipes_to(row: int, rows_seen: int) -> int:
    """Return how many swipes ``into_view`` needs from the start of a list to a row of it."""
    return max(-(-(row - rows_seen + 1) // SWIPE_ROWS), 0)


def fill(world: PhoneWorld, label: str, text: str) -> OracleStep:
    """Return the next step to make a field on the page hold exactly a text of one word."""
    view = field_of(world, label)
    field = view.field
    if field is None or world.page.focus is not field:
        holds = field is not None and field.text
        return hold_on(world, label, "text field") if holds else tap_on(world, label, "text field")
    if field.text and field.selected != field.text:
        return hold_on(world, label, "text field")
    return type_text(text)


def field_of(world: PhoneWorld, label: str) -> View:
    """Return the view of a field on the page.

    Raises:
        LookupError: there is none.
    """
    for view in world.screenful().touchable():
        if view.field is not None and view.text == label:
            return view
    raise LookupError(f"{label} cannot be reached")


def text_in(world: PhoneWorld, label: str) -> str:
    """Return what a field on the page holds."""
    field: Field | None = field_of(world, label).field
    return field.text if field is not None else ""


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
