"""The pictures of a report: redacted, small enough for the whole page, and part of the page itself.

Responsible for format and size. WebP, which every browser of the last five years reads, keeps a
screen of 1920x1080 legible in 40 to 150 kB; where the page would grow too large, pictures become
smaller rather than fewer.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent.archive import RunRecord
from agent.grounding import read_picture
from agent.reports.redaction import Box, Redaction
from environments.errors import ConfigError

if TYPE_CHECKING:
    from PIL.Image import Image

BUDGET_BYTES = 13_000_000
"""What the pictures of one page may take, as text; leaves room for words under 15 MB."""

RUNGS = ((1920, 82), (1600, 76), (1280, 70), (1280, 50), (960, 45), (720, 40), (480, 30))
"""Longest side in pixels and WebP quality, tried from the best to the smallest."""

_EFFORT = 3
"""Of 6: more makes files a few percent smaller and takes several times as long."""

COVER = "#000000"


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture as an address that holds all of it, and the size of the screen that it shows."""

    source: str
    width_px: int
    height_px: int


class Camera:
    """Makes the shots of one page within a budget; knows how many are still to come."""

    def __init__(self, pictures: int, budget_bytes: int = BUDGET_BYTES) -> None:
        """Prepare for so many pictures."""
        self._to_come = pictures
        self._left_bytes = budget_bytes
        self._rung = 0

    def shot(self, record: RunRecord, image: str, redaction: Redaction) -> Shot | None:
        """Return a picture of a run, or None if it is gone or damaged."""
        allowed = self._left_bytes // max(1, self._to_come)
        self._to_come -= 1
        try:
            picture = covered_picture(record, image, redaction)
        except ConfigError:
            return None
        source = self._address(picture, allowed)
        self._left_bytes -= len(source)
        return Shot(source, *picture.size)

    def _address(self, picture: Image, allowed: int) -> str:
        """Return the best rendering that fits, or else the smallest.

        The screens of a run are alike, so it begins one above where the last one fitted.
        """
        self._rung = max(0, self._rung - 1)
        address = _encoded(picture, *RUNGS[self._rung])
        while len(address) > allowed and self._rung + 1 < len(RUNGS):
            self._rung += 1
            address = _encoded(picture, *RUNGS[self._rung])
        return address


def covered_picture(record: RunRecord, image: str, redaction: Redaction) -> Image:
    """Return a picture of a run at its own size, without what must not be seen.

    Raises:
        ConfigError: it is gone or damaged.
    """
    from PIL import Image as Pictures

    if not image or Path(image).name != image:  # What a file says never leads out of its run.
        raise ConfigError(f"The run {record.summary.id} has no picture {image!r:.90}.")
    picture = Pictures.fromarray(read_picture(record.picture(image)))
    boxes = redaction.boxes(image)
    cover(picture, (Box(0, 0, *picture.size),) if boxes is None else boxes)
    return picture


def cover(picture: Image, boxes: Sequence[Box]) -> None:
    """Paint solid boxes over parts of a picture, which cannot be undone."""
    for box in boxes:
        picture.paste(COVER, (box.left, box.top, box.right, box.bottom))


def _encoded(picture: Image, longest_px: int, quality: int) -> str:
    from PIL import Image as Pictures

    scale = min(1.0, longest_px / max(picture.size))
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    buffer = io.BytesIO()
    small = picture if scale == 1 else picture.resize(size, Pictures.Resampling.LANCZOS)
    small.save(buffer, "WEBP", quality=quality, method=_EFFORT)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()
