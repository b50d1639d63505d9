"""The packets of the adb wire protocol.

Responsible for bytes on the line: a header of 24 bytes, then the payload. Knows no connection.
Source: ``protocol.txt`` and ``adb.h`` of AOSP's ``packages/modules/adb``.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Protocol

CNXN, AUTH, OPEN, OKAY, CLSE, WRTE = (
    int.from_bytes(word, "little")
    for word in (b"CNXN", b"AUTH", b"OPEN", b"OKAY", b"CLSE", b"WRTE")
)

VERSION = 0x01000001
"""A_VERSION: from here on both sides leave the checksum zero (A_VERSION_SKIP_CHECKSUM)."""

MAX_PAYLOAD = 1024 * 1024
"""Bytes of one packet's payload at most; what is used is the smaller of both sides' limits."""

AUTH_TOKEN, AUTH_SIGNATURE, AUTH_PUBLIC_KEY = 1, 2, 3

_HEADER = struct.Struct("<6I")
_MASK = 0xFFFFFFFF


class ProtocolError(Exception):
    """What came over the line is no packet of this protocol."""


class Line(Protocol):
    """Where packets come from: a binary file that reads exactly, or less at the end."""

    def read(self, size: int, /) -> bytes:
        """Return ``size`` bytes, fewer only when the line has ended."""
        ...


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet; what the arguments mean depends on the command."""

    command: int
    arg0: int = 0
    arg1: int = 0
    data: bytes = b""


def encode(packet: Packet, with_checksum: bool) -> bytes:
    """Return a packet as it goes over the line."""
    checksum = sum(packet.data) & _MASK if with_checksum else 0
    header = _HEADER.pack(
        packet.command,
        packet.arg0,
        packet.arg1,
        len(packet.data),
        checksum,
        packet.command ^ _MASK,
    )
    return header + packet.data


def read_packet(line: Line) -> Packet | None:
    """Return the next packet, None when the line has ended.

    A checksum of zero was left out, also in the first packet: a server that calls again still
    knows the version.

    Raises:
        ProtocolError: the magic, the length or the checksum is wrong.
    """
    header = line.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return None
    command, arg0, arg1, length, checksum, magic = _HEADER.unpack(header)
    if magic != command ^ _MASK:
        raise ProtocolError(f"A packet's magic is {magic:#010x}, which does not fit its command.")
    if length > MAX_PAYLOAD:
        raise ProtocolError(f"A packet announces {length} bytes, more than {MAX_PAYLOAD}.")
    data = line.read(length) if length else b""
    if len(data) < length:
        return None
    if checksum and checksum != sum(data) & _MASK:
        raise ProtocolError("A packet's checksum does not fit its bytes.")
    return Packet(command, arg0, arg1, data)
