"""Pictures with a red square, and where it is: what can be pointed at without any model.

Responsible for making them and for finding the square again in the messages of a conversation.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from environments.base import Frame


def pictures(messages: Sequence[Mapping[str, Any]]) -> list[Frame]:
    """Return the pictures of a conversation."""
    from PIL import Image

    found = []
    for message in messages:
        content = message["content"]
        for part in content if isinstance(content, list) else ():
            if part["type"] == "image_url":
                data = base64.b64decode(part["image_url"]["url"].partition(",")[2])
                found.append(np.asarray(Image.open(io.BytesIO(data)).convert("RGB")))
    return found


def newest_picture(messages: Sequence[Mapping[str, Any]]) -> Frame:
    """Return the last picture of a conversation."""
    return pictures(messages)[-1]


def red_centre(frame: Frame) -> tuple[float, float]:
    """Return (x, y) of the middle of all that is red; the picture's own middle without any."""
    red = (frame[..., 0] > 150) & (frame[..., 1] < 100) & (frame[..., 2] < 100)  # noqa: PLR2004
    ys, xs = np.nonzero(red)
    if not xs.size:
        return frame.shape[1] / 2, frame.shape[0] / 2
    return float(xs.mean()) + 0.5, float(ys.mean()) + 0.5


def with_red_square(size: tuple[int, int], at: tuple[int, int], side: int = 24) -> Frame:
    """Return a grey picture of (width, height) pixels with a red square around a point."""
    frame = np.full((size[1], size[0], 3), 220, np.uint8)
    x, y = at
    frame[max(0, y - side // 2) : y + side // 2, max(0, x - side // 2) : x + side // 2] = (
        200,
        0,
        0,
    )
    return frame
