"""What the contract is checked on: an environment, and a witness of what reached its screen."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Protocol

from environments.base import Environment, Stop
from environments.desktop.environment import DesktopEnvironment
from environments.desktop.virtual import VirtualDisplay
from environments.desktop.x11 import connect

Event = tuple[Any, ...]

_BUTTON_BITS = 0x1F00


class Subject(Protocol):
    """An environment under test.

    Events are ("move", x, y), ("press" | "release", button, x, y), ("wheel", direction, x, y),
    ("down" | "up", key) and ("text", character), in the order in which they arrived.
    """

    environment: Environment

    def happened(self) -> list[Event]:
        """Return what arrived since the last question."""
        ...

    def held(self) -> int:
        """Return how many keys and buttons are down now."""
        ...

    def close(self) -> None: ...


class XSubject:
    """The desktop environment on an X display, witnessed by a program that has the focus."""

    def __init__(self, display: VirtualDisplay, stop: Stop, *options: str) -> None:
        self._listener = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.suites.targets.listener", *options],
            env=display.env(),
            cwd=Path(__file__).parents[2],
            stdout=subprocess.PIPE,
            text=True,
        )
        self._connection = connect(display.address)
        kind, window = self._read()
        assert kind == "ready"
        self._window = self._connection.create_resource_object("window", window)
        self.environment: Environment = DesktopEnvironment(display.address, stop)

    def happened(self) -> list[Event]:
        from Xlib.protocol.event import ClientMessage

        mark = self._connection.intern_atom("DESKHAND_MARK")
        self._window.send_event(
            ClientMessage(window=self._window, client_type=mark, data=(32, [0] * 5))
        )
        self._connection.flush()
        events = []
        while (event := self._read()) != ("mark",):
            events.append(event)
        return events

    def held(self) -> int:
        keys: int = sum(byte.bit_count() for byte in self._connection.query_keymap())
        pointer = self._connection.screen().root.query_pointer()
        return keys + int(pointer.mask & _BUTTON_BITS).bit_count()

    def close(self) -> None:
        self.environment.close()
        self._connection.close()
        self._listener.terminate()
        self._listener.wait()
        assert self._listener.stdout is not None
        self._listener.stdout.close()

    def _read(self) -> Event:
        assert self._listener.stdout is not None
        return tuple(json.loads(self._listener.stdout.readline()))
