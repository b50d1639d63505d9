"""A machine of its own for one task: bubblewrap with a home that is thrown away.

Responsible for running the programs of a task inside and for ending all of them. What they can see
and reach stands in ``walls``, what they find there in ``home``, how the one program inside is asked
in ``channel``. Whatever happens to us, everything in it ends when our end of the pipe closes. Knows
no task.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from typing import IO, Any

from benchmarks.suites.osworld.channel import Channel
from benchmarks.suites.osworld.home import FOLDERS, HOME, beginnings
from benchmarks.suites.osworld.walls import (
    BIN,
    COOKIE,
    RUN,
    sandbox_problem,
    screen_name,
    walls,
    warden,
)
from environments.base import Stop
from environments.desktop.x11 import DisplayAddress
from environments.errors import ConfigError, DeviceDisconnectedError, DeviceError

COMMAND_S = 120.0
"""What the format's own server gives a command."""

_ANSWER_S = 30.0
_END_S = 30.0
_LOOK_S = 0.05
_QUIET_LOOKS = 6
_Command = tuple[list[str], list[int]]


@dataclass(frozen=True, slots=True)
class Said:
    """What a command left: exit status, output and complaints."""

    code: int
    out: str
    err: str


class EndlessError(DeviceError):
    """A command inside did not come to an end, or said more than anybody reads."""


