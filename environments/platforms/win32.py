"""What Windows is asked, through ctypes.

Responsible for one function call each and for no decision. Names and numbers are those of the
Windows SDK (winuser.h, winnt.h); nothing here has been run on Windows yet (docs/platforms.md).
"""

from __future__ import annotations

import ctypes
from typing import Any

_PER_MONITOR_AWARE_V2 = -4  # DPI_AWARENESS_CONTEXT_PER_MONITOR_AWARE_V2, Windows 10 1703.
_PER_MONITOR_AWARE = 2  # PROCESS_PER_MONITOR_DPI_AWARE and DPI_AWARENESS_PER_MONITOR_AWARE.
_DESKTOP_READOBJECTS = 0x0001
_ROOT = 2  # GA_ROOT
_QUERY_LIMITED = 0x1000  # PROCESS_QUERY_LIMITED_INFORMATION
_TOKEN_QUERY = 0x0008
_TOKEN_INTEGRITY = 25  # TokenIntegrityLevel
_LONGEST_TITLE = 512


class Win32:
    """The questions of ``windows.WindowsCalls``."""

    def __init__(self) -> None:
        load: Any = vars(ctypes)["WinDLL"]  # Only Windows has it.
        self._user, self._kernel = load("user32"), load("kernel32")
        self._advapi, self._shcore = load("advapi32"), load("shcore")
        for function in (
            self._user.GetForegroundWindow,
            self._user.WindowFromPoint,
            self._user.GetAncestor,
            self._user.OpenInputDesktop,
            self._user.GetThreadDpiAwarenessContext,
            self._kernel.OpenProcess,
            self._kernel.GetCurrentProcess,
            self._advapi.GetSidSubAuthority,
            self._advapi.GetSidSubAuthorityCount,
        ):
            function.restype = ctypes.c_void_p  # Handles and pointers have 64 bits.

    def become_dpi_aware(self) -> None:
        """Ask for awareness, in the newest way that this Windows has."""
        context = ctypes.c_void_p(_PER_MONITOR_AWARE_V2)
        try:
            if self._user.SetProcessDpiAwarenessContext(context):
                return
        except AttributeError:  # Before Windows 10 1703.
            pass
        # Refused where it was set before, by a manifest or an earlier call; asked for below.
        self._shcore.SetProcessDpiAwareness(_PER_MONITOR_AWARE)

    def is_dpi_aware(self) -> bool:
        """Ask what this thread is taken for."""
        context = ctypes.c_void_p(self._user.GetThreadDpiAwarenessContext())
        return int(self._user.GetAwarenessFromDpiAwarenessContext(context)) == _PER_MONITOR_AWARE

    def has_input_desktop(self) -> bool:
        """Try to open the desktop that takes input."""
        desktop = self._user.OpenInputDesktop(0, False, _DESKTOP_READOBJECTS)
        if desktop:
            self._user.CloseDesktop(ctypes.c_void_p(desktop))
        return bool(desktop)

    def foreground_window(self) -> int:
        """Return the window in front."""
        return int(self._user.GetForegroundWindow() or 0)

    def window_at(self, x: int, y: int) -> int:
        """Return the top-level window under a position."""
        point = ctypes.c_longlong((y & 0xFFFFFFFF) << 32 | (x & 0xFFFFFFFF))  # POINT by value
        window = self._user.WindowFromPoint(point)
        return int(self._user.GetAncestor(ctypes.c_void_p(window), _ROOT) or 0) if window else 0

    def title(self, window: int) -> str:
        """Return a window's title."""
        text = ctypes.create_unicode_buffer(_LONGEST_TITLE)
        self._user.GetWindowTextW(ctypes.c_void_p(window), text, _LONGEST_TITLE)
        return text.value

    def integrity_of(self, window: int | None) -> int | None:
        """Return the integrity level of a window's process, of our own for None."""
        if window is None:
            return self._integrity(self._kernel.GetCurrentProcess())
        number = ctypes.c_ulong()
        self._user.GetWindowThreadProcessId(ctypes.c_void_p(window), ctypes.byref(number))
        process = self._kernel.OpenProcess(_QUERY_LIMITED, False, number)
        if not process:
            return None
        try:
            return self._integrity(process)
        finally:
            self._kernel.CloseHandle(ctypes.c_void_p(process))

    def _integrity(self, process: int) -> int | None:
        token = ctypes.c_void_p()
        opened = self._advapi.OpenProcessToken(
            ctypes.c_void_p(process), _TOKEN_QUERY, ctypes.byref(token)
        )
        if not opened:
            return None
        try:
            return self._level(token)
        finally:
            self._kernel.CloseHandle(token)

    def _level(self, token: ctypes.c_void_p) -> int | None:
        size = ctypes.c_ulong()
        ask = self._advapi.GetTokenInformation
        ask(token, _TOKEN_INTEGRITY, None, 0, ctypes.byref(size))
        label = ctypes.create_string_buffer(size.value)
        if not ask(token, _TOKEN_INTEGRITY, label, size, ctypes.byref(size)):
            return None
        # TOKEN_MANDATORY_LABEL begins with the SID's address; its last part is the level.
        sid = ctypes.c_void_p.from_buffer(label)
        count = ctypes.c_ubyte.from_address(self._advapi.GetSidSubAuthorityCount(sid)).value
        level = self._advapi.GetSidSubAuthority(sid, count - 1)
        return int(ctypes.c_ulong.from_address(level).value)
