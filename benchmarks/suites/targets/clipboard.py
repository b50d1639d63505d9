"""A program that holds the clipboard with the types and files it is given.

Responsible for answering whoever asks, large contents in pieces (ICCCM, section 2.7.2). It shares
no code with what is measured. Started with TYPE FILE TYPE FILE ...; prints a line when it owns the
clipboard and runs until it is ended.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from Xlib import X, display
from Xlib.protocol import event

PIECE_BYTES = 60_000


def main(arguments: list[str]) -> None:
    """Own the clipboard and answer."""
    names, files = arguments[::2], arguments[1::2]
    contents = {name: Path(file).read_bytes() for name, file in zip(names, files, strict=True)}
    connection = display.Display()
    window = connection.screen().root.create_window(0, 0, 1, 1, 0, X.CopyFromParent)
    window.set_selection_owner(connection.intern_atom("CLIPBOARD"), X.CurrentTime)
    connection.sync()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    left: dict[tuple[int, int], tuple[int, bytes]] = {}
    while True:
        asked = connection.next_event()
        if asked.type == X.SelectionRequest:
            answer(connection, asked, contents, left)
        elif asked.type == X.PropertyNotify and asked.state == X.PropertyDelete:
            go_on(connection, asked, left)


def answer(
    connection: Any,
    asked: Any,
    contents: dict[str, bytes],
    left: dict[tuple[int, int], tuple[int, bytes]],
) -> None:
    """Give what was asked for, or start giving it in pieces."""
    atom, place = connection.intern_atom, asked.property
    name = connection.get_atom_name(asked.target)
    if name == "TARGETS":
        asked.requestor.change_property(place, atom("ATOM"), 32, [*map(atom, contents)])
    elif name not in contents:
        place = X.NONE
    elif len(contents[name]) > PIECE_BYTES:
        asked.requestor.change_attributes(event_mask=X.PropertyChangeMask)
        left[asked.requestor.id, place] = asked.target, contents[name]
        asked.requestor.change_property(place, atom("INCR"), 32, [len(contents[name])])
    else:
        asked.requestor.change_property(place, asked.target, 8, contents[name])
    told = event.SelectionNotify(
        time=asked.time,
        requestor=asked.requestor,
        selection=asked.selection,
        target=asked.target,
        property=place,
    )
    asked.requestor.send_event(told)
    connection.flush()


def go_on(connection: Any, asked: Any, left: dict[tuple[int, int], tuple[int, bytes]]) -> None:
    """Give the next piece; an empty one is the last."""
    key = (asked.window.id, asked.atom)
    if key not in left:
        return
    kind, rest = left.pop(key)
    asked.window.change_property(asked.atom, kind, 8, rest[:PIECE_BYTES])
    if rest:
        left[key] = kind, rest[PIECE_BYTES:]
    connection.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
