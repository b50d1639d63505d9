from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from environments.base import Frame
from environments.tiles import (
    TILE_PX,
    area_of,
    bounding_box,
    changed_tiles,
    near,
    places,
    tile_hash,
    tiles_of,
    within,
)


def captured(height: int, width: int, pad: int = 0) -> tuple[np.ndarray, Frame]:
    """A BGRA buffer as a capture gives it, and the RGB view of it."""
    buffer = np.full((height, width, 4), pad, np.uint8)
    buffer[..., :3] = 90
    return buffer, buffer[..., 2::-1]


@given(
    st.integers(1, 200), st.integers(1, 200), st.floats(0, 1), st.floats(0, 1), st.integers(0, 2)
)
def test_a_changed_pixel_marks_exactly_its_own_tile(
    height: int, width: int, across: float, down: float, channel: int
) -> None:
    x, y = int(across * (width - 1)), int(down * (height - 1))
    _, before = captured(height, width)
    buffer, after = captured(height, width)
    buffer[y, x, channel] ^= 1
    expected = [(y // TILE_PX, x // TILE_PX)]
    assert list(places(changed_tiles(before, after))) == expected
    copies = np.ascontiguousarray(before), np.ascontiguousarray(after)
    assert list(places(changed_tiles(*copies))) == expected
    assert changed_tiles(before, after).shape == tiles_of(after)


def test_the_byte_that_x_leaves_undefined_is_no_change() -> None:
    assert not changed_tiles(captured(99, 99, 0)[1], captured(99, 99, 255)[1]).any()


def test_a_frame_of_another_size_has_changed_everywhere() -> None:
    changed = changed_tiles(captured(64, 64)[1], captured(64, 96)[1])
    assert changed.shape == (2, 3)
    assert changed.all()


def test_tiles_with_equal_pixels_have_equal_hashes_and_others_not() -> None:
    buffer, frame = captured(64, 70)
    before = tile_hash(frame, 1, 2)
    assert before == tile_hash(np.ascontiguousarray(frame), 1, 2)
    buffer[63, 69, 0] ^= 1
    assert tile_hash(frame, 1, 2) != before


def test_what_lies_near_a_point_is_kept_and_the_rest_left_out() -> None:
    tiles = np.ones((10, 10), np.bool_)
    assert bounding_box(near(tiles, 160, 160, 33)) == (96, 96, 224, 224)
    assert bounding_box(near(tiles, 0, 319, 0)) == (0, 288, 32, 320)
    assert not near(tiles, -500, 0, 10).any()


def test_a_box_touches_the_tiles_that_hold_a_pixel_of_it_and_none_beside_the_frame() -> None:
    _, frame = captured(96, 96)
    assert list(places(within(frame, (31, 33, 2, 5)))) == [(1, 0), (1, 1)]
    assert within(frame, (-10, -10, 200, 200)).all()
    outside = ((96, 0, 5, 5), (-9, 0, 9, 9), (0, 0, 0, 5))
    assert not any(within(frame, box).any() for box in outside)


def test_area_and_box_of_a_map_are_told() -> None:
    tiles = np.zeros((10, 10), np.bool_)
    assert (area_of(tiles), bounding_box(tiles)) == (0.0, None)
    tiles[2, 3] = tiles[4, 7] = True
    assert area_of(tiles) == 0.02
    assert bounding_box(tiles) == (96, 64, 256, 160)
