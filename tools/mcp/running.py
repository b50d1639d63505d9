"""The event loop of the server, in a thread of its own: everything else stays synchronous.

Responsible for starting and ending it. The thread is a daemon: one that waits for standard input
cannot be ended, and must not keep the program from ending.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from functools import partial

import anyio
import anyio.from_thread
import anyio.lowlevel

from tools.mcp.calling import Service
from tools.mcp.transports import CLOSING_S, Port, serve_http, serve_stdio

REST_S = 5.0
"""A call that was stopped is over by then, or is inside something that looks at no stop."""


class Running:
    """A server at work."""

    def __init__(
        self,
        service: Service,
        serve: Callable[[anyio.Event], Awaitable[None]],
        patience_s: float,
    ) -> None:
        """Start it; ``serve`` runs until the event is set, or its client leaves.

        It has ``patience_s`` to say goodbye to its clients.
        """
        self._service, self._serve, self._patience_s = service, serve, patience_s
        self._end: Callable[[], None] | None = None
        self._thread = threading.Thread(target=anyio.run, args=(self._main,), daemon=True)
        self._thread.start()

    def goes_on(self) -> bool:
        """Tell whether it has not ended by itself."""
        return self._thread.is_alive()

    def end(self) -> None:
        """End it and see that no call touches the device any more; the stop has been set."""
        if self._end is not None and self.goes_on():
            self._end()
            self._thread.join(self._patience_s)
        if self._service.door.busy.acquire(timeout=REST_S):
            self._service.door.busy.release()

    async def _main(self) -> None:
        over, token = anyio.Event(), anyio.lowlevel.current_token()

        def end() -> None:
            try:
                anyio.from_thread.run_sync(over.set, token=token)
            except RuntimeError:  # The loop has ended by itself in the meantime.
                return

        self._end = end
        await self._serve(over)


def over_stdio(service: Service) -> Running:
    """Serve the program that started this one."""
    return Running(service, partial(serve_stdio, service), 0.0)


def over_http(service: Service, port: Port) -> Running:
    """Serve whoever knows the token."""
    return Running(service, partial(serve_http, service, port), 2.0 * CLOSING_S)
