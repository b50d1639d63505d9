"""What a phone's oracle does, in the words of ``mobile_use``.

Responsible for its touches and buttons; typing and ending are said as on the desktop.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.training.clicks import arguments_for, grid_point
from environments.actions import (
    Action,
    Drag,
    MoveTo,
    OpenApp,
    PressButton,
    Swipe,
    SystemButton,
    Tap,
    Wait,
)
from environments.geometry import Screen

BUTTONS: Mapping[SystemButton, str] = {
    "back": "Back",
    "home": "Home",
    "recents": "Menu",
    "enter": "Enter",
}
"""Those that have a name of their own in the trained words; others are keys."""


def touch_arguments(action: Action | None, screen: Screen) -> dict[str, Any]:
    """Return the arguments of ``mobile_use`` that stand for an oracle's action.

    Raises:
        ValueError: no oracle of the phone does this.
    """
    match action:
        case Tap(at, 1, 0):
            return {"action": "click", "coordinate": grid_point(at, screen)}
        case Tap(at, 1, hold_ms):
            time = max(round(hold_ms / 1000), 1)
            return {"action": "long_press", "coordinate": grid_point(at, screen), "time": time}
        case Swipe(start, to):
            points = {
                "coordinate": grid_point(start, screen),
                "coordinate2": grid_point(to, screen),
            }
            return {"action": "swipe", **points}
        case PressButton(name) if name in BUTTONS:
            return {"action": "system_button", "button": BUTTONS[name]}
        case PressButton(name):
            return {"action": "key", "text": name}
        case OpenApp(name):
            return {"action": "open", "text": name}
        case Wait(duration_s):
            return {"action": "wait", "time": duration_s}
        case Drag() | MoveTo():
            raise ValueError(f"no oracle of the phone does {action!r}")
    return arguments_for(action, screen)
