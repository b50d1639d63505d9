"""What a screen of the practice phone is made of: views with a box, a look and what they do.

Responsible for the one list from which everything else is derived: the picture, the truth about
targets, the answer to a touch and the dump of the window. Boxes are pixels of the turned screen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from environments.practice.canvas import LATTICE_PX, ROW_PX, Box, lattice_width
from environments.practice.phone.text import Field
from environments.practice.widgets import (
    FIELD_OFFSET_PX,
    SLIDER_END_PX,
    SLIDER_MAX,
    SLIDER_STEP_PX,
    Target,
    slider_point,
)

Kind = Literal[
    "panel", "list", "title", "label", "button", "icon", "row", "switch", "choice", "slider",
    "field", "page", "bubble", "link", "photo", "card", "tile", "key", "navigation", "status",
    "bar", "clock",
]  # fmt: skip
Act = Callable[[], None]

TILE_PX = 2 * ROW_PX
"""Side of an icon and of a photo in a grid."""

ROLES: dict[Kind, str] = {
    "button": "button", "icon": "icon", "row": "row", "switch": "switch", "choice": "choice",
    "slider": "slider", "field": "text field", "page": "text field", "link": "link",
    "photo": "photo", "card": "notification", "tile": "tile", "key": "key",
    "navigation": "navigation",
}  # fmt: skip
"""What a view that can be touched is called as a target."""


@dataclass(frozen=True, slots=True)
class View:
    """One thing on the screen.

    Attributes:
        kind: how it looks and what Android calls it.
        text: what stands on it, and its name as a target.
        box: left, top, right, bottom in pixels.
        detail: smaller text beside or below it.
        id: its resource id, without the package.
        tap, hold, away: what a touch, a long press and a swipe to the side do.
        slide: what a finger at a point of a track does; takes a step from 0 to 10.
        field: the text that is edited in it.
        state: on or off, chosen or not; None where there is no such thing.
        level: where a slider stands, 0 to 10.
        mine: a bubble of the owner of the phone; a button that stands out.
    """

    kind: Kind
    text: str
    box: Box
    detail: str = ""
    id: str = ""
    tap: Act | None = None
    hold: Act | None = None
    away: Act | None = None
    slide: Callable[[int], None] | None = None
    field: Field | None = None
    state: bool | None = None
    level: int = 0
    mine: bool = False

    @property
    def touchable(self) -> bool:
        """A finger on it does something."""
        acts = (self.tap, self.hold, self.away, self.slide, self.field)
        return any(act is not None for act in acts)

    def moved(self, x: int, y: int) -> View:
        """Return it shifted."""
        left, top, right, bottom = self.box
        return replace(self, box=(left + x, top + y, right + x, bottom + y))

    def target(self) -> Target:
        """Return it as something that can be pointed at; the box lies where its label stands."""
        return Target(self.text, ROLES.get(self.kind, self.kind), self._labelled_box())

    def _labelled_box(self) -> Box:
        left, top, right, bottom = self.box
        if self.kind in ("row", "switch", "choice", "card"):
            return (left, top, min(left + ROW_PX + lattice_width(self.text), right), bottom)
        return (
            (left, bottom - ROW_PX, right, bottom) if self.kind in ("icon", "photo") else self.box
        )


def row_at(row: int, width: int, rows: int = 1) -> Box:
    """Return the box of a whole row of the content; row 0 is the first."""
    return (0, row * ROW_PX, width, (row + rows) * ROW_PX)


def label(text: str, row: int, width: int, name: str = "") -> View:
    """Return words that can only be read, in a row of the content."""
    return View("label", text, (8, row * ROW_PX, width, (row + 1) * ROW_PX), id=name)


def labelled_field(field: Field, row: int, width: int) -> list[View]:
    """Return a field with its label before it, as on the practice desktop."""
    top = row * ROW_PX
    left = LATTICE_PX + FIELD_OFFSET_PX
    box = (left + 8, top + 4, width - 8, top + ROW_PX - 4)
    return [
        label(field.label, row, left),
        View("field", field.label, box, id=field.label.lower(), field=field),
    ]


def track_x() -> int:
    """Return where the track of a slider begins (level 0)."""
    return 2 * LATTICE_PX + FIELD_OFFSET_PX


def slider(text: str, row: int, level: int, slide: Callable[[int], None]) -> list[View]:
    """Return a label and a track from 0 to 10, as on the practice desktop."""
    top, left = row * ROW_PX, track_x()
    right = left + SLIDER_MAX * SLIDER_STEP_PX + SLIDER_END_PX
    box = (left - SLIDER_END_PX, top + 4, right, top + ROW_PX - 4)
    return [
        label(text, row, left - SLIDER_END_PX),
        View("slider", text, box, id="seekbar", slide=slide, level=level),
    ]


def tile_box(number: int, width: int) -> Box:
    """Return the box of 2 x 2 visual tokens that comes at a place of a grid."""
    columns = width // TILE_PX
    x, y = number % columns * TILE_PX, number // columns * TILE_PX
    return (x, y, x + TILE_PX, y + TILE_PX)


def level_at(view: View, x: int) -> int:
    """Return the step of a slider under a point of the screen."""
    step = round((x - view.box[0] - SLIDER_END_PX) / SLIDER_STEP_PX)
    return min(max(step, 0), SLIDER_MAX)


def point_of_level(view: View, level: int) -> tuple[int, int]:
    """Return the point of a slider that stands for a step."""
    return slider_point(view.box, level)
