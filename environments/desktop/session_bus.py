"""A D-Bus session of our own, with folders of its own for settings.

Responsible for what programs on a display of ours find as "their" session, so that none of them
talks to the person's: a text editor that runs already would open its window over there. Starts a
bus and names folders; knows no display.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from environments.desktop.keeper import Keeper
from environments.errors import ConfigError

_FOREIGN = (
    "DBUS_SESSION_BUS_ADDRESS",
    "DBUS_SESSION_BUS_PID",
    "DBUS_STARTER_ADDRESS",
    "AT_SPI_BUS_ADDRESS",
    "SESSION_MANAGER",
    "DESKTOP_STARTUP_ID",
    "XDG_SESSION_ID",
    "NO_AT_BRIDGE",
)
"""Variables that lead to the person's own session."""

_FOLDERS: Mapping[str, str] = {
    "XDG_RUNTIME_DIR": "run",
    "XDG_CONFIG_HOME": "config",
    "XDG_CACHE_HOME": "cache",
    "XDG_DATA_HOME": "data",
    "XDG_STATE_HOME": "state",
}
"""XDG Base Directory Specification; all of them go with the display. HOME stays: work is kept."""

_ACCESSIBLE = {"QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1", "ACCESSIBILITY_ENABLED": "1"}
"""Qt and Chromium show their elements without being asked; GTK always does."""


def has_session_bus() -> bool:
    """Tell whether a session bus can be started here."""
    return shutil.which("dbus-daemon") is not None


def own_folders(folder: Path) -> dict[str, str]:
    """Make the folders of a session below ``folder`` and return the variables that name them."""
    variables = {}
    for name, part in _FOLDERS.items():
        place = folder / part
        place.mkdir(mode=0o700, exist_ok=True)
        variables[name] = str(place)
    return variables


def without_session(env: Mapping[str, str]) -> dict[str, str]:
    """Return the variables without those that lead to a person's session."""
    return {name: value for name, value in env.items() if name not in _FOREIGN}


def start_session_bus(keeper: Keeper, folder: Path, env: Mapping[str, str]) -> dict[str, str]:
    """Start a bus that ends with the keeper; return the variables that lead to it.

    Raises:
        ConfigError: dbus-daemon is missing or does not start.
    """
    if not has_session_bus():
        raise ConfigError(
            "dbus-daemon is missing. Install the Debian package dbus-daemon "
            "(sudo apt-get install dbus-daemon)."
        )
    command = ["dbus-daemon", "--session", "--nofork", "--nosyslog", "--print-address=1"]
    address = keeper.start_and_hear([*command, f"--address=unix:path={folder}/run/bus"], env)
    if not address:
        raise ConfigError(f"The session bus did not start; {folder}/programs.log says why.")
    return {"DBUS_SESSION_BUS_ADDRESS": address, **_ACCESSIBLE}
