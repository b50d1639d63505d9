"""Targets as GTK 3 widgets, at the scale of GDK_SCALE and GDK_DPI_SCALE."""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any


def main() -> None:
    """Show the targets and report until the display goes."""
    importlib.import_module("gi").require_version("Gtk", "3.0")
    gtk = importlib.import_module("gi.repository.Gtk")
    asked = json.loads(sys.argv[1])
    window = gtk.Window(type=gtk.WindowType.POPUP)
    scale = window.get_scale_factor()
    window.set_default_size(asked["width"] // scale, asked["height"] // scale)
    window.move(asked["x"] // scale, asked["y"] // scale)
    background = _coloured(gtk, gtk.EventBox(), "#808080")
    background.connect("button-press-event", _pressed, None, scale)
    place = gtk.Fixed()
    background.add(place)
    window.add(background)
    for number, target in enumerate(asked["targets"]):
        box = _coloured(gtk, gtk.EventBox(), target["colour"])
        box.set_size_request(max(target["width"] // scale, 1), max(target["height"] // scale, 1))
        box.connect("button-press-event", _pressed, number, scale)
        place.put(box, target["x"] // scale, target["y"] // scale)
    window.connect("map-event", lambda *_: say("ready"))
    window.show_all()
    gtk.main()


def _coloured(gtk: Any, widget: Any, colour: str) -> Any:
    provider = gtk.CssProvider()
    provider.load_from_data(f"* {{ background: {colour}; }}".encode())
    widget.get_style_context().add_provider(provider, gtk.STYLE_PROVIDER_PRIORITY_USER)
    return widget


def _pressed(_: Any, event: Any, number: int | None, scale: int) -> bool:
    if event.type.value_nick == "button-press":
        say([number, round(event.x_root * scale), round(event.y_root * scale)])
    return True


def say(what: Any) -> None:
    """Print one line."""
    print(json.dumps(what), flush=True)  # noqa: T201 - the report


if __name__ == "__main__":
    main()
