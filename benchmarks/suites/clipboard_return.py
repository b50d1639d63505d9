"""What becomes of a clipboard when a text is written through it.

Responsible for a clipboard with text, HTML, a picture and files, for comparing it byte for byte
while Deskhand runs, and for what is left of it after the end, with a real clipboard manager and
without one.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.suites.text_programs import SCREEN_PX, mousepad
from benchmarks.suites.text_round_trips import write
from environments.base import Stop
from environments.desktop.clipboard_reading import ClipboardReader
from environments.desktop.environment import DesktopEnvironment
from environments.desktop.virtual import VirtualDisplay
from environments.desktop.x11 import connect, hang_up

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
MANAGER = "xfce4-clipman"
_READY_S = 20.0
_LOOK_S = 0.02
_PICTURE = random.Random(4).randbytes(700_000)
CONTENTS = {
    "UTF8_STRING": "copied: ä 한".encode(),
    "text/html": "<p>copied: <b>ä 한</b></p>".encode(),
    "image/png": b"\x89PNG\r\n\x1a\n" + _PICTURE,
    "text/uri-list": b"file:///tmp/a%20b\r\nfile:///tmp/c\r\n",
}
"""What is copied before; the picture is larger than a request of X, so it goes in pieces."""


def kept(stop: Stop) -> tuple[bool, str]:
    """Write through the clipboard and compare all of it while Deskhand still runs."""
    with VirtualDisplay(*SCREEN_PX) as display, mousepad(display, stop) as field:
        with _copied(display):
            write(field.environment, FAMILY, stop)
            ways = field.environment.written.ways if field.environment.written else ()
            different = _different(display, stop)
            said = _said_at_the_end(field.environment)
        ok = "clipboard" in ways and not different and bool(said)
    names = ", ".join(CONTENTS)
    if different:
        return False, f"clipboard differs afterwards: {', '.join(different)}"
    return ok, f"clipboard equal afterwards ({names}); without a manager its loss is said"


def handed_over(stop: Stop) -> tuple[bool, str]:
    """Write through the clipboard, end Deskhand, and read what the manager kept."""
    if shutil.which(MANAGER) is None:
        return True, f"handing over not measured: {MANAGER} is not installed"
    with VirtualDisplay(*SCREEN_PX) as display, _manager(display, stop):
        with mousepad(display, stop) as field, _copied(display):
            write(field.environment, FAMILY, stop)
            said = _said_at_the_end(field.environment)
        lost = _different(display, stop)
    ok = "UTF8_STRING" not in lost and all(name in said for name in lost)
    held = ", ".join(name for name in CONTENTS if name not in lost)
    told = f"; it said: {said}" if said else ""
    return ok, f"{MANAGER} holds {held or 'nothing'} after the end{told}"


def _said_at_the_end(environment: DesktopEnvironment) -> str:
    environment.close()
    return environment.farewell


def _different(display: VirtualDisplay, stop: Stop) -> list[str]:
    return [name for name, data in CONTENTS.items() if _read(display, stop, name) != data]


def _read(display: VirtualDisplay, stop: Stop, target: str) -> bytes | None:
    connection = connect(display.address)
    try:
        value = ClipboardReader(connection, stop).ask(target)
    finally:
        hang_up(connection)
    return None if value is None else value.data


@contextmanager
def _copied(display: VirtualDisplay) -> Iterator[None]:
    """Let a program of its own hold the contents."""
    with tempfile.TemporaryDirectory(prefix="deskhand-copied-") as folder:
        arguments = []
        for number, (name, data) in enumerate(CONTENTS.items()):
            Path(folder, str(number)).write_bytes(data)
            arguments += [name, str(Path(folder, str(number)))]
        command = [sys.executable, "-m", "benchmarks.suites.targets.clipboard", *arguments]
        with subprocess.Popen(command, env=display.env(), stdout=subprocess.PIPE) as owner:
            assert owner.stdout is not None
            owner.stdout.readline()
            try:
                yield
            finally:
                owner.kill()


@contextmanager
def _manager(display: VirtualDisplay, stop: Stop) -> Iterator[None]:
    silent = subprocess.DEVNULL
    with (
        tempfile.TemporaryDirectory(prefix="deskhand-manager-", ignore_cleanup_errors=True) as home,
        subprocess.Popen(
            [MANAGER], env=display.env() | {"HOME": home}, stdout=silent, stderr=silent
        ) as process,
    ):
        try:
            _wait_for_it(display, stop)
            yield
        finally:
            process.terminate()


def _wait_for_it(display: VirtualDisplay, stop: Stop) -> None:
    connection = connect(display.address)
    try:
        manager = connection.intern_atom("CLIPBOARD_MANAGER")
        deadline = time.monotonic() + _READY_S
        while not connection.get_selection_owner(manager) and time.monotonic() < deadline:
            stop.wait(_LOOK_S)
    finally:
        hang_up(connection)
