"""Real programs that text is written into, and that say what they got.

Responsible for starting them on a display, for emptying their field, and for reading it back in a
way that has nothing to do with how it was written: mousepad's saved file, and the value of
Chromium's text area over the DevTools protocol.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from benchmarks.suites.chromium import DevTools, browser
from environments.actions import Click, PressKeys
from environments.base import Stop
from environments.desktop.environment import DesktopEnvironment
from environments.desktop.virtual import VirtualDisplay
from environments.errors import CaptureError, ConfigError
from environments.geometry import InputPoint

SCREEN_PX = (800, 600)
_PATIENCE_S = 60.0
_SAVED_S = 5.0
_LOOK_S = 0.01
_PAGE = """<!doctype html><meta charset=utf-8><title>Field</title>
<body style="margin:0"><textarea autofocus spellcheck=false autocorrect=off autocapitalize=off
autocomplete=off style="width:100vw;height:100vh;border:0;box-sizing:border-box"></textarea>
<script>document.querySelector('textarea').addEventListener('keydown', event => {
  if (event.key !== 'Tab') return;
  event.preventDefault();
  event.target.setRangeText('\\t', event.target.selectionStart, event.target.selectionEnd, 'end');
});</script>"""


class Field(Protocol):
    """A program with one large text field that has the keyboard."""

    environment: DesktopEnvironment

    def empty(self) -> None:
        """Take everything out of the field."""
        ...

    def content(self, expected: str) -> str:
        """Return what stands in the field, as the program tells it; waits while it differs."""
        ...


class Mousepad:
    """The text editor of Xfce, read from the file that it saves."""

    def __init__(self, environment: DesktopEnvironment, file: Path, stop: Stop) -> None:
        self.environment = environment
        self._file, self._stop = file, stop

    def empty(self) -> None:
        """Select all and delete it, as a person would."""
        for keys in (("ctrl", "a"), ("delete",)):
            self.environment.execute(PressKeys(keys))
        self.environment.observe()

    def content(self, expected: str) -> str:
        """Save the file and read it."""
        self.environment.execute(PressKeys(("ctrl", "s")))
        self.environment.observe()
        return _settled(self._saved, expected, self._stop)

    def _saved(self) -> str:
        return self._file.read_bytes().decode("utf-8", "replace")


class ChromiumField:
    """A text area in Chromium, read by its value."""

    def __init__(self, environment: DesktopEnvironment, page: DevTools, stop: Stop) -> None:
        self.environment = environment
        self._page, self._stop = page, stop

    def empty(self) -> None:
        """Set the field's value to nothing."""
        self._page.evaluate("document.querySelector('textarea').value = ''")
        self.environment.observe()

    def content(self, expected: str) -> str:
        """Ask for the field's value."""
        return _settled(self._value, expected, self._stop)

    def _value(self) -> str:
        return str(self._page.evaluate("document.querySelector('textarea').value"))


@contextmanager
def mousepad(display: VirtualDisplay, stop: Stop) -> Iterator[Mousepad]:
    """Run mousepad with an empty file.

    Raises:
        ConfigError: it is not installed.
    """
    _require("mousepad")
    with _home(display) as (folder, variables):
        file = folder / "text.txt"
        file.touch()
        with _program(["mousepad", str(file)], variables), _opened(display, stop) as environment:
            _in_front(environment, "text.txt", stop)
            yield Mousepad(environment, file, stop)


@contextmanager
def chromium(display: VirtualDisplay, stop: Stop) -> Iterator[ChromiumField]:
    """Run Chromium with a page that is one text area.

    Raises:
        ConfigError: it is not installed.
    """
    with _home(display) as (folder, variables):
        page = folder / "field.html"
        page.write_text(_PAGE, encoding="utf-8")
        options = ("--start-maximized", page.as_uri())
        with (
            browser(folder, variables, options, stop) as tools,
            _opened(display, stop) as environment,
        ):
            _in_front(environment, "Field", stop)
            environment.execute(Click(InputPoint(SCREEN_PX[0] // 2, SCREEN_PX[1] * 2 // 3)))
            environment.observe()
            yield ChromiumField(environment, tools, stop)


PROGRAMS: dict[str, Callable[[VirtualDisplay, Stop], Any]] = {
    "mousepad": mousepad,
    "chromium": chromium,
}


def missing() -> list[str]:
    """Return the Debian packages of the programs that are not installed."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


def _settled(read: Callable[[], str], expected: str, stop: Stop) -> str:
    deadline = time.monotonic() + _SAVED_S
    while (found := read()) != expected and time.monotonic() < deadline:
        stop.wait(_LOOK_S)
    return found


def _in_front(environment: DesktopEnvironment, title: str, stop: Stop) -> None:
    for _ in _attempts(stop, f"No window named {title} came to the front"):
        if title in (environment.observe().foreground or ""):
            return


def _attempts(stop: Stop, failure: str) -> Iterator[None]:
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        yield
        stop.wait(_LOOK_S)
    raise CaptureError(f"{failure} within {_PATIENCE_S:g} s; start the measurement again.")


@contextmanager
def _opened(display: VirtualDisplay, stop: Stop) -> Iterator[DesktopEnvironment]:
    environment = DesktopEnvironment(display.address, stop)
    try:
        yield environment
    finally:
        environment.close()


@contextmanager
def _home(display: VirtualDisplay) -> Iterator[tuple[Path, dict[str, str]]]:
    # Ignored on the way out: Chromium's last processes may still write while it is removed.
    with tempfile.TemporaryDirectory(prefix="deskhand-text-", ignore_cleanup_errors=True) as name:
        own = {"HOME": name, "XDG_CONFIG_HOME": f"{name}/config", "GSETTINGS_BACKEND": "memory"}
        yield Path(name), display.env() | own


@contextmanager
def _program(command: list[str], variables: dict[str, str]) -> Iterator[None]:
    silent = subprocess.DEVNULL
    with subprocess.Popen(
        command, env=variables, stdin=silent, stdout=silent, stderr=silent
    ) as process:
        try:
            yield
        finally:
            process.terminate()


def _require(program: str) -> None:
    if shutil.which(program) is None:
        raise ConfigError(f"{program} is not installed: apt-get install {program}")
