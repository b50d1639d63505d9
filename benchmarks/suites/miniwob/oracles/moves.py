"""What an oracle can do to a page: the next click, key or drag towards something, if one is left.

Responsible for moves that are derived from how the page stands now and from nothing else, so that
they are right from any state: each returns the next step, or None when what it is for is reached.
All of them are for pointer and keyboard; none changes the page by a script.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from benchmarks.suites.miniwob.oracles.truth import Box, Element, Point, Truth
from environments.actions import Action, Click, Drag, MoveTo, PressKeys, Scroll, TypeText

NOTCH_PX = 120
"""CSS pixels by which Chromium scrolls for one notch of the wheel under X."""
_EDGE_PX = 8
"""What is scrolled to ends up at least so far from the edge."""
_NEAR_PX = 2
_SORTS = {"checkbox": "the checkbox", "radio": "the radio"}
_BUTTONS = ("button", "submit")
_SHORTEST, _LONGEST = 2, 24
"""Letters: names of fields that are no words are shorter; what is longer nobody reads out."""


@dataclass(frozen=True, slots=True)
class Step:
    """The next step; no action says that the task is done."""

    thought: str
    action: Action | None


DONE = Step("That is all.", None)


def press(
    truth: Truth, target: str | Element, text: str | None = None, count: int = 1, what: str = ""
) -> Step:
    """Click something, or scroll to it first; ``what`` is its name for one who sees the page.

    Raises:
        LookupError: it is not there, or nothing that is seen leads to it.
    """
    found = truth.one(target, text) if isinstance(target, str) else target
    named = what or _name(found)
    if found.point is None:
        return _scroll_to(truth, found, named)
    return Step(f"Click {named}.", Click(truth.input_point(found.point), count=count))


def at(truth: Truth, point: Point, what: str, count: int = 1) -> Step:
    """Click a point of the page."""
    return Step(f"Click {what}.", Click(truth.input_point(point), count=count))


def hover(truth: Truth, target: Element) -> Step | None:
    """Put the pointer on something, unless it is there."""
    assert target.point is not None
    point = truth.input_point(target.point)
    if is_near(truth, target.point):
        return None
    return Step(f"Point at {target.text[:40]}.", MoveTo(point))


def fill(truth: Truth, target: str | Element, text: str, what: str = "") -> Step | None:
    """Put a text into a field, in place of what is in it."""
    field = truth.one(target) if isinstance(target, str) else target
    if field.value == text:
        return None
    if not field.focused:
        return press(truth, field, what=what)
    if field.value and not field.all_selected:
        return Step("Select what stands there.", PressKeys(("ctrl", "a")))
    return Step(f"Type {text[:40]}.", TypeText(text))


def tick(truth: Truth, target: str | Element, wanted: bool = True) -> Step | None:
    """Check or uncheck a box, or choose a radio button."""
    box = truth.one(target) if isinstance(target, str) else target
    return None if box.checked == wanted else press(truth, box)


def choose(truth: Truth, target: str, option: str) -> Step | None:
    """Choose an option of a native list by typing its text into it."""
    chosen = truth.one(target)
    if chosen.value == option:
        return None
    if not chosen.focused:
        return press(truth, chosen)
    # Right whether the list is open or not: typing goes to the option, Enter takes it.
    return Step(f"Choose {option}.", TypeText(f"{option}\n"))


def drag(truth: Truth, start: Point, to: Point, what: str) -> Step:
    """Drag from one point of the page to another: first go there."""
    if not is_near(truth, start):
        return Step(f"Point at {what}.", MoveTo(truth.input_point(start)))
    return Step(f"Drag {what}.", Drag(truth.input_point(to)))


def wheel(truth: Truth, box: Box, down_px: float) -> Step:
    """Turn the wheel over a box, just so far that at least so many CSS pixels are covered."""
    turns = math.ceil(abs(down_px) / NOTCH_PX)
    up = -turns if down_px > 0 else turns
    where = truth.input_point(_middle(truth, box))
    return Step(f"Scroll {'down' if up < 0 else 'up'}.", Scroll(dy_px=100 * up, at=where))


def is_near(truth: Truth, point: Point) -> bool:
    """Tell whether the pointer is over a point, as far as a model's grid can name it."""
    wanted = truth.input_point(point)
    apart = abs(truth.pointer.x - wanted.x), abs(truth.pointer.y - wanted.y)
    return max(apart) <= _NEAR_PX


def _name(found: Element) -> str:
    """Return what an element is called by one who sees it: what stands on it, or what it is.

    A field is called by its id where that is a word: it stands for the label, which says the same.
    """
    kind, called = found.data.get("type", ""), found.data.get("id", "")
    if found.tag == "select":
        return "the list"
    if kind in _SORTS:
        return _SORTS[kind]
    if found.tag in ("input", "textarea") and kind not in _BUTTONS:
        is_word = called.isalpha() and len(called) > _SHORTEST
        return f"the {called} field" if is_word else "the field"
    words = found.text or (found.value if kind in _BUTTONS else "")
    return (words if len(words) <= _LONGEST else "the text") or "the icon"


def _scroll_to(truth: Truth, target: Element, named: str) -> Step:
    if not target.shown:
        raise LookupError(f"{named} is not shown.")
    page = (0.0, 0.0, float(truth.page_px[0]), float(truth.page_px[1]))
    for box in filter(None, (target.scrolls, page)):
        down = _beyond(target.centre[1], box[1] + _EDGE_PX, box[3] - _EDGE_PX)
        if down:
            return wheel(truth, box, down)
    raise LookupError(f"Something lies on {named}.")


def _beyond(value: float, least: float, most: float) -> float:
    """Return how far a value lies outside of an interval; negative below it."""
    return min(value - least, 0) or max(value - most, 0)


def _middle(truth: Truth, box: Box) -> Point:
    """Return the middle of what is seen of a box."""
    width, height = truth.page_px
    left, right = max(box[0], 0), min(box[2], width)
    top, bottom = max(box[1], 0), min(box[3], height)
    return (left + right) / 2, (top + bottom) / 2
