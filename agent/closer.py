"""A closer look at one place of a screen.

Responsible for cutting out the surroundings of a pixel and enlarging them, so that a model which
missed a small thing sees it large. Decides nothing about when.
"""

from __future__ import annotations

from agent.models.base import Image
from environments.base import Frame, frame_hash

SHARE = 4
"""The part is a quarter of the screen's width and height."""

TIMES = 2
"""It is shown so many times as large, which costs a quarter of a whole screenshot's tokens."""


def enlarged(frame: Frame, point_px: tuple[int, int]) -> Image:
    """Return the surroundings of a pixel, enlarged; at the edges the part is moved inwards."""
    import numpy as np
    from PIL import Image as Pictures

    height, width = frame.shape[:2]
    part = (max(1, width // SHARE), max(1, height // SHARE))
    left, top = (
        min(max(0, at - size // 2), whole - size)
        for at, size, whole in zip(point_px, part, (width, height), strict=True)
    )
    cut = np.ascontiguousarray(frame[top : top + part[1], left : left + part[0]])
    size = (part[0] * TIMES, part[1] * TIMES)
    shown = np.asarray(Pictures.fromarray(cut).resize(size, Pictures.Resampling.BICUBIC))
    return Image(shown, frame_hash(shown))
