"""Connections to an X display, whichever one DISPLAY names.

Responsible for opening displays by address, for turning a lost connection into our error, and for
the one question asked of the window manager. Sends no input and reads no pixels.
"""

from __future__ import annotations

import os
import re
import socket
import struct
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from environments.errors import DeviceDisconnectedError, InputError

ANSWER_S = 3.0
"""A server that has said nothing for so long hangs, or is not there; over a slow line too."""

_LOCAL = re.compile(r"(?:unix)?:(?P<number>\d{1,9})(\.\d+)?")
_REMOTE = re.compile(r"(?P<host>[^:/]+):(?P<number>\d{1,9})(\.\d+)?")
_FIRST_PORT = 6000
_GREETING = struct.pack("<BxHHHHxx", ord("l"), 11, 0, 0, 0)
"""Asks for a connection without a cookie (X protocol, section 8): a refusal is an answer too."""

_ENVIRONMENT_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class DisplayAddress:
    """Name of an X display (":1") and the file with its cookie; None: where X looks by itself."""

    name: str
    xauthority: str | None = None

    def variables(self) -> dict[str, str]:
        """Return the environment variables that lead a program to this display."""
        found = {"DISPLAY": self.name}
        return found | {"XAUTHORITY": self.xauthority} if self.xauthority else found


@contextmanager
def on_display(address: DisplayAddress) -> Iterator[None]:
    """Let what is imported or connected inside find this display.

    pyautogui, pynput and the cookie lookup of X read the process environment and nothing else, so
    it is changed for the moment of connecting and put back.
    """
    with _ENVIRONMENT_LOCK:
        before = {name: os.environ.get(name) for name in ("DISPLAY", "XAUTHORITY")}
        os.environ.update(address.variables())
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value


def connect(address: DisplayAddress) -> Any:
    """Return a python-xlib connection of its own; the caller closes it.

    Raises:
        DeviceDisconnectedError: no display answers there.
    """
    from Xlib import error

    _knock(address)
    refused = (error.DisplayError, error.ConnectionClosedError, error.XauthError, OSError)
    until = time.monotonic() + ANSWER_S
    while True:
        try:
            return _opened(address)
        except refused as cause:
            _let_go(cause)
            # A server that resets itself drops whoever comes meanwhile.
            if not isinstance(cause, error.ConnectionClosedError) or time.monotonic() > until:
                raise lost(address) from cause


def _let_go(cause: BaseException) -> None:
    """Close what python-xlib left open in the frames of a connection that came to nothing.

    It holds its connection in a circle, so that the socket would stay open until somebody counts.
    """
    error: BaseException | None = cause
    while error is not None:
        for frame, _ in traceback.walk_tb(error.__traceback__):
            held = frame.f_locals.values()
            # Not by getattr: asking a half made connection for what it lacks never ends.
            kept = (getattr(owner, "__dict__", {}).get("socket") for owner in held)
            for one in (*held, *kept):
                if isinstance(one, socket.socket):
                    one.close()
        error = error.__context__
    cause.__traceback__ = None


def _opened(address: DisplayAddress) -> Any:
    from Xlib import display

    with on_display(address):
        return display.Display(address.name)


def hang_up(connection: Any) -> None:
    """Close a connection, also one whose display has gone; may be called twice."""
    from Xlib import error

    with suppress(error.ConnectionClosedError, AttributeError):  # AttributeError: closed before.
        connection.close()


def greet(address: DisplayAddress, patience_s: float = ANSWER_S) -> None:
    """Wait for the first word of a server; one that hangs would be waited for without end.

    Raises:
        DeviceDisconnectedError: nothing is there, or it does not say a word in time.
    """
    until = time.monotonic() + patience_s
    try:
        # A server that resets itself drops whoever comes meanwhile.
        while not _first_word(address, max(until - time.monotonic(), 0.0)):
            if time.monotonic() > until:
                raise lost(address)
    except (OSError, OverflowError) as cause:  # OverflowError: no port has such a number.
        raise lost(address) from cause


def _first_word(address: DisplayAddress, patience_s: float) -> bytes:
    """Return the first byte of a server, none if it hangs up first."""
    local, remote = _LOCAL.fullmatch(address.name), _REMOTE.fullmatch(address.name)
    if local:
        door = _local_door(local["number"], patience_s)
    elif remote:
        place = (remote["host"], _FIRST_PORT + int(remote["number"]))
        door = socket.create_connection(place, patience_s)
    else:
        return b"?"  # A rare spelling; python-xlib knows them all.
    with door, suppress(ConnectionError):
        door.sendall(_GREETING)
        return door.recv(1)
    return b""


def _knock(address: DisplayAddress) -> None:
    # python-xlib would go on to TCP and leave its sockets open, so local displays are tried first.
    local = _LOCAL.fullmatch(address.name)
    if local is None:
        return
    try:
        _local_door(local["number"], ANSWER_S).close()
    except OSError as cause:
        raise lost(address) from cause


def _local_door(number: str, patience_s: float) -> socket.socket:
    door = socket.socket(socket.AF_UNIX)
    door.settimeout(patience_s)
    path = f"/tmp/.X11-unix/X{number}"
    if door.connect_ex(path) == 0 or door.connect_ex(f"\0{path}") == 0:
        return door
    door.close()
    raise OSError(f"nobody listens at {path}")


def lost(address: DisplayAddress) -> DeviceDisconnectedError:
    """Return the error for a display that does not answer."""
    return DeviceDisconnectedError(
        f"The display {address.name} does not answer. "
        "Check that it is running and that you may use it, then start again."
    )


@contextmanager
def reaching(address: DisplayAddress) -> Iterator[None]:
    """Turn the errors of an X connection into ours.

    Raises:
        DeviceDisconnectedError: the connection is gone.
        InputError: the display refused the request.
    """
    from Xlib import error

    try:
        yield
    except (error.ConnectionClosedError, error.DisplayError, OSError) as cause:
        raise lost(address) from cause
    except error.XError as cause:
        raise InputError(f"The display {address.name} refused the input: {cause}") from cause


def foreground_title(connection: Any) -> str | None:
    """Return the title of the active window, None where no window manager tells."""
    from Xlib import X, error

    root = connection.screen().root
    active = root.get_full_property(connection.get_atom("_NET_ACTIVE_WINDOW"), X.AnyPropertyType)
    if active is None or not active.value or not active.value[0]:
        return None
    window = connection.create_resource_object("window", active.value[0])
    try:
        return window_title(connection, window)
    except (error.BadWindow, error.BadDrawable):  # It closed between the two questions.
        return None


def window_title(connection: Any, window: Any) -> str | None:
    """Return the title of a window, None where it has none."""
    from Xlib import X

    for name in ("_NET_WM_NAME", "WM_NAME"):
        title = window.get_full_property(connection.get_atom(name), X.AnyPropertyType)
        if title is not None and title.value:
            value = title.value
            return value if isinstance(value, str) else bytes(value).decode("utf-8", "replace")
    return None
