from __future__ import annotations

import adbutils

from environments.practice.phone.wire.server import PhoneServer
from environments.practice.phone.world import PhoneWorld

ADB_KEYBOARD = "com.android.adbkeyboard/.AdbIME"
LATIN = "com.android.inputmethod.latin/.LatinIME"


def felt_texts(phone: PhoneServer) -> list[object]:
    return [e.values["text"] for e in phone.log.entries("felt") if "text" in e.values]


def test_a_keyboard_takes_broadcasts_only_while_it_is_the_one_in_use(
    device: adbutils.AdbDevice, phone: PhoneServer
) -> None:
    typed = "am broadcast -a ADB_INPUT_TEXT --es msg 'grüße 👋'"
    assert device.shell(typed).endswith("Broadcast completed: result=0")
    assert felt_texts(phone) == []
    assert device.shell("settings get secure default_input_method") == LATIN
    assert device.shell(f"ime set {ADB_KEYBOARD}") == (
        f"Input method {ADB_KEYBOARD} selected for user #0"
    )
    device.shell(typed)
    device.shell("am broadcast -a ADB_INPUT_B64 --es msg 4oKsIDE=")
    device.shell("am broadcast -a ADB_INPUT_CHARS --eia chars 128512,97")
    device.shell("am broadcast -a ADB_CLEAR_TEXT")
    assert felt_texts(phone) == ["grüße 👋", "€ 1", "😀a", ""]
    device.shell(f"ime set {LATIN}")
    device.shell(typed)
    assert len(felt_texts(phone)) == 4
    assert phone.injections == ()


def test_input_methods_are_listed_enabled_and_refused(device: adbutils.AdbDevice) -> None:
    assert device.shell("ime list -s").split() == [LATIN, ADB_KEYBOARD]
    assert "now disabled" in device.shell(f"ime disable {ADB_KEYBOARD}")
    assert device.shell("ime list -s") == LATIN
    assert device.shell("ime list -a -s").split() == [LATIN, ADB_KEYBOARD]
    refused = device.shell2(f"ime set {ADB_KEYBOARD}", v2=True)
    assert refused.returncode == 255
    assert "cannot be selected for user #0" in refused.stderr
    assert device.shell("settings get secure enabled_input_methods") == LATIN
    assert "now enabled" in device.shell(f"ime enable {ADB_KEYBOARD}")
    device.shell(f"ime set {ADB_KEYBOARD}")
    device.shell("ime reset")
    assert device.shell("settings get secure default_input_method") == LATIN
    unknown = device.shell2("ime set com.example/.None", v2=True)
    assert "Unknown input method com.example/.None" in unknown.stderr


def test_text_that_no_key_writes_is_an_exception(
    device: adbutils.AdbDevice, phone: PhoneServer
) -> None:
    done = device.shell2(["input", "text", "é"], v2=True)
    assert done.returncode == 255
    assert "java.lang.NullPointerException" in done.stderr
    assert felt_texts(phone) == []
    device.shell(["input", "text", "two\nlines"])
    assert [e.values for e in phone.log.entries("felt")] == [
        {"text": "two"},
        {"key": "KEYCODE_ENTER"},
        {"text": "lines"},
    ]


def test_a_gesture_can_be_sent_piece_by_piece(
    device: adbutils.AdbDevice, phone: PhoneServer
) -> None:
    device.shell(
        "input motionevent DOWN 5 6; input motionevent MOVE 7 8; "
        "input motionevent UP 9 10; input motionevent CANCEL"
    )
    felt = [(e.values["phase"], e.values["x"], e.values["y"]) for e in phone.log.entries("felt")]
    assert felt == [("down", 5, 6), ("move", 7, 8), ("up", 9, 10), ("cancel", 0, 0)]


def test_keys_have_names_numbers_and_company(
    device: adbutils.AdbDevice, phone: PhoneServer
) -> None:
    device.shell("input keyevent KEYCODE_A 67 enter; input keyevent --longpress DEL")
    device.shell("input keycombination 113 29; input keyevent 9999")
    keys = [e.values["key"] for e in phone.log.entries("felt")]
    assert keys == [
        *("KEYCODE_A", "KEYCODE_DEL", "KEYCODE_ENTER", "KEYCODE_DEL"),
        "KEYCODE_A",
    ]
    wrong = device.shell2("input tap 1", v2=True)
    assert wrong.returncode == 255
    assert "Argument expected after" in wrong.stderr


