"""What belongs to the phone's system: lock, sleep, shade, recents, rotation, permissions."""

from __future__ import annotations

import pytest

from environments.practice.phone.store import News
from environments.practice.phone.system import SYSTEM
from environments.practice.phone.world import PhoneWorld
from tests.environments.practice.phone.hands import Hand

CONTROLLER = "com.android.permissioncontroller"


@pytest.fixture
def phone() -> PhoneWorld:
    return PhoneWorld(3)


@pytest.fixture
def hand(phone: PhoneWorld) -> Hand:
    return Hand(phone)


def awake(phone: PhoneWorld) -> bool:
    return phone.is_awake


def locked(phone: PhoneWorld) -> bool:
    return phone.is_locked


def secret(phone: PhoneWorld) -> bool:
    return phone.is_secure


def test_a_sleeping_phone_is_black_and_feels_no_finger(phone: PhoneWorld, hand: Hand) -> None:
    place = hand.target("Notes").centre
    hand.key("POWER")
    assert not awake(phone)
    assert not phone.frame().any()
    hand.tap_at(*place)
    hand.key("POWER")
    assert awake(phone)
    assert locked(phone)
    assert phone.front == (SYSTEM, "Keyguard")


def test_waking_keys_wake_and_sleeping_keys_do_not(phone: PhoneWorld, hand: Hand) -> None:
    hand.key("WAKEUP")
    assert awake(phone)
    hand.key("SLEEP")
    hand.key("SLEEP")
    assert not awake(phone)
    hand.key("WAKEUP")
    assert awake(phone)


def test_a_swipe_upwards_opens_the_lock_and_a_tap_does_not(phone: PhoneWorld, hand: Hand) -> None:
    hand.tap("Notes")
    hand.key("POWER")
    hand.key("POWER")
    hand.tap_at(128, 160)
    hand.key("HOME")
    assert locked(phone)
    hand.swipe((128, 260), (128, 80))
    assert not locked(phone)
    assert phone.front[0] == "org.practice.notes"


def test_a_pin_is_asked_for_and_a_wrong_one_opens_nothing(phone: PhoneWorld, hand: Hand) -> None:
    phone.pin = "2468"
    hand.key("POWER")
    hand.key("WAKEUP")
    hand.swipe((128, 260), (128, 80))
    for key in "1357":
        hand.tap(key)
    hand.tap("enter")
    assert locked(phone)
    for key in "2468":
        hand.tap(key)
    hand.tap("enter")
    assert not locked(phone)


def test_the_shade_comes_down_from_the_status_bar_and_goes_with_back(
    phone: PhoneWorld, hand: Hand
) -> None:
    hand.swipe((128, 200), (128, 280))
    assert phone.front[0] != SYSTEM
    hand.swipe((128, 8), (128, 200))
    assert phone.front == (SYSTEM, "NotificationShade")
    hand.key("BACK")
    assert phone.front == ("com.android.launcher3", ".Launcher")


def test_a_card_is_thrown_away_to_the_side_and_opened_by_a_tap(
    phone: PhoneWorld, hand: Hand
) -> None:
    phone.store.news = [
        News("com.android.settings", "Update", "Plum"),
        News("org.practice.browser", "Sync", "Lemon", "paris.local"),
    ]
    hand.key("NOTIFICATION")
    y = hand.target("Update").centre[1]
    hand.swipe((60, y), (90, y))
    assert [n.title for n in phone.store.news] == ["Update", "Sync"]
    hand.swipe((60, y), (220, y))
    assert [n.title for n in phone.store.news] == ["Sync"]
    hand.tap("Sync")
    assert phone.page.name == "web:paris.local"
    assert phone.store.news == []


def test_a_tile_in_the_shade_switches_its_setting(phone: PhoneWorld, hand: Hand) -> None:
    before = phone.setting("global", "airplane_mode_on")
    hand.key("NOTIFICATION")
    hand.tap("Airplane")
    assert phone.setting("global", "airplane_mode_on") != before


