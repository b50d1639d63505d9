"""The tool that opens an application by its name.

Responsible for its words and arguments. How applications are found and started stands in
``environments.desktop``; a name is only ever compared, never run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter

from environments.actions import OpenApp
from environments.geometry import Screen
from tools.schema import Annotations, Request, Tool
from tools.windows import NAME, Windows, checked, described, focus_window, list_windows


class _Name(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: NAME


def open_app() -> Tool:
    """Return the tool that opens an application."""
    adapter = TypeAdapter(_Name)
    spec = described(
        "open_app",
        "Open an application by its name, as it stands on the desktop's menu.",
        adapter,
        Annotations("Open an application", destructive=False, open_world=True),
    )

    def prepare(arguments: Mapping[str, Any], screen: Screen, grid: int) -> Request:
        return Request(OpenApp(checked(spec, adapter, arguments).name))

    return Tool(spec, prepare)


def desktop_tools(desktop: Windows) -> tuple[Tool, ...]:
    """Return the tools that a desktop with windows has beside ``computer_use``."""
    return open_app(), focus_window(), list_windows(desktop)
