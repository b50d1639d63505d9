"""Monitors: which there are, and which of them is seen.

Responsible for the rule of each platform by which a monitor's pixels and the pointer's positions
belong together, for reading the monitors of an X display (RandR 1.5), and for the one that a person
asked for. Grabs nothing. Windows are in ``windows``.

    X11       one root picture; pointer positions are its pixels, none is negative
    Windows   with per-monitor DPI awareness, pixels of the virtual screen; the primary monitor
              begins at (0, 0), so others may be negative; the scale factor moves nothing
    macOS     points from the top left of the primary monitor; a Retina monitor has two pixels to
              a point, and each monitor has its own number

Sources: xrandrproto.txt (RRGetMonitors); "The Virtual Screen" and "High DPI Desktop Application
Development on Windows" at learn.microsoft.com; Quartz Display Services (CGDisplayBounds,
CGDisplayModeGetPixelWidth) at developer.apple.com.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Protocol

from environments.errors import ConfigError, DeviceDisconnectedError, ToolError
from environments.geometry import ImagePoint, InputPoint, Screen


@dataclass(frozen=True, slots=True)
class Monitor:
    """One monitor: its name, where its picture comes from, and whether it is the primary one."""

    name: str
    screen: Screen
    is_primary: bool = False

    def words(self) -> str:
        """Return name, size and place for a person."""
        screen, at = self.screen, self.screen.to_input(ImagePoint(0, 0))
        scale = f", scale {screen.scale:g}" if screen.scale != 1 else ""
        return f"{self.name} ({screen.width_px}x{screen.height_px} at {at.x},{at.y}{scale})"


def x11_monitor(
    name: str, origin: tuple[int, int], size_px: tuple[int, int], is_primary: bool = False
) -> Monitor:
    """Return a monitor of an X display: pointer positions are pixels of the root picture."""
    # The root's picture is the picture; a monitor is a part of it, so nothing is ever rounded.
    screen = Screen(*size_px, offset=ImagePoint(*origin))
    return Monitor(name, screen, is_primary)


def windows_monitor(
    name: str, corners: tuple[int, int, int, int], is_primary: bool = False
) -> Monitor:
    """Return a monitor of Windows from left, top, right, bottom (MONITORINFO.rcMonitor)."""
    left, top, right, bottom = corners
    return Monitor(name, Screen(right - left, bottom - top, InputPoint(left, top)), is_primary)


def macos_monitor(
    name: str, bounds: tuple[float, float, float, float], width_px: int, is_primary: bool = False
) -> Monitor:
    """Return a monitor of macOS from its bounds (x, y, width, height in points) and its pixels."""
    x, y, width, height = bounds
    scale = width_px / width
    screen = Screen(width_px, round(height * scale), InputPoint(round(x), round(y)), scale)
    return Monitor(name, screen, is_primary)


def monitor_at(monitors: Sequence[Monitor], point: InputPoint) -> Monitor | None:
    """Return the monitor under a pointer position, None between monitors."""
    for monitor in monitors:
        pixel, screen = monitor.screen.from_input(point), monitor.screen
        if 0 <= pixel.x < screen.width_px and 0 <= pixel.y < screen.height_px:
            return monitor
    return None


def primary(monitors: Sequence[Monitor]) -> Monitor:
    """Return the primary monitor; where none says that it is, the first one."""
    return next((monitor for monitor in monitors if monitor.is_primary), monitors[0])


def monitor_named(monitors: Sequence[Monitor], wanted: str) -> Monitor:
    """Return the monitor of a name or a number from 1 on; the primary one for an empty text.

    Raises:
        ConfigError: there is none; the text lists those that there are.
    """
    if not wanted:
        return primary(monitors)
    for monitor in monitors:
        if monitor.name.casefold() == wanted.casefold():
            return monitor
    if wanted.isdecimal() and 1 <= int(wanted) <= len(monitors):
        return monitors[int(wanted) - 1]
    near = get_close_matches(wanted, [monitor.name for monitor in monitors], n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    known = "; ".join(f"{number} {m.words()}" for number, m in enumerate(monitors, 1))
    raise ConfigError(f"There is no monitor {wanted!r:.60}.{hint} There are: {known}.")


def x_monitors(connection: Any) -> tuple[Monitor, ...]:
    """Return the monitors of an X display, from left to right; one for the root without RandR."""
    screen = connection.screen()
    whole = x11_monitor("screen", (0, 0), _root_size(screen), is_primary=True)
    if not connection.has_extension("RANDR"):
        return (whole,)
    version = connection.xrandr_query_version()
    if (version.major_version, version.minor_version) < (1, 5):
        return (whole,)
    found = [_from_randr(connection, info) for info in screen.root.xrandr_get_monitors().monitors]
    return tuple(sorted(filter(None, found), key=_place)) or (whole,)


def _from_randr(connection: Any, info: Any) -> Monitor | None:
    size = info.width_in_pixels, info.height_in_pixels
    if not all(size):  # An output that is switched off.
        return None
    name = connection.get_atom_name(info.name)
    return x11_monitor(name, (info.x, info.y), size, bool(info.primary))


def _root_size(screen: Any) -> tuple[int, int]:
    shape = screen.root.get_geometry()  # What the greeting said is not true any more after RandR.
    return shape.width, shape.height


def _place(monitor: Monitor) -> tuple[int, int]:
    return monitor.screen.offset.x, monitor.screen.offset.y


class View(Protocol):
    """The part of a display that is seen: a monitor, a window, or all of it."""

    def screen(self) -> Screen:
        """Return where the picture comes from now.

        Raises:
            DeviceDisconnectedError: what was seen is not there any more.
        """
        ...


class WholeView:
    """All of an X display, whatever monitors it has."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def screen(self) -> Screen:
        """Return the root."""
        return Screen(*_root_size(self._connection.screen()))


class MonitorView:
    """One monitor of an X display, followed when it moves or changes its size."""

    def __init__(self, connection: Any, wanted: str) -> None:
        """Choose one, as ``monitor_named`` does.

        Raises:
            ConfigError: there is none.
        """
        self._connection = connection
        self.name = monitor_named(x_monitors(connection), wanted).name

    def screen(self) -> Screen:
        """Return where the monitor is now."""
        monitors = x_monitors(self._connection)
        for monitor in monitors:
            if monitor.name == self.name:
                return _on_root(self._connection, monitor)
        raise unplugged(self.name, monitors)


def unplugged(name: str, monitors: Sequence[Monitor]) -> DeviceDisconnectedError:
    """Return the error for a monitor that is not among those that are left."""
    left = "; ".join(monitor.words() for monitor in monitors)
    return DeviceDisconnectedError(
        f"The monitor {name} was unplugged or switched off. There are: {left}. "
        "Plug it in again, or name another with --on desktop:MONITOR."
    )


def _on_root(connection: Any, monitor: Monitor) -> Screen:
    # For a moment of a change, a monitor may still be listed where the root has ended.
    whole, screen = Screen(*_root_size(connection.screen())), monitor.screen
    try:
        return whole.crop(screen.offset, screen.width_px, screen.height_px)
    except ToolError as cause:
        raise DeviceDisconnectedError(
            f"The monitor {monitor.name} lies outside the display. "
            "Wait until the monitors are set up, then start again."
        ) from cause
