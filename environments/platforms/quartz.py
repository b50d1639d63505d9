"""What macOS is asked, through pyobjc (which pynput brings along) and IOKit.

Responsible for one function call each and for no decision. Nothing here has been run on macOS yet
(docs/platforms.md). Sources: CGPreflightScreenCaptureAccess (Core Graphics), AXIsProcessTrusted
(Application Services), IOHIDCheckAccess (IOKit), all at developer.apple.com.
"""

from __future__ import annotations

import ctypes
from importlib import import_module

_IOKIT = "/System/Library/Frameworks/IOKit.framework/IOKit"
_LISTEN_EVENT = 1  # kIOHIDRequestTypeListenEvent
_GRANTED = 0  # kIOHIDAccessTypeGranted


class Quartz:
    """The questions of ``macos.MacCalls``."""

    def may_record(self) -> bool:
        """Ask Core Graphics; asks the person for nothing."""
        return bool(import_module("Quartz").CGPreflightScreenCaptureAccess())

    def may_control(self) -> bool:
        """Ask the accessibility service."""
        return bool(import_module("ApplicationServices").AXIsProcessTrusted())

    def may_listen(self) -> bool:
        """Ask IOKit."""
        check = ctypes.CDLL(_IOKIT).IOHIDCheckAccess
        check.restype = ctypes.c_uint32
        return int(check(_LISTEN_EVENT)) == _GRANTED

    def front_application(self) -> str | None:
        """Ask the workspace."""
        application = import_module("AppKit").NSWorkspace.sharedWorkspace().frontmostApplication()
        return str(application.localizedName()) if application else None
