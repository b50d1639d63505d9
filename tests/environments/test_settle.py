from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from environments.base import Frame, Stop
from environments.errors import Stopped
from environments.restless import Calm
from environments.settle import Eyes, Patience, Settled, settle, still

PATIENCE = Patience(poll_s=0.02, quiet_s=0.1, first_change_s=0.3, limit_s=1.0)


class ScriptedScreen(Stop):
    """A screen whose picture changes at given times; waiting on it is what makes time pass."""

    def __init__(self, changes_s: Sequence[float], stop_at_s: float = 99.0) -> None:
        super().__init__()
        self.now_s = 0.0
        self.changes_s = changes_s
        self.stop_at_s = stop_at_s

    def grab(self) -> Frame:
        shown = sum(change <= self.now_s + 1e-9 for change in self.changes_s)
        return np.full((4, 4, 3), shown, np.uint8)

    def clock(self) -> float:
        return self.now_s

    def wait(self, timeout_s: float) -> None:
        self.now_s += timeout_s
        if self.now_s >= self.stop_at_s:
            self.set("enough")
        self.check()


def settled(screen: ScriptedScreen) -> Settled:
    before = np.zeros((4, 4, 3), np.uint8)
    return settle(Eyes(screen.grab, screen.clock, screen), before, PATIENCE)


def test_a_screen_that_never_changes_is_given_up_on_after_the_first_change_limit() -> None:
    result = settled(ScriptedScreen([]))
    assert (result.rule, round(result.waited_ms)) == ("no change", 300)


def test_a_change_that_was_there_at_once_is_noticed() -> None:
    result = settled(ScriptedScreen([0.0]))
    assert (result.rule, round(result.waited_ms), result.looks) == ("quiet", 100, 6)


def test_quiet_is_counted_from_the_last_change() -> None:
    result = settled(ScriptedScreen([0.1, 0.18, 0.26]))
    assert (result.rule, round(result.waited_ms)) == ("quiet", 360)
    assert result.frame[0, 0, 0] == 3


def test_a_late_window_is_waited_for_within_the_first_change_limit() -> None:
    assert settled(ScriptedScreen([0.28])).frame[0, 0, 0] == 1


def test_a_screen_that_never_rests_ends_by_the_limit() -> None:
    result = settled(ScriptedScreen([step * 0.04 for step in range(100)]))
    assert (result.rule, round(result.waited_ms)) == ("limit", 1000)


def test_a_stop_ends_the_wait_at_the_next_look() -> None:
    screen = ScriptedScreen([], stop_at_s=0.05)
    with pytest.raises(Stopped):
        settled(screen)
    assert screen.now_s == pytest.approx(0.06)


def test_a_first_look_needs_only_two_equal_frames() -> None:
    screen = ScriptedScreen([])
    result = still(Eyes(screen.grab, screen.clock, screen), PATIENCE)
    assert (result.rule, result.looks, round(result.waited_ms)) == ("still", 2, 20)


def test_a_first_look_at_a_screen_in_motion_ends_by_the_limit() -> None:
    screen = ScriptedScreen([step * 0.02 for step in range(100)])
    result = still(Eyes(screen.grab, screen.clock, screen), PATIENCE)
    assert result.rule == "limit"


def glimpsed(screen: ScriptedScreen) -> list[tuple[int, float]]:
    """Return what was glimpsed while a screen settled: its picture and the time."""
    seen: list[tuple[int, float]] = []

    def hear(frame: Frame) -> None:
        seen.append((int(frame[0, 0, 0]), round(screen.clock(), 2)))

    settle(Eyes(screen.grab, screen.clock, screen, hear), screen.grab(), PATIENCE)
    return seen


def test_a_change_that_stays_for_two_looks_is_glimpsed_long_before_it_has_settled() -> None:
    ((picture, at_s),) = glimpsed(ScriptedScreen([0.1]))
    assert picture == 1
    assert at_s < 0.1 + PATIENCE.quiet_s / 2


