"""Questions to the program inside the sandbox, and its answers.

Responsible for telling an answer from what only looks like one, and for waiting no longer than was
said. Every question has a number that nobody can guess, and only what bears it is an answer. Knows
no bubblewrap, and not what is asked.
"""

from __future__ import annotations

import json
import os
import secrets
import select
import time
from contextlib import suppress
from typing import IO, Any

from environments.errors import DeviceDisconnectedError, DeviceError

_PIECE_BYTES = 1 << 20


class Channel:
    """The two pipes to one program that answers."""

    def __init__(self, questions: IO[bytes] | None, answers: IO[bytes] | None) -> None:
        """Take the ends of the pipes that are ours, and close them in the end."""
        assert questions is not None
        assert answers is not None
        self._questions, self._answers = questions, answers
        self._rest = b""
        os.set_blocking(questions.fileno(), False)

    def ask(self, patience_s: float, **wanted: Any) -> dict[str, Any]:
        """Ask and return the answer.

        Raises:
            DeviceError: what was asked for could not be done.
            DeviceDisconnectedError: there is nobody, or no answer within ``patience_s``.
        """
        if self._questions.closed:
            raise DeviceDisconnectedError("The sandbox has ended.")
        number, until = secrets.token_hex(16), time.monotonic() + patience_s
        try:
            self._tell(json.dumps({**wanted, "number": number}).encode() + b"\n", until)
            while (answer := _read(self._line(until), number)) is None:
                pass
        except TimeoutError as cause:
            told = f"The sandbox did not answer for {patience_s:g} s."
            raise DeviceDisconnectedError(told) from cause
        if "error" in answer:
            raise DeviceError(f"In the sandbox: {answer['error']}.")
        return answer

    def close(self) -> None:
        """Let go of the pipes; may be called twice."""
        self._questions.close()
        self._answers.close()

    def _tell(self, line: bytes, until: float) -> None:
        left = memoryview(line)
        while left:
            if not select.select([], [self._questions], [], max(0.0, until - time.monotonic()))[1]:
                self.close()  # Half a question stands there, and no other can follow it.
                raise TimeoutError
            try:
                left = left[os.write(self._questions.fileno(), left) :]
            except BrokenPipeError as cause:
                raise DeviceDisconnectedError("The sandbox has ended.") from cause

    def _line(self, until: float) -> bytes:
        pieces = [self._rest]
        while b"\n" not in pieces[-1]:
            left = until - time.monotonic()
            if left < 0 or not select.select([self._answers], [], [], left)[0]:
                self._rest = b"".join(pieces)
                raise TimeoutError
            pieces.append(os.read(self._answers.fileno(), _PIECE_BYTES))
            if not pieces[-1]:
                raise DeviceDisconnectedError("The sandbox has ended.")
        line, _, self._rest = b"".join(pieces).partition(b"\n")
        return line


def _read(line: bytes, number: str) -> dict[str, Any] | None:
    # What does not bear our number answers an earlier question too late, or is not the warden's.
    with suppress(ValueError):
        found = json.loads(line)
        if isinstance(found, dict) and found.pop("number", None) == number:
            return found
    return None
