"""Which processes run: below another one, or in a group (Linux).

Responsible for reading the process table. Ends nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

_OVER = ("Z", "X")
"""States of what has ended and was only not taken note of yet (proc(5))."""


def descendants(pid: int, name: str) -> Iterator[int]:
    """Yield the processes below one whose command line holds a name."""
    children: dict[int, list[int]] = {}
    for child, fields in _table():
        children.setdefault(int(fields[1]), []).append(child)
    below = list(children.get(pid, ()))
    while below:
        child = below.pop()
        below += children.get(child, [])
        if name in _command_line(child):
            yield child


def group_lives(group: int) -> bool:
    """Tell whether anything of a process group still runs."""
    return any(int(fields[2]) == group and fields[0] not in _OVER for _, fields in _table())


def _table() -> Iterator[tuple[int, list[str]]]:
    """Yield each process with its state, parent, group and the rest of its line."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            yield int(stat.parent.name), stat.read_text().rpartition(")")[2].split()
        except OSError:  # It ended meanwhile.
            continue


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""
