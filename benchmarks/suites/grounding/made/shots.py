"""One picture of our own set with what can be asked for on it, and how it is written down.

Responsible for the files: pictures, and annotations in ScreenSpot-Pro's layout. Renders nothing.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from benchmarks.suites.grounding.catalogue import OWN
from environments.base import Frame

UiType = Literal["text", "icon"]
Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels; the last pixel belongs to it."""

LEAST_PX = 4
"""Nothing narrower or lower is asked for."""


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that can be asked for.

    Attributes:
        asked: the instruction.
        name: by which it is told from everything else on the picture.
        ui_type: whether what it is stands on it in words.
        box: where it is.
        reads: the words that stand there, or of an icon what it shows; empty for a field.
    """

    asked: str
    name: str
    ui_type: UiType
    box: Box
    reads: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """One picture.

    Attributes:
        name: its file's, without ending, and unique.
        frame: (H, W, 3) uint8 RGB.
        things: all that can be asked for.
        group: part of the set.
        application: template, kind of page or program.
        platform: what it looks like.
        look: theme and fonts in words.
        scale: how many pixels one of its own points has.
        on_phone: it is a phone's screen.
    """

    name: str
    frame: Frame
    things: Sequence[Thing]
    group: str
    application: str
    platform: str
    look: str
    scale: float = 1.0
    on_phone: bool = False


def inner(left: float, top: float, right: float, bottom: float) -> Box:
    """Return the pixels that lie wholly between edges."""
    eps = 1e-6
    return (
        int(np.ceil(left - eps)),
        int(np.ceil(top - eps)),
        int(np.floor(right + eps)) - 1,
        int(np.floor(bottom + eps)) - 1,
    )


def write_set(folder: Path, shots: Iterable[Shot], each: int, seed: int) -> Counter[str]:
    """Write pictures, annotations and what the set is; return how many questions each part has.

    Args:
        folder: where to; made if need be.
        shots: the pictures.
        each: at most so many questions about a picture.
        seed: from which the questions are drawn.
    """
    annotations: dict[str, list[dict[str, Any]]] = {}
    for shot in shots:
        asked = annotations.setdefault(shot.group, [])
        asked += _questions(shot, each, seed, len(asked))
        _write_picture(folder / "images" / shot.group / f"{shot.name}.png", shot.frame)
    for group, asked in annotations.items():
        _write_json(folder / "annotations" / f"{OWN}_{group}.json", asked)
    counts = Counter({group: len(asked) for group, asked in annotations.items()})
    about = {"name": OWN, "seed": seed, "questions": dict(counts), "note": NOTE}
    _write_json(folder / f"{OWN}.json", about)
    return counts


NOTE = "Rendered by Deskhand; it is not ScreenSpot and no figure on it compares with one there."


def askable(shot: Shot) -> list[Thing]:
    """Return what is large enough and has a name that nothing else has."""
    names = Counter(thing.name for thing in shot.things)
    height, width, _ = shot.frame.shape
    return [
        thing
        for thing in shot.things
        if names[thing.name] == 1 and thing.name.strip() and _fits(thing.box, width, height)
    ]


def _questions(shot: Shot, each: int, seed: int, first: int) -> list[dict[str, Any]]:
    height, width, _ = shot.frame.shape
    good = askable(shot)
    rng = random.Random(f"{OWN}/{seed}/{shot.name}")
    chosen = rng.sample(good, min(each, len(good)))
    return [
        {
            "img_filename": f"{shot.group}/{shot.name}.png",
            "bbox": list(thing.box),
            "instruction": thing.asked,
            "id": f"{shot.group}_{first + number}",
            "application": shot.application,
            "platform": shot.platform,
            "img_size": [width, height],
            "ui_type": thing.ui_type,
            "group": shot.group,
            "look": shot.look,
            "scale": f"x{shot.scale:g}",
            "on_phone": shot.on_phone,
        }
        for number, thing in enumerate(chosen)
    ]


def _fits(box: Box, width: int, height: int) -> bool:
    left, top, right, bottom = box
    inside = left >= 0 and top >= 0 and right < width and bottom < height
    return inside and right - left + 1 >= LEAST_PX and bottom - top + 1 >= LEAST_PX


def _write_picture(path: Path, frame: Frame) -> None:
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.ascontiguousarray(frame)).save(path, optimize=False)


def _write_json(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False), encoding="utf-8")
