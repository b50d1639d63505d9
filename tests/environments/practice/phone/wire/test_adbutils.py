from __future__ import annotations

from pathlib import Path

import adbutils
import numpy as np
import pytest

from environments.practice.phone.wire.server import PhoneServer
from environments.practice.phone.world import PhoneWorld
from tests.environments.practice.phone.wire.conftest import Adb


def test_shell_returns_what_was_printed(device: adbutils.AdbDevice) -> None:
    assert device.shell("echo hello") == "hello"
    assert device.shell(["echo", "a b", "$HOME", ";", "it's"]) == "a b $HOME ; it's"
    assert device.shell("echo one; echo two | cat && false || echo three") == "one\ntwo\nthree"


@pytest.mark.parametrize("v2", [False, True])
def test_shell2_returns_the_status(device: adbutils.AdbDevice, v2: bool) -> None:
    done = device.shell2("echo out; echo err >&2; false", v2=v2)
    assert done.returncode == 1
    assert done.output == "out\nerr\n"
    if v2:
        assert (done.stdout, done.stderr) == ("out\n", "err\n")
    assert device.shell2(["true"], v2=v2).returncode == 0


def test_a_screenshot_is_the_worlds_frame(device: adbutils.AdbDevice, world: PhoneWorld) -> None:
    assert np.array_equal(np.asarray(device.screenshot()), world.frame())
    assert np.array_equal(np.asarray(device.screenshot(display_id=0)), world.frame())


def test_size_and_rotation_follow_the_phone(device: adbutils.AdbDevice, phone: PhoneServer) -> None:
    assert tuple(device.window_size()) == (256, 320)
    assert device.rotation() == 0
    phone.device.turn(1)
    assert device.rotation() == 1
    assert tuple(device.window_size()) == (320, 256)
    assert device.screenshot().size == (320, 256)


def test_state_serial_and_features(device: adbutils.AdbDevice, adb: Adb) -> None:
    assert device.get_state() == "device"
    assert device.get_serialno() == adb.serial
    assert {"shell_v2", "cmd", "stat_v2"} <= set(device.get_features().split(","))
    assert device.prop.model == "Practice Phone"
    assert device.prop.device == "practice"


def test_applications_are_started_told_and_ended(
    device: adbutils.AdbDevice, world: PhoneWorld
) -> None:
    assert "com.android.settings" in device.list_packages()
    others = device.list_packages(["-3"])
    assert "com.android.adbkeyboard" in others
    assert "com.android.settings" not in others
    device.app_start("com.android.settings")
    current = device.app_current()
    assert (current.package, current.activity) == (
        "com.android.settings",
        "com.android.settings.Settings",
    )
    device.app_stop("com.android.settings")
    assert world.front == ("com.android.launcher3", ".Launcher")
    device.app_start("com.android.settings", ".Settings")
    assert world.front == ("com.android.settings", ".Settings")
    info = device.app_info("com.android.settings")
    assert info is not None
    assert (info.version_name, info.version_code) == ("1.0", 1)
    assert device.app_info("com.example.missing") is None


def test_clicks_swipes_and_drags_are_felt_where_they_were_sent(
    device: adbutils.AdbDevice, phone: PhoneServer
) -> None:
    device.click(10, 20)
    device.swipe(20, 200, 20, 100, 0.1)
    device.drag(30, 200, 40, 100, 0.5)
    felt = [entry.values for entry in phone.log.entries("felt")]
    assert [(f["phase"], f["x"], f["y"]) for f in felt[:2]] == [("down", 10, 20), ("up", 10, 20)]
    swipe = felt[2 : 3 + next(n for n, f in enumerate(felt[2:]) if f["phase"] == "up")]
    assert (swipe[0]["phase"], swipe[0]["y"], swipe[-1]["y"]) == ("down", 200, 100)
    assert {f["phase"] for f in swipe[1:-1]} == {"move"}
    drag = felt[2 + len(swipe) :]
    assert (drag[0]["x"], drag[-1]["x"], drag[-1]["phase"]) == (30, 40, "up")


def test_text_and_keys_reach_the_field_with_the_focus(
    device: adbutils.AdbDevice, phone: PhoneServer
) -> None:
    device.send_keys("hello%sworld & more")
    device.keyevent("DEL")
    device.keyevent(66)
    felt = [entry.values for entry in phone.log.entries("felt")]
    assert felt == [
        {"text": "hello world & more"},
        {"key": "KEYCODE_DEL"},
        {"key": "KEYCODE_ENTER"},
    ]
    assert phone.injections == ()


