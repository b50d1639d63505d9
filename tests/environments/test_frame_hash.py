from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from environments.base import Frame, captured_words, frame_hash


def captured(height: int, width: int, seed: int, pad: int = 0) -> tuple[NDArray[np.uint8], Frame]:
    """A BGRA buffer as a capture gives it, and the RGB view of it."""
    buffer = np.random.default_rng(seed).integers(0, 256, (height, width, 4)).astype(np.uint8)
    buffer[..., 3] = pad
    return buffer, buffer[..., 2::-1]


@given(st.integers(1, 300), st.integers(1, 300), st.integers(0, 9))
def test_a_captured_view_and_its_rgb_copy_have_the_same_hash(
    height: int, width: int, seed: int
) -> None:
    _, view = captured(height, width, seed)
    assert frame_hash(view) == frame_hash(np.ascontiguousarray(view))


def test_a_frame_over_the_flat_bytes_of_a_capture_is_hashed_without_copying_its_pixels() -> None:
    buffer, view = captured(90, 160, 1)
    flat = np.frombuffer(bytearray(buffer.tobytes()), np.uint8)
    frame = flat.reshape(90, 160, 4)[..., 2::-1]
    words = captured_words(frame)  # Asked directly: the hash is the same on the slow way.
    assert words is not None
    assert np.shares_memory(words, flat)
    assert frame_hash(frame) == frame_hash(view)


def test_the_byte_that_x_leaves_undefined_does_not_count() -> None:
    assert frame_hash(captured(9, 9, 1, pad=0)[1]) == frame_hash(captured(9, 9, 1, pad=255)[1])


def test_one_changed_channel_of_one_pixel_changes_the_hash() -> None:
    buffer, view = captured(1080, 1920, 1)
    before = frame_hash(view)
    buffer[1079, 1919, 2] ^= 1
    assert frame_hash(view) != before


def test_frames_of_other_shapes_but_equal_bytes_differ() -> None:
    assert frame_hash(np.zeros((2, 8, 3), np.uint8)) != frame_hash(np.zeros((4, 4, 3), np.uint8))


def test_a_part_of_a_captured_frame_is_hashed_as_what_it_shows() -> None:
    _, view = captured(20, 20, 1)
    part = view[3:9, 4:11]
    assert frame_hash(part) == frame_hash(np.ascontiguousarray(part))
