"""Golden cases of the trajectory readers: small folders made by hand, TFRecords included.

Responsible for y before x, for scrolls named by finger or by content, and for keys and ends; the
file is long because every layout is written by hand, TFRecords byte by byte.
"""

from __future__ import annotations

import gzip
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.suites.golden.case import Case, picture, put
from benchmarks.suites.trajectories import android_control, others
from benchmarks.suites.trajectories.moves import Move, Recorded, way_of
from benchmarks.suites.trajectories.predicting import question
from benchmarks.suites.trajectories.rules import PRESETS
from environments.errors import ConfigError

SIZE = (1000, 2000)


def _told(move: Any) -> tuple[Any, ...]:
    at = move.at and tuple(round(value, 4) for value in move.at)
    return (move.kind, at, move.way or move.text or move.button or move.done)


# AndroidControl, in bytes: the wire format written by hand.


def _varint(value: int) -> bytes:
    value %= 2**64
    out = b""
    while value > 127:  # noqa: PLR2004 - seven bits a byte
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def _part(number: int, value: bytes | int) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _feature(values: list[bytes] | list[int]) -> bytes:
    if values and isinstance(values[0], int):
        return _part(3, _part(1, b"".join(_varint(int(value)) for value in values)))
    return _part(1, b"".join(_part(1, value) for value in values))


def _forest(*boxes: tuple[int, int, int, int]) -> bytes:
    """Return an accessibility forest; a zero is left out, as proto3 does."""
    nodes = b""
    for box in boxes:
        rect = b"".join(_part(n, v) for n, v in enumerate(box, 1) if v)
        nodes += _part(1, _part(1, 7) + _part(2, rect))
    return _part(1, _part(3, 1) + _part(11, nodes))


def record(episode: int, actions: list[dict[str, Any]], boxes: tuple[int, int, int, int]) -> bytes:
    """Return one ``tf.train.Example`` of AndroidControl."""
    shots = len(actions) + 1
    features: dict[str, list[bytes] | list[int]] = {
        "episode_id": [episode],
        "goal": [b"send it"],
        "actions": [json.dumps(action).encode() for action in actions],
        "step_instructions": [f"do {number}".encode() for number in range(len(actions))],
        "screenshot_widths": [SIZE[0]] * shots,
        "screenshot_heights": [SIZE[1]] * shots,
        "accessibility_trees": [_forest(boxes)] * shots,
        "screenshots": [f"png {number}".encode() for number in range(shots)],
    }
    entries = b"".join(
        _part(1, _part(1, name.encode()) + _part(2, _feature(values)))
        for name, values in features.items()
    )
    return _part(1, entries)


def write_records(path: Path, *found: bytes) -> None:
    """Write a gzipped file of TFRecords; the checksums are zeros, which nobody looks at."""
    framed = b"".join(struct.pack("<QI", len(each), 0) + each + bytes(4) for each in found)
    path.write_bytes(gzip.compress(framed))


ACTIONS: list[dict[str, Any]] = [
    {"action_type": "click", "x": 500, "y": 500},
    {"action_type": "scroll", "direction": "down"},
    {"action_type": "input_text", "text": "hi"},
    {"action_type": "open_app", "app_name": "Clock"},
    {"action_type": "long_press", "x": 100, "y": 200},
    {"action_type": "navigate_back"},
    {"action_type": "navigate_home"},
    {"action_type": "wait"},
]


def _android_control(folder: Path) -> None:
    found = [record(number, ACTIONS, (0, 100, 500, 300)) for number in (7, 8, 9)]
    write_records(folder / "android_control-00000-of-00001", *found)
    put(folder, "splits.json", {"train": [9], "validation": [], "test": [7, 8]})
    put(folder, "test_subsplits.json", {"app_unseen": [7], "IDD": [8]})


def _read(folder: Path, **options: str) -> list[Recorded]:
    _android_control(folder)
    return list(android_control.read(folder, options))


def _only(folder: Path) -> Any:
    (folder / "ac_idx.txt").write_text("episode_7_screenshot_0\nepisode_9_screenshot_2\n")
    return [step.key for step in _read(folder, only=str(folder / "ac_idx.txt"))]


def _shot(folder: Path, name: str) -> bytes:
    return android_control.Screenshots(folder).packed(name)


def _torn(folder: Path) -> Any:
    _android_control(folder)
    path = folder / "android_control-00000-of-00001"
    path.write_bytes(path.read_bytes()[:-40])
    try:
        list(android_control.read(folder, {}))
    except ConfigError as error:
        return "record" in str(error).lower()
    return False


def _refused(action: dict[str, Any]) -> Case:
    def got(folder: Path) -> Any:
        write_records(folder / "android_control-00000-of-00001", record(1, [action], (0, 0, 9, 9)))
        try:
            list(android_control.read(folder, {}))
        except ConfigError as error:
            return "is not AndroidControl's" in str(error)
        return False

    return Case(f"AndroidControl's {action} is refused", got, True)


