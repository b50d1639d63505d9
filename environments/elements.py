"""The element tree of the window in front, where the platform has one: names beside pixels.

Responsible for what an element is, for the honest report on a tree (fresh, empty, stale, slow or
absent), and for what changed between two of them. Asks no platform itself: that is done behind
``ElementSource``: ``desktop.atspi`` on Linux, ``platforms.trees`` elsewhere. Nothing needs a
tree; what is not fresh is reported and ignored.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from environments.geometry import InputPoint
from environments.quoting import on_one_line, quoted

LIMIT_S = 0.2
"""A tree that takes longer than this is slow, and ignored."""

MOST = 400
"""Elements that are kept; the places of more could not be asked in time."""

_CHANGE_BY_THEMSELVES = ("label", "progress bar", "status bar", "image", "icon")
"""Clocks and the like: their names change without any action."""

_MOVED_PX = 4
_MOST_TOLD = 3

Freshness = Literal["fresh", "empty", "stale", "slow", "absent"]
Box = tuple[int, int, int, int]
"""Left, top, width, height in input points of the display."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element that is shown: what it is, what it is called, where it is and how it stands.

    Attributes:
        key: names the element among those of its program, as long as it lives.
        role: in the words of AT-SPI ("push button"), whatever the platform.
        states: of "focused", "checked", "expanded", "selected", "disabled", "editable".
    """

    key: str
    role: str
    name: str
    box: Box
    states: frozenset[str] = frozenset()

    def words(self) -> str:
        """Return role and name, the name as data."""
        return f"{self.role} {quoted(self.name)}" if on_one_line(self.name) else self.role


@dataclass(frozen=True, slots=True)
class Elements:
    """A look at a tree: what it is worth, why, and the elements if it is fresh."""

    freshness: Freshness
    reason: str = ""
    items: tuple[Element, ...] = ()
    took_ms: float = 0.0

    @property
    def focused(self) -> Element | None:
        """The element that has the keyboard, None where nobody knows."""
        return next((item for item in self.items if "focused" in item.states), None)

    def at(self, point: InputPoint) -> Element | None:
        """Return the smallest element that holds a point, None if none does."""
        holding = [item for item in self.items if _holds(item.box, point)]
        return min(holding, key=lambda item: item.box[2] * item.box[3], default=None)


class ElementSource(Protocol):
    """A platform's tree. Every question is answered within the limit, and none raises."""

    def read(self, pid: int | None, window: Box) -> Elements:
        """Return the elements of the window in front, of the program with this number."""
        ...

    def focused_text(self) -> str | None:
        """Return the text of the field that has the keyboard, None where nobody can tell."""
        ...

    def close(self) -> None:
        """Give the connection back; may be called twice."""
        ...


def graded(items: Sequence[Element], said: Box | None, window: Box, took_ms: float) -> Elements:
    """Return what a tree is worth that says its window to be at ``said``, when it is at ``window``.

    A tree that has another window in mind is stale; one without a single thing to point at, empty.
    """
    if took_ms > LIMIT_S * 1000:
        return Elements("slow", f"the tree took {took_ms:.0f} ms", took_ms=took_ms)
    if said is None or not _covers(window, said):
        return Elements("stale", f"the tree has its window at {said}", took_ms=took_ms)
    if not items:
        return Elements("empty", "the program names no elements", took_ms=took_ms)
    return Elements("fresh", items=tuple(items[:MOST]), took_ms=took_ms)


def differences(before: Elements | None, after: Elements | None) -> tuple[str, ...]:
    """Return in words what an action changed in a tree; nothing unless both are fresh."""
    if before is None or after is None or {before.freshness, after.freshness} != {"fresh"}:
        return ()
    known = {item.key: item for item in before.items}
    told = []
    for item in after.items:
        was = known.get(item.key)
        if was is not None and was.role == item.role:
            told += list(_changes(was, item))
    more = len(told) - _MOST_TOLD
    return (*told[:_MOST_TOLD], *([f"{more} more elements changed"] if more > 0 else []))


def _changes(was: Element, item: Element) -> Iterable[str]:
    if was.name != item.name and item.role not in _CHANGE_BY_THEMSELVES:
        yield f"the {was.words()} is now {item.words()}"
    for state in sorted(item.states - was.states):
        yield f"the {item.words()} is now {state}"
    for state in sorted(was.states - item.states - {"focused"}):
        yield f"the {item.words()} is no longer {state}"


def _holds(box: Box, point: InputPoint) -> bool:
    left, top, width, height = box
    return left <= point.x < left + width and top <= point.y < top + height


def _covers(window: Box, said: Box) -> bool:
    """Tell whether what a tree calls its window lies within the frame that the manager drew."""
    left, top = said[0] - window[0], said[1] - window[1]
    right = window[0] + window[2] - said[0] - said[2]
    bottom = window[1] + window[3] - said[1] - said[3]
    return said[2] > 0 and said[3] > 0 and min(left, top, right, bottom) >= -_MOVED_PX
