"""Golden cases of grounding: regions, answers, verdicts, totals and the official file.

Responsible for the traps of a rule that sounds simple: a point in a region.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.suites.golden.case import Case
from benchmarks.suites.grounding.answers import UNREADABLE, Answer, read_answer
from benchmarks.suites.grounding.items import Item
from benchmarks.suites.grounding.judging import (
    by_groups,
    count,
    judge,
    refusals_wrong,
    without_refusals,
)
from benchmarks.suites.grounding.official import detail, report
from benchmarks.suites.grounding.regions import (
    Nowhere,
    Point,
    Region,
    from_flat,
    from_xywh,
    from_xyxy,
    in_pixels,
)
from environments.geometry import ResizedPixels

SIZE = (2000, 1000)
GRID = 1000
_RESIZED = ResizedPixels(28, 3136, 1003520)
C_SHAPE = from_flat([0, 0, 90, 0, 90, 30, 30, 30, 30, 60, 90, 60, 90, 90, 0, 90])
"""Open to the right, so its middle lies outside."""


def _item(region: Region, **more: Any) -> Item:
    return Item("file/1", "a.png", "the thing", region, size=SIZE, **more)


def _hits(region: Region, point: Point) -> Any:
    return lambda folder: judge(_item(region), Answer(point))


def _says(region: Region, reply: str) -> Any:
    return lambda folder: judge(_item(region), read_answer(reply, SIZE, GRID))


def _read(reply: str) -> Any:
    return lambda folder: read_answer(reply, SIZE, GRID)


def _call(arguments: str) -> str:
    return f'<tool_call>\n{{"name": "computer_use", "arguments": {arguments}}}\n</tool_call>'


_WH, _XY = from_xywh([100, 50, 40, 20]), from_xyxy([100, 50, 140, 70])
_REFUSED = _call('{"action": "terminate", "status": "failure"}')

_REGIONS = (
    Case("x, y, width, height reaches to the sum", _hits(_WH, (139, 69)), "correct"),
    Case("x, y, width, height is not two corners", _hits(_WH, (60, 40)), "wrong"),
    Case("two corners reach to the second", _hits(_XY, (139, 69)), "correct"),
    Case("both ways tell the same box", lambda folder: _WH == _XY, True),
    Case("the left upper edge belongs to a box", _hits(_XY, (100, 50)), "correct"),
    Case("the right lower edge belongs to a box", _hits(_XY, (140, 70)), "correct"),
    Case("just beyond the edge is wrong", _hits(_XY, (140.01, 70)), "wrong"),
    Case(
        "swapped corners are put in order",
        _hits(from_xyxy([140, 70, 100, 50]), (120, 60)),
        "correct",
    ),
    Case("one swapped axis too", _hits(from_xyxy([140, 50, 100, 70]), (120, 60)), "correct"),
    Case("a point in a polygon", _hits(C_SHAPE, (10, 45)), "correct"),
    Case("the bay of a polygon is outside", _hits(C_SHAPE, (60, 45)), "wrong"),
    Case("the edge of a polygon belongs to it", _hits(C_SHAPE, (30, 45)), "correct"),
    Case("a corner of a polygon belongs to it", _hits(C_SHAPE, (90, 90)), "correct"),
    Case("beyond a polygon", _hits(C_SHAPE, (90.5, 10)), "wrong"),
    Case(
        "shares become pixels", lambda f: in_pixels([0.5, 0.5, 1, 1], SIZE), [1000, 500, 2000, 1000]
    ),
    Case("pixels stay pixels", lambda f: in_pixels([0, 0, 1.5, 9], SIZE), [0, 0, 1.5, 9]),
    Case("-1 at an edge is 0", lambda f: in_pixels([-1, 0.5, 0.5, 1], SIZE), [0, 500, 1000, 1000]),
)

_HERE, _MIDDLE, _REFUSES = Answer((1000, 250)), Answer((400, 200)), Answer(refused=True)
_THOUGHT = "<think>First (10, 20), <tool_call>{}</tool_call></think>"
_READ: Mapping[str, Answer] = {
    _call('{"action": "left_click", "coordinate": [500, 250]}'): _HERE,
    _call('{"action": "left_click", "coordinate": [100, 100, 300, 300]}'): _MIDDLE,
    _call('{"action": "left_click", "coordinate": [[100, 100], [300, 300]]}'): _MIDDLE,
    _call('{"action": "left_click", "coordinate": [500]}'): UNREADABLE,
    _call('{"action": "wait", "time": 2}') + " (500, 250)": UNREADABLE,
    _REFUSED: _REFUSES,
    _call('{"action": "terminate", "status": "success"}'): UNREADABLE,
    _call('{"action": "terminate"}'): UNREADABLE,
    _call('{"action": "terminate", "status": "done"}'): UNREADABLE,
    _call('{"action": "terminate", "status": "fail"}'): Answer(refused=True),
    "(500, 250)": _HERE,
    "[500, 250]": _HERE,
    "500, 250": _HERE,
    "It is at (500, 250).": _HERE,
    '{"point_2d": [500, 250], "label": "2 of 10"}': _HERE,
    '```json\n[{"bbox_2d": [100, 100, 300, 300]}]\n```': _MIDDLE,
    "CLICK <point>[[500, 250]]</point>": _HERE,
    "<point>500 250</point>": _HERE,
    "<|box_start|>(100,100),(300,300)<|box_end|>": _MIDDLE,
    "click(start_box='(500,250)')": _HERE,
    "click(x=500, y=250)": _HERE,
    '{"x": 500, "y": 250}': _HERE,
    '[{"point_2d": [500, 250]}, {"point_2d": [1, 1]}]': _HERE,
    "[[100, 100], [300, 300]]": _MIDDLE,
    "[300, 300, 100, 100]": _MIDDLE,
    "<100, 100, 300, 300>": _MIDDLE,
    "(0.5, 0.25)": _HERE,
    "[0.125, 0, 0.625, 0.5]": Answer((750, 250)),
    "[0, 0]": Answer((0, 0)),
    "[1, 1]": Answer((2, 1)),
    "[1000, 1000]": Answer((2000, 1000)),
    "[1200, 300]": UNREADABLE,
    "[-5, 300]": UNREADABLE,
    "[-1, -1]": _REFUSES,
    "[-1, -1, -1, -1]": _REFUSES,
    "[1, 2, 3]": UNREADABLE,
    "(1, 1), (2, 2), (3, 3)": UNREADABLE,
    "I am at step 2 of 10": UNREADABLE,
    "(step 2 of 10)": UNREADABLE,
    "I see 500, then 250 of them.": UNREADABLE,
    "1. Open it 2. Click": UNREADABLE,
    "I cannot see it.": UNREADABLE,
    "": UNREADABLE,
    _THOUGHT + "(500, 250)": _HERE,
    _THOUGHT: UNREADABLE,
    "<think>Perhaps (500, 250)": UNREADABLE,
}
"""What models say, and what is read in it."""

_ANSWERS = (
    *(Case(f"reading {said!r}", _read(said), want) for said, want in _READ.items()),
    Case(
        "pixels of the resized picture (1400x700) become pixels of the picture",
        lambda f: read_answer("[700, 350]", SIZE, _RESIZED),
        Answer((1000, 500)),
    ),
    Case(
        "beyond the resized picture is unreadable",
        lambda f: read_answer("[1500, 350]", SIZE, _RESIZED),
        UNREADABLE,
    ),
    Case(
        "a box counts by its centre",
        _says(_XY, _call('{"action": "left_click", "coordinate": [50, 50, 70, 70]}')),
        "correct",
    ),
    Case(
        "a box that covers the target off its centre is wrong",
        _says(_XY, _call('{"action": "left_click", "coordinate": [50, 50, 500, 500]}')),
        "wrong",
    ),
    Case("numbers in a sentence are no answer", _says(_XY, "step 2 of 10"), "wrong_format"),
    Case("a refusal is right where nothing is", _says(Nowhere(), _REFUSED), "correct"),
    Case("a refusal is wrong where something is", _says(_XY, _REFUSED), "wrong"),
    Case("a point is wrong where nothing is", _says(Nowhere(), "[5, 5]"), "wrong"),
    Case("babble where nothing is", _says(Nowhere(), "Well."), "wrong_format"),
)


def _refusals(refused: int) -> Any:
    """Return the three totals of 344 right points among 510 questions, and some right refusals."""
    found = [(_item(_XY), "correct" if n < 344 else "wrong") for n in range(510)]  # noqa: PLR2004
    gone = [(_item(Nowhere()), "correct" if n < refused else "wrong") for n in range(54)]
    every: Any = [*found, *gone]
    counts = [count(every), refusals_wrong(every), count(without_refusals(every))]
    return [f"{100 * each.accuracy:.2f}" for each in counts]


def _official(folder: Path) -> Any:
    """Return the tables of a text that was hit, an icon that was missed and one unreadable."""
    told: dict[str, Any] = {"platform": "linux", "application": "calc", "group": "Office"}
    asked = [
        (_item(_XY, ui_type="text", **told), Answer((120, 60)), "correct"),
        (_item(_XY, ui_type="icon", **told), Answer((1, 1)), "wrong"),
        (_item(Nowhere(), ui_type="icon", **told), Answer(), "wrong_format"),
    ]
    made = report([detail(item, said, "raw", verdict) for item, said, verdict in asked])  # type: ignore[arg-type]
    return made


_MEASURES = {
    "num_correct_action": 1, "num_total": 3, "wrong_format_num": 1, "action_acc": 1 / 3,
    "text_acc": 1.0, "icon_acc": 0.0,
}  # fmt: skip
_TOTALS = (
    Case(
        "54 refusals make 60.99 % of 67.45 %",
        lambda f: _refusals(0),
        ["60.99", "60.99", "67.45"],
    ),
    Case(
        "a right refusal counts in one total of three",
        lambda f: _refusals(54),
        ["70.57", "60.99", "67.45"],
    ),
    Case(
        "an item can be in two groups, or in none",
        lambda f: {
            name: counted.total
            for name, counted in by_groups(
                [(_item(_XY, tags=tags), "correct") for tags in (("a", "b"), ("b",), ())],
                lambda item: item.tags,
            ).items()
        },
        {"a": 1, "b": 2},
    ),
    Case(
        "unreadable is counted as wrong, and apart",
        lambda f: _official(f)["metrics"]["overall"],
        _MEASURES,
    ),
    Case(
        "the leaderboard's tables",
        lambda f: [
            list(_official(f)["metrics"][name])
            for name in ("leaderboard_simple_style", "leaderboard_detailed_style", "seeclick_style")
        ],
        [
            ["group:Office"],
            ["app:calc"],
            [
                "plat:linux inst_style:instruction gt_type:positive",
                "plat:linux inst_style:instruction gt_type:negative",
            ],
        ],
    ),
    Case("a negative item has no box", lambda f: "bbox" in _official(f)["details"][2], False),
    Case("pred is in pixels", lambda f: _official(f)["details"][0]["pred"], [120, 60]),
)

CASES = (*_REGIONS, *_ANSWERS, *_TOTALS)
