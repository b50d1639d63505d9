"""Questions as desktop notifications with buttons.

Responsible for one notification over D-Bus (Desktop Notifications Specification 1.2,
specifications.freedesktop.org/notification-spec), on Linux desktops that show buttons. Elsewhere
this way is not there, and terminal and ``deskhand answer`` remain.
"""

from __future__ import annotations

import html
import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from environments.desktop.dbus import failures, open_bus
from tools.asking import Inquiry

_NAME, _PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
_LIMIT_S = 1.0
_LONGEST = 500
"""Letters; of a longer question a desktop shows a part, and a part is nothing to say yes to."""
_CRITICAL = 2
"""Stays until it is answered or taken back."""


class ByNotification:
    """The notifications of the person's own desktop session."""

    name, calls = "at the notification", True

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        """Find the session's bus in the process environment."""
        self._environ = os.environ if environ is None else environ

    def open(self, inquiry: Inquiry) -> _Shown | None:
        """Show the question; None where no desktop shows buttons, or it needs words for answer."""
        address = self._environ.get("DBUS_SESSION_BUS_ADDRESS")
        if not address or not inquiry.options:
            return None
        bus = None
        try:
            bus = open_bus(address, _LIMIT_S)
            if "actions" in _ask(bus, "GetCapabilities")[0]:
                return _Shown(bus, inquiry)
        except failures():
            pass
        if bus is not None:
            bus.close()
        return None


class _Shown:
    def __init__(self, bus: Any, inquiry: Inquiry) -> None:
        from jeepney import MatchRule, message_bus

        rule = MatchRule(type="signal", interface=_NAME, member="ActionInvoked", path=_PATH)
        bus.send_and_get_reply(message_bus.AddMatch(rule), timeout=_LIMIT_S)
        self._bus, self._options, text = bus, inquiry.options, inquiry.text
        if len(text) > _LONGEST:
            self._options, text = (), f"{text[:_LONGEST]}... Read it all with deskhand answer."
        actions = [word for option in self._options for word in (option, option.capitalize())]
        told = html.escape(text, quote=False)
        hints = {"urgency": ("y", _CRITICAL), "transient": ("b", True)}
        asked = ("Deskhand", 0, "dialog-question", "Deskhand asks", told, actions, hints, 0)
        self._number = _ask(bus, "Notify", "susssasa{sv}i", asked)[0]

    def answer(self) -> str | None:
        """Return the button that was pressed."""
        try:
            signal = self._bus.receive(timeout=0)
        except TimeoutError:
            return None
        except failures():
            return None
        if len(signal.body) == 2 and signal.body[0] == self._number:  # noqa: PLR2004 - id and key
            pressed: str = signal.body[1]
            return pressed if pressed in self._options else None
        return None

    def close(self) -> None:
        """Take it back and hang up; may be called twice."""
        bus, self._bus = self._bus, None
        if bus is None:
            return
        with suppress(*failures()):
            _ask(bus, "CloseNotification", "u", (self._number,))
        bus.close()


def _ask(bus: Any, method: str, signature: str | None = None, body: tuple[Any, ...] = ()) -> Any:
    from jeepney import DBusAddress, new_method_call
    from jeepney.wrappers import unwrap_msg

    message = new_method_call(DBusAddress(_PATH, _NAME, _NAME), method, signature, body)
    return unwrap_msg(bus.send_and_get_reply(message, timeout=_LIMIT_S))
