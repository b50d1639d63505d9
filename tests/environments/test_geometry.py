from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments.errors import ToolError
from environments.geometry import GridPoint, ImagePoint, InputPoint, Screen

GRID = 1000
sides = st.integers(1, 8192)
grid_values = st.integers(0, GRID)


@st.composite
def screens(draw: st.DrawFn) -> Screen:
    """A screen of whole input points, on any monitor, at a scale from 1 to 2."""
    scale = draw(st.sampled_from([1.0, 1.1, 1.25, 1.5, 1.75, 2.0]))
    width, height = draw(st.integers(1, 4096)), draw(st.integers(1, 4096))
    origin = InputPoint(draw(st.integers(-8192, 8192)), draw(st.integers(-8192, 8192)))
    return Screen(max(1, int(width * scale)), max(1, int(height * scale)), origin, scale)


@given(sides, sides, grid_values, grid_values)
def test_every_grid_point_names_a_pixel_of_the_frame(
    width: int, height: int, x: int, y: int
) -> None:
    pixel = Screen(width, height).to_image(GridPoint(x, y), GRID)
    assert 0 <= pixel.x < width
    assert 0 <= pixel.y < height


@given(sides, sides, st.data())
def test_a_pixel_named_in_the_grid_comes_back_within_half_a_grid_step(
    width: int, height: int, data: st.DataObject
) -> None:
    screen = Screen(width, height)
    pixel = ImagePoint(data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1)))
    named = screen.to_grid(pixel, GRID)
    back = screen.to_image(named, GRID)
    assert (named.x, named.y) == (int(named.x), int(named.y))
    assert abs(back.x - pixel.x) <= width / GRID / 2 + 0.5
    assert abs(back.y - pixel.y) <= height / GRID / 2 + 0.5


@given(st.integers(1, GRID), st.data())
def test_on_a_frame_no_finer_than_the_grid_every_pixel_comes_back_exactly(
    width: int, data: st.DataObject
) -> None:
    screen = Screen(width, width)
    pixel = ImagePoint(data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, width - 1)))
    assert screen.to_image(screen.to_grid(pixel, GRID), GRID) == pixel


@given(screens(), grid_values, grid_values)
def test_every_grid_point_leads_to_a_pointer_position_on_its_screen(
    screen: Screen, x: int, y: int
) -> None:
    point = screen.to_input(screen.to_image(GridPoint(x, y), GRID))
    assert 0 <= (point.x - screen.origin.x) * screen.scale < screen.width_px
    assert 0 <= (point.y - screen.origin.y) * screen.scale < screen.height_px


@given(screens(), st.integers(-9000, 9000), st.integers(-9000, 9000))
def test_a_pointer_position_comes_back_from_its_pixel(screen: Screen, x: int, y: int) -> None:
    assert screen.to_input(screen.from_input(InputPoint(x, y))) == InputPoint(x, y)


def test_the_corners_of_the_grid_are_the_corner_pixels() -> None:
    screen = Screen(1920, 1080)
    assert screen.to_image(GridPoint(0, 0), GRID) == ImagePoint(0, 0)
    assert screen.to_image(GridPoint(GRID, GRID), GRID) == ImagePoint(1919, 1079)


def test_a_second_monitor_on_the_left_has_negative_pointer_positions() -> None:
    screen = Screen(1920, 1080, InputPoint(-1920, -200))
    assert screen.to_input(ImagePoint(0, 0)) == InputPoint(-1920, -200)
    assert screen.to_input(ImagePoint(1919, 1079)) == InputPoint(-1, 879)


@pytest.mark.parametrize("point", [(-1, 5), (5, 1001), (float("nan"), 5), (5, float("inf"))])
def test_a_point_outside_the_grid_is_refused_and_never_clamped(point: tuple[float, float]) -> None:
    with pytest.raises(ToolError, match="between 0 and 1000"):
        Screen(1920, 1080).to_image(GridPoint(*point), GRID)
