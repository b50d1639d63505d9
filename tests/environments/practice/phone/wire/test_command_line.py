from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from environments.practice.phone.wire.server import PhoneServer
from environments.practice.phone.world import PhoneWorld
from tests.environments.practice.phone.wire.conftest import Adb


def test_the_stock_server_connects_and_knows_the_phone(adb: Adb, phone: PhoneServer) -> None:
    assert adb("get-state").stdout == b"device\n"
    assert adb("wait-for-device").returncode == 0
    listed = adb("devices", "-l").stdout.decode()
    assert f"{phone.address}" in listed
    assert "model:Practice_Phone" in listed
    assert "shell_v2" in adb("features").stdout.decode().splitlines()


def test_a_commands_output_error_and_status_come_back_apart(adb: Adb) -> None:
    done = adb("shell", "echo out; echo err >&2; exit 7")
    assert (done.stdout, done.stderr, done.returncode) == (b"out\n", b"err\n", 7)
    missing = adb("shell", "no-such-command")
    assert missing.returncode == 127
    assert missing.stderr == b"/system/bin/sh: no-such-command: inaccessible or not found\n"


def test_the_older_shell_puts_both_outputs_into_one(adb: Adb) -> None:
    done = adb("shell", "-x", "echo out; echo err >&2")
    assert sorted(done.stdout.split()) == [b"err", b"out"]


def test_exec_out_hands_over_bytes_as_they_are(adb: Adb, world: PhoneWorld) -> None:
    png = adb("exec-out", "screencap", "-p").stdout
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(png)).convert("RGB")), world.frame())
    raw = adb("exec-out", "screencap").stdout
    width, height, pixel_format, colour_space = np.frombuffer(raw[:16], "<u4")
    assert (width, height, pixel_format, colour_space) == (256, 320, 1, 1)
    pixels = np.frombuffer(raw[16:], np.uint8).reshape(320, 256, 4)
    assert np.array_equal(pixels[..., :3], world.frame())


def test_properties_and_size_are_told_as_android_does(adb: Adb) -> None:
    assert adb("shell", "getprop", "ro.product.model").stdout == b"Practice Phone\n"
    assert adb("shell", "wm", "size").stdout == b"Physical size: 256x320\n"
    assert adb("shell", "wm", "density").stdout == b"Physical density: 160\n"


def test_a_tap_reaches_the_world(adb: Adb, phone: PhoneServer, world: PhoneWorld) -> None:
    target = next(t for t in world.targets() if t.label == "Settings")
    x, y = target.centre
    assert adb("shell", f"input tap {x} {y}").returncode == 0
    assert world.front == ("com.android.settings", ".Settings")
    assert [e.values["command"] for e in phone.log.entries("input")] == [f"tap {x} {y}"]


def test_a_shell_without_command_reads_its_lines_from_the_input(adb: Adb) -> None:
    done = adb("shell", stdin=b"echo one\ncd /data/local\npwd\nexit 3\n")
    assert done.stdout.replace(b"\r", b"").decode().splitlines()[-2:] == ["one", "/data/local"]
    assert done.returncode == 3


def test_what_the_phone_does_not_offer_is_refused(adb: Adb) -> None:
    assert adb("root").stdout == b"adbd cannot run as root in production builds\n"
    assert adb("reboot").returncode != 0
    assert adb("get-state").stdout == b"device\n"


def test_the_standard_input_reaches_the_command(adb: Adb) -> None:
    assert adb("shell", "cat", stdin=b"from here\n").stdout == b"from here\n"
    assert adb("shell", "wc -c", stdin=b"z" * 3_000_000).stdout == b"3000000\n"
    adb("exec-in", "cat > /sdcard/taken", stdin=b"a\nb\n")
    assert adb("shell", "cat /sdcard/taken").stdout == b"a\nb\n"


def test_a_terminal_is_given_when_it_is_asked_for(adb: Adb) -> None:
    assert adb("shell", "-t", "-t", "echo hi; exit 4").stdout == b"hi\r\n"
    assert adb("shell", "-T", "echo hi").stdout == b"hi\n"


def test_the_words_of_a_call_are_joined_without_quotes(adb: Adb, phone: PhoneServer) -> None:
    # What the stock command line does, and why a client has to quote for the phone's shell.
    adb("shell", "input", "text", "a b")
    assert [one.reason for one in phone.injections] == ["split at blanks"]
    adb("shell", "input", "text", "'a b'")
    assert len(phone.injections) == 1


def test_an_application_cannot_be_installed(adb: Adb, tmp_path: Path) -> None:
    (tmp_path / "x.apk").write_bytes(b"PK\x03\x04" + bytes(1000))
    refused = adb("install", str(tmp_path / "x.apk"))
    assert refused.returncode == 1
    assert b"INSTALL_FAILED_USER_RESTRICTED" in refused.stdout + refused.stderr
