"""The widgets of the practice world: what each looks like, holds and does when touched.

Responsible for one widget at a time. Boxes are relative to the window that holds the widget; the
text row of a widget begins at (x, y), and what can be clicked reaches 4 px above and below it.
Windows, focus and scoring stand elsewhere.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from environments.practice.canvas import LATTICE_PX, ROW_PX, Box, Canvas, Look, lattice_width

MARGIN_PX = 4
FIELD_OFFSET_PX = 64
FIELD_WIDTH_PX = 112
SLIDER_STEP_PX = 12
SLIDER_MAX = 10
SLIDER_END_PX = 8
"""By so much the box of a slider is wider than its track, at either end."""
MARK_PX = 12


@dataclass(frozen=True, slots=True)
class Command:
    """What a press asks of the desktop: kind is "press", "open", "accept" or "dismiss"."""

    kind: str
    argument: str


@dataclass(frozen=True, slots=True)
class Target:
    """Something that can be pointed at: its label, role and clickable box."""

    label: str
    role: str
    box: Box

    @property
    def centre(self) -> tuple[int, int]:
        """Middle of the box."""
        return (self.box[0] + self.box[2]) // 2, (self.box[1] + self.box[3]) // 2


def slider_point(box: Box, value: int) -> tuple[int, int]:
    """Return the point of a slider's box that stands for a value."""
    return box[0] + SLIDER_END_PX + value * SLIDER_STEP_PX, (box[1] + box[3]) // 2


def contains(box: Box, x: int, y: int) -> bool:
    """Tell whether a point lies in a box."""
    return box[0] <= x < box[2] and box[1] <= y < box[3]


def row_box(x: int, y: int, width: int) -> Box:
    """Return the clickable box around the text row that begins at (x, y)."""
    return (x - 8, y - MARGIN_PX, x - 8 + width, y + LATTICE_PX + MARGIN_PX)


@dataclass
class Widget(ABC):
    """Base of all widgets; ``label`` is unique on its desktop."""

    label: str
    x: int
    y: int

    focusable = False
    """Keeps the focus when clicked."""

    writable = False
    """Takes every key while it has the focus, chords included."""

    def targets(self) -> Iterator[Target]:
        """Yield what can be clicked, in the order of drawing."""
        return iter(())

    def values(self) -> Mapping[str, object]:
        """Return the values that scoring looks at, by key."""
        return {}

    def restore(self, values: Mapping[str, object]) -> None:
        """Take back values that ``values`` once gave."""

    @abstractmethod
    def draw(self, canvas: Canvas, look: Look, focused: bool) -> None:
        """Draw the widget."""

    def click(self, x: int, y: int, count: int) -> Command | None:
        """React to a click at a point of the window that lies in one of the targets."""
        return None

    def drag(self, x: int, y: int) -> None:
        """React to the pointer moving while the button is held."""

    def scroll(self, notches: int) -> None:
        """React to the wheel; positive shows what is above."""

    def key(self, key: str, held: frozenset[str]) -> None:
        """React to a key while focused."""


@dataclass
class Button(Widget):
    """A push button; ``presses`` counts how often it was pressed."""

    opens: str | None = None
    closes: str | None = None
    presses: int = 0
    focusable = True

    def targets(self) -> Iterator[Target]:
        """Yield the button."""
        yield Target(self.label, "button", row_box(self.x, self.y, lattice_width(self.label)))

    def values(self) -> Mapping[str, object]:
        """Return the count of presses of a button that only acts."""
        return {} if self.opens or self.closes else {f"press:{self.label}": self.presses}

    def draw(self, canvas: Canvas, look: Look, focused: bool) -> None:
        """Draw a raised box with the label; the one pressed last carries the focus ring."""
        border, width = (look.accent, 2) if focused else (look.border, 1)
        canvas.box(next(self.targets()).box, look.button, border, width)
        canvas.text(self.x, self.y, self.label, look.text)

    def click(self, x: int, y: int, count: int) -> Command:
        """Press the button."""
        self.presses += 1
        if self.opens:
            return Command("open", self.opens)
        return Command(self.closes or "press", self.label)


@dataclass
class CheckBox(Widget):
    """A box that is on or off."""

    on: bool = False

    def targets(self) -> Iterator[Target]:
        """Yield box and label as one target."""
        width = LATTICE_PX + lattice_width(self.label)
        yield Target(self.label, "check box", row_box(self.x, self.y, width))

    def values(self) -> Mapping[str, object]:
        """Return whether it is on."""
        return {f"check:{self.label}": self.on}

    def restore(self, values: Mapping[str, object]) -> None:
        """Set the box as recorded."""
        self.on = bool(values[f"check:{self.label}"])

    def draw(self, canvas: Canvas, look: Look, focused: bool) -> None:
        """Draw the box, its tick and the label."""
        left, top = self.x, self.y + 2
        canvas.box((left, top, left + MARK_PX, top + MARK_PX), look.field, look.border)
        if self.on:
            tick = [(left + 2, top + 6), (left + 5, top + 9), (left + 10, top + 2)]
            canvas.lines(tick, look.accent)
        canvas.text(self.x + LATTICE_PX, self.y, self.label, look.text)

    def click(self, x: int, y: int, count: int) -> None:
        """Switch it."""
        self.on = not self.on


