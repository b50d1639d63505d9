"""What a text looks like, to find it again on a later frame.

Responsible for patterns of light and dark and for finding them wherever they stand, in any colour.
Knows no secret and no screen: a likeness is pixels, and is never written down.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from environments.base import Frame

if TYPE_CHECKING:
    from PIL import ImageFont

Grey = NDArray[np.float32]
Area = tuple[int, int, int, int]

ALIKE = 0.72
"""Correlation from which a place is taken for the text; antialiasing and a caret lower it."""

SIZES_PX = (11, 12, 13, 14, 15, 16, 18, 20, 24)
FONTS = ("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",)
"""Beside the font in Pillow: what a program without a taste of its own draws with."""

_LEAST_PX = 8
_LARGEST_PX = 400 * 60


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Likeness:
    """Patterns, any of which is the text: (h, w) float32 each, brightness of its own."""

    patterns: tuple[Grey, ...]

    @classmethod
    def drawn(cls, text: str) -> Likeness:
        """Return what a text looks like in the fonts that are known."""
        lines = [line for line in text.splitlines() if line.strip()]
        return cls(tuple(p for line in lines for font in _fonts() for p in _drawn(line, font)))

    def found_on(self, frame: Frame) -> list[Area]:
        """Return where a frame shows it."""
        grey = _grey(frame)
        spectrum = _Spectrum(grey)
        return [area for pattern in self.patterns for area in spectrum.places(pattern)]


def seen_text(before: Frame, after: Frame, area: Area) -> Likeness | None:
    """Return what appeared in an area, None if it is too small or too large for a text."""
    left, top, right, bottom = area
    changed = np.any(before[top:bottom, left:right] != after[top:bottom, left:right], axis=2)
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    if not rows.size:
        return None
    part = after[top + rows[0] : top + rows[-1] + 1, left + columns[0] : left + columns[-1] + 1]
    if min(part.shape[:2]) < _LEAST_PX or part.shape[0] * part.shape[1] > _LARGEST_PX:
        return None
    return Likeness((_grey(part),))


class _Spectrum:
    """One frame, prepared for several searches (normalised cross-correlation by FFT)."""

    def __init__(self, grey: Grey) -> None:
        self._shape = grey.shape
        self._grey = grey - grey.mean()
        self._sums = _integral(self._grey), _integral(self._grey**2)
        self._size = tuple(1 << (side - 1).bit_length() for side in grey.shape)
        self._waves = np.fft.rfft2(self._grey, self._size)

    def places(self, pattern: Grey) -> list[Area]:
        height, width = pattern.shape
        if height > self._shape[0] or width > self._shape[1]:
            return []
        centred = pattern - pattern.mean()
        strength = float((centred**2).sum())
        if not strength:
            return []
        waves = np.conj(np.fft.rfft2(centred, self._size))
        together = np.fft.irfft2(self._waves * waves, self._size)
        rows, columns = self._shape[0] - height + 1, self._shape[1] - width + 1
        spread = self._spread(height, width)
        flat = spread < 1.0
        alike = np.abs(together[:rows, :columns]) / np.sqrt(np.where(flat, 1.0, spread) * strength)
        found = np.argwhere((alike >= ALIKE) & ~flat)
        return [(int(x), int(y), int(x) + width, int(y) + height) for y, x in found[:2000]]

    def _spread(self, height: int, width: int) -> NDArray[np.float64]:
        total, squares = (_windows(sums, height, width) for sums in self._sums)
        spread: NDArray[np.float64] = np.maximum(squares - total**2 / (height * width), 0)
        return spread


def _integral(grey: NDArray[np.float32]) -> NDArray[np.float64]:
    sums = np.zeros((grey.shape[0] + 1, grey.shape[1] + 1))
    sums[1:, 1:] = grey.astype(np.float64).cumsum(0).cumsum(1)
    return sums


def _windows(sums: NDArray[np.float64], height: int, width: int) -> NDArray[np.float64]:
    total: NDArray[np.float64] = (
        sums[height:, width:] - sums[:-height, width:] - sums[height:, :-width]
    )
    return total + sums[:-height, :-width]


def _grey(frame: Frame) -> Grey:
    weights = np.array([0.299, 0.587, 0.114], np.float32)
    grey: Grey = frame.astype(np.float32) @ weights
    return grey


def _drawn(line: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> Iterable[Grey]:
    from PIL import Image, ImageDraw

    left, top, right, bottom = (round(side) for side in font.getbbox(line))
    if right - left < _LEAST_PX or bottom - top < 1:
        return
    picture = Image.new("L", (right - left + 2, bottom - top + 2), 255)
    ImageDraw.Draw(picture).text((1 - left, 1 - top), line, 0, font)
    yield np.asarray(picture, np.float32)


@cache
def _fonts() -> tuple[ImageFont.FreeTypeFont | ImageFont.ImageFont, ...]:
    from PIL import ImageFont

    named = [name for name in FONTS if Path(name).exists()]
    own = [ImageFont.load_default(size) for size in SIZES_PX]
    return (*own, *(ImageFont.truetype(name, size) for name in named for size in SIZES_PX))
