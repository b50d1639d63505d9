"""What a machine must not leave behind.

Responsible for remembering by what its parts can be known, and for looking whether any is still
there: processes by their namespace, the display by its files. The home lives in the sandbox's
memory and ends with its last process.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

Mark = tuple[int, int]
"""Number of a file in its file system, and when it was made in nanoseconds."""


@dataclass(frozen=True, slots=True)
class Traces:
    """By what the parts of one machine can be known.

    Attributes:
        namespace: the process namespace of the sandbox, as /proc names it.
        display: the files of the display, each with its mark: another display may bear the same
            name a moment later, and its file the same number in the file system.
    """

    namespace: str
    display: tuple[tuple[Path, Mark], ...] = ()

    def left(self) -> tuple[str, ...]:
        """Return what is still there, in words; empty if nothing is."""
        return tuple(self._left())

    def _left(self) -> Iterator[str]:
        for name in filter(str.isdecimal, os.listdir("/proc")):
            if namespace_of(int(name)) == self.namespace:
                yield f"the process {name}"
        for path, mark in self.display:
            if mark_of(path) == mark:
                yield f"{path}"


def files_of(display: str) -> tuple[tuple[Path, Mark], ...]:
    """Return the files of a display (":7") that are there, with their marks."""
    name = display.lstrip(":")
    places = (Path(f"/tmp/.X11-unix/X{name}"), Path(f"/tmp/.X{name}-lock"))
    marked = ((path, mark_of(path)) for path in places)
    return tuple((path, mark) for path, mark in marked if mark is not None)


def mark_of(path: Path) -> Mark | None:
    """Return the mark of a file, None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def namespace_of(pid: int) -> str:
    """Return the process namespace of a process, empty where it has gone or is not ours."""
    try:
        return os.readlink(f"/proc/{pid}/ns/pid")
    except OSError:
        return ""
