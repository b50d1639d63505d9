"""What each client was shown last, and what becomes of it when another acts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from environments.base import Observation
from environments.geometry import Screen
from tools.mcp.last_look import MOST_LOOKS, STALE_S, LastLook


class Eyes:
    """A screen that is another one at every look, and a clock that is set by hand."""

    def __init__(self) -> None:
        self.count, self.now_s = 0, 0.0

    def observe(self) -> Observation:
        self.count += 1
        return look(str(self.count))


def look(title: str) -> Observation:
    frame = np.zeros((10, 10, 3), np.uint8)
    return Observation(frame, Screen(10, 10), time_s=0.0, foreground=title)


@pytest.fixture
def eyes() -> Eyes:
    return Eyes()


@pytest.fixture
def last(eyes: Eyes) -> LastLook:
    return LastLook(eyes.observe, lambda: eyes.now_s)


def seen_by(last: LastLook, looker: str) -> str | None:
    last.turn_to(looker)
    return last.current().foreground


def test_each_client_is_judged_by_what_it_was_shown_itself(last: LastLook) -> None:
    assert [seen_by(last, who) for who in ("one", "two", "one", "two")] == ["1", "2", "1", "2"]


def test_what_is_long_ago_is_not_what_a_client_sees(last: LastLook, eyes: Eyes) -> None:
    assert seen_by(last, "one") == "1"
    eyes.now_s = STALE_S + 1
    assert seen_by(last, "one") == "2"


def test_an_action_of_another_overtakes_what_a_client_was_shown_until_it_looks_again(
    last: LastLook,
) -> None:
    seen_by(last, "one")
    seen_by(last, "two")
    last.shown(look("acted"))
    assert (seen_by(last, "two"), last.is_overtaken()) == ("acted", False)
    assert (seen_by(last, "one"), last.is_overtaken()) == ("1", True)
    last.fresh()
    assert not last.is_overtaken()


def test_looking_overtakes_nobody(last: LastLook) -> None:
    seen_by(last, "one")
    seen_by(last, "two")
    last.turn_to("one")
    assert not last.is_overtaken()


def overtaken_after(last: LastLook, act: Callable[[], None]) -> list[tuple[str | None, bool]]:
    seen_by(last, "two")
    seen_by(last, "one")
    act()
    return [(seen_by(last, who), last.is_overtaken()) for who in ("one", "two")]


def test_after_a_whole_task_its_client_looks_anew_and_others_are_overtaken(last: LastLook) -> None:
    assert overtaken_after(last, last.forget) == [("3", False), ("1", True)]


def test_pictures_of_many_clients_are_not_all_kept(last: LastLook, eyes: Eyes) -> None:
    for number in range(3 * MOST_LOOKS):
        seen_by(last, f"client {number}")
    before = eyes.count
    seen_by(last, f"client {3 * MOST_LOOKS - 1}")
    assert eyes.count == before
    seen_by(last, "client 0")
    assert eyes.count == before + 1
