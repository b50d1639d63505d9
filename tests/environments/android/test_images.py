"""Pictures of phones: whole ones arrive, and what is no picture is an error."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image

from environments.android.images import frame_of_png, frame_of_raw, is_dark
from environments.base import Frame, captured_words, frame_hash
from environments.errors import CaptureError

WARNING = b"[Warning] Multiple displays were found, but no display id was specified!\nA display\n"


def picture(width: int = 31, height: int = 47) -> Frame:
    return np.random.default_rng(5).integers(0, 256, (height, width, 3), np.uint8)


def png(frame: Frame) -> bytes:
    out = io.BytesIO()
    Image.fromarray(frame).save(out, "PNG")
    return out.getvalue()


def raw(frame: Frame, header: int = 16, form: int = 1) -> bytes:
    height, width = frame.shape[:2]
    alpha = np.full((height, width, 1), 255, np.uint8)
    pixels = np.concatenate([frame, alpha], axis=2)
    if form == 5:
        pixels = pixels[..., [2, 1, 0, 3]]
    return struct.pack("<3I", width, height, form) + bytes(header - 12) + pixels.tobytes()


def test_a_png_is_the_picture_that_was_sent() -> None:
    assert (frame_of_png(png(picture())) == picture()).all()


def test_warnings_before_a_picture_and_words_after_it_are_left_out() -> None:
    assert (frame_of_png(WARNING + png(picture()) + b"\nBroken pipe\n") == picture()).all()
    assert (frame_of_raw(WARNING + raw(picture())) == picture()).all()


@pytest.mark.parametrize("header", [12, 16])
@pytest.mark.parametrize("form", [1, 2, 5])
def test_raw_pixels_are_read_with_either_header_and_order(header: int, form: int) -> None:
    frame = frame_of_raw(raw(picture(), header, form))
    assert (frame == picture()).all()
    assert not frame.flags.writeable


def test_raw_pixels_are_compared_by_whole_words_like_a_desktop_capture() -> None:
    frame = frame_of_raw(raw(picture()))
    assert captured_words(frame) is not None
    assert frame_hash(frame) == frame_hash(picture())


def test_a_picture_of_more_than_four_megabytes_arrives_whole() -> None:
    large = picture(1080, 2400)
    data = png(large)
    assert len(data) > 4 << 20
    assert (frame_of_png(data) == large).all()


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.99])
def test_a_picture_that_was_cut_short_is_an_error_and_not_half_a_picture(keep: float) -> None:
    for data, decode in ((png(picture()), frame_of_png), (raw(picture()), frame_of_raw)):
        with pytest.raises(CaptureError, match="cut short"):
            decode(data[: max(24, int(len(data) * keep))])


def test_a_broken_picture_is_an_error() -> None:
    data = bytearray(png(picture()))
    data[60:70] = b"\0" * 10
    with pytest.raises(CaptureError, match="broken"):
        frame_of_png(bytes(data))


@pytest.mark.parametrize("words", [b"", b"Error opening framebuffer", b"/system/bin/sh: no"])
def test_words_instead_of_a_picture_are_told(words: bytes) -> None:
    for decode in (frame_of_png, frame_of_raw):
        with pytest.raises(CaptureError, match="no picture"):
            decode(words)


def test_a_picture_that_claims_to_be_huge_is_not_unpacked() -> None:
    data = bytearray(png(picture()))
    data[16:24] = struct.pack(">2I", 100_000, 100_000)
    with pytest.raises(CaptureError, match="100000x100000"):
        frame_of_png(bytes(data))


def test_a_terminal_that_spoilt_a_picture_is_named() -> None:
    with pytest.raises(CaptureError, match="terminal"):
        frame_of_png(png(picture()).replace(b"\n", b"\r\n"))


def test_a_black_window_between_the_bars_of_the_system_is_dark() -> None:
    frame = np.zeros((640, 320, 3), np.uint8)
    frame[:24] = frame[-40:] = 200
    assert is_dark(frame)
    frame[200:400] = 30
    assert not is_dark(frame)
