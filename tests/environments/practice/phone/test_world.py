from __future__ import annotations

import pytest

from environments.practice.phone.base import Phone
from environments.practice.phone.world import PhoneWorld
from tests.environments.practice.phone.hands import Hand


@pytest.fixture
def phone() -> PhoneWorld:
    return PhoneWorld(1)


@pytest.fixture
def hand(phone: PhoneWorld) -> Hand:
    return Hand(phone)


def test_a_phone_starts_awake_on_its_home_screen(phone: PhoneWorld, hand: Hand) -> None:
    seen_by_the_system: Phone = phone
    assert seen_by_the_system.is_awake
    assert not phone.is_locked
    assert phone.front == ("com.android.launcher3", ".Launcher")
    assert hand.sees("Settings")
    assert hand.sees("Notes")
    assert phone.frame().shape == (320, 256, 3)


def test_a_touch_opens_an_application_and_the_home_button_leaves_it(
    phone: PhoneWorld, hand: Hand
) -> None:
    before = phone.frame()
    hand.tap("Settings")
    assert phone.front == ("com.android.settings", ".Settings")
    assert (phone.frame() != before).any()
    hand.key("HOME")
    assert (phone.frame() == before).all()


def test_a_switch_writes_androids_own_key(phone: PhoneWorld, hand: Hand) -> None:
    hand.tap("Settings")
    before = phone.setting("global", "wifi_on")
    hand.tap("Wifi")
    assert {before, phone.setting("global", "wifi_on")} == {"0", "1"}


@pytest.mark.parametrize(
    "text", ["plain", "two\nlines", "Grüße 你好 👩‍👩‍👧 שלום", "%s $(x) `y` \"'&<>"]
)
def test_a_note_holds_exactly_what_was_committed(phone: PhoneWorld, hand: Hand, text: str) -> None:
    hand.tap("Notes")
    hand.tap("New")
    phone.commit_text(text)
    assert phone.store.notes[-1] == text
    phone.clear_text()
    assert phone.store.notes[-1] == ""


def test_turning_the_phone_lays_everything_out_anew(phone: PhoneWorld, hand: Hand) -> None:
    phone.hold_it(1)
    assert phone.turned_px == (256, 320)
    phone.put_setting("system", "accelerometer_rotation", "1")
    assert phone.turned_px == (320, 256)
    assert phone.frame().shape == (256, 320, 3)
    hand.tap("Notes")
    assert phone.front[0] == "org.practice.notes"
