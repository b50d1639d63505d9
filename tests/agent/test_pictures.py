"""The picture strip shows every screen, with the chosen point marked."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from agent.pictures import PANEL_WIDTH_PX, draw_strip, make_panel, mark_point, save_strip
from environments.errors import ConfigError

GREY = np.full((256, 320, 3), 128, np.uint8)


def ring_pixels(picture: Image.Image) -> int:
    return int((np.asarray(picture) == (0xE0, 0x21, 0x8A)).all(axis=2).sum())


def test_a_step_that_points_carries_a_ring_and_one_that_does_not_carries_none() -> None:
    assert ring_pixels(make_panel(GREY, [], (100, 100)).picture) > 0
    assert ring_pixels(make_panel(GREY, [], None).picture) == 0


def test_the_pixel_that_was_chosen_stays_visible_inside_the_ring() -> None:
    picture = make_panel(GREY, [], (100, 100)).picture
    assert picture.getpixel((150, 150)) == (128, 128, 128)


def test_a_point_on_the_edge_is_drawn_without_error() -> None:
    for point in ((0, 0), (319, 255)):
        assert ring_pixels(make_panel(GREY, [], point).picture) > 0


def test_the_strip_grows_with_the_panels() -> None:
    panels = [make_panel(GREY, [f"Step {n}"], None) for n in range(7)]
    one, seven = draw_strip(["t"], panels[:1]), draw_strip(["t"], panels)
    assert seven.width > 3 * PANEL_WIDTH_PX
    assert seven.height > 2 * one.height


def test_a_run_without_steps_still_leaves_a_picture() -> None:
    assert draw_strip(["nothing happened"], []).height > 0


def test_a_very_long_caption_does_not_break_the_strip() -> None:
    panel = make_panel(GREY, ["word " * 10_000], None, is_error=True)
    assert draw_strip(["word " * 10_000], [panel]).width > PANEL_WIDTH_PX


def test_a_saved_strip_is_a_png_in_a_new_folder(tmp_path: Path) -> None:
    path = save_strip(tmp_path / "new" / "strip.png", ["title"], [])
    with Image.open(path) as picture:
        assert picture.format == "PNG"


def test_a_marked_screenshot_keeps_its_size() -> None:
    assert mark_point(GREY, (5, 5)).size == (320, 256)


def test_a_picture_is_png_whatever_the_file_is_called(tmp_path: Path) -> None:
    path = save_strip(tmp_path / "new" / "strip", ["t"], [])
    with Image.open(path) as picture:
        assert picture.format == "PNG"


def test_a_place_that_cannot_hold_a_picture_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be written"):
        save_strip(tmp_path / "file" / "strip.png", ["t"], [])
