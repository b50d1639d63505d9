"""A phone's screen as the H.264 stream of a scrcpy server (github.com/Genymobile/scrcpy).

Responsible for starting a server that a person provides and for decoding what it sends. Optional:
needs the server's file and PyAV. The stream shows only changes and loses a little of the colours,
so it is measured against a lossless picture before it is used. Source of the protocol: scrcpy's
``doc/develop.md`` and ``Options.java``, version 2 and later.
"""

from __future__ import annotations

import re
import secrets
import struct
import threading
import time
from contextlib import ExitStack, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from environments.android.adb import Stream
from environments.android.capture import Rotation, Shot
from environments.android.facts import rotation_in
from environments.android.line import PhoneLine
from environments.android.shell import quoted
from environments.base import Frame
from environments.errors import CaptureError, DeviceDisconnectedError, Stopped

_THERE = "/data/local/tmp/deskhand-scrcpy-server.jar"
_FIRST_S = 5.0
_POLL_S = 0.02
_SILENT_S = 0.5
_VERSION = re.compile(r"v?(\d+\.\d+(?:\.\d+)?)")
_PIECE = 64 * 1024
_HEADER = struct.Struct(">QI")
_HEADER_BYTES = _HEADER.size
_IS_SETTINGS = 1 << 63
"""PACKET_FLAG_CONFIG of scrcpy's ``Streamer.java``."""
_BIT_RATE = 16_000_000
"""Small text stays readable; scrcpy's own 8 million blur it."""


class StreamCamera:
    """The last frame that the stream showed; a thread of its own decodes."""

    name = "scrcpy stream"

    def __init__(self, line: PhoneLine, rotation: Rotation, server: str) -> None:
        """Start the server on the phone and wait for its first frame.

        Raises:
            CaptureError: PyAV or the file is missing, its version cannot be told from its name, or
                the server does not start.
        """
        self._line, self._rotation = line, rotation
        self._codec = _decoder()
        self._fresh = threading.Condition()
        self._frame: Frame | None = None
        self._ended = False
        with ExitStack() as undo:
            try:
                self._begin(server, undo)
            except DeviceDisconnectedError as cause:
                raise CaptureError(f"The scrcpy server does not start: {cause}") from cause
            self._closing = undo.pop_all()

    def shoot(self) -> Shot:
        """Return the last frame; a change reaches it about two frames after it was drawn.

        Raises:
            CaptureError: the stream has ended.
        """
        rotation = rotation_in(self._rotation.word())
        with self._fresh:
            if rotation is None or not self._fresh.wait_for(lambda: self._fits(rotation), _FIRST_S):
                raise CaptureError("The scrcpy stream did not follow the phone's turning.")
            if self._ended or self._frame is None:
                raise CaptureError("The scrcpy stream has ended.")
            return Shot(self._frame, rotation)

    def close(self) -> None:
        """End the stream, and with it the server; may be called twice."""
        self._closing.close()

    def _begin(self, server: str, undo: ExitStack) -> None:
        path = Path(server)
        version = _VERSION.search(path.name)
        if not path.is_file() or version is None:
            raise CaptureError(
                f"{server!r:.100} is no scrcpy server with its version in its name, such as "
                "scrcpy-server-v3.3.jar."
            )
        push(self._line, path.read_bytes(), _THERE)
        number = f"{secrets.randbits(31):08x}"
        server_stream = self._line.open(_command(version[1], number))
        undo.callback(server_stream.close)
        video = self._video(f"localabstract:scrcpy_{number}")
        undo.callback(video.close)
        thread = threading.Thread(target=self._decode, args=(video,), name="scrcpy", daemon=True)
        thread.start()
        with self._fresh:
            if not self._fresh.wait_for(lambda: self._frame is not None or self._ended, _FIRST_S):
                raise CaptureError("The scrcpy server sent no frame.")

    def _video(self, service: str) -> Stream:
        until = time.monotonic() + _FIRST_S
        while True:
            try:
                return self._line.open(service)
            except DeviceDisconnectedError:
                if time.monotonic() >= until:
                    raise
            self._line.pause(_POLL_S)

    def _fits(self, rotation: int) -> bool:
        """Tell whether the last frame lies as the phone does; it comes later than that is told."""
        if self._ended or self._frame is None:
            return True
        width, height = self._line.description.size_px
        height_now, width_now = self._frame.shape[:2]
        lies_across = (width > height) ^ (rotation % 2 == 1)
        return bool(lies_across == (width_now > height_now))

    def _decode(self, video: Stream) -> None:
        packets = Packets()
        with suppress(DeviceDisconnectedError, Stopped, OSError):
            while True:
                for packet in packets.feed(video.receive(_SILENT_S, heed_stop=False)):
                    for frame in decoded(self._codec, packet):
                        with self._fresh:
                            self._frame = frame
                            self._fresh.notify_all()
        with self._fresh:
            self._ended = True
            self._fresh.notify_all()


