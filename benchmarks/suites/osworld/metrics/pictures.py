"""Metrics on pictures.

Responsible for judging them as OSWorld's metrics of the same names do, by their description.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.suites.osworld.metrics.reading import opened

Paths = str | Sequence[str | None]


def compare_image_list(result: Paths, expected: Paths) -> float:
    """1 if all pictures are the same, pixel by pixel, once they have the same size and mode."""
    both = [[each] if isinstance(each, str) else list(each) for each in (result, expected)]
    return float(len(both[0]) == len(both[1]) and all(map(_same_pixels, *both)))


def _same_pixels(own: str | None, wanted: str | None) -> bool:
    from PIL import Image, ImageChops

    if own is None or wanted is None:
        return False
    made, right = opened(own, picture), opened(wanted, picture)
    if made.size != right.size:
        made = made.resize(right.size, Image.Resampling.LANCZOS)
    difference = ImageChops.difference(made.convert(right.mode), right)
    return difference.getbbox(alpha_only=False) is None


def picture(path: str) -> Any:
    """Return a decoded picture; raises what its decoder raises."""
    from PIL import Image

    with Image.open(path) as image:
        image.load()
        return image.copy()
