"""What a phone's answers say, in the words of several versions of Android."""

from __future__ import annotations

import pytest

from environments.android.facts import facts_in, is_secure, rotation_in

NEW = """mWakefulness=Awake
  mCurrentFocus=Window{6ca4f5c u0 com.android.settings/com.android.settings.Settings}
  mFocusedApp=ActivityRecord{d51cc3a u0 com.android.settings/.Settings t12}
  mCurrentFocus=null
  mFocusedApp=null
    mIsShowing=false
"""


def test_the_window_in_front_of_the_first_display_is_named() -> None:
    facts = facts_in(NEW)
    assert facts.words() == "com.android.settings/com.android.settings.Settings"
    assert facts.awake
    assert not facts.locked


def test_a_panel_of_the_system_lies_over_the_app_that_is_focused() -> None:
    text = NEW.replace(
        "u0 com.android.settings/com.android.settings.Settings}", "u0 NotificationShade}"
    )
    facts = facts_in(text)
    assert facts.panel == "NotificationShade"
    assert facts.package == "com.android.settings"
    assert facts.activity == "com.android.settings.Settings"


@pytest.mark.parametrize(
    "line", ["mDreamingLockscreen=true", "mShowingLockscreen=true mShowing=x", "mIsShowing=true"]
)
def test_a_lock_screen_is_known_by_the_words_of_every_version(line: str) -> None:
    assert facts_in(f"mWakefulness=Awake\n  {line}\n").locked


@pytest.mark.parametrize(("word", "awake"), [("Asleep", False), ("Dozing", False), ("Awake", True)])
def test_a_screen_that_is_off_is_told_from_one_that_is_on(word: str, awake: bool) -> None:
    assert facts_in(f"  mWakefulness={word}\n").awake is awake


def test_a_phone_that_tells_nothing_is_taken_to_be_awake_and_unlocked() -> None:
    facts = facts_in("")
    assert (facts.awake, facts.locked, facts.words()) == (True, False, None)


@pytest.mark.parametrize(
    "package",
    ["com.android.permissioncontroller", "com.google.android.permissioncontroller"],
)
def test_a_permission_dialog_is_recognised(package: str) -> None:
    activity = "com.android.permissioncontroller.permission.ui.GrantPermissionsActivity"
    assert facts_in(f"mCurrentFocus=Window{{1 u0 {package}/{activity}}}").asks_permission


@pytest.mark.parametrize(
    ("word", "turns"),
    [
        ("orientation=0", 0),
        ("orientation=3", 3),
        ("mCurrentRotation=ROTATION_90", 1),
        ("mCurrentRotation=ROTATION_270", 3),
        ("mRotation=2", 2),
        ("", None),
        ("Can't find service: display", None),
    ],
)
def test_quarter_turns_are_read_from_every_spelling(word: str, turns: int | None) -> None:
    assert rotation_in(word) == turns


def windows(flags: str) -> str:
    return f"""WINDOW MANAGER WINDOWS (dumpsys window windows)
  Window #0 Window{{aa11 u0 StatusBar}}:
    mAttrs={{(0,0)(fillx66) sim={{adjust=pan}} ty=STATUS_BAR fmt=TRANSLUCENT
      fl=NOT_FOCUSABLE SECURE}}
  Window #1 Window{{bb22 u0 com.bank/com.bank.Pin}}:
    mAttrs={{(0,0)(fillxfill) sim={{adjust=pan}} ty=BASE_APPLICATION
      fl={flags}
      pfl=FORCE_DRAW_STATUS_BAR_BACKGROUND}}
  mCurrentFocus=Window{{bb22 u0 com.bank/com.bank.Pin}}
"""


@pytest.mark.parametrize("flags", ["LAYOUT_IN_SCREEN SECURE HARDWARE", "#81812100", "SECURE"])
def test_a_window_that_forbids_pictures_is_known_by_its_flag(flags: str) -> None:
    assert is_secure(windows(flags))


@pytest.mark.parametrize("flags", ["LAYOUT_IN_SCREEN HARDWARE", "#81810100", "INSECURE_THING"])
def test_only_the_flag_of_the_window_in_front_counts(flags: str) -> None:
    assert not is_secure(windows(flags))
