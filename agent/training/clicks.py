"""What a desktop's oracle does, in the words of ``computer_use``.

Responsible for its clicks, keys and wheel, for typing and ending on any screen, and for points in
the model's grid.
"""

from __future__ import annotations

from typing import Any

from agent.models.profiles.embedded import PROFILE
from environments.actions import Action, Click, Drag, MoveTo, PressKeys, Scroll, TypeText
from environments.geometry import InputPoint, Screen


def arguments_for(action: Action | None, screen: Screen) -> dict[str, Any]:
    """Return the arguments of ``computer_use`` that stand for an oracle's action.

    Raises:
        ValueError: no oracle does this.
    """
    match action:
        case Click(InputPoint() as at, "left", count):
            name = "double_click" if count > 1 else "left_click"
            return {"action": name, "coordinate": grid_point(at, screen)}
        case TypeText(text):
            return {"action": "type", "text": text}
        case PressKeys(keys):
            return {"action": "key", "keys": list(keys)}
        case Scroll(dy_px=dy_px, at=InputPoint() as at):
            return {"action": "scroll", "coordinate": grid_point(at, screen), "pixels": dy_px}
        case MoveTo(at):
            return {"action": "mouse_move", "coordinate": grid_point(at, screen)}
        case Drag(to):
            return {"action": "left_click_drag", "coordinate": grid_point(to, screen)}
        case None:
            return {"action": "terminate", "status": "success"}
    raise ValueError(f"no oracle does {action!r}")


def grid_point(at: InputPoint, screen: Screen) -> list[int]:
    """Return a pointer position in the model's grid."""
    point = screen.to_grid(screen.from_input(at), PROFILE.grid)
    return [round(point.x), round(point.y)]
