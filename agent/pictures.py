"""The picture strip: every screen of a run in one PNG, with the point the model chose.

Responsible for drawing only. Knows neither the loop nor the journal: whoever has frames makes
``Panel`` values of them, and gets an image back.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from environments.base import Frame
from environments.errors import ConfigError

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont, ImageFont

PANEL_WIDTH_PX = 480
COLUMNS = 3
MARGIN_PX = 16
LINE_PX = 19
TEXT_PX = 14
TITLE_LINE_PX = 26
CAPTION_LINES = 5
CHARACTERS = 62
"""Characters of caption that fit beside each other under one panel."""

PAPER, INK, FAINT, RING = "#f4f4f1", "#1d1d1f", "#6a6a70", "#e0218a"
BAD = "#b42318"


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """One screen of a run, already at the size of the strip so that long runs stay small.

    Attributes:
        picture: ``PANEL_WIDTH_PX`` wide, with the chosen point marked.
        caption: lines below the picture; the first one is set apart.
        is_error: the call was refused; the caption is then red.
    """

    picture: Image
    caption: tuple[str, ...]
    is_error: bool = False


def make_panel(
    frame: Frame, caption: Sequence[str], point_px: tuple[int, int] | None, is_error: bool = False
) -> Panel:
    """Return the panel of one look; ``point_px`` is the image pixel that the model chose."""
    return Panel(_scaled(frame, point_px), tuple(caption), is_error)


def draw_strip(title: Sequence[str], panels: Sequence[Panel]) -> Image:
    """Return one RGB image: title lines on top, then the panels row by row."""
    from PIL import Image, ImageDraw

    columns = max(1, min(COLUMNS, len(panels)))
    head = MARGIN_PX + TITLE_LINE_PX * len(title) + MARGIN_PX // 2
    tallest = max((panel.picture.height for panel in panels), default=0)
    cell = tallest + CAPTION_LINES * LINE_PX + 2 * MARGIN_PX
    rows = math.ceil(len(panels) / columns)
    width = MARGIN_PX + columns * (PANEL_WIDTH_PX + MARGIN_PX)
    strip = Image.new("RGB", (width, head + rows * cell), PAPER)
    draw = ImageDraw.Draw(strip)
    _write_title(draw, title, columns)
    for place, panel in enumerate(panels):
        x = MARGIN_PX + (place % columns) * (PANEL_WIDTH_PX + MARGIN_PX)
        y = head + (place // columns) * cell
        strip.paste(panel.picture, (x, y))
        draw.rectangle((x - 1, y - 1, x + PANEL_WIDTH_PX, y + panel.picture.height), outline=FAINT)
        _write_caption(draw, panel, x, y + panel.picture.height + 6)
    return strip


def save_strip(path: Path, title: Sequence[str], panels: Sequence[Panel]) -> Path:
    """Write the strip as PNG and return the path; folders above it are made.

    Raises:
        ConfigError: it cannot be written there.
    """
    write_picture(draw_strip(title, panels), path)
    return path


def write_picture(picture: Image, path: Path) -> None:
    """Write a picture as PNG, whatever the file is called; folders above it are made.

    Raises:
        ConfigError: it cannot be written there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.save(path, "PNG")
    except OSError as error:
        raise ConfigError(f"The picture {path} cannot be written ({error}).") from error


def mark_point(frame: Frame, point_px: tuple[int, int]) -> Image:
    """Return the frame at its own size with a ring and crosshair around one pixel."""
    from PIL import Image, ImageDraw

    picture = Image.fromarray(frame).convert("RGB")
    _ring(ImageDraw.Draw(picture), *point_px, max(10, picture.width // 60))
    return picture


def _scaled(frame: Frame, point_px: tuple[int, int] | None) -> Image:
    from PIL import Image, ImageDraw

    picture = Image.fromarray(frame).convert("RGB")
    scale = PANEL_WIDTH_PX / picture.width
    size = (PANEL_WIDTH_PX, round(picture.height * scale))
    picture = picture.resize(size, Image.Resampling.LANCZOS)
    if point_px is not None:
        x, y = (round((value + 0.5) * scale) for value in point_px)
        _ring(ImageDraw.Draw(picture), x, y, 20)
    return picture


def _ring(draw: ImageDraw, x: int, y: int, radius: int) -> None:
    """Draw ring and crosshair, leaving the middle free so that what was hit stays visible."""
    for colour, width in (("white", 6), (RING, 3)):
        box = (x - radius, y - radius, x + radius, y + radius)
        draw.ellipse(box, outline=colour, width=width)
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            near = (x + dx * (radius - 3), y + dy * (radius - 3))
            far = (x + dx * (radius + 8), y + dy * (radius + 8))
            draw.line((*near, *far), fill=colour, width=width)


def _write_title(draw: ImageDraw, title: Sequence[str], columns: int) -> None:
    for row, line in enumerate(title):
        text = textwrap.shorten(line, columns * CHARACTERS, placeholder=" ...")
        y = MARGIN_PX + row * TITLE_LINE_PX
        draw.text((MARGIN_PX, y), text, fill=INK if row == 0 else FAINT, font=_font(17))


def _write_caption(draw: ImageDraw, panel: Panel, x: int, y: int) -> None:
    lines = [w for line in panel.caption for w in textwrap.wrap(line, CHARACTERS) or [""]]
    if len(lines) > CAPTION_LINES:
        lines = [*lines[: CAPTION_LINES - 1], lines[CAPTION_LINES - 1] + " ..."]
    for row, line in enumerate(lines):
        colour = BAD if panel.is_error else INK if row == 0 else FAINT
        draw.text((x, y + row * LINE_PX), line, fill=colour, font=_font(TEXT_PX))


def _font(size_px: int) -> FreeTypeFont | ImageFont:
    from PIL import ImageFont as fonts

    return fonts.load_default(size_px)
