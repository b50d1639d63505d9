"""Widgets that take text or unfold: text field, drop-down, tabs and menu bar.

Responsible for one widget at a time, like ``widgets``. A popup is drawn over the other widgets of
its window and takes every click while it is open.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from environments.practice.canvas import (
    LATTICE_PX,
    ROW_PX,
    Canvas,
    Look,
    lattice_width,
    text_width,
)
from environments.practice.widgets import (
    FIELD_OFFSET_PX,
    FIELD_WIDTH_PX,
    Command,
    Target,
    Widget,
    contains,
    row_box,
)

MODIFIERS = ("shift", "shiftright", "alt", "altright", "win", "winright")
"""Keys that change nothing alone: a capital is typed with Shift and must still replace."""


@dataclass
class TextField(Widget):
    """One line of text with a caret; Ctrl+A selects all of it."""

    text: str = ""
    caret: int = 0
    all_selected: bool = False
    focusable = True
    writable = True

    def targets(self) -> Iterator[Target]:
        """Yield the box that is written in."""
        yield Target(self.label, "text field", row_box(self._inner, self.y, FIELD_WIDTH_PX))

    @property
    def _inner(self) -> int:
        return self.x + FIELD_OFFSET_PX + LATTICE_PX

    def values(self) -> Mapping[str, object]:
        """Return the text."""
        return {f"field:{self.label}": self.text}

    def restore(self, values: Mapping[str, object]) -> None:
        """Take back the recorded text."""
        self.text = str(values[f"field:{self.label}"])
        self.caret = len(self.text)

    def draw(self, canvas: Canvas, look: Look, focused: bool) -> None:
        """Draw label, box, text, selection and caret."""
        canvas.text(self.x, self.y, self.label, look.text)
        box = next(self.targets()).box
        canvas.box(box, look.field, look.accent if focused else look.border, 2 if focused else 1)
        if focused and self.all_selected and self.text:
            canvas.box(
                (self._inner, self.y, self._inner + text_width(self.text), self.y + 16), look.title
            )
        canvas.text(self._inner, self.y, self.text, look.text)
        if focused:
            x = self._inner + text_width(self.text[: self.caret]) + 1
            canvas.box((x, self.y, x + 1, self.y + 16), look.text)

    def click(self, x: int, y: int, count: int) -> None:
        """Put the caret behind the text; a double click selects it."""
        self.caret, self.all_selected = len(self.text), count > 1

    def key(self, key: str, held: frozenset[str]) -> None:
        """Edit the text; a key of one character is written."""
        if "ctrl" in held:
            self.all_selected = key == "a" or self.all_selected
        elif len(key) == 1:
            self._replace(key, 0)
        elif key in ("backspace", "delete"):
            self._replace("", -1 if key == "backspace" else 1)
        elif key not in MODIFIERS:
            moves = {
                "left": self.caret - 1,
                "right": self.caret + 1,
                "home": 0,
                "end": len(self.text),
            }
            self.caret = min(max(moves.get(key, self.caret), 0), len(self.text))
            self.all_selected = False

    def _replace(self, inserted: str, removed: int) -> None:
        start, end = sorted((self.caret, self.caret + removed))
        if self.all_selected:
            start, end = 0, len(self.text)
        start = max(start, 0)
        self.text = self.text[:start] + inserted + self.text[end:]
        self.caret, self.all_selected = start + len(inserted), False


@dataclass
class Popup(Widget):
    """Base of what unfolds: rows below each other while ``opened``."""

    opened: bool = False

    @abstractmethod
    def popup_items(self) -> tuple[str, ...]:
        """Return the rows of the open popup."""

    @abstractmethod
    def popup_origin(self) -> tuple[int, int]:
        """Return where the text of the first row begins."""

    def popup_width(self) -> int:
        """Return the width of the rows in pixels."""
        return LATTICE_PX + max(lattice_width(item) for item in self.popup_items())

    @abstractmethod
    def choose(self, item: str) -> None:
        """React to the choice of a row."""

    def marked(self, item: str) -> bool:
        """Tell whether a row carries a tick."""
        return False

    def popup_targets(self) -> Iterator[Target]:
        """Yield the rows while the popup is open."""
        x, y = self.popup_origin()
        for row, item in enumerate(self.popup_items() if self.opened else ()):
            box = (x - 8, y - 8 + row * ROW_PX, x - 8 + self.popup_width(), y + 24 + row * ROW_PX)
            yield Target(item, "menu item", box)

    def draw_popup(self, canvas: Canvas, look: Look) -> None:
        """Draw the open rows over everything else."""
        for target in self.popup_targets():
            left, top, right, bottom = target.box
            canvas.box((left, top, right, bottom + 1), look.field, look.border)
            if self.marked(target.label):
                tick = [(right - 12, top + 16), (right - 9, top + 19), (right - 4, top + 11)]
                canvas.lines(tick, look.accent)
            canvas.text(left + 8, top + 8, target.label, look.text)


@dataclass
class DropDown(Popup):
    """A choice that unfolds when clicked."""

    options: tuple[str, ...] = ()
    chosen: str = ""

    def targets(self) -> Iterator[Target]:
        """Yield the box with the current choice."""
        yield Target(self.label, "drop-down", row_box(self._inner, self.y, FIELD_WIDTH_PX))

    @property
    def _inner(self) -> int:
        return self.x + FIELD_OFFSET_PX + LATTICE_PX

    def values(self) -> Mapping[str, object]:
        """Return the choice."""
        return {f"drop:{self.label}": self.chosen}

    def restore(self, values: Mapping[str, object]) -> None:
        """Choose as recorded."""
        self.chosen = str(values[f"drop:{self.label}"])

    def draw(self, canvas: Canvas, look: Look, focused: bool) -> None:
        """Draw label, box, choice and arrow."""
        canvas.text(self.x, self.y, self.label, look.text)
        box = next(self.targets()).box
        canvas.box(box, look.button, look.border)
        canvas.text(self._inner, self.y, self.chosen, look.text)
        right, middle = box[2], self.y + 8
        canvas.lines(
            [(right - 16, middle - 2), (right - 11, middle + 3), (right - 6, middle - 2)], look.text
        )

    def click(self, x: int, y: int, count: int) -> None:
        """Unfold."""
        self.opened = True

    def popup_items(self) -> tuple[str, ...]:
        """Return the options."""
        return self.options

    def popup_origin(self) -> tuple[int, int]:
        """Begin one row below the box."""
        return self._inner, self.y + ROW_PX

    def popup_width(self) -> int:
        """Be as wide as the box."""
        return FIELD_WIDTH_PX

    def marked(self, item: str) -> bool:
        """Tick the current choice."""
        return item == self.chosen

    def choose(self, item: str) -> None:
        """Take the option."""
        self.chosen = item


@dataclass
class MenuBar(Popup):
    """A row of menus; an entry is pressed, or switched if it is one of ``switches``."""

    menus: Mapping[str, tuple[str, ...]] | None = None
    switches: dict[str, bool] | None = None
    current: str = ""
    chosen: tuple[str, ...] = ()

    def targets(self) -> Iterator[Target]:
        """Yield the titles."""
        x = self.x
        for title in self.menus or {}:
            yield Target(title, "menu", row_box(x, self.y, lattice_width(title)))
            x += lattice_width(title)

    def values(self) -> Mapping[str, object]:
        """Return the chosen entries and the switches."""
        return {f"menu:{self.label}": self.chosen} | {
            f"switch:{name}": on for name, on in (self.switches or {}).items()
        }

    def draw(self, canvas: Canvas, look: Look, focused: bool) -> None:
        """Draw the titles, the open one raised."""
        for target in self.targets():
            if self.opened and target.label == self.current:
                canvas.box(target.box, look.title)
            canvas.text(target.box[0] + 8, self.y, target.label, look.text)

    def click(self, x: int, y: int, count: int) -> None:
        """Open the menu under the pointer."""
        self.current = next(t.label for t in self.targets() if contains(t.box, x, y))
        self.opened = True

    def popup_items(self) -> tuple[str, ...]:
        """Return the entries of the open menu."""
        return (self.menus or {}).get(self.current, ())

    def popup_origin(self) -> tuple[int, int]:
        """Begin below the open title."""
        left = next(t.box[0] for t in self.targets() if t.label == self.current)
        return left + 8, self.y + ROW_PX

    def marked(self, item: str) -> bool:
        """Tick the switches that are on."""
        return bool(self.switches and self.switches.get(item))

    def choose(self, item: str) -> None:
        """Switch the entry or record that it was chosen."""
        if self.switches and item in self.switches:
            self.switches[item] = not self.switches[item]
        else:
            self.chosen = (*self.chosen, item)


@dataclass
class Tabs(Widget):
    """A row of tabs; the window shows the widgets of the current one."""

    names: tuple[str, ...] = ()
    current: str = ""

    def targets(self) -> Iterator[Target]:
        """Yield the tabs."""
        x = self.x
        for name in self.names:
            yield Target(name, "tab", row_box(x, self.y, lattice_width(name)))
            x += lattice_width(name)

    def values(self) -> Mapping[str, object]:
        """Return the tab in front."""
        return {f"tab:{self.label}": self.current}

    def draw(self, canvas: Canvas, look: Look, focused: bool) -> None:
        """Draw the tabs, the current one raised."""
        for target in self.targets():
            current = target.label == self.current
            canvas.box(target.box, look.field if current else look.button, look.border)
            canvas.text(target.box[0] + 8, self.y, target.label, look.text)

    def click(self, x: int, y: int, count: int) -> Command | None:
        """Bring the tab to the front."""
        self.current = next(t.label for t in self.targets() if contains(t.box, x, y))
        return None