@dataclass
class RadioGroup(Widget):
    """Several options below each other, one of them chosen."""

    options: tuple[str, ...] = ()
    chosen: str = ""

    def targets(self) -> Iterator[Target]:
        """Yield each option."""
        for row, option in enumerate(self.options):
            box = row_box(self.x, self.y + row * ROW_PX, LATTICE_PX + lattice_width(option))
            yield Target(option, "radio button", box)

    def values(self) -> Mapping[str, object]:
        """Return the chosen option."""
        return {f"radio:{self.label}": self.chosen}

    def restore(self, values: Mapping[str, object]) -> None:
        """Choose as recorded."""
        self.chosen = str(values[f"radio:{self.label}"])

    def draw(self, canvas: Canvas, look: Look, focused: bool) -> None:
        """Draw every option with its ring."""
        for row, option in enumerate(self.options):
            left, top = self.x, self.y + row * ROW_PX + 2
            canvas.disc((left, top, left + MARK_PX, top + MARK_PX), look.field, look.border)
            if option == self.chosen:
                canvas.disc((left + 3, top + 3, left + 9, top + 9), look.accent)
            canvas.text(self.x + LATTICE_PX, top - 2, option, look.text)

    def click(self, x: int, y: int, count: int) -> None:
        """Choose the option under the point."""
        self.chosen = next(t.label for t in self.targets() if contains(t.box, x, y))


@dataclass
class Slider(Widget):
    """A value from 0 to 10 on a track; a click on the track or a drag sets it."""

    value: int = 0
    focusable = True

    @property
    def track_x(self) -> int:
        """Where the track begins (value 0)."""
        return self.x + FIELD_OFFSET_PX + LATTICE_PX

    def point_of(self, value: int) -> tuple[int, int]:
        """Return the point of the track that stands for a value."""
        return self.track_x + value * SLIDER_STEP_PX, self.y + LATTICE_PX // 2

    def targets(self) -> Iterator[Target]:
        """Yield the track."""
        left = self.track_x - SLIDER_END_PX
        right = self.track_x + SLIDER_MAX * SLIDER_STEP_PX + SLIDER_END_PX
        box = (left, self.y - MARGIN_PX, right, self.y + LATTICE_PX + MARGIN_PX)
        yield Target(self.label, "slider", box)

    def values(self) -> Mapping[str, object]:
        """Return the value."""
        return {f"slider:{self.label}": self.value}

    def restore(self, values: Mapping[str, object]) -> None:
        """Set as recorded."""
        self.value = int(str(values[f"slider:{self.label}"]))

    def draw(self, canvas: Canvas, look: Look, focused: bool) -> None:
        """Draw label, track, ticks and knob."""
        canvas.text(self.x, self.y, self.label, look.text)
        (left, y), (right, _) = self.point_of(0), self.point_of(SLIDER_MAX)
        canvas.box((left, y - 2, right, y + 2), look.border)
        x, _ = self.point_of(self.value)
        canvas.box(
            (x - 4, y - 9, x + 5, y + 9), look.accent if focused else look.button, look.border
        )

    def click(self, x: int, y: int, count: int) -> None:
        """Move the knob under the pointer."""
        self.drag(x, y)

    def drag(self, x: int, y: int) -> None:
        """Let the knob follow the pointer."""
        self.value = min(max(round((x - self.track_x) / SLIDER_STEP_PX), 0), SLIDER_MAX)

    def key(self, key: str, held: frozenset[str]) -> None:
        """Move by one with the arrow keys."""
        self.value = min(max(self.value + {"left": -1, "right": 1}.get(key, 0), 0), SLIDER_MAX)


@dataclass
class ListBox(Widget):
    """A list that scrolls; a click selects, a double click opens."""

    items: tuple[str, ...] = ()
    rows: int = 3
    top: int = 0
    selected: str | None = None
    opened: list[str] = field(default_factory=list)
    width: int = 128

    def visible(self) -> tuple[str, ...]:
        """Return the items in view."""
        return self.items[self.top : self.top + self.rows]

    def targets(self) -> Iterator[Target]:
        """Yield the rows in view."""
        for row, item in enumerate(self.visible()):
            yield Target(item, "list item", row_box(self.x, self.y + row * ROW_PX, self.width))

    def values(self) -> Mapping[str, object]:
        """Return the selected item and what was opened."""
        return {f"list:{self.label}": self.selected, f"opened:{self.label}": tuple(self.opened)}

    def draw(self, canvas: Canvas, look: Look, focused: bool) -> None:
        """Draw the rows in view and a scroll bar."""
        left, top, right, bottom = (
            self.x - 8,
            self.y - 8,
            self.x + self.width - 8,
            self.y - 8 + self.rows * ROW_PX,
        )
        canvas.box((left, top, right, bottom), look.field, look.border)
        for row, item in enumerate(self.visible()):
            y = self.y + row * ROW_PX
            if item == self.selected:
                canvas.box((left + 1, y - 6, right - 9, y + 22), look.title)
            canvas.text(self.x, y, item, look.text)
        height = (bottom - top) * self.rows // max(len(self.items), self.rows)
        start = top + (bottom - top) * self.top // max(len(self.items), 1)
        canvas.box((right - 7, start, right - 1, start + height), look.border)

    def click(self, x: int, y: int, count: int) -> None:
        """Select the row, and open it with a double click."""
        item = next(t.label for t in self.targets() if contains(t.box, x, y))
        self.selected = item
        if count == 2:  # noqa: PLR2004 - a double click
            self.opened.append(item)

    def scroll(self, notches: int) -> None:
        """Move by one row a notch."""
        self.top = min(max(self.top - notches, 0), max(len(self.items) - self.rows, 0))
