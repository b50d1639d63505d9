"""One call of a command: what it is given and what it may say.

Responsible for the seam between the shell and its commands. Knows neither.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from environments.practice.phone.wire.channels import Channels
from environments.practice.phone.wire.device import Device
from environments.practice.phone.wire.files import Files


@dataclass(frozen=True)
class Call:
    """A command with its arguments and channels.

    Attributes:
        device: the phone.
        name: the command as it was called, without its folder.
        arguments: what follows the name.
        channels: where it reads and writes.
        folder: the working folder, an absolute path.
        pause: waits so many seconds, less if the caller goes away; tells whether it has.
        run: executes further arguments as a command of their own.
        variables: the shell's.
    """

    device: Device
    name: str
    arguments: Sequence[str]
    channels: Channels
    folder: str
    pause: Callable[[float], bool]
    run: Callable[[Sequence[str], Channels], int]
    variables: Mapping[str, str]

    @property
    def files(self) -> Files:
        """The phone's files."""
        return self.device.files

    def out(self, data: bytes) -> None:
        """Write bytes to the standard output."""
        self.channels.outputs[1](data)

    def say(self, text: str) -> None:
        """Write a line to the standard output."""
        self.out(text.encode(errors="surrogateescape") + b"\n")

    def complain(self, text: str) -> int:
        """Write a line to the standard error and return the status of a failure, 1."""
        self.channels.outputs[2](text.encode(errors="surrogateescape") + b"\n")
        return 1

    def path(self, name: str) -> str:
        """Return a path from the root."""
        return name if name.startswith("/") else f"{self.folder.rstrip('/')}/{name}"


Command = Callable[[Call], int]
"""Does its work and returns its exit status."""


def exception(call: Call, error: str) -> int:
    """Say what a service's shell command says when it throws; return its status, 255.

    Source: AOSP ``BasicShellCommandHandler.exec`` prints the text and the stack to the error
    stream; ``cmd`` exits with -1.
    """
    subject = call.arguments[0] if call.arguments else ""
    call.complain(f"\nException occurred while executing '{subject}':\n{error}")
    return 255
