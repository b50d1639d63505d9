"""An adb server of our own, on a free port, that knows no device but those it is told of.

Responsible for one process and its folder, and that neither remains. For the practice phone and
for tests: a person's phones are on the server that everybody shares (``adb``).
"""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path

from environments.android.adb import adb_program
from environments.base import Stop
from environments.errors import ConfigError

_READY_S = 20.0
_POLL_S = 0.02
_ENDING_S = 5.0
_PORTS = range(5555, 5586)
"""Where the server would look for emulators by itself."""


class OwnAdbServer:
    """A running server; ends with ``close``."""

    def __init__(self, stop: Stop) -> None:
        """Start it; it answers when this returns.

        Raises:
            Stopped: a stop was asked for meanwhile.
            ConfigError: there is no adb, or it does not start; the text holds its last words.
        """
        with ExitStack() as undo:
            folder = undo.enter_context(tempfile.TemporaryDirectory(prefix="deskhand-adb-"))
            self.port = _free_port()
            log = undo.enter_context((Path(folder) / "log").open("wb+"))
            self._process = _started(self.port, Path(folder), log.fileno())
            undo.callback(self._end)
            if not self._answers(stop):
                log.seek(0)
                words = log.read().decode(errors="replace").strip().splitlines()
                raise ConfigError(
                    f"The adb server does not start: {words[-1] if words else 'it says nothing'}."
                )
            self._closing = undo.pop_all()

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    def close(self) -> None:
        """End the process and remove its folder; may be called twice."""
        self._closing.close()

    def _answers(self, stop: Stop) -> bool:
        until = time.monotonic() + _READY_S
        while self._process.poll() is None and time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1.0):
                return True
            stop.wait(_POLL_S)
        return False

    def _end(self) -> None:
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_ENDING_S)
            return
        self._process.kill()
        self._process.wait()


def _started(port: int, folder: Path, log: int) -> subprocess.Popen[bytes]:
    command = [adb_program(), "-L", f"tcp:localhost:{port}", "--one-device", "none"]
    environ = {
        **os.environ,
        "HOME": str(folder),
        "ANDROID_USER_HOME": str(folder),
        "TMPDIR": str(folder),
        "ADB_LOCAL_TRANSPORT_MAX_PORT": str(_PORTS[0] - 2),
        "ADB_MDNS_AUTO_CONNECT": "",
    }
    try:
        return subprocess.Popen(
            [*command, "server", "nodaemon"],
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    except OSError as cause:
        raise ConfigError(f"adb cannot be run: {cause}.") from cause


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        # Where it would be taken for an emulator by other servers.
        return port if port not in _PORTS else _free_port()