def test_each_picture_that_stays_is_glimpsed_once() -> None:
    assert [picture for picture, _ in glimpsed(ScriptedScreen([0.05, 0.12]))] == [1, 2]


def test_a_screen_that_does_not_change_is_glimpsed_when_half_the_wait_is_over() -> None:
    ((picture, at_s),) = glimpsed(ScriptedScreen([]))
    assert picture == 0
    assert at_s >= PATIENCE.first_change_s / 2


class BusyScreen(ScriptedScreen):
    """A screen of two tiles: the left one changes at given times, the right one all the time."""

    def __init__(self, changes_s: Sequence[float], rests_at_s: float = 99.0) -> None:
        super().__init__(changes_s)
        self.rests_at_s = rests_at_s
        self.grabs = 0

    def grab(self) -> Frame:
        self.grabs += 1
        pixels = np.zeros((32, 64, 3), np.uint8)
        pixels[:, :32] = super().grab()[0, 0]
        pixels[:, 32:] = round(min(self.now_s, self.rests_at_s) * 50)
        return pixels


MOVING = Calm(places=frozenset({(0, 1)}), paces_s={(0, 1): 0.02})


def settled_beside(screen: BusyScreen, calm: Calm) -> Settled:
    return settle(Eyes(screen.grab, screen.clock, screen), screen.grab(), PATIENCE, calm)


def test_what_is_known_to_move_by_itself_is_not_waited_for() -> None:
    result = settled_beside(BusyScreen([0.1]), MOVING)
    assert result.rule == "quiet"
    assert result.waited_ms == pytest.approx(200, abs=40)
    assert result.changed.tolist() == [[True, False]]
    assert result.left_out.tolist() == [[False, True]]
    assert settled_beside(BusyScreen([0.1]), Calm()).rule == "limit"


def test_what_is_shown_is_the_first_picture_after_the_last_change_that_counts() -> None:
    seen: list[Frame] = []
    screen = BusyScreen([0.1])
    eyes = Eyes(screen.grab, screen.clock, screen, seen.append)
    result = settle(eyes, screen.grab(), PATIENCE, MOVING)
    assert len(seen) == 1
    assert seen[0] is result.frame, "so that what was read ahead is what is settled"
    assert result.frame[0, 0, 0] == 1


def test_what_has_stopped_moving_is_silent_and_what_goes_on_is_not() -> None:
    stopped = settled_beside(BusyScreen([], rests_at_s=0.05), MOVING)
    assert stopped.rule == "no change"
    assert stopped.silent_s[0, 1] == pytest.approx(0.25, abs=0.02)
    assert settled_beside(BusyScreen([]), MOVING).silent_s[0, 1] == pytest.approx(0.0)


def test_no_picture_is_taken_while_nothing_was_drawn() -> None:
    screen = BusyScreen([])
    eyes = Eyes(screen.grab, screen.clock, screen, moved=lambda: screen.now_s < 0.1)
    result = settle(eyes, screen.grab(), PATIENCE, MOVING)
    assert result.rule == "no change"
    assert result.looks < 7
    assert screen.now_s >= PATIENCE.first_change_s


def test_a_first_look_waits_only_until_it_is_known_what_moves_by_itself() -> None:
    screen = BusyScreen([])
    eyes = Eyes(screen.grab, screen.clock, screen)
    result = still(eyes, PATIENCE, lambda now_s: MOVING if now_s > 0.5 else Calm())
    assert result.rule == "still"
    assert result.waited_ms == pytest.approx(500, abs=40)


def test_a_screen_that_takes_another_size_has_changed_everywhere() -> None:
    screen = ScriptedScreen([0.1])
    result = settle(
        Eyes(screen.grab, screen.clock, screen), np.zeros((9, 99, 3), np.uint8), PATIENCE, MOVING
    )
    assert result.rule == "quiet"
    assert result.changed.all()
