"""What a call acts on: window, application and elements, as the platform tells them.

Responsible for finding the place of a point or of the keyboard in what a real platform gives: the
list of windows and the element tree. A tree that is not fresh, or that is of another window than
the one under the point, names nothing. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from environments.base import Observation
from environments.elements import Element
from environments.geometry import ImagePoint, InputPoint

ACTIONABLE = frozenset(
    (
        "push button", "toggle button", "check box", "radio button", "link", "menu item",
        "check menu item", "radio menu item", "page tab", "menu", "combo box",
    )
)  # fmt: skip
"""Roles whose elements do something when they are clicked."""

WRITABLE = frozenset(("entry", "text", "password text", "spin button", "combo box"))
"""Roles that take text, if they are editable."""


class SeenWindow(Protocol):
    """A window as a platform lists it (``environments.desktop.windows.Window``)."""

    @property
    def number(self) -> int:
        """What names it among all windows."""
        ...

    @property
    def title(self) -> str:
        """Its title."""
        ...

    @property
    def application(self) -> str:
        """The name of its program."""
        ...

    @property
    def at(self) -> ImagePoint:
        """Its top left corner, in root pixels."""
        ...

    @property
    def width_px(self) -> int:
        """Width."""
        ...

    @property
    def height_px(self) -> int:
        """Height."""
        ...

    @property
    def is_active(self) -> bool:
        """Whether it is in front."""
        ...

    @property
    def is_hidden(self) -> bool:
        """Whether it is minimized."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call acts.

    Attributes:
        application: name of the program or package, empty where nobody knows.
        title: the window's title, empty where nobody knows.
        window: the window's number, None where nobody knows.
        holding: elements under the point, the smallest first; or the one with the keyboard.
        elements: all elements of the same window; empty unless its tree is fresh.
        has_tree: whether the elements are known.
    """

    application: str = ""
    title: str = ""
    window: int | None = None
    holding: tuple[Element, ...] = ()
    elements: tuple[Element, ...] = ()
    has_tree: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """What application and window are called."""
        return tuple(name for name in (self.application, self.title) if name)

    def words(self) -> str:
        """Return the window in words."""
        return f"in {' of '.join(repr(n[:60]) for n in reversed(self.names))}" if self.names else ""


@dataclass(frozen=True, slots=True)
class Scene:
    """What is known about the screen at the moment of a call.

    Attributes:
        observation: the look on which it is judged.
        windows: all windows, the topmost first; empty where nobody lists them.
        pointer: where the pointer is, None where nobody knows.
    """

    observation: Observation
    windows: tuple[SeenWindow, ...] = ()
    pointer: InputPoint | None = None

    def under(self, point: InputPoint) -> Place:
        """Return the place of a point."""
        window = self._window_at(point)
        front = self.front
        if self.windows and (window is None or window is not front):
            # The tree is that of the window in front; of another one nothing more is known.
            return Place(window.application, window.title, window.number) if window else Place()
        place = self._in_front()
        held = sorted((e for e in place.elements if _holds(e, point)), key=_area)
        return Place(
            place.application,
            place.title,
            place.window,
            tuple(held),
            place.elements,
            place.has_tree,
        )

    def at_keyboard(self) -> Place:
        """Return the place where the keyboard acts."""
        place = self._in_front()
        focused = tuple(e for e in place.elements if "focused" in e.states)[:1]
        return Place(
            place.application, place.title, place.window, focused, place.elements, place.has_tree
        )

    @property
    def front(self) -> SeenWindow | None:
        """The window in front, None where nobody lists them."""
        return next((window for window in self.windows if window.is_active), None)

    def _in_front(self) -> Place:
        front, looked = self.front, self.observation
        tree = looked.elements
        fresh = tree is not None and tree.freshness == "fresh"
        title = front.title if front else looked.foreground or ""
        return Place(
            application=front.application if front else "",
            title=title,
            window=front.number if front else None,
            elements=tree.items if tree is not None and fresh else (),
            has_tree=fresh,
        )

    def _window_at(self, point: InputPoint) -> SeenWindow | None:
        for window in self.windows:
            left, top = window.at.x, window.at.y
            inside = 0 <= point.x - left < window.width_px and 0 <= point.y - top < window.height_px
            if inside and not window.is_hidden:
                return window
        return None


def named(elements: Sequence[Element]) -> Element | None:
    """Return the element that a click means: the smallest that acts, else the smallest."""
    acting = next((e for e in elements if e.role in ACTIONABLE), None)
    return acting or next(iter(elements), None)


def _holds(element: Element, point: InputPoint) -> bool:
    left, top, width, height = element.box
    return left <= point.x < left + width and top <= point.y < top + height


def _area(element: Element) -> int:
    return element.box[2] * element.box[3]
