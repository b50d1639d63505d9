from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.suites.layouts import GRID, Aim, Layout, aims, layouts, missed
from environments.geometry import GridPoint, ImagePoint

ALL = {layout.name: layout for layout in layouts()}


def test_there_are_sixty_layouts_of_two_and_three_monitors_without_overlap() -> None:
    assert len(ALL) == 60
    assert {len(layout.monitors) for layout in ALL.values()} == {2, 3}
    for layout in ALL.values():
        for index, monitor in enumerate(layout.monitors):
            middle = monitor.screen.to_input(
                ImagePoint(monitor.screen.width_px // 2, monitor.screen.height_px // 2)
            )
            held = [placed.holds(middle) for placed in layout.placed]
            assert held == [other == index for other in range(len(held))]


@given(st.sampled_from(sorted(ALL)), st.data())
def test_a_point_in_the_picture_lands_on_the_pixel_shown_there(
    name: str, data: st.DataObject
) -> None:
    layout = ALL[name]
    index = data.draw(st.integers(0, len(layout.monitors) - 1))
    screen, crop = layout.monitors[index].screen, ImagePoint(0, 0)
    if data.draw(st.booleans()):
        crop = ImagePoint(
            data.draw(st.integers(0, screen.width_px - 1)),
            data.draw(st.integers(0, screen.height_px - 1)),
        )
        screen = screen.crop(crop, data.draw(st.integers(1, 5000)), data.draw(st.integers(1, 5000)))
    values = st.integers(0, GRID)
    aim = Aim(index, screen, crop, GridPoint(data.draw(values), data.draw(values)))
    assert missed(layout, aim) == ""


@pytest.mark.parametrize("wrong", ["scale", "origin"])
def test_a_converter_that_forgets_scale_or_origin_is_caught(wrong: str) -> None:
    """What most agents of this kind get wrong must not pass as right here."""
    layout = ALL["macos-02"]
    forgotten: Layout = replace(
        layout,
        monitors=tuple(
            replace(
                monitor,
                screen=replace(monitor.screen, scale=1.0)
                if wrong == "scale"
                else replace(monitor.screen, origin=type(monitor.screen.origin)(0, 0)),
            )
            for monitor in layout.monitors
        ),
    )
    assert any(missed(forgotten, aim) for aim in aims(forgotten, 50, "seed"))
