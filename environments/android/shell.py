"""One shell on the phone that stays open: a line in, its output and status back.

Responsible for the acknowledgement: whoever asks knows that the phone has done it, and when. One
process on the phone instead of one for each command. Knows no command and mends no broken line.
"""

from __future__ import annotations

import re
import secrets
import shlex
from dataclasses import dataclass

from environments.android.adb import Stream
from environments.errors import CaptureError, DeviceOfflineError

SERVICE = "exec:sh"
"""A shell without a terminal, as ``adb exec-out`` has it: bytes come as they are (Android 5)."""

MOST_BYTES = 160 << 20
"""An answer that is longer is no answer; a raw picture of 8K has 133 million bytes."""

_ENDING = re.compile(rb"([0-9a-f]{24}):(\d+)\r?\n\Z")
_ENDING_BYTES = 64


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command wrote, both outputs together, and its exit status."""

    output: bytes
    status: int

    @property
    def text(self) -> str:
        """The output as text."""
        return self.output.decode("utf-8", "replace").replace("\r\n", "\n")


class Shell:
    """A shell over one stream; one thread at a time. After any error it is to be closed."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._name = secrets.token_hex(8)
        self._asked = 0

    def run(self, command: str, limit_s: float, heed_stop: bool = True) -> Answer:
        """Run one line of shell and return its answer.

        Raises:
            DeviceDisconnectedError: the line broke; whether it was run is not known.
            DeviceOfflineError: so long nothing came; neither is it then.
            Stopped: a stop was asked for, unless it is not to be heeded.
        """
        self._asked += 1
        ending = f"{self._name}{self._asked:08x}"
        self._stream.send(f"{command}; echo {ending}:$?\n".encode())
        return self._answer(ending.encode(), limit_s, heed_stop)

    def close(self) -> None:
        """End the shell; what it runs ends with it. May be called twice."""
        self._stream.close()

    def _answer(self, ending: bytes, limit_s: float, heed_stop: bool) -> Answer:
        output = bytearray()
        while True:
            data = self._stream.receive(limit_s, heed_stop)
            if not data:
                raise DeviceOfflineError(f"The phone did not answer within {limit_s:g} s.")
            output += data
            if len(output) > MOST_BYTES:
                raise CaptureError(f"The phone's answer has more than {MOST_BYTES} bytes.")
            found = _ENDING.search(output, max(0, len(output) - _ENDING_BYTES))
            if found and found[1] == ending:
                return Answer(bytes(memoryview(output)[: found.start()]), int(found[2]))


def quoted(text: str) -> str:
    """Return a text as one word of a POSIX shell, whatever stands in it.

    Raises:
        ValueError: it holds a NUL, which no word can.
    """
    if "\0" in text:
        raise ValueError("a word of a shell cannot hold NUL")
    return shlex.quote(text)