def push(line: PhoneLine, content: bytes, to: str) -> None:
    """Put a file on the phone by adb's ``sync`` service (AOSP's ``SYNC.TXT``).

    Raises:
        CaptureError: the phone does not take it.
        DeviceDisconnectedError: the line broke.
    """
    stream = line.open("sync:")
    try:
        place = f"{to},33188".encode()  # A plain file with mode 0644.
        stream.send(b"SEND" + len(place).to_bytes(4, "little") + place)
        for start in range(0, len(content), _PIECE):
            piece = content[start : start + _PIECE]
            stream.send(b"DATA" + len(piece).to_bytes(4, "little") + piece)
        stream.send(b"DONE" + int(time.time()).to_bytes(4, "little"))
        if stream.receive(_FIRST_S)[:4] != b"OKAY":
            raise CaptureError(f"The phone does not take the file {to}.")
    finally:
        stream.close()


class Packets:
    """Takes the stream apart: each packet has a header of a time and a length.

    Without them a decoder waits for the beginning of the next picture, which comes only with the
    next change.
    """

    def __init__(self) -> None:
        self._data = bytearray()
        self._settings = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Return the packets that are complete now, each with the settings that go before it."""
        self._data += data
        found = []
        while len(self._data) >= _HEADER_BYTES:
            told, size = _HEADER.unpack_from(self._data)
            if len(self._data) < _HEADER_BYTES + size:
                break
            body = bytes(self._data[_HEADER_BYTES : _HEADER_BYTES + size])
            del self._data[: _HEADER_BYTES + size]
            if told & _IS_SETTINGS:
                self._settings = body
            else:
                found.append(self._settings + body)
                self._settings = b""
        return found


def decoded(codec: Any, packet: bytes) -> list[Frame]:
    """Return the frames that a packet of the stream completes."""
    frames = []
    for picture in codec.decode(import_module("av.packet").Packet(packet)):
        frame = np.asarray(picture.to_ndarray(format="rgb24"))
        frame.setflags(write=False)
        frames.append(frame)
    return frames


def _decoder() -> Any:
    try:
        contexts = import_module("av.codec")
    except ImportError as cause:
        raise CaptureError(
            "The scrcpy stream needs PyAV, which is not installed: pip install av"
        ) from cause
    codec = contexts.CodecContext.create("h264", "r")
    codec.flags |= 0x80000  # AV_CODEC_FLAG_LOW_DELAY: no frame is held back.
    return codec


def _command(version: str, number: str) -> str:
    options = (
        f"scid={number} log_level=warn audio=false control=false cleanup=false "
        "tunnel_forward=true send_device_meta=false send_dummy_byte=false "
        f"send_codec_meta=false send_frame_meta=true video_bit_rate={_BIT_RATE}"
    )
    return (
        f"exec:CLASSPATH={quoted(_THERE)} app_process / com.genymobile.scrcpy.Server "
        f"{version} {options}"
    )