class Sandbox:
    """One running sandbox; ends with ``close`` or with this process."""

    def __init__(self, display: DisplayAddress, network: bool = False) -> None:
        """Start it; its programs show their windows on ``display``.

        Args:
            display: an X display of ours.
            network: share the machine's network, with all that listens there, instead of an empty
                one of its own. Sockets that only bear a name (X11 and D-Bus of a session) stay out
                of reach.

        Raises:
            ConfigError: bubblewrap is missing, this system does not let it work, or its kernel
                cannot keep such sockets out of reach.
        """
        problem = sandbox_problem(network)
        if problem:
            raise ConfigError(problem)
        screen = screen_name(network)
        self._variables = _variables(screen)
        self._ended = False
        with tempfile.TemporaryFile() as complaints, ExitStack() as unfinished:
            try:
                self._begin(partial(walls, display, screen, network), complaints)
                unfinished.callback(self.close)
                if network:
                    self._ask(do="scope")
                self._furnish()
            except DeviceDisconnectedError as cause:
                raise ConfigError(f"{cause} {_all_of(complaints)}") from cause
            unfinished.pop_all()

    @property
    def pid(self) -> int:
        """Number outside of the first process inside, with which all others end."""
        return self._pid

    def run(
        self, command: str | Sequence[str], *, shell: bool = False, seconds: float = COMMAND_S
    ) -> Said:
        """Run a command to its end inside.

        Raises:
            DeviceError: it cannot be started.
            EndlessError: it takes longer than ``seconds``, or says far too much.
        """
        answer = self._ask(
            seconds + _ANSWER_S, do="run", command=_asked(command), shell=shell, seconds=seconds
        )
        if answer["late"]:
            told = f"{_words(command)!r:.80} did not end within {seconds:g} s, or said too much."
            raise EndlessError(told)
        return Said(answer["code"], answer["out"], answer["err"])

    def start(self, command: str | Sequence[str], *, shell: bool = False) -> int:
        """Start a program inside that goes on by itself; return its number there.

        Raises:
            DeviceError: it cannot be started.
        """
        return int(self._ask(do="start", command=_asked(command), shell=shell)["pid"])

    def put(self, path: str, content: bytes, mode: int = 0o644) -> None:
        """Write a file inside.

        Raises:
            DeviceError: it cannot be written.
        """
        self._ask(do="put", path=path, data=base64.b64encode(content).decode(), mode=mode)

    def get(self, path: str) -> bytes | None:
        """Return a file from inside; None where there is none.

        Raises:
            DeviceError: it cannot be read.
        """
        data = self._ask(do="get", path=path)["data"]
        return None if data is None else base64.b64decode(data)

    def tree(self, path: str) -> dict[str, Any] | None:
        """Return a folder of the inside with all below; None where there is none."""
        found = self._ask(do="tree", path=path)["tree"]
        assert found is None or isinstance(found, dict)
        return found

    def fetch(
        self, url: str, method: str = "GET", headers: Mapping[str, str] | None = None
    ) -> str | None:
        """Return what a server inside answers; None where there is none."""
        told = dict(headers or {})
        body = self._ask(do="fetch", url=url, method=method, headers=told, seconds=5.0)["body"]
        return None if body is None else str(body)

    def rest(self, at_most_s: float, stop: Stop) -> bool:
        """Wait until nothing inside has computed for a while; tell whether that came about.

        This is how the fixed pauses of task files are waited for: by measure.

        Raises:
            Stopped: a stop was asked for.
        """
        deadline = time.monotonic() + at_most_s
        quiet, before = 0, -1
        while time.monotonic() < deadline:
            answer = self._ask(do="load")
            still = not answer["busy"] and 0 <= answer["ticks"] - before <= 1
            quiet, before = (quiet + 1 if still else 0), answer["ticks"]
            if quiet >= _QUIET_LOOKS:
                return True
            stop.wait(_LOOK_S)
        return False

    def close(self) -> None:
        """End everything inside and wait for it; may be called twice.

        Raises:
            DeviceError: something inside does not end even when it is killed.
        """
        self._channel.close()
        if self._ended:
            return
        self._ended = True
        # With the first process of its namespace the kernel kills all others, wherever they hide,
        # and that process is gone only when they are.
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._first, signal.SIGKILL)
        gone = select.select([self._first], [], [], _END_S)[0]
        os.close(self._first)
        if not gone:
            raise DeviceError(f"What ran in the sandbox did not end within {_END_S:g} s.")
        self._process.wait()

    def _begin(self, made: Callable[[ExitStack], _Command], complaints: IO[bytes]) -> None:
        with ExitStack() as kept:
            command, descriptors = made(kept)
            told, tell = os.pipe()
            news = kept.enter_context(os.fdopen(told))
            with os.fdopen(tell, "w"):
                self._process = subprocess.Popen(
                    [*command, "--info-fd", str(tell), *warden()],
                    bufsize=0,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=complaints,
                    env=self._variables,
                    pass_fds=(*descriptors, tell),
                    start_new_session=True,
                )
            self._channel = Channel(self._process.stdin, self._process.stdout)
            found = news.read()
        try:
            self._pid = int(json.loads(found)["child-pid"])
            self._first = os.pidfd_open(self._pid)
        except (ValueError, ProcessLookupError) as cause:
            self._channel.close()
            self._process.wait()
            raise DeviceDisconnectedError("bubblewrap made no sandbox.") from cause

    def _furnish(self) -> None:
        for folder in FOLDERS:
            self.put(f"{HOME}/{folder}/.keep", b"")
            self.run(["rm", f"{HOME}/{folder}/.keep"])
        for path, content in beginnings().items():
            self.put(f"{HOME}/{path}", content)
        if shutil.which("dbus-daemon"):
            bus = self._variables["DBUS_SESSION_BUS_ADDRESS"]
            self.run(["dbus-daemon", "--session", "--fork", f"--address={bus}"])

    def _ask(self, patience_s: float = _ANSWER_S, **wanted: Any) -> dict[str, Any]:
        return self._channel.ask(patience_s, **wanted)


def _variables(screen: str) -> dict[str, str]:
    return {
        "DBUS_SESSION_BUS_ADDRESS": f"unix:path={RUN}/bus"
        if shutil.which("dbus-daemon")
        else "disabled:",
        "DISPLAY": screen,
        "GDK_BACKEND": "x11",
        "GSETTINGS_BACKEND": "keyfile",
        "HOME": HOME,
        "LANG": "C.UTF-8",
        "NO_AT_BRIDGE": "1",
        "PATH": f"{BIN}:/usr/local/bin:/usr/bin:/bin:/usr/games",
        "QT_QPA_PLATFORM": "xcb",
        "SHELL": "/bin/bash",
        "TERM": "xterm-256color",
        "USER": "user",
        "XAUTHORITY": COOKIE,
        "XDG_RUNTIME_DIR": RUN,
        "XDG_SESSION_TYPE": "x11",
    }


def _asked(command: str | Sequence[str]) -> str | list[str]:
    return command if isinstance(command, str) else list(command)


def _words(command: str | Sequence[str]) -> str:
    return command if isinstance(command, str) else " ".join(command)


def _all_of(complaints: IO[bytes]) -> str:
    complaints.seek(0)
    return complaints.read().decode(errors="replace").strip()
