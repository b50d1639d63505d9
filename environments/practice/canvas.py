"""Drawing for the practice world: boxes and one line of text at a time, on a Pillow image.

Responsible for looks (colours, font) and for the lattice that layouts keep to. Knows no widget.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw, ImageFont

LATTICE_PX = 16
"""Texts start on multiples of this, so that one 16 px patch of the model sees whole glyph runs."""

ROW_PX = 32
"""Pitch of widget rows: one visual token of the model (Qwen3-VL: 32 x 32 px) per row."""

FONT_PX = 13
Colour = tuple[int, int, int]
Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels; right and bottom lie outside the box."""


@dataclass(frozen=True, slots=True)
class Look:
    """Colours of one practice desktop."""

    desktop: Colour
    window: Colour
    title: Colour
    title_idle: Colour
    field: Colour
    button: Colour
    accent: Colour
    border: Colour = (110, 110, 110)
    text: Colour = (10, 10, 10)


LOOKS = (
    Look((58, 110, 165), (236, 236, 236), (170, 200, 240), (210, 210, 210),
         (255, 255, 255), (215, 215, 215), (30, 100, 220)),
    Look((70, 120, 90), (240, 240, 232), (180, 220, 180), (212, 212, 204),
         (255, 255, 255), (218, 222, 210), (20, 130, 60)),
    Look((110, 90, 130), (238, 234, 240), (210, 190, 230), (214, 210, 216),
         (255, 255, 255), (220, 212, 226), (130, 50, 180)),
    Look((120, 120, 120), (245, 245, 245), (240, 210, 170), (220, 220, 220),
         (255, 255, 255), (226, 222, 216), (210, 110, 10)),
)  # fmt: skip


def look_for(rng: random.Random) -> Look:
    """Draw the look of one practice desktop."""
    return rng.choice(LOOKS)


@cache
def font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return the font that ships inside Pillow, so that looks do not depend on the system."""
    return ImageFont.load_default(FONT_PX)


@cache
def text_width(text: str) -> int:
    """Return the width of a text in pixels."""
    return round(font().getlength(text))


def lattice_width(text: str) -> int:
    """Return the width of a text rounded up to the lattice, with room for a margin."""
    return -(-(text_width(text) + LATTICE_PX) // LATTICE_PX) * LATTICE_PX


class Canvas:
    """A Pillow image with the few strokes that widgets need; coordinates are its own pixels."""

    def __init__(self, size: tuple[int, int], fill: Colour) -> None:
        """Start with one colour everywhere."""
        self.image = Image.new("RGB", size, fill)
        self._draw = ImageDraw.Draw(self.image)

    def box(
        self, box: Box, fill: Colour | None, border: Colour | None = None, width: int = 1
    ) -> None:
        """Draw a filled and bordered rectangle."""
        left, top, right, bottom = box
        self._draw.rectangle((left, top, right - 1, bottom - 1), fill, border, width)

    def disc(self, box: Box, fill: Colour, border: Colour | None = None) -> None:
        """Draw a filled and bordered ellipse."""
        left, top, right, bottom = box
        self._draw.ellipse((left, top, right - 1, bottom - 1), fill, border)

    def lines(self, points: list[tuple[int, int]], colour: Colour, width: int = 2) -> None:
        """Draw connected lines."""
        self._draw.line(points, colour, width)

    def text(self, x: int, y: int, text: str, colour: Colour) -> None:
        """Write one line whose 16 px row begins at (x, y)."""
        self._draw.text((x, y + LATTICE_PX // 2), text, colour, font(), anchor="lm")
