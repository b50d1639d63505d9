"""A D-Bus connection that never waits without limit.

Responsible for connecting and for what a question to a bus can end with. Asks nothing itself.
"""

from __future__ import annotations

from typing import Any


def open_bus(address: str, limit_s: float) -> Any:
    """Connect and say hello, which jeepney's own function would wait for without limit.

    Raises:
        OSError and others of ``failures``: nobody answers there in time.
    """
    from jeepney.bus import get_bus
    from jeepney.io.blocking import DBusConnection, prep_socket

    class Bus(DBusConnection):  # type: ignore[misc]
        def send_and_get_reply(self, message: Any, *, timeout: float | None = None) -> Any:
            limit = limit_s if timeout is None else timeout
            return super().send_and_get_reply(message, timeout=limit)

    door = prep_socket(get_bus(address), timeout=limit_s)
    try:
        return Bus(door)
    except BaseException:
        door.close()
        raise


def failures() -> tuple[type[Exception], ...]:
    """Return what a foreign program, a bus or a message of another form can end a question with."""
    from jeepney.wrappers import DBusErrorResponse

    return OSError, ValueError, LookupError, TypeError, EOFError, DBusErrorResponse
