"""Drawing for the practice world: boxes and one line of text at a time, on a Pillow image.

Responsible for looks (colours, font, scale) and for the lattice that layouts keep to. Layouts are
measured in the plain font, whichever a text is drawn in. Knows no widget.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from environments.errors import ConfigError

LATTICE_PX = 16
"""Texts start on multiples of this, so that one 16 px patch of the model sees whole glyph runs."""

ROW_PX = 32
"""Pitch of widget rows: one visual token of the model (Qwen3-VL: 32 x 32 px) per row."""

FONT_PX = 13
Colour = tuple[int, int, int]
Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels; right and bottom lie outside the box."""


@dataclass(frozen=True, slots=True)
class Pen:
    """How things are drawn.

    Attributes:
        font: a key of ``FONTS``.
        scale: pixels of the picture for each pixel of the world.
    """

    font: str = "plain"
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Look:
    """Colours of one practice desktop, and the pen."""

    desktop: Colour
    window: Colour
    title: Colour
    title_idle: Colour
    field: Colour
    button: Colour
    accent: Colour
    border: Colour = (110, 110, 110)
    text: Colour = (10, 10, 10)
    pen: Pen = Pen()


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


FONTS = {"plain": ("", FONT_PX), "sans": ("DejaVuSans.ttf", 12), "serif": ("DejaVuSerif.ttf", 12)}
"""File and size of each font; the sizes make the widths of usual words alike.

The plain one ships inside Pillow, so that looks do not depend on the system.
"""

HAN_AND_HANGUL = ("wqy-microhei.ttc", FONT_PX), "fonts-wqy-microhei"
CYRILLIC = FONTS["sans"], "fonts-dejavu-core"
FIRST_CYRILLIC, FIRST_ASIAN = "\u0400", "\u1100"

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@cache
def font(name: str = "plain", scale: float = 1.0) -> Font:
    """Return a font of ``FONTS`` for texts that it has glyphs for.

    Raises:
        ConfigError: the system does not have it.
    """
    return _loaded(FONTS[name], scale, "fonts-dejavu-core")


def font_for(text: str, pen: Pen) -> Font:
    """Return the pen's font, or one that has the letters of a text.

    Raises:
        ConfigError: the system does not have it.
    """
    highest = max(text, default="")
    if highest < FIRST_CYRILLIC:
        return font(pen.font, pen.scale)
    file, package = HAN_AND_HANGUL if highest >= FIRST_ASIAN else CYRILLIC
    return _loaded(file, pen.scale, package)


@cache
def _loaded(file: tuple[str, int], scale: float, package: str) -> Font:
    name, size_px = file
    if not name:
        return ImageFont.load_default(size_px * scale)
    try:
        return ImageFont.truetype(name, size_px * scale)
    except OSError as error:
        raise ConfigError(f"The font {name} is missing; install {package}.") from error


@cache
def text_width(text: str) -> int:
    """Return the width of a text in pixels."""
    return round(font_for(text, Pen()).getlength(text))


def lattice_width(text: str) -> int:
    """Return the width of a text rounded up to the lattice, with room for a margin."""
    return -(-(text_width(text) + LATTICE_PX) // LATTICE_PX) * LATTICE_PX


class Canvas:
    """A Pillow image with the few strokes that widgets need, measured in pixels of the world."""

    def __init__(self, size: tuple[int, int], fill: Colour, pen: Pen) -> None:
        """Start with one colour everywhere."""
        self._pen = pen
        self.image = Image.new("RGB", scaled(size, pen), fill)
        self._draw = ImageDraw.Draw(self.image)

    def box(
        self, box: Box, fill: Colour | None, border: Colour | None = None, width: int = 1
    ) -> None:
        """Draw a filled and bordered rectangle."""
        self._draw.rectangle(self._inside(box), fill, border, self._thick(width))

    def disc(self, box: Box, fill: Colour, border: Colour | None = None) -> None:
        """Draw a filled and bordered ellipse."""
        self._draw.ellipse(self._inside(box), fill, border)

    def lines(self, points: list[tuple[int, int]], colour: Colour, width: int = 2) -> None:
        """Draw connected lines."""
        self._draw.line([scaled(p, self._pen) for p in points], colour, self._thick(width))

    def text(self, x: int, y: int, text: str, colour: Colour) -> None:
        """Write one line whose 16 px row begins at (x, y)."""
        at = scaled((x, y + LATTICE_PX // 2), self._pen)
        self._draw.text(at, text, colour, font_for(text, self._pen), anchor="lm")

    def _inside(self, box: Box) -> Box:
        left, top = scaled(box[:2], self._pen)
        right, bottom = scaled(box[2:], self._pen)
        return left, top, right - 1, bottom - 1

    def _thick(self, width: int) -> int:
        return max(round(width * self._pen.scale), 1)


def scaled(point: tuple[int, int], pen: Pen) -> tuple[int, int]:
    """Return where a point of the world lies in the picture."""
    return round(point[0] * pen.scale), round(point[1] * pen.scale)
