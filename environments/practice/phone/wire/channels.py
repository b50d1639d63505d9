"""Where a command of the phone's shell reads and writes.

Responsible for input from bytes or from a stream, and for the file descriptors 0 to 9. Knows no
command.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

Output = Callable[[bytes], None]


class Input(Protocol):
    """What a command reads from."""

    def read(self) -> bytes:
        """Return the next bytes, waiting for some; empty at the end."""
        ...

    def line(self) -> bytes:
        """Return the next line with its end; empty at the end."""
        ...


class BytesInput:
    """Input that is there from the beginning."""

    def __init__(self, data: bytes = b"") -> None:
        self._data = data

    def read(self) -> bytes:
        """Return all that is left."""
        data, self._data = self._data, b""
        return data

    def line(self) -> bytes:
        """Return the next line with its end; empty at the end."""
        end = self._data.find(b"\n") + 1 or len(self._data)
        line, self._data = self._data[:end], self._data[end:]
        return line


class StreamInput:
    """Input that comes bit by bit."""

    def __init__(self, more: Callable[[], bytes]) -> None:
        """``more`` returns the next bytes, waiting for some; empty at the end."""
        self._more = more
        self._held = b""

    def read(self) -> bytes:
        """Return what was left of a line, or the next bytes."""
        data, self._held = self._held, b""
        return data or self._more()

    def line(self) -> bytes:
        """Return the next line with its end; what is left at the end; empty after it."""
        while b"\n" not in self._held:
            data = self._more()
            if not data:
                line, self._held = self._held, b""
                return line
            self._held += data
        line, rest = self._held.split(b"\n", 1)
        self._held = rest
        return line + b"\n"


@dataclass(frozen=True)
class Channels:
    """A command's descriptors: 0 to read, the others to write."""

    stdin: Input
    outputs: Mapping[int, Output]

    def with_output(self, descriptor: int, output: Output) -> Channels:
        """Return the channels with one descriptor changed."""
        return replace(self, outputs={**self.outputs, descriptor: output})

    def with_input(self, stdin: Input) -> Channels:
        """Return the channels with another input."""
        return replace(self, stdin=stdin)


def nowhere(data: bytes) -> None:
    """Take bytes and forget them."""
