"""From what a model said to a point, a refusal, or something of the wrong format.

Responsible for reading an answer kindly and for never inventing one: a box is taken as its centre;
what cannot be read is told apart from what is wrong. Which point is right, ``judging`` decides.

A place is read only in the forms in which models answer: ``coordinate`` of a call; two or four
numbers alone in brackets or in a tag (``(x, y)``, ``[x1, y1, x2, y2]``, ``[[x, y]]``,
``(x1,y1),(x2,y2)``, ``"point_2d": [x, y]``, ``<point>x y</point>``); ``x`` and ``y`` by name
(``"x": 5, "y": 7``, ``click(x=5, y=7)``); or numbers that are the whole reply. Numbers that merely
stand in a sentence ("step 2 of 10") are none. Of a thought nothing counts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.suites.grounding.regions import Point, Size, from_xyxy
from environments.geometry import Grid, grid_size

if TYPE_CHECKING:
    from agent.grounding import Grounding

NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_N = r"-?\d{1,6}(?:\.\d{1,20})?"
_LIST = rf"{_N}(?:[\])]?(?:\s{{0,4}},\s{{0,4}}|\s{{1,4}})[\[(]?{_N})+"
_NAMED = rf"\bx[\"']?\s?[=:]\s?{_N},\s{{0,4}}[\"']?y[\"']?\s?[=:]\s?{_N}(?![\d.])"
_PLACE = re.compile(rf"(?P<named>{_NAMED})|{_LIST}")
_OPENING, _CLOSING = frozenset("[(<>"), frozenset("])<>")
"""The end of a tag opens what stands in it, and the beginning of the next closes it."""
_CALL = re.compile(r"<tool_call>(.{1,20000}?)(?:</tool_call>|$)", re.DOTALL)
_BOX, _POINT = 4, 2
_REFUSALS = ("failure", "fail")
"""What a status must say to refuse, Qwen's word and MAI-UI's; saying nothing refuses nothing."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model answered.

    Attributes:
        point: the pixel that it points at, None if it points at nothing.
        refused: it said that what is asked for is not there.
    """

    point: Point | None = None
    refused: bool = False


UNREADABLE = Answer()


def answer_of(found: Grounding, size: Size, grid: Grid) -> Answer:
    """Return the answer in what ``agent.grounding`` found; ``size`` is the picture's.

    What the tool takes is believed; anything else is read from the reply's own words, so that a box
    counts by its centre, and ``terminate`` with failure, or a point at (-1, -1), as a refusal.
    """
    if found.point_px is not None:
        return Answer((float(found.point_px[0]), float(found.point_px[1])))
    return read_answer(found.reply, size, grid)


def read_answer(reply: str, size: Size, grid: Grid) -> Answer:
    """Return the answer in a raw reply; coordinates are the model's grid, or shares from 0 to 1.

    Of several places in a reply without a call the first counts.
    """
    spoken = _spoken(reply)
    arguments = _arguments(spoken)
    if arguments.get("action") == "terminate":
        return Answer(refused=arguments.get("status") in _REFUSALS)
    values = _numbers(arguments.get("coordinate")) if arguments else _written(spoken)
    return point_of(values, size, grid)


def coordinates_in(reply: str) -> list[float]:
    """Return the numbers of the point or box that a reply's call names; none where there is none.

    The parser of a run has made a point of a box already.
    """
    return _numbers(_arguments(_spoken(reply)).get("coordinate"))


def point_of(values: Sequence[float], size: Size, grid: Grid) -> Answer:
    """Return the answer in two numbers (a point) or four (a box)."""
    if len(values) >= _POINT and all(value == -1 for value in values):
        return Answer(refused=True)
    if len(values) not in (_POINT, _BOX) or any(value < 0 for value in values):
        return UNREADABLE
    x, y = values if len(values) == _POINT else from_xyxy(values).centre
    # Shares are told by their decimals: on the grid 1 is a place, and so is 0.
    shares = all(value <= 1 for value in values) and any(value % 1 for value in values)
    wide, high = (1, 1) if shares else grid_size(grid, *size)
    if x > wide or y > high:
        return UNREADABLE
    return Answer((x * size[0] / wide, y * size[1] / high))


def _spoken(reply: str) -> str:
    """Return what stands behind a thought; of one that never ends, what stands before it."""
    return reply.rpartition("</think>")[2].partition("<think>")[0]


def _arguments(reply: str) -> dict[str, Any]:
    match = _CALL.search(reply)
    try:
        call = json.loads(match.group(1)) if match else {}
    except ValueError:
        return {}
    arguments = call.get("arguments") if isinstance(call, dict) else None
    return arguments if isinstance(arguments, dict) else {}


def _numbers(value: Any) -> list[float]:
    """Return the numbers of a list, also of a list of corners."""
    if isinstance(value, list) and value and all(isinstance(each, list) for each in value):
        return [number for each in value for number in _numbers(each)]
    if not isinstance(value, list):
        return []
    good = all(isinstance(each, int | float) and not isinstance(each, bool) for each in value)
    return [float(each) for each in value] if good else []


def _written(spoken: str) -> list[float]:
    """Return the numbers of the first place that is written in a form models answer with."""
    for found in _PLACE.finditer(spoken):
        numbers = [float(number) for number in NUMBER.findall(found[0])]
        if len(numbers) in (_POINT, _BOX) and (found["named"] or _is_alone(found)):
            return numbers
    return []


def _is_alone(found: re.Match[str]) -> bool:
    """Tell whether brackets or tags hold nothing else, or the whole text does not."""
    before = found.string[max(0, found.start() - 4) : found.start()].rstrip()[-1:]
    after = found.string[found.end() : found.end() + 4].lstrip()[:1]
    return (before in _OPENING and after in _CLOSING) or found[0] == found.string.strip()