def test_the_windows_tell_focus_lock_and_keyboard(
    device: adbutils.AdbDevice, world: PhoneWorld
) -> None:
    assert "mInputShown=false" in device.shell("dumpsys input_method")
    assert "mWakefulness=Awake" in device.shell("dumpsys power")
    windows = device.shell("dumpsys window displays")
    assert "mCurrentFocus=Window{" in windows
    assert "com.android.launcher3/com.android.launcher3.Launcher}" in windows
    assert "mRotation=0" in windows
    world.start("com.android.settings")
    activities = device.shell("dumpsys activity activities")
    assert "topResumedActivity=ActivityRecord{" in activities
    assert " com.android.settings/.Settings t" in activities
    device.keyevent("SLEEP")
    assert "mWakefulness=Asleep" in device.shell("dumpsys power")
    assert "mCurrentFocus=null" in device.shell("dumpsys window")
    device.keyevent("WAKEUP")
    policy = device.shell("dumpsys window policy")
    assert world.is_locked
    assert "      showing=true" in policy
    assert device.shell("dumpsys nonsense") == "Can't find service: nonsense"


def test_starting_says_what_android_says(device: adbutils.AdbDevice, world: PhoneWorld) -> None:
    said = device.shell("am start -n com.android.settings/.Settings")
    assert said == "Starting: Intent { cmp=com.android.settings/.Settings }"
    again = device.shell("am start -n com.android.settings/.Settings")
    assert "Warning: Activity not started, its current task has been brought" in again
    missing = device.shell("am start -n com.example/.Main")
    assert "Error: Activity class {com.example/com.example.Main} does not exist." in missing
    nobody = device.shell("am start -a android.intent.action.VIEW -d nonsense:x")
    assert "Error: Activity not started, unable to resolve Intent {" in nobody
    waited = device.shell("am start -W -n com.android.settings/.Settings")
    assert "Status: ok" in waited
    assert "monkey aborted" in device.shell("monkey -p com.example 1")
    device.shell("am start -a android.intent.action.MAIN -c android.intent.category.HOME")
    assert world.front[0] == "com.android.launcher3"


def test_the_launcher_activities_can_be_asked_for(
    device: adbutils.AdbDevice, world: PhoneWorld
) -> None:
    one = device.shell(
        "cmd package resolve-activity --brief -c android.intent.category.LAUNCHER "
        "com.android.settings"
    )
    assert one.splitlines()[-1] == "com.android.settings/.Settings"
    assert device.shell("cmd package resolve-activity --brief com.example") == "No activity found"
    all_of_them = device.shell(
        "cmd package query-activities --brief -a android.intent.action.MAIN "
        "-c android.intent.category.LAUNCHER"
    )
    assert all_of_them.startswith(f"{len(world.apps)} activities found:")
    named = device.shell("cmd package query-activities -a android.intent.action.MAIN")
    assert all(f"nonLocalizedLabel={app.label} " in named for app in world.apps)
    assert device.shell("pm path com.android.settings").startswith("package:/system/app/")


def test_a_dump_of_the_window_goes_to_the_terminal_too(
    device: adbutils.AdbDevice, world: PhoneWorld
) -> None:
    said = device.shell("uiautomator dump /dev/tty")
    assert said == f"{world.ui_xml()}UI hierchary dumped to: /dev/tty"
    assert device.shell("uiautomator dump") == "UI hierchary dumped to: /sdcard/window_dump.xml"
    assert device.shell("cat /sdcard/window_dump.xml") == world.ui_xml()
    device.keyevent("SLEEP")
    assert device.shell("uiautomator dump").startswith("ERROR: null root node")


def test_services_without_a_shell_say_so(device: adbutils.AdbDevice) -> None:
    assert device.shell2("cmd clipboard get", v2=True).returncode == 255
    assert device.shell2("cmd nonsense", v2=True).returncode == 20
    assert device.shell("cmd wifi set-wifi-enabled disabled; cmd wifi status") == "Wifi is disabled"
    assert device.shell2("reboot", v2=True).returncode == 1
