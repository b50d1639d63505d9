"""The windows of an X display: which there are, one brought to the front, one seen alone.

Responsible for what the window manager tells and takes (EWMH, Extended Window Manager Hints 1.5,
specifications.freedesktop.org/wm-spec). Clicks nothing and starts no program.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from environments.desktop.monitors import WholeView
from environments.desktop.x11 import window_title
from environments.errors import ConfigError, DeviceDisconnectedError, ToolError
from environments.geometry import ImagePoint, Screen
from environments.quoting import on_one_line, quoted, shortened

FRONT_S = 2.0
"""A window manager that has not brought a window to the front after so long will not."""

_MOST_TOLD = 30
_FROM_A_PAGER = 2  # EWMH: the request comes from a person's tool and not from the window itself.
_SKIPPED = ("_NET_WM_WINDOW_TYPE_DESKTOP", "_NET_WM_WINDOW_TYPE_DOCK")


@dataclass(frozen=True, slots=True)
class Window:
    """One window as its manager knows it; the place is that of its frame, in root pixels."""

    number: int
    title: str
    application: str
    at: ImagePoint
    width_px: int
    height_px: int
    pid: int | None = None
    is_active: bool = False
    is_hidden: bool = False

    def words(self) -> str:
        """Return one line about it for a model or a person."""
        state = " (in front)" if self.is_active else " (minimized)" if self.is_hidden else ""
        title = quoted(self.title) if on_one_line(self.title) else "a window without a title"
        return f"{title} of {shortened(self.application) or 'an unnamed program'}{state}"


def list_windows(connection: Any) -> tuple[Window, ...]:
    """Return the windows that a person could switch to, the topmost first; empty without a manager.

    What closes while it is asked about is left out.
    """
    numbers = _numbers(connection, "_NET_CLIENT_LIST_STACKING")
    numbers = numbers or _numbers(connection, "_NET_CLIENT_LIST")
    active = _active(connection)
    found = (_described(connection, number, active) for number in reversed(numbers))
    return tuple(window for window in found if window is not None)


def front_window(connection: Any) -> Window | None:
    """Return the window in front, None where none is or no manager tells."""
    active = _active(connection)
    return _described(connection, active, active) if active else None


def window_named(windows: Sequence[Window], wanted: str) -> Window:
    """Return the window whose title or program is meant; the topmost where several fit.

    Raises:
        ToolError: none fits; the text lists the windows.
    """
    # Titles are compared as they are told: on one line, and a long one by its beginning.
    asked = on_one_line(wanted).removesuffix("...").casefold()
    tests: tuple[Callable[[Window], bool], ...] = (
        lambda window: asked == on_one_line(window.title).casefold(),
        lambda window: asked == on_one_line(window.application).casefold(),
        lambda window: asked in on_one_line(window.title).casefold(),
        lambda window: asked in on_one_line(window.application).casefold(),
    )
    for test in tests if asked else ():
        for window in windows:
            if test(window):
                return window
    near = get_close_matches(wanted, [shortened(window.title) for window in windows], n=1)
    hint = f" Did you mean {quoted(near[0])}?" if near else ""
    known = ", ".join(window.words() for window in windows[:_MOST_TOLD]) or "none"
    raise ToolError(f"There is no window {wanted!r:.80}.{hint} Open windows: {known}.")


def bring_to_front(connection: Any, window: Window) -> None:
    """Activate a window and wait until it is in front.

    Raises:
        ToolError: the window manager did not do it.
    """
    from Xlib import X
    from Xlib.protocol.event import ClientMessage

    root = connection.screen().root
    heard = root.get_attributes().your_event_mask
    root.change_attributes(event_mask=heard | X.PropertyChangeMask)
    try:
        root.send_event(
            ClientMessage(
                window=connection.create_resource_object("window", window.number),
                client_type=connection.intern_atom("_NET_ACTIVE_WINDOW"),
                data=(32, [_FROM_A_PAGER, X.CurrentTime, 0, 0, 0]),
            ),
            event_mask=X.SubstructureRedirectMask | X.SubstructureNotifyMask,
        )
        arrived = _until_active(connection, window.number)
    finally:
        root.change_attributes(event_mask=heard)
        connection.sync()
    if not arrived:
        raise ToolError(
            f"The window {window.title!r:.80} did not come to the front. "
            "Click on it, or close the dialog that holds the keyboard."
        )


class WindowView:
    """One window of an X display, brought to the front once and followed when it moves."""

    def __init__(self, connection: Any, wanted: str) -> None:
        """Choose a window by its title or program.

        Raises:
            ConfigError: there is none; the text lists the windows.
        """
        try:
            self._window = window_named(list_windows(connection), wanted)
            bring_to_front(connection, self._window)
        except ToolError as error:
            raise ConfigError(str(error)) from error
        self._connection = connection
        self._whole = WholeView(connection)

    def screen(self) -> Screen:
        """Return the part of the window that lies on the display.

        Raises:
            DeviceDisconnectedError: it was closed, or lies outside the display.
        """
        number = self._window.number
        now = _described(self._connection, number, None)
        if now is None or number not in _numbers(self._connection, "_NET_CLIENT_LIST"):
            raise DeviceDisconnectedError(
                f"The window {self._window.title!r:.80} was closed. Open it and start again."
            )
        try:
            return self._whole.screen().crop(now.at, now.width_px, now.height_px)
        except ToolError as cause:
            raise DeviceDisconnectedError(
                f"The window {self._window.title!r:.80} lies outside the display. "
                "Move it back and start again."
            ) from cause


def _until_active(connection: Any, number: int) -> bool:
    deadline = time.monotonic() + FRONT_S
    while _active(connection) != number:
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            return False
        if not connection.pending_events():
            select.select([connection], [], [], left_s)
        while connection.pending_events():
            connection.next_event()
    return True


def _numbers(connection: Any, name: str) -> list[int]:
    return _values(connection, connection.screen().root, name)


def _active(connection: Any) -> int | None:
    return next(iter(_numbers(connection, "_NET_ACTIVE_WINDOW")), None)


def _values(connection: Any, window: Any, name: str) -> list[int]:
    from Xlib import X

    found = window.get_full_property(connection.intern_atom(name), X.AnyPropertyType)
    return [int(value) for value in found.value] if found is not None else []


def _described(connection: Any, number: int, active: int | None) -> Window | None:
    from Xlib import error

    window = connection.create_resource_object("window", number)
    try:
        types = _values(connection, window, "_NET_WM_WINDOW_TYPE")
        if any(connection.get_atom_name(kind) in _SKIPPED for kind in types):
            return None
        at, width, height = _frame(connection, window)
        states = [connection.get_atom_name(s) for s in _values(connection, window, "_NET_WM_STATE")]
        return Window(
            number=number,
            title=window_title(connection, window) or "",
            application=(window.get_wm_class() or ("", ""))[1],
            at=at,
            width_px=width,
            height_px=height,
            pid=next(iter(_values(connection, window, "_NET_WM_PID")), None),
            is_active=number == active,
            is_hidden="_NET_WM_STATE_HIDDEN" in states,
        )
    except (error.BadWindow, error.BadDrawable):
        return None


def _frame(connection: Any, window: Any) -> tuple[ImagePoint, int, int]:
    """Return place and size of a window as it is seen: with its title bar, without its shadow."""
    shape = window.get_geometry()
    inside = connection.screen().root.translate_coords(window, 0, 0)
    drawn = _sides(connection, window, "_NET_FRAME_EXTENTS")
    shadow = _sides(connection, window, "_GTK_FRAME_EXTENTS")  # Where a program draws its own bar.
    left, right, top, bottom = (d - s for d, s in zip(drawn, shadow, strict=True))
    at = ImagePoint(inside.x - left, inside.y - top)
    return at, shape.width + left + right, shape.height + top + bottom


def _sides(connection: Any, window: Any, name: str) -> tuple[int, ...]:
    return tuple((_values(connection, window, name) + [0] * 4)[:4])
