"""The stop key and the corner: what counts as one, and what does not."""

import pytest

from environments.desktop.panic import Area, Corner, PersonEvent, StopKey, corners
from environments.errors import ConfigError
from environments.geometry import InputPoint

ONE = (Area(0, 0, 1920, 1080),)
LEFT_HIGHER = (Area(-1280, -200, 0, 824), Area(0, 0, 1920, 1080))


def pressed(key: StopKey, *events: str) -> list[bool]:
    """Tell a key events such as "+ctrl" and "-ctrl", and return what it said to each."""
    return [key.hear(PersonEvent("down" if e[0] == "+" else "up", e[1:])) for e in events]


def test_the_chord_is_complete_when_its_last_key_goes_down() -> None:
    assert pressed(StopKey(), "+ctrl", "+alt", "+esc") == [False, False, True]


def test_either_side_and_any_order_will_do_and_other_keys_do_not_hinder() -> None:
    assert pressed(StopKey(), "+esc", "+altright", "+x", "+ctrlright")[-1]


def test_keys_that_were_let_go_do_not_count() -> None:
    assert not any(pressed(StopKey(), "+ctrl", "-ctrl", "+alt", "+esc"))


def test_the_same_keys_one_after_the_other_are_no_chord() -> None:
    assert not any(pressed(StopKey(), "+ctrl", "-ctrl", "+alt", "-alt", "+esc", "-esc"))


def test_another_chord_can_be_chosen_in_any_spelling() -> None:
    assert pressed(StopKey("Super+Pause"), "+win", "+pause")[-1]


def test_a_stop_key_that_is_none_is_refused_with_near_names() -> None:
    with pytest.raises(ConfigError, match="escape"):
        StopKey("ctrl+escap")


def test_each_corner_of_the_only_screen_stops() -> None:
    assert corners(ONE) == {(0, 0), (1919, 0), (0, 1079), (1919, 1079)}


def test_a_corner_that_another_monitor_touches_is_none() -> None:
    found = corners(LEFT_HIGHER)
    # Between the two, the pointer slides on: up along (0, 0) it reaches the left monitor.
    assert (0, 0) not in found
    assert (-1, 823) not in found
    assert {(-1280, -200), (-1, -200), (-1280, 823), (1919, 0), (1919, 1079), (0, 1079)} == found


def arrived(*points: tuple[int, int]) -> list[bool]:
    corner = Corner()
    return [corner.hear(InputPoint(*point), ONE) for point in points]


def test_the_pointer_stops_the_run_once_when_it_comes_into_a_corner() -> None:
    assert arrived((5, 5), (0, 0), (0, 0)) == [False, True, False]


def test_a_pointer_that_lies_in_the_corner_from_the_beginning_stops_nothing() -> None:
    assert arrived((0, 0), (0, 0)) == [False, False]


def test_an_edge_is_no_corner() -> None:
    assert not any(arrived((5, 5), (0, 500), (1919, 1078), (1, 0)))