_UNTOLD: list[dict[str, Any]] = [
    {"action_type": "scroll"},
    {"action_type": "click", "x": 5},
    {"action_type": "dance"},
]


def _finger_right(folder: Path) -> Any:
    """Return the presets that take a finger going up for the record's "scroll down"."""
    step = _read(folder)[1]
    found = {
        name: preset.verdict(step, Move("swipe", way="up")) for name, preset in PRESETS.items()
    }
    return [name for name, verdict in found.items() if not verdict.exact]


_ANDROID_CONTROL = (
    *(_refused(action) for action in _UNTOLD),
    Case('"scroll down" is a finger that goes up, under all rules', _finger_right, []),
    Case(
        "at the low level a step's own instruction is told, at the high level not",
        lambda f: [question(_read(f)[2], level) for level in ("high", "low")],
        ["send it", "send it You need to: do 2"],
    ),
    Case(
        "AndroidControl's actions, its scroll named by the content",
        lambda folder: [_told(step.move) for step in _read(folder)[:8]],
        [
            ("tap", (0.5, 0.25), True),
            ("swipe", None, "up"),
            ("type", None, "hi"),
            ("open", None, "Clock"),
            ("long_press", (0.1, 0.1), True),
            ("press", None, "back"),
            ("press", None, "home"),
            ("wait", None, True),
        ],
    ),
    Case(
        "its elements as shares of the screen", lambda f: _read(f)[0].boxes, ((0, 0.05, 0.5, 0.15),)
    ),
    Case("only its test split", lambda f: {step.episode for step in _read(f)}, {"7", "8"}),
    Case("its subsets", lambda f: {step.subset for step in _read(f)}, {"app_unseen", "IDD"}),
    Case("its instructions of a step", lambda f: _read(f)[2].instruction, "do 2"),
    Case("what was done before a step", lambda f: _read(f)[2].before, ("do 0", "do 1")),
    Case(
        "the last screenshot as a stop, if asked for",
        lambda f: [
            len(_read(f)),
            len(_read(f, finish="finish")),
            _read(f, finish="finish")[8].move.kind,
        ],
        [16, 18, "stop"],
    ),
    Case("only the steps of an index", _only, ["app_unseen/7/0", "test/9/2"]),
    Case(
        "a screenshot out of the records",
        lambda f: _read(f) and [_shot(f, "8/3"), _shot(f, "7/0")],
        [b"png 3", b"png 0"],
    ),
    Case("a torn file is refused", _torn, True),
)

_AITZ: dict[str, Any] = {
    "episode_id": "E", "episode_length": 2, "step_id": 0, "instruction": "open", "subset": "",
    "ui_positions": "[[200, 100, 20, 50]]", "result_action_type": 4, "result_action_text": "",
    "result_touch_yx": "[0.1, 0.2]", "result_lift_yx": "[0.1, 0.2]",
    "image_path": "general/E/0.png",
}  # fmt: skip


def _aitz(*changes: dict[str, Any]) -> Callable[[Path], list[Recorded]]:
    def got(folder: Path) -> list[Recorded]:
        picture(folder, "test/general/E/0.png", SIZE)
        steps = [_AITZ | change | {"step_id": n} for n, change in enumerate(changes)]
        put(folder, "test/general/E/E.json", steps)
        put(folder, "train/general/T/T.json", steps)
        return list(others.aitz(folder, {}))

    return got


_SWIPED = {"result_touch_yx": "[0.54, 0.50]", "result_lift_yx": "[0.01, 0.57]"}
_KINDS = [{"result_action_type": kind, "result_action_text": "t"} for kind in (3, 5, 6, 7, 10, 11)]
_OTHER_AITZ = (
    Case(
        "AITZ writes y before x",
        lambda f: [_told(step.move) for step in _aitz({})(f)],
        [("tap", (0.2, 0.1), True)],
    ),
    Case(
        "its boxes are y, x, height, width in pixels",
        lambda f: _aitz({})(f)[0].boxes,
        ((0.1, 0.1, 0.15, 0.11),),
    ),
    Case(
        "boxes up to 1 are shares",
        lambda f: _aitz({"ui_positions": "[[0.1, 0.2, 0.25, 0.5]]"})(f)[0].boxes,
        ((0.2, 0.1, 0.7, 0.35),),
    ),
    Case("a touch that moves is a swipe of the finger", lambda f: _told(_aitz(_SWIPED)(f)[0].move),
         ("swipe", (0.5, 0.54), "up")),
    Case(
        "a movement of 0.04 is a tap still",
        lambda f: _aitz({"result_lift_yx": "[0.1, 0.24]"})(f)[0].move.kind, "tap",
    ),
    Case(
        "text, keys and ends",
        lambda f: [_told(step.move)[::2] for step in _aitz(*_KINDS)(f)],
        [("type", "t"), ("press", "back"), ("press", "home"), ("press", "enter"), ("stop", "t"),
         ("stop", "t")],
    ),
    Case("an impossible end is not done", lambda f: _aitz(*_KINDS)(f)[5].move.done, False),
    Case("its train split stays out", lambda f: len(_aitz({}, {})(f)), 2),
    Case("its subset is in the picture's path", lambda f: _aitz({})(f)[0].subset, "general"),
    Case(
        "AgentCPM's form: long press, wait and size in the record",
        lambda f: [
            (step.move.kind, step.size)
            for step in _aitz(
                {"result_action_type": 0, "image_width": 10, "image_height": 20},
                {"result_action_type": 1, "image_width": 10, "image_height": 20},
            )(f)
        ],
        [("long_press", (10, 20)), ("wait", (10, 20))],
    ),
)  # fmt: skip


