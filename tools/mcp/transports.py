"""How clients reach the server: standard input and output, or HTTP on this computer alone.

Responsible for what stands before the protocol: the bearer token, Host and Origin, the size of a
body, numbers used twice, and noticing that a client has vanished. Runs until its client leaves or
it is told to end.
"""

from __future__ import annotations

import hmac
import json
import logging
import secrets
import socket
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import anyio
import uvicorn
from mcp.server.stdio import stdio_server
from mcp.server.transport_security import TransportSecuritySettings

from environments.errors import ConfigError
from tools.mcp.calling import GONE, Service
from tools.mcp.server import server_for

HOST = "127.0.0.1"
PATH = "/mcp"
MOST_BODY_BYTES = 1 << 20
MOST_SESSIONS, IDLE_S = 64, 30 * 60.0
MOST_CONNECTIONS = 512
CLOSING_S = 2
Scope = MutableMapping[str, Any]


async def serve_stdio(service: Service, over: anyio.Event) -> None:
    """Serve the one client that started this program, until it closes our standard input.

    When ``over`` is set, it is served no more; the thread that reads goes on waiting for input.
    """
    server = server_for(service)

    async def serve() -> None:
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())
        over.set()

    async with anyio.create_task_group() as group:
        group.start_soon(serve)
        await over.wait()
        group.cancel_scope.cancel()


@dataclass(frozen=True, slots=True, eq=False)
class Port:
    """A port of this computer that is ours, and the token that opens it."""

    listener: socket.socket
    token: str

    @property
    def number(self) -> int:
        """Its number."""
        return int(self.listener.getsockname()[1])

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"http://{HOST}:{self.number}{PATH}"


def taken_port(number: int) -> Port:
    """Take a port on the loopback address, any free one for 0, with a new token.

    Raises:
        ConfigError: it cannot be had.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, number))
        listener.listen()  # Whoever reads the address may connect at once, and waits.
    except (OSError, OverflowError) as error:
        listener.close()
        raise ConfigError(f"The port {number} cannot be used ({error}); name another.") from error
    return Port(listener, secrets.token_urlsafe(32))


async def serve_http(service: Service, port: Port, over: anyio.Event) -> None:
    """Serve every client that knows the token, until ``over`` is set."""
    # A client that vanishes in the middle of a body is told there with a traceback.
    logging.getLogger("mcp.server.streamable_http").setLevel(logging.CRITICAL)
    names = [f"{name}:{port.number}" for name in (HOST, "localhost")]
    app = server_for(service).streamable_http_app(
        streamable_http_path=PATH,
        max_request_body_size=MOST_BODY_BYTES,
        session_idle_timeout=IDLE_S,
        max_sessions=MOST_SESSIONS,
        transport_security=TransportSecuritySettings(
            allowed_hosts=names, allowed_origins=[f"http://{name}" for name in names]
        ),
    )
    config = uvicorn.Config(
        _Guarded(app, port.token, service),
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_graceful_shutdown=CLOSING_S,
    )
    server = uvicorn.Server(config)

    async def end() -> None:
        await over.wait()
        server.should_exit = True

    async with anyio.create_task_group() as group:
        group.start_soon(end)
        await server.serve([port.listener])
        group.cancel_scope.cancel()


class _Guarded:
    """Lets through who has the token, and notices who vanishes."""

    def __init__(self, app: Callable[..., Any], token: str, service: Service) -> None:
        self._app, self._service = app, service
        self._expected = f"Bearer {token}".encode()
        self._going_on: set[tuple[str, str]] = set()
        """Sessions and numbers of the requests that are not answered yet."""

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if not hmac.compare_digest(headers.get(b"authorization", b""), self._expected):
            await _refuse(send)
            return
        session = headers.get(b"mcp-session-id", b"").decode("latin-1")
        begun = await _body(receive) if scope["method"] == "POST" else []
        number = _number_in(begun) if session else ""
        if number and (session, number) in self._going_on:
            told = f"The request {number:.60} goes on already; give every request its own id."
            await _tell(send, 400, told)
            return
        with self._counted(session, number):
            await self._pass_on(scope, begun, receive, send)
        # A client listens all the time, or says goodbye: either way it has left now.
        if scope["method"] in ("GET", "DELETE"):
            await self._service.door.left(f"client {session}")

    @contextmanager
    def _counted(self, session: str, number: str) -> Iterator[None]:
        self._going_on.add((session, number))
        try:
            yield
        finally:
            self._going_on.discard((session, number))

    async def _pass_on(self, scope: Scope, begun: list[Any], receive: Any, send: Any) -> None:
        gone = anyio.Event()

        async def heard() -> Any:
            message = begun.pop(0) if begun else await receive()
            if message["type"] == "http.disconnect":
                gone.set()
            return message

        scope[GONE] = gone
        await self._app(scope, heard, send)


async def _body(receive: Any) -> list[Any]:
    """Return the messages of a body: all of it, or more than may be taken."""
    messages: list[Any] = []
    size = 0
    while size <= MOST_BODY_BYTES:
        messages.append(await receive())
        size += len(messages[-1].get("body", b""))
        if not messages[-1].get("more_body"):
            break
    return messages


def _number_in(messages: list[Any]) -> str:
    """Return the number of a request, empty where there is none."""
    with suppress(ValueError, RecursionError):
        said = json.loads(b"".join(message.get("body", b"") for message in messages))
        if isinstance(said, dict) and "method" in said and isinstance(said.get("id"), int | str):
            return str(said["id"])  # As the transport does, to which 1 and "1" are the same.
    return ""


async def _refuse(send: Any) -> None:
    told = "Send the token that deskhand mcp printed when it started: Authorization: Bearer TOKEN"
    await _tell(send, 401, told, (b"www-authenticate", b"Bearer"))


async def _tell(send: Any, status: int, text: str, *more: tuple[bytes, bytes]) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})