def test_the_power_key_turns_the_screen_off_and_on(
    device: adbutils.AdbDevice, world: PhoneWorld
) -> None:
    assert device.is_screen_on()
    device.switch_screen(False)
    assert not world.is_awake
    assert not device.is_screen_on()
    device.switch_screen(True)
    assert world.is_awake


def test_settings_and_switches_change_the_world(
    device: adbutils.AdbDevice, world: PhoneWorld
) -> None:
    device.brightness_value = 200
    assert device.brightness_value == 200
    assert world.settings["system"]["screen_brightness"] == "200"
    device.switch_wifi(False)
    assert world.settings["global"]["wifi_on"] == "0"
    device.switch_wifi(True)
    assert device.wlan_ip() == "192.0.2.7"
    assert device.shell("settings get system never_made") == "null"


def test_a_dump_of_the_window_is_xml(device: adbutils.AdbDevice, world: PhoneWorld) -> None:
    assert device.dump_hierarchy() == world.ui_xml()


def test_files_are_pushed_listed_and_pulled(device: adbutils.AdbDevice, tmp_path: Path) -> None:
    data = bytes(range(256)) * 2000
    assert device.sync.push(data, "/data/local/tmp/folder/file.bin", check=True) == len(data)
    assert device.sync.read_bytes("/data/local/tmp/folder/file.bin") == data
    assert device.sync.exists("/data/local/tmp/folder")
    assert not device.sync.exists("/data/local/tmp/other")
    names = [entry.path for entry in device.sync.list("/data/local/tmp/folder")]
    assert names == [".", "..", "file.bin"]
    assert device.sync.pull("/data/local/tmp/folder", tmp_path / "pulled") == len(data)
    assert (tmp_path / "pulled" / "file.bin").read_bytes() == data
    device.rmtree("/data/local/tmp/folder")
    assert not device.sync.exists("/data/local/tmp/folder")


def test_a_file_that_may_not_be_written_is_refused(device: adbutils.AdbDevice) -> None:
    with pytest.raises(adbutils.AdbError):
        device.sync.push(b"x", "/system/bin/x")
    with pytest.raises(adbutils.AdbError):
        device.sync.read_bytes("/sdcard/missing")


def test_the_battery_and_the_root_refusal_can_be_read(device: adbutils.AdbDevice) -> None:
    assert device.battery().level == 80
    assert device.root() == "adbd cannot run as root in production builds\n"


def test_an_interactive_shell_answers_line_after_line(device: adbutils.AdbDevice) -> None:
    connection = device.open_transport()
    connection.send_command("shell,v2,raw:")
    connection.check_okay()
    line = connection.conn.makefile("rb")
    for number in range(3):
        text = f"echo line {number}; echo status $?\n".encode()
        connection.conn.sendall(b"\x00" + len(text).to_bytes(4, "little") + text)
        said = b""
        while b"status" not in said:
            header = line.read(5)
            said += line.read(int.from_bytes(header[1:], "little"))
        assert said == f"line {number}\nstatus 0\n".encode()
    line.close()
    connection.close()


def test_a_shell_on_a_terminal_shows_what_is_typed(device: adbutils.AdbDevice) -> None:
    connection = device.open_shell("")
    connection.conn.sendall(b"echo hello\nexit\n")
    said = connection.read_until_close()
    assert said.count("echo hello") == 1
    assert "\r\nhello\r\n" in said or "hello\r\n" in said
    assert said.startswith("practice:/ $ ")
    connection.close()


# adbutils leaves this one's socket to the garbage collector.
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_framebuffer_service_sends_a_frame(
    device: adbutils.AdbDevice, world: PhoneWorld
) -> None:
    picture = device.framebuffer().convert("RGB")
    assert np.array_equal(np.asarray(picture), world.frame())


def test_a_restorer_set_by_trap_runs_when_the_client_is_gone(
    device: adbutils.AdbDevice, phone: PhoneServer, world: PhoneWorld
) -> None:
    connection = device.open_transport()
    connection.send_command("shell,v2,raw:")
    connection.check_okay()
    restore = "ime set com.android.inputmethod.latin/.LatinIME"
    text = f"trap '{restore}' EXIT; ime set com.android.adbkeyboard/.AdbIME\n".encode()
    connection.conn.sendall(b"\x00" + len(text).to_bytes(4, "little") + text)
    connection.read(5)  # It has answered, so the keyboard is the other one.
    assert world.input_method == "com.android.adbkeyboard/.AdbIME"
    connection.close()
    phone.close()  # Waits for every service.
    assert world.input_method == "com.android.inputmethod.latin/.LatinIME"
