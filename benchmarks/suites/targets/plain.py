"""Targets without a toolkit: what the X server itself says about each press."""

from __future__ import annotations

import json
import sys
from typing import Any


def main() -> None:
    """Show the targets as windows and report until the display goes."""
    from Xlib import X, display

    asked = json.loads(sys.argv[1])
    connection = display.Display()
    screen = connection.screen()
    window = screen.root.create_window(
        asked["x"], asked["y"], asked["width"], asked["height"], 0, screen.root_depth,
        override_redirect=1, background_pixel=0x808080,
        event_mask=X.ButtonPressMask | X.StructureNotifyMask,
    )  # fmt: skip
    numbers = {_target(window, screen, target): i for i, target in enumerate(asked["targets"])}
    window.map_sub_windows()
    window.map()
    while connection.next_event().type != X.MapNotify:
        pass
    connection.sync()
    say("ready")
    while True:
        event = connection.next_event()
        if event.type == X.ButtonPress:
            hit = numbers.get(event.child.id) if event.child else numbers.get(event.window.id)
            say([hit, event.root_x, event.root_y])


def _target(window: Any, screen: Any, target: dict[str, Any]) -> int:
    shown = window.create_window(
        target["x"], target["y"], target["width"], target["height"], 0, screen.root_depth,
        background_pixel=int(target["colour"][1:], 16),
    )  # fmt: skip
    return int(shown.id)


def say(what: Any) -> None:
    """Print one line."""
    print(json.dumps(what), flush=True)  # noqa: T201 - the report


if __name__ == "__main__":
    main()
