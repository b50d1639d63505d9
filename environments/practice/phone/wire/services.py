"""The services that a host can open on the phone.

Responsible for which name is which service, and for the forms in which a shell's bytes travel:
plain, as packets (shell protocol v2), through a terminal. Source: AOSP ``adb/daemon/services.cpp``,
``shell_service.cpp`` and ``shell_protocol.h``.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from environments.practice.phone.wire.channels import Channels, StreamInput
from environments.practice.phone.wire.commands import COMMANDS
from environments.practice.phone.wire.commands.screencap import as_raw
from environments.practice.phone.wire.device import Device, LineCut
from environments.practice.phone.wire.shell import Shell
from environments.practice.phone.wire.streams import Stream, StreamClosed
from environments.practice.phone.wire.sync import SyncService

_STDIN, _STDOUT, _STDERR, _EXIT, _CLOSE_STDIN = range(5)
_PROMPT = "{device}:{folder} $ "

_REFUSALS = {
    "root:": b"adbd cannot run as root in production builds\n",
    "remount:": b'Not running as root. Try "adb root" first.\n',
    "disable-verity:": b"verity cannot be disabled/enabled - USER build\n",
    "enable-verity:": b"verity cannot be disabled/enabled - USER build\n",
}
"""Services that answer with one sentence and change nothing."""


def find_service(device: Device, name: str) -> Callable[[Stream], None] | None:
    """Return what serves a name; None if nothing does, which the host shows as "closed".

    ``reboot:``, ``tcpip:``, ``usb:`` and sockets are among what is refused.
    """
    head, _, rest = name.partition(":")
    if head == "shell" or head.startswith("shell,"):
        return lambda stream: _shell(device, stream, head.split(",")[1:], rest)
    if head == "exec":
        return lambda stream: _shell(device, stream, ["raw"], rest)
    if head == "sync":
        return lambda stream: SyncService(stream, device.files, device.log).serve()
    if name == "framebuffer:":
        return lambda stream: _framebuffer(device, stream)
    if name in _REFUSALS:
        return lambda stream: stream.write(_REFUSALS[name])
    return None


def _framebuffer(device: Device, stream: Stream) -> None:
    """Send one frame: version 2, RGBA, each channel's offset and length in bits.

    Source: ``framebuffer_service.cpp`` of AOSP's adb daemon.
    """
    frame = device.look()
    height, width = frame.shape[:2]
    pixels = as_raw(frame)[16:]
    channels = (0, 8, 16, 8, 8, 8, 24, 8)  # red, blue, green, alpha
    head = struct.pack("<13I", 2, 32, 1, len(pixels), width, height, *channels[:7])
    stream.write(head + struct.pack("<I", channels[7]) + pixels)


def _shell(device: Device, stream: Stream, options: list[str], command: str) -> None:
    terminal = "pty" in options or (not command and "raw" not in options)
    packets = "v2" in options
    shell = Shell(device, dict(COMMANDS), stream.wait_closed)
    line = _Line(stream, packets, terminal)
    try:
        if command:
            status = shell.run(command, line.channels())
        else:
            prompt = _PROMPT.format(device=device.identity.device, folder="{}")
            ask = lambda: line.prompt(prompt.format(shell.folder))  # noqa: E731
            status = shell.session(line.channels(), ask if terminal else lambda: None)
        line.end(status)
    except StreamClosed:
        shell.hang_up()
        raise
    except LineCut:
        shell.hang_up()
        raise StreamClosed from None


class _Line:
    """A shell's input and output as they travel over one stream."""

    def __init__(self, stream: Stream, packets: bool, terminal: bool) -> None:
        self._stream = stream
        self._packets = packets
        self._terminal = terminal
        self._arrived = bytearray()

    def channels(self) -> Channels:
        """Return the descriptors of the shell."""
        stdin = StreamInput(self._typed if self._terminal else self._more)
        return Channels(
            stdin,
            {
                1: lambda data: self._write(_STDOUT, data),
                2: lambda data: self._write(_STDERR, data),
            },
        )

    def prompt(self, text: str) -> None:
        """Show that the next line is waited for."""
        self._write(_STDOUT, text.encode())

    def end(self, status: int) -> None:
        """Tell the status, if the form has room for it."""
        if self._packets:
            self._stream.write(struct.pack("<BIB", _EXIT, 1, status & 0xFF))

    def _write(self, kind: int, data: bytes) -> None:
        if self._terminal:  # ONLCR; a terminal has one output for both.
            kind, data = _STDOUT, data.replace(b"\n", b"\r\n")
        if not data:
            return
        if self._packets:
            data = struct.pack("<BI", kind, len(data)) + data
        self._stream.write(data)

    def _more(self) -> bytes:
        """Return the next bytes of the input, empty at its end."""
        if not self._packets:
            return self._stream.read()
        try:
            while True:
                kind, length = struct.unpack("<BI", self._stream.read_exactly(5))
                data = self._stream.read_exactly(length)
                if kind == _STDIN and data:
                    return data
                if kind == _CLOSE_STDIN:
                    return b""
        except StreamClosed:
            return b""

    def _typed(self) -> bytes:
        """Return what was typed, after showing it, as a terminal does."""
        data = self._more().replace(b"\r", b"\n")
        if b"\x04" in data:  # Ctrl-D
            return data[: data.index(b"\x04")]
        self._write(_STDOUT, data)
        return data
