"""Metrics on pictures.

Responsible for judging them as OSWorld's metrics of the same names do, by their description. Two
pictures have the same structure if they are of one size and their mean structural similarity is
high enough: Wang, Bovik, Sheikh and Simoncelli 2004, with windows of 7 by 7 evenly weighted pixels,
sample covariance and the constants 0.01 and 0.03, as scikit-image computes it by default.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.suites.osworld.metrics.reading import opened

Paths = str | Sequence[str | None]
_Grid = NDArray[np.float64]
_WINDOW_PX = 7
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
_ALIKE = 0.9
_DARK = 128


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


def compare_images(result: str, expected: str, **options: Any) -> float:
    """Return how alike two pictures are in grey, 0 to 1, beyond what a task takes as nothing."""
    from PIL import Image

    made, right = (opened(each, picture).convert("L") for each in (result, expected))
    size = min(made.size, right.size)
    if min(size) < _WINDOW_PX:
        return 0.0
    made, right = (each.resize(size, Image.Resampling.LANCZOS) for each in (made, right))
    alike, base = similarity(_pixels(made), _pixels(right)), options.get("reference_base_result")
    if base is None:
        return max(0.0, alike)
    return (alike - base) / (1 - base) if alike >= base + 0.01 else 0.0


def check_structure_sim(result: str, expected: str) -> float:
    """1 if both have the same structure."""
    return float(_same_structure(opened(result, picture), opened(expected, picture)))


def check_structure_sim_resized(result: str, expected: str) -> float:
    """1 if both have the same structure, without transparent edges and at the expected size."""
    made, right = opened(result, picture), opened(expected, picture)
    if "A" in made.getbands() or "transparency" in made.info:
        made = made.convert("RGBA")
        made = made.crop(made.getchannel("A").getbbox() or (0, 0, 1, 1))
    return float(_same_structure(made.convert("RGB").resize(right.size), right))


def check_palette_and_structure_sim(result: str, expected: str) -> float:
    """1 if the picture has a palette and both have the same structure."""
    made, right = opened(result, picture), opened(expected, picture)
    return float(made.mode == "P" and _same_structure(made, right))


def check_image_mirror(result: str, expected: str) -> float:
    """1 if the picture is the expected one, its left side at the right."""
    from PIL import Image

    made = opened(result, picture).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return float(_same_structure(made, opened(expected, picture), 0.99))


def check_contrast_increase_and_structure_sim(result: str, expected: str) -> float:
    """1 if the picture has more contrast than the other and, roughly, its structure."""
    made, right = opened(result, picture), opened(expected, picture)
    more = bool(np.std(_pixels(made)) > np.std(_pixels(right)))
    return float(more and _same_structure(made, right, 0.65))


def check_saturation_increase_and_structure_sim(result: str, expected: str) -> float:
    """1 if the picture has more colour than the other, and hue and value of the same structure."""
    made, right = (opened(each, picture).convert("HSV").split() for each in (result, expected))
    more = bool(np.mean(_pixels(made[1])) > np.mean(_pixels(right[1])))
    return float(more and all(_same_structure(made[at], right[at]) for at in (0, 2)))


def check_brightness_decrease_and_structure_sim(
    result: str, expected: str, threshold: float = 0.03
) -> float:
    """1 if the picture is darker than the other and, at the same brightness, close to it."""
    from PIL import Image

    made, right = opened(result, picture), opened(expected, picture)
    light = [float(np.mean(_pixels(each.convert("L")))) for each in (made, right)]
    if not 0 < light[0] < light[1]:
        return 0.0
    if made.size != right.size:
        made = made.resize(right.size, Image.Resampling.LANCZOS)
    both = [
        np.clip(np.trunc(_pixels(each.convert("RGB")) * (_DARK / was)), 0, 255) / 255
        for each, was in zip((made, right), light, strict=True)
    ]
    return float(np.mean((both[0] - both[1]) ** 2) < threshold)


def check_textbox_on_leftside(result: str) -> float:
    """1 if something dark begins in the leftmost twentieth of the picture."""
    grey = _pixels(opened(result, picture).convert("L"))
    dark = np.flatnonzero((grey < _DARK).any(axis=0))
    return float(dark.size > 0 and dark[0] < grey.shape[1] * 0.05)


def similarity(one: _Grid, other: _Grid) -> float:
    """Return the mean structural similarity of two grids of equal size, values from 0 to 255."""
    mean_1, mean_2 = _means(one), _means(other)
    count = _WINDOW_PX**2
    sample = count / (count - 1)
    spread_1 = sample * (_means(one * one) - mean_1**2)
    spread_2 = sample * (_means(other * other) - mean_2**2)
    shared = sample * (_means(one * other) - mean_1 * mean_2)
    top = (2 * mean_1 * mean_2 + _C1) * (2 * shared + _C2)
    return float(np.mean(top / ((mean_1**2 + mean_2**2 + _C1) * (spread_1 + spread_2 + _C2))))


def _means(grid: _Grid) -> _Grid:
    """Return the mean of each window that lies wholly inside."""
    sums = np.pad(grid, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    n = _WINDOW_PX
    return np.asarray(sums[n:, n:] - sums[:-n, n:] - sums[n:, :-n] + sums[:-n, :-n]) / n**2


def _same_structure(made: Any, right: Any, at_least: float = _ALIKE) -> bool:
    if made.size != right.size or min(made.size) < _WINDOW_PX:
        return False
    both = [_pixels(each.convert("RGB")) for each in (made, right)]
    alike = [similarity(both[0][..., at], both[1][..., at]) for at in range(3)]
    return sum(alike) / 3 >= at_least


def _pixels(image: Any) -> _Grid:
    return np.asarray(image, dtype=np.float64)


def picture(path: str) -> Any:
    """Return a decoded picture; raises what its decoder raises."""
    from PIL import Image

    with Image.open(path) as image:
        image.load()
        return image.copy()
