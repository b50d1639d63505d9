"""A reply in the words of another profile: its grid, and the way in which it writes calls.

Responsible for points and for the dialects "json" and "xml". Reading them is ``parsing``'s; what
UI-Venus writes (``<action>``) says less than our tools, so nothing is put into it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.models.profiles.base import Profile
from agent.models.profiles.described import Described
from agent.parsing import Plan
from environments.errors import ConfigError, ToolError
from environments.geometry import Grid, GridPoint, Screen

POINTS = ("coordinate", "coordinate2", "start", "path")
"""Arguments of our tools that are points, or lists of points."""


@dataclass(frozen=True, slots=True)
class Wording:
    """From which grid into which, on a screen; None where nobody knows the screen any more."""

    before: Grid
    after: Grid
    screen: Screen | None


def reworded(plan: Plan, wording: Wording, profile: Profile) -> str:
    """Return what a plan says, as a model of the profile would write it.

    Raises:
        ConfigError: the profile writes calls in a way that cannot say it.
    """
    dialect = profile.description.dialect if isinstance(profile, Described) else "json"
    if dialect == "action":
        raise ConfigError(
            f"Calls as the profile {profile.name} writes them cannot be made from other runs; "
            "record the runs with a model of this family."
        )
    write = _xml if dialect == "xml" else _json
    calls = [write(call.name, _moved(call.arguments, wording)) for call in plan.calls]
    return "\n".join(filter(None, (plan.thought, *calls)))


def _json(name: str, arguments: Mapping[str, Any]) -> str:
    call = json.dumps({"name": name, "arguments": dict(arguments)}, ensure_ascii=False)
    return f"<tool_call>\n{call}\n</tool_call>"


def _xml(name: str, arguments: Mapping[str, Any]) -> str:
    values = {
        key: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for key, value in arguments.items()
    }
    lines = "".join(f"<parameter={k}>\n{v}\n</parameter>\n" for k, v in values.items())
    return f"<tool_call>\n<function={name}>\n{lines}</function>\n</tool_call>"


def _moved(arguments: Mapping[str, Any], wording: Wording) -> dict[str, Any]:
    if wording.before == wording.after or wording.screen is None:
        return dict(arguments)  # Without its picture a reply is told in words, or not at all.
    return {
        key: _point(value, wording, wording.screen) if key in POINTS else value
        for key, value in arguments.items()
    }


def _point(value: Any, wording: Wording, screen: Screen) -> Any:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return value
    if not all(isinstance(part, int | float) for part in value):
        return [_point(part, wording, screen) for part in value]
    try:
        there = screen.to_grid(screen.to_image(GridPoint(*value), wording.before), wording.after)
    except (ToolError, TypeError):  # No point of this screen, for which the call was refused.
        return value
    return [round(there.x), round(there.y)]
