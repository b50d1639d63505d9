"""A small X program that shows known pixels and reports every event it receives.

Run as a process of its own; each line of its output is one JSON list. A ClientMessage makes it
answer ["mark"], so whoever sends one knows that everything before it has been reported. Ctrl+V
pastes, unless it is started with --deaf-to-paste: then Ctrl+V is a chord like any other. With
--timed the last value of keys, buttons and moves is when the X server took them, in seconds of
CLOCK_MONOTONIC, which is what servers stamp events with.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from Xlib import XK, X, display

COLOURS = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (1, 2, 3), (254, 128, 127))
SIDE_PX = 7
_NAMES = {"Control_L": "ctrl", "Shift_L": "shift", "Alt_L": "alt", "Super_L": "win"}
_BUTTONS = {1: "left", 2: "middle", 3: "right"}
_WHEEL = {4: "up", 5: "down", 6: "left", 7: "right"}
HALF = 1 << 31
TIMED = "--timed" in sys.argv
PASTES = "--deaf-to-paste" not in sys.argv
_UNICODE, _LATIN_1 = 0x01000000, range(0xA0, 0x100)
_WRITTEN = {"Return": "\n", "Tab": "\t"}


def report(*event: Any) -> None:
    """Print one event."""
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


def stamp(event: Any) -> list[float]:
    """Return when the server took an event, if that is wanted; its milliseconds have 32 bits."""
    now_ms = int(time.monotonic() * 1000)
    ago_ms = (now_ms - event.time + HALF) % (2 * HALF) - HALF
    return [(now_ms - ago_ms) / 1000] if TIMED else []


def open_window(connection: Any) -> Any:
    """Cover the screen and take the keyboard."""
    screen = connection.screen()
    mask = X.KeyPressMask | X.KeyReleaseMask | X.ButtonPressMask | X.ButtonReleaseMask
    window = screen.root.create_window(
        0, 0, screen.width_in_pixels, screen.height_in_pixels, 0, screen.root_depth,
        override_redirect=1, background_pixel=0x808080,
        event_mask=mask | X.PointerMotionMask | X.StructureNotifyMask,
    )  # fmt: skip
    window.map()
    while connection.next_event().type != X.MapNotify:
        pass
    window.set_input_focus(X.RevertToParent, X.CurrentTime)
    return window


def draw(window: Any) -> None:
    """Draw the known pixels."""
    for index, (red, green, blue) in enumerate(COLOURS):
        pen = window.create_gc(foreground=red << 16 | green << 8 | blue)
        window.fill_rectangle(pen, index * SIDE_PX, 0, SIDE_PX, SIDE_PX)


def report_button(event: Any) -> None:
    """Report a button or a notch of the wheel."""
    is_press = event.type == X.ButtonPress
    if event.detail in _BUTTONS:
        kind = "press" if is_press else "release"
        report(kind, _BUTTONS[event.detail], event.event_x, event.event_y, *stamp(event))
    elif is_press:
        report("wheel", _WHEEL[event.detail], event.event_x, event.event_y)


def report_key(connection: Any, event: Any) -> None:
    """Report a key, and what it writes."""
    kind = "down" if event.type == X.KeyPress else "up"
    name = named(connection.keycode_to_keysym(event.detail, 0))
    report(kind, _NAMES.get(name, name), *stamp(event))
    if kind == "down" and name == "v" and event.state & X.ControlMask and PASTES:
        ask_for_the_clipboard(connection, event.window)
    if kind == "down" and name not in _NAMES and not event.state & X.ControlMask:
        written = named(connection.keycode_to_keysym(event.detail, event.state & X.ShiftMask))
        report("text", _WRITTEN.get(written, written))


def ask_for_the_clipboard(connection: Any, window: Any) -> None:
    """Ask for the text on the clipboard."""
    names = map(connection.intern_atom, ("CLIPBOARD", "UTF8_STRING", "PASTED"))
    window.convert_selection(*names, X.CurrentTime)


def report_pasted(connection: Any, window: Any) -> None:
    """Report the text that came from the clipboard."""
    place = connection.intern_atom("PASTED")
    found = window.get_full_property(place, X.AnyPropertyType)
    report("text", bytes(found.value).decode())
    window.delete_property(place)
    connection.flush()


def named(keysym: int) -> str:
    """Return the character of a key, or its name."""
    if keysym > _UNICODE:
        return chr(keysym - _UNICODE)
    if " " <= chr(keysym & 0xFFFF) <= "~" or keysym in _LATIN_1:
        return chr(keysym)
    return next((n[3:] for n in dir(XK) if n[:3] == "XK_" and getattr(XK, n) == keysym), "?")


def main() -> None:
    """Report until ended."""
    connection = display.Display()
    window = open_window(connection)
    draw(window)
    connection.sync()
    report("ready", window.id)
    while True:
        event = connection.next_event()
        if event.type in (X.ButtonPress, X.ButtonRelease):
            report_button(event)
        elif event.type in (X.KeyPress, X.KeyRelease):
            report_key(connection, event)
        elif event.type == X.MotionNotify:
            report("move", event.event_x, event.event_y, *stamp(event))
        elif event.type == X.MappingNotify:
            connection.refresh_keyboard_mapping(event)
        elif event.type == X.SelectionNotify and event.property != X.NONE:
            report_pasted(connection, event.requestor)
        elif event.type == X.ClientMessage:
            report("mark")


if __name__ == "__main__":
    main()
