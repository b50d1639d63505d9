"""Opening the desktop of the system that we run on.

Responsible for putting the real parts of Windows and macOS together. Imports them only then.
"""

from __future__ import annotations

import platform
import sys
from pathlib import Path

from environments.base import Environment, Stop
from environments.desktop.guest import Guest
from environments.desktop.panic import stop_key_of
from environments.platforms.environment import NativeDesktop
from environments.platforms.machine import Machine

NATIVE = ("Windows", "Darwin")
"""Names of the systems, as ``platform.system`` has them, whose desktop is opened here."""


def open_native(argument: str, stop: Stop) -> Environment:
    """Open the person's own desktop; ``argument`` names a monitor, empty is the primary one.

    Raises:
        ConfigError: a permission is missing, or there is no such monitor; the text says what to do.
    """
    return NativeDesktop(this_machine(), Guest(stop, stop_key_of()), argument)


def this_machine() -> Machine:
    """Return the machine that we run on, one of ``NATIVE``."""
    from environments.platforms.eyes import MssEyes, by_macos, by_windows
    from environments.platforms.hands import PynputHands

    binary = str(Path(sys.executable).resolve())
    if platform.system() == "Windows":
        from environments.platforms.win32 import Win32
        from environments.platforms.windows import SECURE, Windows

        return Windows(
            Win32(), PynputHands(utf16=True), lambda: MssEyes(by_windows, SECURE), binary
        )
    from environments.platforms.macos import MacOS
    from environments.platforms.quartz import Quartz

    return MacOS(
        Quartz(), PynputHands, lambda: MssEyes(by_macos, "Look at deskhand doctor."), binary
    )
