"""The stream of a scrcpy server, as far as it goes without one."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments.android.adb import Adb
from environments.android.capture import Rotation
from environments.android.line import PhoneLine
from environments.android.scrcpy import Packets, StreamCamera, decoded, push
from environments.base import Stop
from environments.errors import CaptureError
from tests.environments.android.conftest import Served


def packet(body: bytes, flags: int = 0) -> bytes:
    return struct.pack(">QI", flags, len(body)) + body


@given(st.lists(st.binary(max_size=40), max_size=8), st.integers(1, 30))
def test_packets_are_found_however_the_line_cuts_them(bodies: list[bytes], size: int) -> None:
    stream, packets = b"".join(map(packet, bodies)), Packets()
    pieces = [stream[start : start + size] for start in range(0, len(stream), size)]
    assert [body for piece in pieces for body in packets.feed(piece)] == bodies


def test_settings_go_before_the_picture_that_needs_them() -> None:
    stream = packet(b"set", 1 << 63) + packet(b"one") + packet(b"two")
    assert Packets().feed(stream) == [b"setone", b"two"]


def test_a_picture_is_there_as_soon_as_its_packet_is() -> None:
    av = pytest.importorskip("av", reason="PyAV is not installed: pip install av")
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = 64, 64, "yuv420p"
    encoder.framerate, encoder.options = 30, {"tune": "zerolatency"}
    decoder = av.CodecContext.create("h264", "r")
    for shade in (10, 200, 90):
        picture = np.full((64, 64, 3), shade, np.uint8)
        encoded = encoder.encode(av.VideoFrame.from_ndarray(picture, format="rgb24"))
        frames = decoded(decoder, b"".join(map(bytes, encoded)))
        assert len(frames) == 1
        assert abs(int(frames[0].mean()) - shade) < 4


def test_a_server_that_is_missing_or_named_without_its_version_is_refused(
    adb: Adb, served: Served, tmp_path: Path
) -> None:
    line = PhoneLine(adb, served.serial, Stop())
    rotation = Rotation(line)
    nameless = tmp_path / "server.jar"
    nameless.write_bytes(b"jar")
    for path in (str(nameless), str(tmp_path / "scrcpy-server-v3.3.jar")):
        with pytest.raises(CaptureError, match=r"PyAV|version in its name"):
            StreamCamera(line, rotation, path)
    line.close()


def test_a_file_is_put_on_the_phone_as_it_is(adb: Adb, served: Served) -> None:
    line = PhoneLine(adb, served.serial, Stop())
    content = bytes(range(256)) * 1000
    push(line, content, "/data/local/tmp/x.bin")
    assert line.ask("cat /data/local/tmp/x.bin").output == content
    line.close()
