"""What a person does beside pointing and typing: open an application, go to a window.

Responsible for doing both on one X display and for waiting until it can be seen. Knows no model and
no settling; entries are read in ``apps``, the window manager is asked in ``windows``.
"""

from __future__ import annotations

import os
import select
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from environments.base import Stop
from environments.desktop.apps import app_named, entry_folders, installed_apps
from environments.desktop.windows import Window, bring_to_front, list_windows, window_named
from environments.errors import ConfigError, ToolError

OPEN_S = 20.0
"""A first start of a large program on a slow machine; then the model is told and may wait."""

_LISTEN_S = 0.05
Launch = Callable[[Sequence[str], Path | None], object]


@runtime_checkable
class Windowed(Protocol):
    """An environment with windows and applications: it takes ``OpenApp`` and ``FocusWindow``."""

    def windows(self) -> tuple[Window, ...]:
        """Return the windows, the topmost first.

        Raises:
            DeviceDisconnectedError: the display has gone.
        """
        ...


class Desk:
    """The applications and windows of one X display."""

    def __init__(self, connection: Any, stop: Stop, launch: Launch) -> None:
        self._connection = connection
        self._stop = stop
        self.launch = launch

    def windows(self) -> tuple[Window, ...]:
        """Return the windows, the topmost first."""
        return list_windows(self._connection)

    def focus(self, wanted: str) -> None:
        """Bring the window with this title, or of this program, to the front.

        Raises:
            ToolError: there is none, or the window manager does not bring it.
        """
        bring_to_front(self._connection, window_named(self.windows(), wanted))

    def open(self, wanted: str) -> None:
        """Start an application by its name, and wait until a window comes to the front.

        Raises:
            ToolError: there is none of that name, it does not start, or it shows no window.
            Stopped: a stop was asked for while waiting.
        """
        app = app_named(installed_apps(entry_folders()), wanted)
        before = _front(self.windows())
        try:
            self.launch(app.argv, app.folder)
        except (ConfigError, OSError) as cause:
            raise ToolError(f"{app.name} cannot be started: {cause}") from cause
        if not self._shows_another(before):
            raise ToolError(
                f"{app.name} was started, but no window came to the front in {OPEN_S:g} s. "
                "Wait and look again, or list the windows."
            )

    def _shows_another(self, before: int | None) -> bool:
        from Xlib import X

        root = self._connection.screen().root
        root.change_attributes(event_mask=X.PropertyChangeMask)
        deadline = time.monotonic() + OPEN_S
        while _front(self.windows()) in (before, None):
            self._stop.check()
            if time.monotonic() > deadline:
                return False
            select.select([self._connection], [], [], _LISTEN_S)
            while self._connection.pending_events():
                self._connection.next_event()
        return True


def launch_for_the_person(argv: Sequence[str], folder: Path | None) -> None:
    """Start a program in the person's own session, where it stays when Deskhand has ended.

    Raises:
        OSError: it cannot be started.
    """
    # Through a shell that ends at once, so the program is not ours to wait for.
    subprocess.run(
        ["/bin/sh", "-c", '"$@" </dev/null >/dev/null 2>&1 &', "sh", *argv],
        cwd=folder,
        env=dict(os.environ),
        start_new_session=True,
        check=True,
    )


def _front(windows: Sequence[Window]) -> int | None:
    return next((window.number for window in windows if window.is_active), None)
