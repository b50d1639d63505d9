"""The ``sync:`` service: files to and from the phone.

Responsible for its requests STAT, LIST, SEND and RECV in both versions. Source: ``SYNC.TXT`` and
``file_sync_protocol.h`` of AOSP's adb.
"""

from __future__ import annotations

import stat
import struct
import zlib
from collections.abc import Iterator

from environments.practice.phone.wire.files import FileError, Files, Node
from environments.practice.phone.wire.log import Log
from environments.practice.phone.wire.streams import Stream, StreamClosed

_CHUNK = 64 * 1024
"""SYNC_DATA_MAX."""

_LINK_MODE = stat.S_IFLNK | 0o644
_DEVICE = 0xFD06
_SHELL_ID = 2000


class SyncService:
    """Serves one stream until it is quit."""

    def __init__(self, stream: Stream, files: Files, log: Log) -> None:
        self._stream = stream
        self._files = files
        self._log = log

    def serve(self) -> None:
        """Answer request after request.

        Raises:
            StreamClosed: the host has gone.
        """
        requests = {
            b"STAT": self._stat,
            b"LSTA": self._lstat_v2,
            b"STA2": self._stat_v2,
            b"LST2": self._lstat_v2,
            b"LIST": self._list,
            b"LIS2": self._list_v2,
            b"SEND": self._send,
            b"SND2": self._send_v2,
            b"RECV": self._receive,
            b"RCV2": self._receive_v2,
        }
        while True:
            name, length = struct.unpack("<4sI", self._stream.read_exactly(8))
            if name == b"QUIT":
                return
            path = self._stream.read_exactly(length).decode(errors="surrogateescape")
            if name not in requests:
                self._fail(f"unknown command {name!r}")
                return
            requests[name](path)

    def _fail(self, reason: str) -> None:
        text = reason.encode()
        self._stream.write(b"FAIL" + struct.pack("<I", len(text)) + text)

    def _node(self, path: str, follows: bool) -> Node | None:
        if not follows and not path.endswith("/") and self._files.is_link(path):
            return Node(_LINK_MODE)
        return self._files.find(path)

    def _stat(self, path: str) -> None:
        node = self._node(path, follows=False)
        mode, size, time_s = (node.mode, node.size, node.time_s) if node else (0, 0, 0)
        self._stream.write(b"STAT" + struct.pack("<3I", mode, size, time_s))

    def _stat_v2(self, path: str) -> None:
        self._stream.write(b"STA2" + _stat_bytes(self._node(path, follows=True), path))

    def _lstat_v2(self, path: str) -> None:
        self._stream.write(b"LST2" + _stat_bytes(self._node(path, follows=False), path))

    def _entries(self, path: str) -> Iterator[tuple[bytes, Node]]:
        try:
            node = self._files.find(path)
            if node is not None and node.is_folder:
                yield b".", node
                yield b"..", node
            for name, entry in self._files.entries(path):
                yield name.encode(errors="surrogateescape"), entry
        except FileError:
            return  # As adbd does: a folder that cannot be read is an empty one.

    def _list(self, path: str) -> None:
        for name, node in self._entries(path):
            head = struct.pack("<4I", node.mode, node.size, node.time_s, len(name))
            self._stream.write(b"DENT" + head + name)
        self._stream.write(b"DONE" + bytes(16))

    def _list_v2(self, path: str) -> None:
        for name, node in self._entries(path):
            head = _stat_bytes(node, name.decode(errors="surrogateescape"))
            self._stream.write(b"DNT2" + head + struct.pack("<I", len(name)) + name)
        self._stream.write(b"DONE" + bytes(72))

    def _send(self, path: str) -> None:
        path, _, mode = path.rpartition(",")
        self._take(path, int(mode or "0") & 0o777)

    def _send_v2(self, path: str) -> None:
        name, mode, flags = struct.unpack("<4sII", self._stream.read_exactly(12))
        if name != b"SND2" or flags:
            self._fail("compression is not supported")
            raise StreamClosed
        self._take(path, mode & 0o777)

    def _take(self, path: str, mode: int) -> None:
        data = bytearray()
        while True:
            name, number = struct.unpack("<4sI", self._stream.read_exactly(8))
            if name == b"DONE":
                break
            if name != b"DATA" or number > _CHUNK:
                self._fail(f"invalid data message {name!r}")
                raise StreamClosed
            data += self._stream.read_exactly(number)
        try:
            parent = path.rsplit("/", 1)[0]
            if parent and self._files.find(parent) is None:
                self._files.make_folder(parent, with_parents=True)
            self._files.write(path, bytes(data), mode, number)
        except FileError as error:
            self._fail(f"couldn't create file: {error}")
            return
        self._log.add("file", path=path, bytes=len(data))
        self._stream.write(b"OKAY" + struct.pack("<I", 0))

    def _receive(self, path: str) -> None:
        try:
            data = self._files.read(path)
        except FileError as error:
            self._fail(f"open failed: {error}")
            return
        for start in range(0, len(data), _CHUNK):
            chunk = data[start : start + _CHUNK]
            self._stream.write(b"DATA" + struct.pack("<I", len(chunk)) + chunk)
        self._stream.write(b"DONE" + struct.pack("<I", 0))

    def _receive_v2(self, path: str) -> None:
        name, flags = struct.unpack("<4sI", self._stream.read_exactly(8))
        if name != b"RCV2" or flags:
            self._fail("compression is not supported")
            raise StreamClosed
        self._receive(path)


def _stat_bytes(node: Node | None, path: str) -> bytes:
    """Return ``sync_stat_v2`` after its name: error, device, inode, mode, links, owner, times."""
    if node is None:
        return struct.pack("<IQQIIIIQqqq", 2, *([0] * 10))
    return struct.pack(
        "<IQQIIIIQqqq",
        0,
        _DEVICE,
        zlib.crc32(Files.real(path).encode(errors="surrogateescape")),
        node.mode,
        1,
        _SHELL_ID,
        _SHELL_ID,
        node.size,
        *([node.time_s] * 3),
    )
