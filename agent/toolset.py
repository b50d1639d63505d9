"""Which tools belong to a screen.

Responsible for the choice by the kind of environment and by what a model knows. The tools
themselves stand in ``tools``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from environments.base import Environment, Kind, kind_of
from environments.several import SeveralScreens

if TYPE_CHECKING:
    from tools.schema import Tool

MAIN: Mapping[Kind, str] = {"desktop": "computer_use", "phone": "mobile_use"}
"""The tool that each kind of screen is mainly used with."""


def tools_for(environment: Environment, grid: int, *, is_small: bool) -> tuple[Tool, ...]:
    """Return what a model may ask for on this screen.

    Args:
        environment: the screen, or several.
        grid: largest coordinate of the model's profile.
        is_small: the model is the embedded checkpoint, which knows one tool for each kind.
    """
    if isinstance(environment, SeveralScreens):
        return _for_several(environment, grid, is_small)
    return _for_one(environment, kind_of(environment), grid, is_small)


def spoken_kind(environment: Environment) -> Kind:
    """Return the kind by which the profile is chosen; several screens are spoken of as desktops."""
    return "desktop" if isinstance(environment, SeveralScreens) else kind_of(environment)


def _for_one(environment: Environment, kind: Kind, grid: int, is_small: bool) -> tuple[Tool, ...]:
    from environments.desktop.desk import Windowed
    from tools.apps import HasApps, desktop_tools, list_apps
    from tools.computer_use import computer_use
    from tools.gestures import gesture
    from tools.mobile_use import mobile_use
    from tools.touch_gestures import touch_gesture

    main = computer_use() if kind == "desktop" else mobile_use(grid)
    if is_small:
        return (main,)
    if kind == "phone":
        apps = (list_apps(environment),) if isinstance(environment, HasApps) else ()
        return main, touch_gesture(), *apps
    windows = environment if isinstance(environment, Windowed) else None
    return main, gesture(), *(desktop_tools(windows) if windows else ())


def _for_several(screens: SeveralScreens, grid: int, is_small: bool) -> tuple[Tool, ...]:
    """Return the main tools of all kinds, each bound to its screens, and the one that switches.

    Tools that ask one desktop in particular (its windows) stay out: they name no screen.
    """
    from tools.computer_use import computer_use
    from tools.gestures import gesture
    from tools.mobile_use import mobile_use
    from tools.screens import on_its_screen, switch_screen
    from tools.touch_gestures import touch_gesture

    of_kind: Mapping[Kind, tuple[Tool, ...]] = {
        "desktop": (computer_use(), gesture()),
        "phone": (mobile_use(grid), touch_gesture()),
    }
    kinds = dict.fromkeys(screens.kinds().values())
    bound = [
        on_its_screen(tool, kind, screens)
        for kind in kinds
        for tool in of_kind[kind][: 1 if is_small else None]
    ]
    return (*bound, switch_screen(screens, MAIN))
