"""The process that lets keys and buttons go when Deskhand was killed.

Responsible for waiting until the pipe from Deskhand closes and for releasing what its notes say is
still down. It starts with the first press and is ended by Deskhand in the ordinary case. A
key that is not down is not changed by being released, so a note that is too early does no harm.

Started as ``python -m environments.desktop.releaser FD``, with FD the notes (see ``held``).
"""

from __future__ import annotations

import os
import sys

from environments.desktop.held import NOTES_BYTES, noted


def main(file: int) -> None:
    """Wait for the end of Deskhand, then release what it held."""
    from Xlib import X, display
    from Xlib.ext import xtest

    # Connected while Deskhand lives: the cookie of a display of its own goes with it.
    connection = display.Display()
    sys.stdin.buffer.read()
    events = {"button": X.ButtonRelease, "key": X.KeyRelease}
    for kind, code in noted(os.pread(file, NOTES_BYTES, 0)):
        xtest.fake_input(connection, events[kind], code)
    connection.sync()
    connection.close()


if __name__ == "__main__":
    main(int(sys.argv[1]))
