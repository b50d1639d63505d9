"""Who has the mouse: nothing is sent while the person is at it."""

import pytest

from environments.base import Stop
from environments.desktop.activity import Interrupted, Presence, Yielding
from environments.errors import Stopped


class Clock:
    """Seconds that pass only while somebody waits."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


class Patient(Stop):
    """A stop whose waits take no time, told to the clock; the person may come while it waits."""

    def __init__(self, clock: Clock, presence: Presence, comes_back: int = 0) -> None:
        super().__init__()
        self._clock, self._presence, self._comes_back = clock, presence, comes_back

    def wait(self, timeout_s: float) -> None:
        self.check()
        if self._comes_back:
            self._comes_back -= 1
            self._clock.now_s += timeout_s / 2
            self._presence.touch()
        else:
            self._clock.now_s += timeout_s


def test_a_desk_that_nobody_touched_is_idle() -> None:
    assert Presence(clock=Clock()).idle_in_s() == 0


def test_waiting_ends_when_the_person_has_been_idle_for_the_whole_time() -> None:
    clock = Clock()
    presence = Presence(2, clock)
    presence.touch()
    presence.wait_until_idle(Patient(clock, presence))
    assert clock.now_s == 102


def test_a_person_who_comes_back_is_waited_for_again() -> None:
    clock = Clock()
    presence = Presence(2, clock)
    presence.touch()
    presence.wait_until_idle(Patient(clock, presence, comes_back=3))
    assert clock.now_s == 105
    assert presence.touches == 4


def test_a_stop_ends_the_waiting() -> None:
    presence, stop = Presence(), Stop()
    presence.touch()
    stop.set("enough")
    with pytest.raises(Stopped, match="enough"):
        presence.wait_until_idle(stop)


def test_input_breaks_off_at_the_first_touch_that_was_not_known() -> None:
    presence = Presence()
    yielding = Yielding(Stop(), presence)
    presence.touch()
    with yielding.from_touch(presence.touches):
        yielding.check()
        presence.touch()
        with pytest.raises(Interrupted):
            yielding.check()
    yielding.check()


def test_a_stop_goes_before_making_way_and_reaches_the_whole_run() -> None:
    presence, run = Presence(), Stop()
    yielding = Yielding(run, presence)
    presence.touch()
    yielding.set("enough")
    assert run.is_set()
    assert yielding.is_set()
    with yielding.from_touch(0), pytest.raises(Stopped, match="enough"):
        yielding.check()
