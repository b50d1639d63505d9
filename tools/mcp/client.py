"""Other MCP servers, joined to a run: started with it, asked by it, ended with it.

Responsible for keeping them in one event loop in a thread beside the run, which itself stays
synchronous, and for limits on time: a server that does not start, hangs or dies costs the run an
error for the model and nothing more. What they say is judged in ``foreign``; how they are reached
stands in ``reaching``.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Future, wait
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TypeVar

import anyio
import httpx2
import mcp_types as types
from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp.client.client import Client
from mcp.shared.exceptions import MCPError
from pydantic import TypeAdapter, ValidationError

from environments.base import Stop
from environments.errors import ToolError
from environments.quoting import on_one_line
from tools.mcp.choosing import Key, Offer, chosen
from tools.mcp.configuration import JoinedServer
from tools.mcp.reaching import SILENT_S, Allowance, Tail, TooMuchError, reached
from tools.schema import Tool

START_S = 30.0
"""For all of them together; a program that has to be downloaded first may take so long."""

CALL_S = SILENT_S
CLOSE_S = 8.0
LOOK_EVERY_S = 0.05
MOST_LISTED = 256
"""Tools of one server that are looked at."""

_FAULTS = (
    *(MCPError, ValidationError, OSError, RuntimeError, ExceptionGroup, CancelledError),
    *(httpx2.HTTPError,),
    *(anyio.ClosedResourceError, anyio.BrokenResourceError, anyio.EndOfStream),
)
"""What goes wrong with a server that is not as it should be."""

_RESULT: TypeAdapter[types.CallToolResult | types.InputRequiredResult] = TypeAdapter(
    types.CallToolResult | types.InputRequiredResult
)
T = TypeVar("T")


@contextmanager
def joined(
    servers: Mapping[str, JoinedServer],
    taken: Collection[str],
    stop: Stop,
    tell: Callable[[str], None],
) -> Iterator[tuple[Tool, ...]]:
    """Start servers and return their tools, until the block is left; nothing without servers.

    Args:
        servers: by name.
        taken: names that are ours.
        stop: ends waiting at once.
        tell: hears in a sentence about each server that cannot be used.

    Raises:
        Stopped: a stop was asked for while they started.
    """
    if not servers:
        yield ()
        return
    # The SDK logs what a server says, which is not for a terminal.
    for name in ("mcp", "client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with ExitStack() as opened:
        portal = opened.enter_context(start_blocking_portal())
        known = [_Server(name, server, portal, stop) for name, server in servers.items()]
        opened.callback(_end, known)
        yield chosen(_offered(known, tell), taken, tell)


def _end(servers: Sequence[_Server]) -> None:
    """End all of them at once; whoever is not done in time is cut off."""
    living = [server.end() for server in servers]
    for late in wait(living, CLOSE_S).not_done:
        late.cancel()


def _offered(servers: Sequence[_Server], tell: Callable[[str], None]) -> dict[Key, Offer]:
    """Return what they offer; all have the same time, and one that does not start is told."""
    offered: dict[Key, Offer] = {}
    began_s = time.monotonic()
    for server in servers:
        try:
            for tool in server.tools(began_s):
                call = partial(server.call, tool.name)
                offered.setdefault((server.name, tool.name), (tool, call))
        except ToolError as error:
            tell(f"{error} The run goes on without its tools.")
    return offered


class _Server:
    """One server, from its start to its end; asked from the thread of the run."""

    def __init__(self, name: str, server: JoinedServer, portal: BlockingPortal, stop: Stop) -> None:
        self.name = name
        self._server, self._portal, self._stop = server, portal, stop
        self._client: Client | None = None
        self._started: Future[list[types.Tool]] = Future()
        self._over = anyio.Event()
        self._allowance, self._tail = Allowance(), Tail()
        self._living = portal.start_task_soon(self._live)

    def tools(self, began_s: float) -> list[types.Tool]:
        """Return what it offers, when it has started.

        Raises:
            ToolError: it does not start, or not in time.
            Stopped: a stop was asked for.
        """
        otherwise = f"The MCP server {self.name!r} does not start"
        try:
            return self._waited(self._started, otherwise, START_S, began_s)
        except ToolError as error:
            self._living.cancel()
            raise ToolError(f"{error}{self._tail.words()}") from error

    def call(self, tool: str, arguments: Mapping[str, object]) -> types.CallToolResult:
        """Call one of its tools and wait for the answer.

        Raises:
            ToolError: it has ended, does not answer in time, or what it answers is no answer.
            Stopped: a stop was asked for; it has been told that the call is taken back.
        """
        if self._client is None or self._living.done():
            raise ToolError(f"The MCP server {self.name!r} has ended; go on without its tools.")
        whose = f"{tool} of the MCP server {self.name!r}"
        asked = self._portal.start_task_soon(self._asked, self._client, tool, dict(arguments))
        result = self._waited(asked, f"{whose} failed", CALL_S, time.monotonic())
        if isinstance(result, types.InputRequiredResult):
            raise ToolError(f"{whose} asks for what it cannot have; go on without it.")
        return result

    async def _asked(
        self, client: Client, tool: str, arguments: dict[str, object]
    ) -> types.CallToolResult | types.InputRequiredResult:
        """Call without the SDK's check of the answer, which a server's patterns can make endless.

        Nor is the list of tools read again, whatever the server says: what was offered at the start
        is what stays.
        """
        self._allowance.renew()
        params = types.CallToolRequestParams(name=tool, arguments=arguments)
        return await client.session.send_request(types.CallToolRequest(params=params), _RESULT)

    def end(self) -> Future[None]:
        """Begin to end it, and return what is done when it has ended."""
        if self._client is None:
            self._living.cancel()
        self._portal.start_task_soon(self._over.set)
        return self._living

    def _waited(self, future: Future[T], otherwise: str, limit_s: float, began_s: float) -> T:
        """Return what a future gives; look at the stop while waiting."""
        try:
            while True:
                self._stop.check()
                if wait([future], LOOK_EVERY_S).done:
                    return future.result()
                if time.monotonic() - began_s > limit_s:
                    raise ToolError(f"{otherwise}: no answer within {limit_s:g} s.")
        except _FAULTS as error:
            why = TooMuchError() if self._allowance.is_spent else error
            raise ToolError(f"{otherwise} ({_reason(why)}).") from error
        finally:
            future.cancel()

    async def _live(self) -> None:
        """Keep the connection open until it is over, or lost."""
        try:
            way = reached(self._server, self._allowance, self._tail)
            async with Client(way) as client:
                tools = await _listed(client)
                self._client = client
                self._started.set_result(tools)
                await self._over.wait()
        except BaseException as error:
            if not self._started.done():
                self._started.set_exception(error)
            raise


def _reason(error: BaseException) -> str:
    """Return what went wrong in a line."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return on_one_line(str(error))[:200] or type(error).__name__


async def _listed(client: Client) -> list[types.Tool]:
    """Return the tools of a server, page by page; there is an end to them."""
    found: list[types.Tool] = []
    cursor: str | None = None
    while len(found) < MOST_LISTED:
        page = await client.list_tools(cursor=cursor)
        found += page.tools
        cursor = page.next_cursor
        if cursor is None or not page.tools:
            break
    return found[:MOST_LISTED]
