"""Pictures as a phone sends them: PNG, or raw pixels with a header of 12 or 16 bytes.

Responsible for making a frame of such bytes, or an error; never a picture that nobody took. Does
not take any. Sources: AOSP's ``screencap.cpp`` for both forms, ``PixelFormat.h`` for the numbers,
the PNG specification (w3.org/TR/png) for its pieces.
"""

from __future__ import annotations

import io
import struct

import numpy as np
from numpy.typing import NDArray

from environments.base import Frame
from environments.errors import CaptureError

LONGEST_PX = 16_384
MOST_PIXELS = 64_000_000
"""Beyond 8K; what claims to be larger is not unpacked."""

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_THROUGH_TERMINAL = b"\x89PNG\r\r\n"
_END = b"IEND\xaeB`\x82"
_RGBA, _RGBX, _BGRA = 1, 2, 5
_HEADERS = (16, 12)
"""Since Android 9 the header also names the colour space."""


def frame_of_png(data: bytes) -> Frame:
    """Return the picture in an answer of ``screencap -p``; what stands around it is left out.

    Raises:
        CaptureError: there is none, it is cut short, broken or too large.
    """
    from PIL import Image, UnidentifiedImageError

    start = data.find(_PNG)
    if start < 0:
        raise CaptureError(_no_picture(data))
    width, height = _size_in(data, start)
    _refuse_size(width, height)
    end = data.find(_END, start)
    if end < 0:
        raise CaptureError(f"The phone's picture was cut short after {len(data) - start} bytes.")
    try:
        with Image.open(io.BytesIO(data[start : end + len(_END)]), formats=["PNG"]) as image:
            pixels = np.asarray(image.convert("RGB"))
    except (OSError, SyntaxError, ValueError, UnidentifiedImageError) as cause:
        raise CaptureError(f"The phone's picture is broken: {cause}.") from cause
    return _read_only(pixels)


def frame_of_raw(data: bytes) -> Frame:
    """Return the picture in an answer of ``screencap``; what stands before it is left out.

    Raises:
        CaptureError: there is none, it is cut short, too large or in an unknown form.
    """
    for header in _HEADERS:
        for start in _starts(data, header):
            width, height, form = struct.unpack_from("<3I", data, start)
            if form in (_RGBA, _RGBX, _BGRA):
                _refuse_size(width, height)
                pixels = np.frombuffer(data, np.uint8, 4 * width * height, start + header)
                return _read_only(_seen(pixels, width, height, is_bgra=form == _BGRA))
    if len(data) >= _HEADERS[0]:
        width, height, form = struct.unpack_from("<3I", data)
        if form in (_RGBA, _RGBX, _BGRA) and 0 < width <= LONGEST_PX and 0 < height <= LONGEST_PX:
            raise CaptureError(
                f"The phone's picture was cut short: {len(data)} bytes for {width}x{height}."
            )
    raise CaptureError(_no_picture(data))


def is_dark(frame: Frame) -> bool:
    """Tell whether nearly all of a frame is black, as where a secure window was left out."""
    sampled = frame[::8, ::8].max(axis=2)
    return float((sampled == 0).mean()) >= _DARK


_DARK = 0.85
"""The bars of the system above and below a secure window are not black."""


def _starts(data: bytes, header: int) -> list[int]:
    """Return where a raw picture may begin so that it ends with the data."""
    found = []
    for start in (0, *_line_ends(data)):
        if len(data) - start > header:
            width, height = struct.unpack_from("<2I", data, start)
            if len(data) - start == header + 4 * width * height and width and height:
                found.append(start)
    return found


def _line_ends(data: bytes) -> list[int]:
    # Warnings about several displays are lines of text before the pixels.
    ends, at = [], data.find(b"\n", 0, 2048)
    while at >= 0:
        ends.append(at + 1)
        at = data.find(b"\n", at + 1, 2048)
    return ends


def _seen(pixels: NDArray[np.uint8], width: int, height: int, is_bgra: bool) -> Frame:
    # Blue first, as desktops capture: then comparing and hashing go by whole words.
    buffer = np.empty(4 * width * height, np.uint8)
    words, into = pixels.view("<u4") if pixels.flags.aligned else None, buffer.view("<u4")
    if is_bgra:
        buffer[:] = pixels
    elif words is None:
        _swap(pixels.copy().view("<u4"), into)
    else:
        _swap(words, into)
    return buffer.reshape(height, width, 4)[..., 2::-1]


def _swap(words: NDArray[np.uint32], into: NDArray[np.uint32]) -> None:
    np.bitwise_and(words, np.uint32(0xFF), out=into)
    np.left_shift(into, 16, out=into)
    into |= words & np.uint32(0x0000FF00)
    into |= (words >> 16) & np.uint32(0xFF)


def _size_in(data: bytes, start: int) -> tuple[int, int]:
    if len(data) < start + 24 or data[start + 12 : start + 16] != b"IHDR":
        raise CaptureError("The phone's picture was cut short in its header.")
    width, height = struct.unpack_from(">2I", data, start + 16)
    return width, height


def _refuse_size(width: int, height: int) -> None:
    if not (0 < width <= LONGEST_PX and 0 < height <= LONGEST_PX) or width * height > MOST_PIXELS:
        raise CaptureError(f"The phone claims a picture of {width}x{height} pixels.")


def _no_picture(data: bytes) -> str:
    if _PNG_THROUGH_TERMINAL in data:
        return "The phone's picture came through a terminal, which spoils it."
    words = " ".join(data[:300].decode("utf-8", "replace").split())
    return f"The phone sent no picture: {words or 'nothing at all'}."


def _read_only(frame: Frame) -> Frame:
    frame.setflags(write=False)
    return frame