def _odyssey(folder: Path) -> list[Recorded]:
    told: list[tuple[str, Any, list[int]]] = [
        ("CLICK", [[500, 250]], [400, 200, 600, 300]),
        ("LONG_PRESS", [[10, 20]], []),
        ("SCROLL", [[500, 800], [520, 300]], []),
        ("SCROLL", [[500, 500], [505, 500]], []),
        ("SCROLL", [[500, 500], [500, 500]], []),
        ("TEXT", "pizza", []),
        ("CLICK", "KEY_APPSELECT", [300, 400, 100, 200]),
        ("CLICK", "KEY_HOME", []),
        ("COMPLETE", "", []),
        ("INCOMPLETE", "", []),
    ]
    steps = [
        {"step": n, "screenshot": f"9_{n}.png", "action": a, "info": i, "sam2_bbox": b}
        for n, (a, i, b) in enumerate(told)
    ]
    put(folder, "annotations/9.json", {
        "episode_id": "9", "device_info": {"w": 1080, "h": 2400}, "step_length": len(steps),
        "task_info": {"instruction": "order", "category": "Web_Shopping"}, "steps": steps,
    })  # fmt: skip
    put(folder, "splits/random_split.json", {"train": [], "test": ["9.json"]})
    return list(others.odyssey(folder, {}))


_ODYSSEY = (
    Case(
        "GUI-Odyssey counts to 1000 and scrolls with the finger",
        lambda f: [_told(step.move) for step in _odyssey(f)],
        [
            ("tap", (0.5, 0.25), True),
            ("long_press", (0.01, 0.02), True),
            ("swipe", (0.5, 0.8), "up"),
            ("swipe", (0.5, 0.5), "right"),
            ("swipe", (0.5, 0.5), "down"),
            ("type", None, "pizza"),
            ("press", None, "recents"),
            ("press", None, "home"),
            ("stop", None, True),
            ("stop", None, False),
        ],
    ),
    Case("its marked element", lambda f: _odyssey(f)[0].target, (0.4, 0.2, 0.6, 0.3)),
    Case("where nothing is marked", lambda f: _odyssey(f)[1].target, None),
    Case(
        "its swapped corners are put in order",
        lambda f: _odyssey(f)[6].target,
        (0.1, 0.2, 0.3, 0.4),
    ),
    Case("its category is the subset", lambda f: _odyssey(f)[0].subset, "Web_Shopping"),
)


def _aitw(folder: Path) -> list[Recorded]:
    step = {
        "img_filename": "general/1", "goal": "g", "action_type_id": 4, "action_type_text": "click",
        "touch": [0.2, 0.1], "lift": [0.21, 0.1], "annot_position": [0.1, 0.2, 0.3, 0.4],
    }  # fmt: skip
    scrolls = [
        step | {"action_type_text": f"scroll {word}"} for word in ("down", "up", "left", "right")
    ]
    typed = step | {"action_type_id": 3, "action_type_text": "type", "type_text": "hi"}
    done = step | {"action_type_id": 10, "action_type_text": "status task complete"}
    put(folder, "aitw_data_test.json", {"general": [[step, *scrolls, typed, done]]})
    return list(others.aitw(folder, {}))


_AITW = (
    Case(
        "SeeClick's AITW names scrolls by the content",
        lambda f: [_told(step.move)[::2] for step in _aitw(f)],
        [
            ("tap", True),
            ("swipe", "up"),
            ("swipe", "down"),
            ("swipe", "right"),
            ("swipe", "left"),
            ("type", "hi"),
            ("stop", True),
        ],
    ),
    Case("its points are x, y", lambda f: _aitw(f)[0].move.at, (0.2, 0.1)),
    Case(
        "its boxes are y, x, height, width",
        lambda f: tuple(round(value, 4) for value in _aitw(f)[0].boxes[0]),
        (0.2, 0.1, 0.6, 0.4),
    ),
    Case("a swipe as long as it is high is upright", lambda _: way_of((0, 0), (1, 1)), "down"),
    Case("no movement has no direction", lambda _: way_of((1, 1), (1, 1)), None),
)

CASES = (*_ANDROID_CONTROL, *_OTHER_AITZ, *_ODYSSEY, *_AITW)
