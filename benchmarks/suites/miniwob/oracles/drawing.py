"""Oracles for shapes: which is meant, how many there are, where a point or line belongs.

Responsible for geometry in the pixels of the page.
"""

from __future__ import annotations

import math

from benchmarks.suites.miniwob.oracles.clicking import SUBMIT
from benchmarks.suites.miniwob.oracles.moves import Step, at, drag, press
from benchmarks.suites.miniwob.oracles.truth import Element, Point, Truth

_TAGS = {"rect": "rectangle", "circle": "circle", "polygon": "triangle"}
_ITEMS = "#area_svg rect, #area_svg circle, #area_svg polygon, #area_svg text"
_LARGE_PX = 15
"""Between the sides of a small shape (10) and of a large one (20)."""
_AREA_PX = (150, 130)


def shape(truth: Truth) -> Step:
    """click-shape: one that fits the words."""
    (wanted,) = truth.found(r"Click on a (.*)")
    chosen = next(each for each in truth.all(_ITEMS) if _fits(each, wanted.split()))
    return press(truth, chosen, what=f"the {wanted}")


def how_many(truth: Truth) -> Step:
    """count-shape: the button with the number of those that fit the words."""
    words = truth.found(r"How many (.*)s are there")[0].split()
    count = sum(_fits(each, words) for each in truth.all(_ITEMS))
    return press(truth, "#count-buttons button", str(count))


def kind(truth: Truth) -> Step:
    """identify-shape: the button that names it."""
    (it,) = truth.all(_ITEMS)
    named = _TAGS.get(it.tag) or ("digit" if it.text.isdigit() else "letter")
    return press(truth, f'[data-type="{named}"]')


def centre(truth: Truth) -> Step:
    """circle-center: its middle, then submit."""
    return _mark(truth, truth.one("svg .black-circle").centre)


def midpoint(truth: Truth) -> Step:
    """find-midpoint: halfway between two dots, then submit."""
    one, two = (each.centre for each in truth.all("svg .black-circle"))
    return _mark(truth, _between(one, two))


def bisected(truth: Truth) -> Step:
    """bisect-angle: a point whose line halves the angle, then submit."""
    vertex = truth.one("svg .init-blue").centre
    one, two = (_direction(vertex, each.centre) for each in truth.all("svg .init-black"))
    return _mark(truth, _towards(truth, vertex, [_between(one, two)]))


def right_angle(truth: Truth) -> Step:
    """right-angle: a point whose line stands upright on another, then submit."""
    vertex = truth.one("#init-blue").centre
    x, y = _direction(vertex, truth.one("#init-black").centre)
    return _mark(truth, _towards(truth, vertex, [(-y, x), (y, -x)]))


def line(truth: Truth) -> Step:
    """draw-line: a line through the dot, upright or level, then submit."""
    if truth.all("svg path"):
        return press(truth, "#controls button, #area button")
    x, y = truth.one("#circ").centre
    right, down = (20, 0) if "horizontal" in truth.asked else (0, 20)
    return drag(truth, (x - right, y - down), (x + right, y + down), "the line")


def _fits(item: Element, words: list[str]) -> bool:
    *adjectives, noun = words
    tall = item.box[3] - item.box[1]
    if item.tag == "text":
        tall = float(item.data["font-size"].removesuffix("px"))
    size = "large" if tall > _LARGE_PX else "small"
    if item.tag == "text":
        names = {item.text, "digit" if item.text.isdigit() else "letter"}
    else:
        names = {_TAGS[item.tag], "shape"}
    return set(adjectives) <= {size, item.data["fill"]} and noun in names | {"item"}


def _mark(truth: Truth, point: Point) -> Step:
    if truth.all("#blue-circle"):
        return press(truth, SUBMIT)
    return at(truth, point, "the point")


def _between(one: Point, two: Point) -> Point:
    return (one[0] + two[0]) / 2, (one[1] + two[1]) / 2


def _direction(start: Point, to: Point) -> Point:
    length = math.dist(start, to)
    return (to[0] - start[0]) / length, (to[1] - start[1]) / length


def _towards(truth: Truth, start: Point, ways: list[Point]) -> Point:
    """Return the farthest point of the drawing, of some ways from a point."""
    left, top, _, _ = truth.one("#svg-grid").box
    right, bottom = left + _AREA_PX[0], top + _AREA_PX[1]
    ends = []
    for x, y in ways:
        unit = math.hypot(x, y)
        for length in range(60, 4, -1):
            end = start[0] + x / unit * length, start[1] + y / unit * length
            if left < end[0] < right and top < end[1] < bottom:
                ends.append((length, end))
                break
    return max(ends)[1]
