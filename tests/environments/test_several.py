"""Several screens by name: one in use, each with what was done on it."""

from __future__ import annotations

import pytest

from environments.actions import Click, UseScreen
from environments.base import Environment, Frame, Kind, Stop, kind_of
from environments.errors import ConfigError, DeviceError, ToolError
from environments.geometry import InputPoint, Screen
from environments.registry import ENVIRONMENTS, open_environment
from environments.several import SeveralScreens, open_several, split_screens
from tests.board import Board

HERE = Click(InputPoint(5, 5))
KNOWN = (*ENVIRONMENTS, "android", "practice-phone")


class PhoneBoard(Board):
    """A board that is used like a phone, and that says when it is closed."""

    kind: Kind = "phone"

    def __init__(self) -> None:
        super().__init__(Screen(50, 100))
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


def pair() -> tuple[SeveralScreens, Board, PhoneBoard]:
    desktop, phone = Board(), PhoneBoard()
    return SeveralScreens({"desktop": desktop, "phone": phone}), desktop, phone


def test_the_first_screen_is_in_use_and_every_look_says_which_one_it_shows() -> None:
    screens, _, _ = pair()
    seen = screens.observe()
    assert (seen.shows, seen.screen.width_px, seen.notice) == (
        "desktop",
        100,
        "You see the screen `desktop`.",
    )
    screens.execute(UseScreen("phone"))
    seen = screens.observe()
    assert (seen.shows, seen.screen.width_px, seen.notice) == (
        "phone",
        50,
        "You see the screen `phone`.",
    )


def test_an_action_happens_on_the_screen_in_use_and_nowhere_else() -> None:
    screens, desktop, phone = pair()
    screens.execute(HERE)
    screens.execute(UseScreen("phone"))
    screens.execute(HERE)
    screens.execute(HERE)
    screens.execute(UseScreen("desktop"))
    assert (desktop.done, phone.done) == ([HERE], [HERE, HERE])


def test_a_screen_that_is_not_there_is_refused_with_the_names_and_nothing_changes() -> None:
    screens, _, _ = pair()
    with pytest.raises(ToolError, match="desktop, phone"):
        screens.execute(UseScreen("tablet"))
    assert screens.in_use == "desktop"


def test_the_kind_is_that_of_the_screen_in_use() -> None:
    screens, _, _ = pair()
    assert kind_of(screens) == "desktop"
    screens.execute(UseScreen("phone"))
    assert kind_of(screens) == "phone"
    assert screens.kinds() == {"desktop": "desktop", "phone": "phone"}


def test_every_screen_is_closed_also_when_one_of_them_fails() -> None:
    class Broken(Board):
        def close(self) -> None:
            raise DeviceError("the line is dead")

    phones = PhoneBoard(), PhoneBoard()
    screens = SeveralScreens({"a": phones[0], "b": Broken(), "c": phones[1]})
    with pytest.raises(DeviceError):
        screens.close()
    assert [phone.closed for phone in phones] == [1, 1]


def test_when_one_screen_cannot_be_opened_those_before_it_are_closed_again() -> None:
    phone = PhoneBoard()

    def open_one(spec: str, stop: Stop) -> Environment:
        if spec == "broken":
            raise DeviceError("it is not there")
        return phone

    with pytest.raises(DeviceError):
        open_several({"a": "well", "b": "broken"}, open_one, Stop())
    assert phone.closed == 1


def test_whoever_hears_of_glimpses_hears_of_those_of_every_screen() -> None:
    class Glimpsing(Board):
        def glimpse(self, frame: Frame) -> None: ...

    screens = SeveralScreens({"a": Glimpsing(), "b": Board()})
    heard: list[Frame] = []
    screens.glimpse = heard.append
    screens.glimpse(screens.observe().frame)
    assert len(heard) == 1


@pytest.mark.parametrize(
    ("spec", "screens"),
    [
        ("practice", {"": "practice"}),
        ("desktop:window:C++", {"": "desktop:window:C++"}),
        ("desktop:window:a+b", {"": "desktop:window:a+b"}),
        ("nowhere+nobody", {"": "nowhere+nobody"}),
        ("practice+practice-phone", {"desktop": "practice", "phone": "practice-phone"}),
        ("android:A1+virtual:800x600", {"phone": "android:A1", "desktop": "virtual:800x600"}),
        ("android:A1+android:B2", {"phone": "android:A1", "phone-2": "android:B2"}),
        ("left=android:A1+right=android:B2", {"left": "android:A1", "right": "android:B2"}),
        ("pc=desktop:window:C+++android", {"pc": "desktop:window:C++", "phone": "android"}),
        ("phone=virtual+android", {"phone": "virtual", "phone-2": "android"}),
        ("mine=practice", {"mine": "practice"}),
    ],
)
def test_a_plus_sign_parts_two_screens_only_where_an_environment_follows(
    spec: str, screens: dict[str, str]
) -> None:
    assert split_screens(spec, KNOWN) == screens


def test_two_screens_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigError, match="called 'a'"):
        split_screens("a=practice+a=virtual", KNOWN)


def test_two_practice_desktops_are_opened_and_used_apart() -> None:
    spec = "practice:in-process:click_button/1+other=practice:in-process:fill_form/2"
    screens = open_environment(spec, Stop())
    assert isinstance(screens, SeveralScreens)
    assert list(screens.screens) == ["desktop", "other"]
    first = screens.observe().frame_hash
    screens.execute(UseScreen("other"))
    assert screens.observe().frame_hash != first
    screens.execute(UseScreen("desktop"))
    assert screens.observe().frame_hash == first
    screens.close()
