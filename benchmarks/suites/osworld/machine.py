"""The machine that a task in OSWorld's format is played on: a display and a sandbox.

Responsible for opening both, for waiting until its programs are at rest, and for its windows and
the pages of its browser. The window manager runs inside as well, so that nothing that can be
reached from the screen starts a program outside. Knows no task.
"""

from __future__ import annotations

import os
import time
import weakref
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from benchmarks.suites.osworld.sandbox import Sandbox
from benchmarks.suites.osworld.traces import Traces, files_of, namespace_of
from environments.base import Stop
from environments.desktop.environment import DesktopEnvironment
from environments.desktop.virtual import VirtualDisplay
from environments.desktop.windows import Window, bring_to_front, list_windows
from environments.desktop.x11 import connect, hang_up, reaching
from environments.errors import ConfigError, DeviceError, ToolError

SCREEN_PX = (1920, 1080)
"""The size that the benchmark's results are reported for."""

REST_S = 20.0
WINDOW_S = 60.0
BROWSER = "http://127.0.0.1:9222"
BROWSER_DIRECT = "http://127.0.0.1:1337"
_LOOK_S = 0.1
_SAME_BROWSER = ("Google Chrome", "Chromium")


class _Page(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    type: str
    url: str


_PAGES = TypeAdapter(list[_Page])


class SandboxedDesktop(DesktopEnvironment):
    """A desktop whose programs start inside the sandbox, whoever asks for them."""

    def confine(self, sandbox: Sandbox) -> None:
        """Start in the sandbox from now on."""

        def launch(argv: Sequence[str], folder: Path | None) -> object:
            return sandbox.start(argv)

        self._desk.launch = launch


class Machine:
    """One display with one sandbox; nothing of it remains after ``close``."""

    def __init__(self, stop: Stop, network: bool = False) -> None:
        """Open it, with an empty desktop.

        Raises:
            ConfigError: bubblewrap, Xvfb or openbox is missing, or does not work here.
        """
        self._stop = stop
        self.launched = False
        """Whether a program was started whose window is to be waited for."""
        with ExitStack() as opened:
            display = opened.enter_context(VirtualDisplay(*SCREEN_PX, window_manager=False))
            self.sandbox = Sandbox(display.address, network)
            opened.callback(self.sandbox.close)
            self.environment = SandboxedDesktop(display.address, stop)
            opened.callback(self.environment.close)
            self.environment.confine(self.sandbox)
            self._address = display.address
            # As long as it is held, its number names no other namespace.
            held = os.open(f"/proc/{self.sandbox.pid}/ns/pid", os.O_RDONLY)
            weakref.finalize(self, os.close, held)
            within = namespace_of(self.sandbox.pid)
            self.traces = Traces(within, files_of(display.address.name))
            self._connection = connect(display.address)
            opened.callback(hang_up, self._connection)
            self._manage_windows()
            self._closing = opened.pop_all()

    def close(self) -> None:
        """End everything; may be called twice."""
        self._closing.close()

    def windows(self) -> tuple[Window, ...]:
        """Return the windows, the topmost first."""
        with reaching(self._address):
            return list_windows(self._connection)

    def rest(self, at_most_s: float = REST_S) -> None:
        """Wait until the programs are at rest and the screen stands still, at most so long.

        Raises:
            Stopped: a stop was asked for.
        """
        self.sandbox.rest(at_most_s, self._stop)
        self.environment.observe()

    def begin(self) -> None:
        """Wait until what was started shows a window and is at rest.

        Raises:
            DeviceError: no window came.
        """
        if self.launched and not self._within(WINDOW_S, lambda: bool(self.windows())):
            raise DeviceError(f"No program showed a window within {WINDOW_S:g} s.")
        self.rest()

    def activate(self, name: str, strict: bool = False, by_class: bool = False) -> None:
        """Bring a window to the front as soon as there is one of that name.

        Raises:
            DeviceError: none came, or it did not come to the front.
        """
        found = self._awaited(name, strict, by_class)
        if found.is_active:
            return
        try:
            with reaching(self._address):
                bring_to_front(self._connection, found)
        except ToolError as cause:
            raise DeviceError(str(cause)) from cause

    def close_window(self, name: str, strict: bool = False, by_class: bool = False) -> None:
        """Ask a window to close (EWMH, _NET_CLOSE_WINDOW).

        Raises:
            DeviceError: there is none of that name.
        """
        from Xlib import X
        from Xlib.protocol.event import ClientMessage

        found = self._awaited(name, strict, by_class)
        with reaching(self._address):
            root = self._connection.screen().root
            event = ClientMessage(
                window=self._connection.create_resource_object("window", found.number),
                client_type=self._connection.intern_atom("_NET_CLOSE_WINDOW"),
                data=(32, [X.CurrentTime, 2, 0, 0, 0]),
            )
            mask = X.SubstructureRedirectMask | X.SubstructureNotifyMask
            root.send_event(event, event_mask=mask)
            self._connection.sync()

    def in_front(self, title: str) -> bool:
        """Tell whether a window whose title holds this is in front."""
        return any(window.is_active and title in window.title for window in self.windows())

    def await_front(self, title: str) -> None:
        """Wait until such a window is in front.

        Raises:
            DeviceError: none came.
        """
        if not self._within(WINDOW_S, lambda: self.in_front(title)):
            known = [window.title for window in self.windows()]
            raise DeviceError(f"No window {title!r} came to the front; there are {known}.")

    def pages(self) -> list[dict[str, str]]:
        """Return the browser's pages, the one last used first; empty without a browser.

        Each has its id, title, type and url. What answers nonsense in its place is no browser.
        """
        for base in (BROWSER, BROWSER_DIRECT):
            # Chromium refuses names of hosts other than localhost, which guards against rebinding.
            body = self.sandbox.fetch(f"{base}/json/list")
            with suppress(ValidationError):
                found = _PAGES.validate_json(body or "")
                return [page.model_dump() for page in found if page.type == "page"]
        return []

    def await_browser(self) -> None:
        """Wait until the browser answers.

        Raises:
            DeviceError: it does not.
        """
        if not self._within(WINDOW_S, lambda: bool(self.pages())):
            raise DeviceError(
                f"The browser did not answer within {WINDOW_S:g} s. Does the task start it with "
                "--remote-debugging-port=1337?"
            )

    def open_tab(self, url: str) -> None:
        """Open a page in a tab of its own, in front."""
        self._browser(f"/json/new?{quote(url, safe=':/?&=%#')}", "PUT")

    def close_tab(self, url: str) -> None:
        """Close the pages with this address."""
        for page in self.pages():
            if page["url"].rstrip("/") == url.rstrip("/"):
                self._browser(f"/json/close/{page['id']}", "GET")

    def _browser(self, path: str, method: str) -> None:
        if all(self.sandbox.fetch(f"{b}{path}", method) is None for b in (BROWSER, BROWSER_DIRECT)):
            raise DeviceError(f"The browser did not do {path!r:.80}.")

    def _awaited(self, name: str, strict: bool, by_class: bool) -> Window:
        found: list[Window] = []

        def came() -> bool:
            found[:] = [w for w in self.windows() if fits(w, name, strict, by_class)]
            return bool(found)

        if not self._within(WINDOW_S, came):
            known = [window.title for window in self.windows()]
            raise DeviceError(f"No window {name!r} came within {WINDOW_S:g} s; there are {known}.")
        return found[0]

    def _within(self, seconds: float, came: Any) -> bool:
        deadline = time.monotonic() + seconds
        while not came():
            if time.monotonic() > deadline:
                return False
            self._stop.wait(_LOOK_S)
        return True

    def _manage_windows(self) -> None:
        from Xlib import X

        self.sandbox.start(["openbox"])
        atom = self._connection.intern_atom("_NET_SUPPORTING_WM_CHECK")
        root = self._connection.screen().root
        if not self._within(10.0, lambda: root.get_full_property(atom, X.AnyPropertyType)):
            raise ConfigError("The window manager openbox did not start: apt-get install openbox.")
        self.sandbox.rest(REST_S, self._stop)  # It says that it is there before it hears its keys.


def fits(window: Window, name: str, strict: bool, by_class: bool) -> bool:
    """Tell whether a window is meant; a browser of one make stands for that of the other."""
    own = window.application if by_class else window.title
    for wanted in _spellings(name):
        if own == wanted or (not strict and wanted.casefold() in own.casefold()):
            return True
    return False


def _spellings(name: str) -> list[str]:
    chrome, chromium = _SAME_BROWSER
    return [name, name.replace(chrome, chromium)] if chrome in name else [name]
