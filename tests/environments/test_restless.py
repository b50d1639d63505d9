"""Learning what moves by itself, on scripted pictures."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from environments.base import Frame
from environments.restless import Calm, Restless
from environments.tiles import Tiles, changed_tiles, no_tiles, places

LOOK_S = 0.05
Paint = Callable[[np.ndarray, float], None]
CARET, CLOCK = (1, 1), (5, 5)


def caret(pixels: np.ndarray, now_s: float) -> None:
    pixels[40:56, 40:42] = 255 * (int(now_s / 0.53) % 2)


def clock(pixels: np.ndarray, now_s: float) -> None:
    pixels[165:175, 165:185] = int(now_s) % 200 + 1


def spinner(pixels: np.ndarray, now_s: float) -> None:
    pixels[165:175, 165:175] = int(now_s * 20) % 8


def picture(now_s: float, *paints: Paint, text: int = 0) -> Frame:
    pixels = np.zeros((320, 320, 3), np.uint8)
    pixels[42:54, 46 : 46 + 8 * text] = 200
    for paint in paints:
        paint(pixels, now_s)
    return pixels


def watched(seconds: float, *paints: Paint, start_s: float = 0.0) -> Restless:
    restless = Restless()
    watch_on(restless, start_s, seconds, *paints)
    return restless


def watch_on(restless: Restless, start_s: float, seconds: float, *paints: Paint) -> None:
    for step in range(int(seconds / LOOK_S)):
        now_s = start_s + step * LOOK_S
        restless.look(picture(now_s, *paints), now_s)


def counted(calm: Calm, before: Frame, after: Frame) -> list[tuple[int, int]]:
    return list(places(calm.split(changed_tiles(before, after), after)[0]))


def everywhere(pixels: np.ndarray, now_s: float) -> None:
    pixels[:] = int(now_s * 20)


def test_a_caret_is_known_by_its_two_pictures() -> None:
    calm = watched(2.0, caret).calm(2.0)
    assert (list(calm.pictures), list(calm.places)) == ([CARET], [])
    assert counted(calm, picture(0.0, caret), picture(0.6, caret)) == []


def test_a_bar_as_narrow_as_a_caret_is_known_after_it_has_turned_once() -> None:
    calm = watched(0.8, caret).calm(0.8)
    assert list(calm.pictures) == [CARET]
    assert counted(calm, picture(0.8, caret), picture(1.2, caret)) == []
    typed = picture(1.2, caret, text=1)
    assert counted(calm, picture(0.8, caret), typed) == [CARET]


def test_a_caret_turns_also_beside_what_was_typed_and_is_told_from_typing() -> None:
    calm = watched(2.0, caret).calm(2.0)
    typed = [picture(now_s, caret, text=1) for now_s in (2.0, 2.2)]
    both = changed_tiles(*typed)
    assert list(places(calm.turned(both, *typed))) == [CARET]
    before, after = picture(2.0, caret), picture(2.0, caret, text=1)
    assert not calm.turned(changed_tiles(before, after), before, after).any()


def test_what_is_typed_at_a_caret_counts_although_the_caret_is_known() -> None:
    calm = watched(2.0, caret).calm(2.0)
    typed = picture(2.0, caret, text=1)
    assert counted(calm, picture(2.0, caret), typed) == [CARET]


def test_a_clock_is_known_by_its_place_after_three_ticks() -> None:
    assert not watched(2.5, clock).calm(2.5)
    calm = watched(3.5, clock).calm(3.5)
    assert list(calm.places) == [CLOCK]
    before, after = picture(3.0, clock), picture(9.0, clock)
    assert counted(calm, before, after) == []
    left_out = calm.split(changed_tiles(before, after), after)[1]
    assert list(places(calm.by_place(left_out))) == [CLOCK]


def test_a_spinner_is_known_within_a_second_first_by_place_and_later_by_its_pictures() -> None:
    assert CLOCK in watched(1.0, spinner).calm(1.0).places
    assert CLOCK in watched(6.0, spinner).calm(6.0).pictures


def test_a_single_late_change_is_not_taken_for_something_that_moves_by_itself() -> None:
    restless = watched(1.0)
    late = picture(1.0, text=3)
    restless.look(late, 1.0)
    restless.look(late, 1.1)
    assert not restless.calm(1.2)


def test_a_fade_that_goes_on_after_the_action_is_not_learnt() -> None:
    restless = watched(0.3, spinner)
    assert not restless.calm(0.35)


def test_what_has_come_to_rest_is_forgotten() -> None:
    restless = watched(2.0, spinner)
    at_rest = picture(1.99, spinner)
    restless.look(at_rest, 2.4)
    assert not restless.calm(2.4)


def test_where_most_of_the_screen_moves_nothing_is_left_out() -> None:
    assert not watched(2.0, everywhere).calm(2.0)


def test_what_was_learnt_is_kept_over_an_action_elsewhere() -> None:
    restless = watched(2.0, spinner)
    restless.pause(2.0)
    after = picture(5.0, spinner, text=2)
    restless.resume(after, 5.0, acted(CARET, after))
    assert CLOCK in restless.calm(5.05).pictures


def test_what_an_action_changed_is_learnt_anew() -> None:
    restless = watched(2.0, caret, spinner)
    restless.pause(2.0)
    after = picture(2.3, caret, spinner, text=2)
    restless.resume(after, 2.3, acted(CARET, after))
    calm = restless.calm(2.35)
    assert CARET not in calm.pictures
    assert CLOCK in calm.pictures


def test_a_screen_of_another_size_is_learnt_anew() -> None:
    restless = watched(2.0, spinner)
    restless.look(np.zeros((64, 64, 3), np.uint8), 2.0)
    assert not restless.calm(2.0)


def acted(place: tuple[int, int], frame: Frame) -> Tiles:
    tiles = no_tiles(frame)
    tiles[place] = True
    return tiles
