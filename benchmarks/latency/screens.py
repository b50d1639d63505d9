"""The pictures of the trace: a drawn desktop that changes a little from step to step.

Responsible for seeded frames with the flat areas, edges and text of a user interface; noise would
compress like no screen does, which would be unfair to whoever sends PNG.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import numpy as np

from environments.base import Frame
from environments.practice import words

UNCHANGED = frozenset({3, 7, 12, 16})
"""Steps of every twenty whose screen is the one before: a wait, or a click that did nothing."""

CYCLE = 20
ROW_PX, LINE_PX, BAR_PX = 28, 18, 30
WALLPAPER, PAPER, BAR, INK = (58, 110, 165), (246, 246, 244), (36, 42, 52), (20, 20, 20)
TINTS = ((52, 120, 246), (40, 167, 69), (220, 53, 69), (255, 193, 7), (111, 66, 193))


def screens(seed: int, count: int, width: int, height: int) -> list[Frame]:
    """Return (height, width, 3) uint8 RGB frames, read-only; an unchanged one is the same object.

    Always the same for the same arguments.
    """
    drawn = _drawn(random.Random(f"screens/{seed}"), width, height)
    frames: list[Frame] = []
    for step in range(count):
        frames.append(frames[-1] if step % CYCLE in UNCHANGED else next(drawn))
    return frames


def distinct(count: int) -> int:
    """Return how many different frames the first ``count`` steps show."""
    return sum(step % CYCLE not in UNCHANGED for step in range(count))


def _drawn(chance: random.Random, width: int, height: int) -> Iterator[Frame]:
    """Yield the desktop with a new window, dialog or row of text each time."""
    from PIL import Image, ImageDraw

    canvas = Image.new("RGB", (width, height), WALLPAPER)
    pen = ImageDraw.Draw(canvas)
    pen.rectangle((0, height - BAR_PX, width, height), fill=BAR)
    while True:
        _window(pen, chance, width, height - BAR_PX)
        frame = np.array(canvas)
        frame.setflags(write=False)
        yield frame


def _window(pen: Any, chance: random.Random, width: int, height: int) -> None:
    """Draw one window: title bar, lines of words, a row of buttons."""
    wide = chance.randint(width // 3, 2 * width // 3)
    high = chance.randint(height // 3, 2 * height // 3)
    left, top = chance.randint(0, width - wide), chance.randint(0, height - high)
    pen.rectangle((left, top, left + wide, top + high), fill=PAPER, outline=INK)
    pen.rectangle((left, top, left + wide, top + LINE_PX + 4), fill=chance.choice(TINTS))
    for line in range(top + ROW_PX, top + high - 2 * ROW_PX, LINE_PX):
        pen.text((left + 8, line), _line(chance, wide), fill=INK)
    for button in range(chance.randint(1, 3)):
        x, y = left + 8 + button * 90, top + high - ROW_PX
        pen.rectangle((x, y, x + 80, y + 20), fill=chance.choice(TINTS))
        pen.text((x + 6, y + 4), chance.choice(words.VALUES)[:10], fill=PAPER)


def _line(chance: random.Random, wide: int) -> str:
    return " ".join(chance.choices(words.VALUES, k=8))[: wide // 7]
