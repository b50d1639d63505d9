"""A program that holds the clipboard: with the types and contents it is given, or without a word.

Started with a JSON object from type to text, or with the word "mute". Prints "ready" when it owns
the clipboard and runs until it is ended.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from Xlib import X, display
from Xlib.protocol import event


def main(told: str) -> None:
    connection = display.Display()
    window = connection.screen().root.create_window(0, 0, 1, 1, 0, X.CopyFromParent)
    atom = connection.intern_atom
    window.set_selection_owner(atom("CLIPBOARD"), X.CurrentTime)
    connection.sync()
    print("ready", flush=True)
    while True:
        asked = connection.next_event()
        if asked.type == X.SelectionRequest and told != "mute":
            answer(connection, asked, json.loads(told))


def answer(connection: Any, asked: Any, contents: dict[str, str]) -> None:
    name = connection.get_atom_name(asked.target)
    atom = connection.intern_atom
    if name == "TARGETS":
        names = ["TARGETS", "DELETE", *contents]
        asked.requestor.change_property(asked.property, atom("ATOM"), 32, list(map(atom, names)))
    elif name in contents:
        asked.requestor.change_property(asked.property, asked.target, 8, contents[name].encode())
    else:  # DELETE among them: whoever asks for that only to look has destroyed something.
        sys.exit(f"asked for {name}")
    asked.requestor.send_event(
        event.SelectionNotify(
            time=asked.time, requestor=asked.requestor, selection=asked.selection,
            target=asked.target, property=asked.property,
        )
    )  # fmt: skip
    connection.flush()


if __name__ == "__main__":
    main(sys.argv[1])
