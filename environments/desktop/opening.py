"""What ``--on desktop`` and ``--on virtual`` open.

Responsible for reading what stands behind the colon: a monitor or a window of the person's desktop,
size and scale of a virtual one. Everything else is the environment's.
"""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from typing import Any

from environments.base import Environment, Stop
from environments.desktop.atspi import AtSpi
from environments.desktop.environment import DesktopEnvironment
from environments.desktop.monitors import MonitorView, View, WholeView
from environments.desktop.session import session_problem
from environments.desktop.virtual import VirtualDisplay
from environments.desktop.windows import WindowView
from environments.desktop.x11 import DisplayAddress
from environments.errors import ConfigError

DEFAULT_SIZE_PX = (1280, 800)
SMALLEST_PX, LARGEST_PX = 64, 8192
SMALLEST_SCALE, LARGEST_SCALE = 1.0, 4.0
_SIDE = re.compile("[0-9]{1,5}")
_SCALE = re.compile(r"[0-9]{1,2}(\.[0-9]{1,4})?")


def open_desktop(argument: str, stop: Stop) -> Environment:
    """Open the person's own display: its primary monitor, or what the argument names.

    Raises:
        ConfigError: the session cannot be driven, or it has no such monitor or window; the text
            says why and what to do.
    """
    from environments.desktop.panic import stop_key_of
    from environments.desktop.shared import SharedDesktop
    from environments.platforms.opening import NATIVE, open_native

    if platform.system() in NATIVE:
        return open_native(argument, stop)
    problem = session_problem()
    if problem:
        raise ConfigError(problem)
    address = DisplayAddress(os.environ["DISPLAY"])
    desktop = SharedDesktop(address, stop, view_of(argument), stop_key_of())
    desktop.see_elements(AtSpi(_session_bus(os.environ)))
    return desktop


def view_of(argument: str) -> Callable[[Any], View]:
    """Return what to see: "all", "window:TITLE", or a monitor; empty is the primary monitor."""
    if argument == "all":
        return WholeView
    kind, colon, title = argument.partition(":")
    if colon and kind == "window":
        return partial(WindowView, wanted=title)
    return partial(MonitorView, wanted=argument)


def open_virtual(argument: str, stop: Stop) -> DesktopEnvironment:
    """Start a display of our own and open it; ``argument`` is WxH, WxH@SCALE, @SCALE or empty.

    Raises:
        ConfigError: it is no size or scale, or Xvfb or openbox is missing.
    """
    size, at, scale = argument.partition("@")
    width, height = parse_size(size)
    with ExitStack() as opened:
        display = VirtualDisplay(width, height, scale=parse_scale(scale) if at else 1.0)
        opened.callback(display.close)
        environment = DesktopEnvironment(display.address, stop)
        environment.own(display)
        environment.see_elements(AtSpi(display.env()["DBUS_SESSION_BUS_ADDRESS"]))
        opened.pop_all()
    return environment


def _session_bus(environ: Mapping[str, str]) -> str:
    """Return where the person's session bus is, which may turn out to be nowhere."""
    usual = f"unix:path={environ.get('XDG_RUNTIME_DIR', '/run/user/0')}/bus"
    return environ.get("DBUS_SESSION_BUS_ADDRESS") or usual


def parse_size(argument: str) -> tuple[int, int]:
    """Return width and height in pixels of "1280x800"; the default for an empty text.

    Raises:
        ConfigError: it is no size.
    """
    if not argument:
        return DEFAULT_SIZE_PX
    width, _, height = argument.lower().partition("x")
    if _SIDE.fullmatch(width) and _SIDE.fullmatch(height):
        size = int(width), int(height)
        if all(SMALLEST_PX <= side <= LARGEST_PX for side in size):
            return size
    raise ConfigError(
        f"{argument!r:.60} is no size of a display: write it like 1280x800 or 1920x1080@2, "
        f"each side from {SMALLEST_PX} to {LARGEST_PX}."
    )


def parse_scale(argument: str) -> float:
    """Return the factor of "1.5".

    Raises:
        ConfigError: it is none.
    """
    if _SCALE.fullmatch(argument):
        scale = float(argument)
        if SMALLEST_SCALE <= scale <= LARGEST_SCALE:
            return scale
    raise ConfigError(
        f"{argument!r:.60} is no scale of a display: write it like 1920x1080@1.5, "
        f"from {SMALLEST_SCALE:g} to {LARGEST_SCALE:g}."
    )
