"""Ways on the practice phone that several templates share: to an application, a page, a text.

Responsible for the oracle's next step towards something from wherever it is. What is asked for
stands in ``templates``, single steps in ``tasks``.
"""

from __future__ import annotations

from collections.abc import Mapping

from environments.actions import Tap
from environments.geometry import InputPoint
from environments.practice.canvas import ROW_PX
from environments.practice.phone.apps.launcher import HOME
from environments.practice.phone.store import News
from environments.practice.phone.tasks import (
    hold_on,
    press_button,
    pull_shade,
    swipe,
    tap_on,
)
from environments.practice.phone.views import View
from environments.practice.phone.world import PhoneWorld
from environments.practice.tasks import OracleStep, type_text

SWIPE_ROWS = 5
"""Rows that one swipe of the oracle moves a list by."""


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
    field = field_of(world, label).field
    return field.text if field is not None else ""


def say(world: PhoneWorld, text: str) -> OracleStep:
    """Return the next step to send a text in the talk that is open."""
    if text_in(world, "Text") == text:
        return tap_on(world, "Send", "button")
    return fill(world, "Text", text)


def talk_goal(world: PhoneWorld, name: str, text: str) -> dict[str, object]:
    """Return the talk as it is after one more message."""
    talk = world.values().get(f"talk:{name}", ())
    return {f"talk:{name}": (*tuple(talk if isinstance(talk, tuple) else ()), (True, text))}


def unsaid(world: PhoneWorld, name: str, goal: Mapping[str, object]) -> None:
    """Refuse to go on when something else was sent.

    Raises:
        LookupError: it was.
    """
    wanted = goal[f"talk:{name}"]
    if isinstance(wanted, tuple) and world.values()[f"talk:{name}"] != wanted[:-1]:
        raise LookupError(f"something else was sent to {name}")


def without(world: PhoneWorld, news: News) -> tuple[tuple[str, str, str], ...]:
    """Return the notifications that stay when one is gone."""
    return tuple((n.package, n.title, n.text) for n in world.store.news if n is not news)


def at_shade(world: PhoneWorld) -> OracleStep | None:
    """Return the next step towards the shade, None if it is open."""
    if world.page.name == "Shade":
        return None
    if world.is_locked or world.cover is not None:
        return enter(world, "Settings")
    return pull_shade(world)


def write_in_note(world: PhoneWorld, row: int, text: str) -> OracleStep:
    """Return the next step to make a note hold exactly a text of one word."""
    count = len(world.store.notes)
    step = go_to(world, "Notes", "Notes", f"note:{row}" if row < count else "note:None")
    if step is not None:
        return step
    if world.page.name == "Notes":
        if row >= count:
            return tap_on(world, "New", "button")
        point = world.screenful().content[row].target().centre
        return OracleStep(f"Tap {world.store.notes[row]}.", Tap(InputPoint(*point)))
    return fill(world, "Note", text)


def as_before(world: PhoneWorld, before: tuple[str, ...], row: int) -> None:
    """Refuse to go on when another note is not as it was.

    Raises:
        LookupError: one is not.
    """
    now = tuple(world.store.notes)
    if now[:row] + now[row + 1 :] != before[:row] + before[row + 1 :]:
        raise LookupError("another note was changed")
