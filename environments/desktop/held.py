"""What is down on a display: the one place that knows it.

Responsible for remembering every key and button from before it is pressed until after it is
released, also for the moment when this process no longer exists: the notes lie in memory shared
with a process of its own (``releaser``), which lets everything go when we end, however we end. For
the case that it is ended together with us they can be kept in a file, by which whoever comes next
does the same (``releaser.let_go``). Presses nothing itself.
"""

from __future__ import annotations

import mmap
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from environments.desktop.x11 import DisplayAddress
from environments.errors import DeviceDisconnectedError

Kind = Literal["key", "button"]

NOTES_BYTES = 512
"""One byte for each key code (0 to 255) and, from ``FIRST_BUTTON`` on, for each button."""

FIRST_BUTTON = 256


class Held:
    """The keys and buttons that are down on one display."""

    def __init__(self, address: DisplayAddress) -> None:
        self._address = address
        self._file = os.memfd_create("deskhand-held")
        os.ftruncate(self._file, NOTES_BYTES)
        self._notes = mmap.mmap(self._file, NOTES_BYTES)
        self._releaser: subprocess.Popen[bytes] | None = None

    def keep_in(self, path: Path) -> None:
        """Keep the notes in a file from now on, so that they outlive both processes.

        Raises:
            OSError: the file cannot be written.
            DeviceDisconnectedError: it was closed.
        """
        if self._notes.closed:
            raise DeviceDisconnectedError("This screen was closed; open it again.")
        down = self._notes[:]
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            # Written and not only made longer: on a full disk a gap would end us at the first key.
            os.pwrite(file, down, 0)
            notes = mmap.mmap(file, NOTES_BYTES)
        except BaseException:
            os.close(file)
            raise
        was_watched = self._releaser is not None
        self.close()
        self._file, self._notes, self._releaser = file, notes, None
        if was_watched:
            self._releaser = self._start_releaser()

    def add(self, kind: Kind, code: int) -> None:
        """Note that a key or button is about to go down; from here on a crash releases it."""
        if self._releaser is None:
            self._releaser = self._start_releaser()
        self._notes[_place(kind, code)] = 1

    def remove(self, kind: Kind, code: int) -> None:
        """Note that it is up again."""
        self._notes[_place(kind, code)] = 0

    def __iter__(self) -> Iterator[tuple[Kind, int]]:
        """Return what is down now: buttons, then keys from the highest code."""
        return iter(noted(self._notes[:]))

    def __contains__(self, what: tuple[Kind, int]) -> bool:
        return self._notes[_place(*what)] == 1

    def close(self) -> None:
        """End the process that watches us; may be called twice. Releases nothing."""
        if self._notes.closed:
            return
        if self._releaser is not None:
            assert self._releaser.stdin is not None
            self._releaser.kill()
            self._releaser.wait()
            self._releaser.stdin.close()
        self._notes.close()
        os.close(self._file)

    def _start_releaser(self) -> subprocess.Popen[bytes]:
        # A session of its own: what ends our terminal's programs must not end it first.
        return subprocess.Popen(
            [sys.executable, "-m", "environments.desktop.releaser", str(self._file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=dict(os.environ) | self._address.variables(),
            pass_fds=(self._file,),
            start_new_session=True,
        )


def noted(notes: bytes) -> list[tuple[Kind, int]]:
    """Return what stands in the notes, buttons first."""
    down = [place for place, value in enumerate(notes) if value]
    return [
        ("button", place - FIRST_BUTTON) if place >= FIRST_BUTTON else ("key", place)
        for place in reversed(down)
    ]


def _place(kind: Kind, code: int) -> int:
    return code + FIRST_BUTTON if kind == "button" else code
