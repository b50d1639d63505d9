"""Letting keys and buttons go when Deskhand was killed.

Responsible for the process that waits until the pipe from Deskhand closes and releases what its
notes say is still down: it starts with the first press and is ended by Deskhand in the ordinary
case. And for doing the same later, by notes in a file, where that process was ended as well. A key
that is not down is not changed by being released, so a note that is too early does no harm.

Started as ``python -m environments.desktop.releaser FD``, with FD the notes (see ``held``).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from environments.desktop.held import NOTES_BYTES, Kind, noted
from environments.desktop.x11 import DisplayAddress, connect, hang_up, reaching


def main(file: int) -> None:
    """Wait for the end of Deskhand, then release what it held."""
    from Xlib import display

    # Connected while Deskhand lives: the cookie of a display of its own goes with it.
    connection = display.Display()
    sys.stdin.buffer.read()
    _release(connection, noted(os.pread(file, NOTES_BYTES, 0)))
    connection.close()


def let_go(address: DisplayAddress, notes: Path) -> list[tuple[Kind, int]]:
    """Release what notes in a file say is down and really is; empty the notes, say what it was.

    Raises:
        DeviceDisconnectedError: no display answers there.
        OSError: the file is there and cannot be read or written.
    """
    try:
        left = noted(notes.read_bytes()[:NOTES_BYTES])
    except FileNotFoundError:
        return []
    if left:
        connection = connect(address)
        try:
            with reaching(address):
                left = [one for one in left if _is_down(connection, *one)]
                _release(connection, left)
        finally:
            hang_up(connection)
    notes.write_bytes(bytes(NOTES_BYTES))
    return left


def _is_down(connection: Any, kind: Kind, code: int) -> bool:
    if kind == "key":
        return bool(connection.query_keymap()[code // 8] >> code % 8 & 1)
    return bool(connection.screen().root.query_pointer().mask >> 7 + code & 1)


def _release(connection: Any, down: Iterable[tuple[Kind, int]]) -> None:
    from Xlib import X
    from Xlib.ext import xtest

    events = {"button": X.ButtonRelease, "key": X.KeyRelease}
    for kind, code in down:
        xtest.fake_input(connection, events[kind], code)
    connection.sync()


if __name__ == "__main__":
    main(int(sys.argv[1]))
