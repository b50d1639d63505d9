"""Figures over the steps of a training, as a picture.

Responsible for drawing lines into a PNG, with nothing but Pillow. Knows no training.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

WIDTH_PX, HEIGHT_PX, MARGIN_PX = 800, 260, 48
COLOURS = ("#1f6feb", "#d1242f", "#1a7f37", "#9a6700", "#8250df")
AXIS, TEXT, PAPER = "#8c959f", "#1f2328", "#ffffff"


@dataclass(frozen=True, slots=True)
class Curve:
    """One line: its name, and points (step, value) in the order of the steps."""

    name: str
    points: tuple[tuple[float, float], ...]

    @classmethod
    def of(cls, name: str, history: Iterable[Mapping[str, float]], key: str) -> Curve:
        """Return what a history says of one figure."""
        return cls(name, tuple((entry["step"], entry[key]) for entry in history if key in entry))


def draw_curves(path: Path, curves: Sequence[Curve]) -> None:
    """Write a PNG with one panel for each curve that has points, below each other."""
    from PIL import Image, ImageDraw

    shown = [curve for curve in curves if curve.points]
    if not shown:
        return
    last = max(curve.points[-1][0] for curve in shown)
    picture = Image.new("RGB", (WIDTH_PX, HEIGHT_PX * len(shown)), PAPER)
    draw = ImageDraw.Draw(picture)
    for number, curve in enumerate(shown):
        top = number * HEIGHT_PX + MARGIN_PX
        bottom = (number + 1) * HEIGHT_PX - MARGIN_PX
        high = max(value for _, value in curve.points) or 1.0
        places = [
            (
                MARGIN_PX + step / max(last, 1) * (WIDTH_PX - 2 * MARGIN_PX),
                bottom - max(value, 0.0) / high * (bottom - top),
            )
            for step, value in curve.points
        ]
        draw.line([(MARGIN_PX, top), (MARGIN_PX, bottom)], AXIS)
        draw.line([(MARGIN_PX, bottom), (WIDTH_PX - MARGIN_PX, bottom)], AXIS)
        colour = COLOURS[number % len(COLOURS)]
        draw.line(places, colour, 2)
        for x, y in places if len(places) == 1 else ():
            draw.ellipse((x - 2, y - 2, x + 2, y + 2), colour)
        said = f"{curve.name}: {curve.points[-1][1]:.3f} after {curve.points[-1][0]:.0f} steps"
        draw.text((MARGIN_PX, top - 24), said, TEXT)
        draw.text((4, top - 6), f"{high:.3g}", TEXT)
        draw.text((4, bottom - 6), "0", TEXT)
    picture.save(path, "PNG")
