"""Can this session be seen and driven?

Responsible for refusing honestly, with a cure, before anything starts. Opens no environment.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from environments.desktop.x11 import ANSWER_S, DisplayAddress, connect, greet, hang_up
from environments.errors import DeviceDisconnectedError


def session_problem(
    environ: Mapping[str, str] = os.environ, patience_s: float = ANSWER_S
) -> str | None:
    """Return why the person's display cannot be used, with the cure; None if it can.

    A Wayland session is refused although XWayland answers: its root window is black or stale.
    """
    if _is_wayland(environ):
        return (
            "This is a Wayland session, which shows other windows to no program. "
            "Log in to an X11 (Xorg) session, or use --on virtual."
        )
    name = environ.get("DISPLAY", "")
    if not name:
        return (
            "There is no display: DISPLAY is not set. "
            "Start Deskhand inside a desktop session, or use --on virtual."
        )
    return _unreachable(DisplayAddress(name, environ.get("XAUTHORITY")), patience_s)


def _is_wayland(environ: Mapping[str, str]) -> bool:
    kind = environ.get("XDG_SESSION_TYPE", "").lower()
    return kind == "wayland" or (kind != "x11" and bool(environ.get("WAYLAND_DISPLAY")))


def _unreachable(address: DisplayAddress, patience_s: float) -> str | None:
    try:
        greet(address, patience_s)
        hang_up(connect(address))
    except DeviceDisconnectedError as error:
        return str(error)
    return None
