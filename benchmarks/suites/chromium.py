"""Chromium as an instrument: started for a measurement and asked over the DevTools protocol.

Responsible for the program and for the talk with it, over a pair of pipes: no port, no socket. What
is looked at, and what to make of the answers, is the caller's.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from benchmarks.suites.running import group_lives
from environments.base import Stop
from environments.errors import CaptureError, ConfigError

_PATIENCE_S = 60.0
_LOOK_S = 0.01
_LEAVING_S = 5.0
_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--password-store=basic",
    "--test-type",
    "--remote-debugging-pipe",
)
_LOST = {
    "Inspector.targetCrashed": "The page has crashed: the process that Chromium had for it ended.",
    "Target.detachedFromTarget": "The page was closed.",
}
"""What Chromium tells of a page that answers no more, and what is to be said of it."""
_ON_3_AND_4 = (
    "import fcntl, os, sys\n"
    "far = [fcntl.fcntl(int(each), fcntl.F_DUPFD, 10) for each in sys.argv[1:3]]\n"
    "os.dup2(far[0], 3); os.dup2(far[1], 4); os.execvp(sys.argv[3], sys.argv[3:])"
)
"""The protocol wants its pipes as descriptors 3 and 4."""


class DevTools:
    """The DevTools protocol over a pair of pipes.

    Attributes:
        events: what Chromium has told unasked since the list was emptied last, oldest first.
    """

    def __init__(self, to: int, back: int) -> None:
        """Speak over two file descriptors, which are closed by ``close``."""
        self.events: list[Mapping[str, Any]] = []
        self._to = os.fdopen(to, "wb", buffering=0)
        self._back = os.fdopen(back, "rb", buffering=0)
        self._read, self._number = bytearray(), 0
        self._session = self._lost = self._asked = ""

    def attach(self, stop: Stop) -> None:
        """Find the page and speak to it from here on.

        Raises:
            CaptureError: there is none.
        """
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            targets = self.ask("Target.getTargets")["targetInfos"]
            pages = [each["targetId"] for each in targets if each["type"] == "page"]
            if pages:
                asked = self.ask("Target.attachToTarget", targetId=pages[0], flatten=True)
                self._session = asked["sessionId"]
                self.ask("Inspector.enable")
                return
            stop.wait(_LOOK_S)
        raise CaptureError(f"Chromium showed no page within {_PATIENCE_S:g} s; start again.")

    def ask(self, method: str, **params: Any) -> Any:
        """Return what a method of the protocol answers.

        Raises:
            CaptureError: Chromium refuses it, or has ended, or the page is gone.
        """
        return self.answer(self.send(method, **params))

    def send(self, method: str, **params: Any) -> int:
        """Ask without waiting, and return the number of the question for ``answer``.

        Raises:
            CaptureError: Chromium has ended, or the page is gone.
        """
        if self._lost:
            raise CaptureError(self._lost)
        self._number, self._asked = self._number + 1, method
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        try:
            self._to.write(json.dumps(message).encode() + b"\0")
        except OSError as error:
            raise _ended() from error
        return self._number

    def answer(self, number: int) -> Any:
        """Return what is answered to the question that was sent last.

        Raises:
            CaptureError: Chromium refuses it, or has ended, or the page is gone.
        """
        while (answer := self._next()).get("id") != number:
            self.events.append(answer)
        if "error" in answer:
            raise CaptureError(f"Chromium refused {self._asked}: {answer['error'].get('message')}")
        return answer["result"]

    def evaluate(self, script: str) -> Any:
        """Return the value of a script's last expression in the page; a promise is waited for.

        Raises:
            CaptureError: the script failed.
        """
        answer = self.ask(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in answer:
            raise CaptureError(f"A script failed in the page: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait_for(self, event: str, **params: Any) -> None:
        """Return when Chromium has told of an event, with these values among its parameters.

        Raises:
            CaptureError: it or the page has ended, or it says nothing at all for a minute.
        """
        while not any(_tells(each, event, params) for each in self.events):
            self.events.append(self._next())

    def close(self) -> None:
        """Hang up."""
        self._to.close()
        self._back.close()

    def _next(self) -> Any:
        while (end := self._read.find(b"\0")) < 0:
            if not select.select([self._back], [], [], _PATIENCE_S)[0]:
                raise CaptureError(f"Chromium said nothing for {_PATIENCE_S:g} s; start again.")
            piece = self._back.read(1 << 20)
            if not piece:
                raise _ended()
            self._read += piece
        message = json.loads(bytes(self._read[:end]))
        del self._read[: end + 1]
        if message.get("method") in _LOST and self._session in _sessions(message):
            self._lost = f"{_LOST[message['method']]} Start again."
            raise CaptureError(self._lost)
        return message


def _sessions(message: Mapping[str, Any]) -> tuple[object, object]:
    """Return of which pages a message may tell: the one it comes from, or one it names."""
    return message.get("sessionId"), message["params"].get("sessionId")


def _tells(message: Mapping[str, Any], event: str, params: Mapping[str, Any]) -> bool:
    return message.get("method") == event and params.items() <= message["params"].items()


def _ended() -> CaptureError:
    return CaptureError("Chromium has ended; start the measurement again.")


def _end_all(group: int) -> None:
    """End a browser with its helpers, which else still write into the profile for a moment."""
    deadline = time.monotonic() + _LEAVING_S
    while group_lives(group) and time.monotonic() < deadline:
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
        Stop().wait(_LOOK_S)  # Also when a person stops: nothing may be left.


@contextmanager
def browser(
    folder: Path, variables: Mapping[str, str], options: Sequence[str], stop: Stop
) -> Iterator[DevTools]:
    """Run Chromium with a profile in a folder, where all it writes goes, and talk to its page.

    Raises:
        ConfigError: it is not installed.
    """
    if shutil.which("chromium") is None:
        raise ConfigError("chromium is not installed: apt-get install chromium")
    hears, to = os.pipe()
    back, says = os.pipe()
    command = [sys.executable, "-c", _ON_3_AND_4, str(hears), str(says), "chromium", *_OPTIONS]
    command += [f"--user-data-dir={folder / 'profile'}", *options]
    silent, there = subprocess.DEVNULL, {**variables, "TMPDIR": str(folder)}
    with subprocess.Popen(
        command, env=there, stdin=silent, stdout=silent, stderr=silent,
        pass_fds=(hears, says), start_new_session=True,
    ) as process:  # fmt: skip
        os.close(hears)
        os.close(says)
        tools = DevTools(to, back)
        try:
            tools.attach(stop)
            yield tools
        finally:
            tools.close()
            _end_all(process.pid)
