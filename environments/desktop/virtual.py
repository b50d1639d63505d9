"""A display of our own, so that the person's mouse is never touched.

Responsible for starting Xvfb, a window manager and a session of its own, for keeping others out
with a cookie, for starting programs there, and for removing all of it again. Draws nothing and
presses nothing.
"""

from __future__ import annotations

import os
import secrets
import select
import shutil
import socket
import struct
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from environments.desktop.companion import Companion
from environments.desktop.keeper import Keeper
from environments.desktop.session_bus import (
    has_session_bus,
    own_folders,
    start_session_bus,
    without_session,
)
from environments.desktop.x11 import DisplayAddress, connect
from environments.errors import ConfigError

_FAMILY_LOCAL = 256  # Xauth(7): the address is a host name.
_READY_S = 10.0
_X11_ONLY = {
    "XDG_SESSION_TYPE": "x11",
    "GDK_BACKEND": "x11",
    "QT_QPA_PLATFORM": "xcb",
    "SDL_VIDEODRIVER": "x11",
}
_USUAL_DPI = 96
_CURSOR_PX = 24


def scale_variables(scale: float) -> dict[str, str]:
    """Return what makes the toolkits draw everything larger; nothing for 1.

    GTK 3 takes whole factors for windows and any factor for text (GDK_SCALE, GDK_DPI_SCALE), so at
    1.5 its text grows and its pictures do not; Qt takes any (QT_SCALE_FACTOR); LibreOffice without
    GTK takes dots per inch.
    """
    if scale == 1:
        return {}
    whole = int(scale)
    return {
        "GDK_SCALE": str(whole),
        "GDK_DPI_SCALE": f"{scale / whole:g}",
        "QT_SCALE_FACTOR": f"{scale:g}",
        "SAL_FORCEDPI": str(round(_USUAL_DPI * scale)),
        "XCURSOR_SIZE": str(round(_CURSOR_PX * scale)),
    }


class VirtualDisplay:
    """An X display in memory; ends with ``close()``, with the block, or with this process."""

    def __init__(
        self, width: int, height: int, window_manager: bool = True, scale: float = 1.0
    ) -> None:
        """Start it on a free number; returns when programs can be shown on it.

        With a window manager it is a desktop, with a session bus (where dbus-daemon is installed)
        and settings folders of its own. ``scale`` is how much larger programs draw.

        Raises:
            ConfigError: Xvfb or openbox is missing, or the display does not start.
        """
        _require("Xvfb", "xvfb")
        if window_manager:
            _require("openbox", "openbox")
        self._folder = tempfile.TemporaryDirectory(prefix="deskhand-display-")
        self._companions: list[Companion] = []
        self._keeper: Keeper | None = None
        # Without a session of its own a program must not start one that nobody ends.
        self._session = {"DBUS_SESSION_BUS_ADDRESS": "disabled:"} | scale_variables(scale)
        with ExitStack() as unfinished:
            unfinished.callback(self.close)
            self.address = self._start_server(width, height, scale)
            if window_manager:
                self._session |= own_folders(Path(self._folder.name))
                self._start_window_manager()
                self._start_session_bus()
            unfinished.pop_all()

    def env(self) -> dict[str, str]:
        """Return the environment for a program that is to show its windows here."""
        kept = without_session(os.environ)
        kept.pop("WAYLAND_DISPLAY", None)
        return kept | _X11_ONLY | self._session | self.address.variables()

    def start(self, argv: Sequence[str], folder: Path | None = None) -> int:
        """Start a program here and return its number; it ends with the display at the latest.

        Raises:
            ConfigError: it cannot be started.
        """
        return self._kept().start(argv, self.env(), folder)

    def close(self) -> None:
        """End what was started, newest first, and wait for it; may be called twice."""
        if self._keeper is not None:
            self._keeper.close()
        while self._companions:
            self._companions.pop().close()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _start_server(self, width: int, height: int, scale: float) -> DisplayAddress:
        cookie = self._write_cookie()
        command = ["Xvfb", "-displayfd", "1", "-screen", "0", f"{width}x{height}x24"]
        command += ["-auth", cookie, "-nolisten", "tcp", "-noreset"]
        command += ["-dpi", str(round(_USUAL_DPI * scale))]
        server = self._start(command, dict(os.environ))
        number = server.first_line()
        if not number:
            raise ConfigError(f"The virtual display did not start: {self._last_words()}")
        return DisplayAddress(f":{number}", cookie)

    def _start_window_manager(self) -> None:
        connection = connect(self.address)
        try:
            announcement = _Announcement(connection)
            # With empty settings folders: a person's habits must not change what a run sees.
            self._start(["openbox"], self.env())
            if not announcement.arrived_within(_READY_S):
                raise ConfigError(f"The window manager did not start: {self._last_words()}")
        finally:
            connection.close()

    def _start_session_bus(self) -> None:
        if has_session_bus():
            self._session |= start_session_bus(self._kept(), Path(self._folder.name), self.env())

    def _kept(self) -> Keeper:
        if self._keeper is None:
            self._keeper = Keeper(Path(self._folder.name, "programs.log"))
        return self._keeper

    def _start(self, command: list[str], env: dict[str, str]) -> Companion:
        companion = Companion(command, env, Path(self._folder.name))
        self._companions.append(companion)
        return companion

    def _write_cookie(self) -> str:
        # One record of Xauthority, Xau(3); an empty display number matches any.
        fields = (
            socket.gethostname().encode(),
            b"",
            b"MIT-MAGIC-COOKIE-1",
            secrets.token_bytes(16),
        )
        record = b"".join(struct.pack(">H", len(field)) + field for field in fields)
        path = Path(self._folder.name, "Xauthority")
        path.touch(mode=0o600)
        path.write_bytes(struct.pack(">H", _FAMILY_LOCAL) + record)
        return str(path)

    def _last_words(self) -> str:
        lines = Path(self._folder.name, "log").read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing. Run Xvfb by hand to see why."


class _Announcement:
    """A window manager says that it runs by a property of the root window (EWMH)."""

    def __init__(self, connection: Any) -> None:
        from Xlib import X

        self._connection = connection
        self._atom = connection.intern_atom("_NET_SUPPORTING_WM_CHECK")
        self._root = connection.screen().root
        self._root.change_attributes(event_mask=X.PropertyChangeMask)
        connection.sync()

    def arrived_within(self, timeout_s: float) -> bool:
        """Wait for it, at most so long."""
        from Xlib import X

        deadline = time.monotonic() + timeout_s
        while self._root.get_full_property(self._atom, X.AnyPropertyType) is None:
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                return False
            if not self._connection.pending_events():
                select.select([self._connection], [], [], left_s)
            while self._connection.pending_events():
                self._connection.next_event()
        return True


def _require(program: str, package: str) -> None:
    if shutil.which(program) is None:
        raise ConfigError(
            f"{program} is missing. Install the Debian package {package} "
            f"(sudo apt-get install {package}), or use --on practice:in-process."
        )