def test_what_was_scheduled_arrives_when_time_passes(phone: PhoneWorld) -> None:
    phone.store.news = []
    before, version = phone.frame(), phone.version
    phone.later(5.0, lambda: phone.notify(News("org.practice.messages", "Anna", "Plum")))
    phone.advance(4.9)
    assert phone.version == version
    phone.advance(5.0)
    assert phone.version > version
    assert (phone.frame() != before).any()


def test_recents_bring_an_application_back_as_it_was_left(phone: PhoneWorld, hand: Hand) -> None:
    hand.tap("Settings")
    hand.tap("Display")
    hand.key("HOME")
    hand.tap("Notes")
    hand.key("APP_SWITCH")
    assert [t.label for t in phone.targets() if t.role == "row"] == ["Notes", "Settings"]
    hand.tap("Settings")
    assert phone.page.name == "Display"
    phone.force_stop("com.android.settings")
    assert phone.front[0] == "com.android.launcher3"
    assert phone.start("com.android.settings")
    assert phone.page.name == "Settings"


@pytest.mark.parametrize(("answer", "allowed"), [("Allow", True), ("Deny", False)])
def test_a_permission_is_asked_for_once(
    phone: PhoneWorld, hand: Hand, answer: str, allowed: bool
) -> None:
    hand.tap("Camera")
    assert phone.front[0] == CONTROLLER
    assert f'package="{CONTROLLER}"' in phone.ui_xml()
    hand.tap(answer)
    assert phone.store.permissions["org.practice.camera/android.permission.CAMERA"] is allowed
    assert phone.front[0] == "org.practice.camera"
    assert hand.sees("Shoot") is allowed
    hand.key("HOME")
    hand.tap("Camera")
    assert phone.front[0] == "org.practice.camera"


def test_back_leaves_an_unanswered_question_together_with_who_asked(
    phone: PhoneWorld, hand: Hand
) -> None:
    hand.tap("Camera")
    hand.key("BACK")
    assert phone.front[0] == "com.android.launcher3"
    assert "org.practice.camera/android.permission.CAMERA" not in phone.store.permissions


def test_a_secure_window_is_black_until_it_is_left(phone: PhoneWorld, hand: Hand) -> None:
    hand.tap("Bank")
    assert secret(phone)
    assert not phone.frame().any()
    assert hand.sees("Account")
    hand.key("HOME")
    assert not secret(phone)
    assert phone.frame().any()


def test_the_phone_turns_with_the_hand_only_if_it_is_told_to(phone: PhoneWorld) -> None:
    phone.hold_it(3)
    assert phone.frame().shape == (320, 256, 3)
    phone.put_setting("system", "accelerometer_rotation", "1")
    assert phone.frame().shape == (256, 320, 3)
    assert '<hierarchy rotation="3">' in phone.ui_xml()
    phone.put_setting("system", "accelerometer_rotation", "0")
    phone.put_setting("system", "user_rotation", "2")
    assert phone.frame().shape == (320, 256, 3)


def test_a_key_nobody_knows_changes_nothing(phone: PhoneWorld, hand: Hand) -> None:
    before = phone.frame()
    for name in ("VOLUME_UP", "A", "CAMERA", "NO_SUCH_KEY"):
        hand.key(name)
    assert (phone.frame() == before).all()


def test_a_setting_that_is_removed_is_gone(phone: PhoneWorld) -> None:
    phone.put_setting("system", "font_scale", "1.3")
    assert phone.settings["system"]["font_scale"] == "1.3"
    phone.put_setting("system", "font_scale", None)
    assert "font_scale" not in phone.settings["system"]


def test_an_activity_that_is_none_is_not_started(phone: PhoneWorld) -> None:
    assert not phone.start("org.nobody")
    assert not phone.start("com.android.settings", ".Nothing")
    assert phone.start("com.android.settings", ".Settings")


@pytest.mark.parametrize(
    ("address", "page"),
    [("https://Paris.local/", "web:paris.local"), ("smsto:0", "talk:0")],
)
def test_links_open_in_who_takes_them(phone: PhoneWorld, address: str, page: str) -> None:
    assert phone.open_link(address)
    assert phone.page.name == page


def test_a_link_that_nobody_takes_opens_nothing(phone: PhoneWorld) -> None:
    assert not phone.open_link("gopher://somewhere")
    assert phone.front[0] == "com.android.launcher3"
