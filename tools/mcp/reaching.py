"""How another MCP server is reached: through a program's pipes, or at an address.

Responsible for an end to what it may send before it is asked again, which the SDK's own transports
do not have, and for the end of a program. What is said stands elsewhere.
"""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING

import anyio
import httpx2
import mcp_types as types
from anyio.abc import ByteReceiveStream, ByteSendStream, Process
from anyio.streams.buffered import BufferedByteReceiveStream
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.client.stdio import get_default_environment
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.message import SessionMessage

from environments.quoting import on_one_line
from tools.mcp.configuration import JoinedServer

if TYPE_CHECKING:
    from mcp.client._transport import TransportStreams

MOST_BYTES = 16 << 20
"""A large answer with pictures; whoever sends more is not listened to."""

_LEAST_BYTES = 4 << 10
"""For which even the smallest message counts: reading many is what takes time."""

SILENT_S = 60.0
_PATIENCE_S = 2.0
_LOOK_EVERY_S = 0.01
_TAIL = 2_000
_GONE = (anyio.EndOfStream, anyio.ClosedResourceError, anyio.BrokenResourceError, OSError)
Incoming = SessionMessage | Exception


class TooMuchError(httpx2.StreamError):
    """A server sends more than anybody asked for."""

    def __init__(self) -> None:
        super().__init__(f"it sent more than {MOST_BYTES >> 20} MB")


class Allowance:
    """How much a server may still send, until it is asked again."""

    def __init__(self) -> None:
        """Begin with all of it."""
        self.renew()

    def renew(self) -> None:
        """Ask again."""
        self._left = MOST_BYTES

    @property
    def is_spent(self) -> bool:
        """Whether more came than there was room for."""
        return self._left < 0

    def take(self, size: int, messages: int = 1) -> None:
        """Count what came.

        Raises:
            TooMuchError: it was too much.
        """
        self._left -= max(size, messages * _LEAST_BYTES)
        if self.is_spent:
            raise TooMuchError


class Tail:
    """The end of what a program writes about itself."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._text = b""

    async def hear(self, stream: ByteReceiveStream) -> None:
        """Listen until it ends."""
        with suppress(*_GONE):
            async for chunk in stream:
                self._text = (self._text + chunk)[-_TAIL:]

    def words(self) -> str:
        """Return its last line as a sentence, empty if there is none."""
        lines = self._text.decode("utf-8", "replace").split("\n")
        said = [line for line in map(on_one_line, lines) if line]
        return f" It says: {said[-1][:200]!r}." if said else ""


@asynccontextmanager
async def reached(
    server: JoinedServer, allowance: Allowance, tail: Tail
) -> AsyncIterator[TransportStreams]:
    """Start a program or connect to an address, and return the streams of messages.

    Raises:
        OSError: the program cannot be started.
        TooMuchError: it sends too much; the streams are closed.
    """
    async with AsyncExitStack() as opened:
        way = _address(server, allowance) if server.url else _program(server, allowance, tail)
        yield await opened.enter_async_context(way)


@asynccontextmanager
async def _address(server: JoinedServer, allowance: Allowance) -> AsyncIterator[TransportStreams]:
    assert server.url is not None

    async def count(response: httpx2.Response) -> None:
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        is_packed = response.headers.get("content-encoding", "identity") != "identity"
        response.stream = _Counted(response.stream, allowance, is_packed)

    headers = {"Accept-Encoding": "identity", **server.headers}
    hooks = {"response": [count]}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=SILENT_S, event_hooks=hooks) as client,
        streamable_http_client(server.url, http_client=client) as streams,
    ):
        yield streams


class _Counted(httpx2.AsyncByteStream):
    """The body of an answer, counted while it comes."""

    def __init__(self, body: httpx2.AsyncByteStream, allowance: Allowance, packed: bool) -> None:
        self._body, self._allowance, self._packed = body, allowance, packed

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._packed:  # Nobody asked for it, and what it unpacks to is not known before.
            raise httpx2.StreamError("its answer is packed")
        async for chunk in self._body:
            # Messages of a stream of events are parted by an empty line.
            self._allowance.take(len(chunk), chunk.count(b"\n\n") + chunk.count(b"\r\n\r\n"))
            yield chunk

    async def aclose(self) -> None:
        await self._body.aclose()


@asynccontextmanager
async def _program(
    server: JoinedServer, allowance: Allowance, tail: Tail
) -> AsyncIterator[TransportStreams]:
    with anyio.CancelScope(shield=True):  # Else it could start and belong to nobody.
        process = await anyio.open_process(
            [server.command or "", *server.args],
            env=get_default_environment() | dict(server.env),
            cwd=server.cwd,
            start_new_session=True,  # So that all that it starts can be ended with it.
        )
    stdin, stdout, stderr = process.stdin, process.stdout, process.stderr
    assert stdin is not None
    assert stdout is not None
    assert stderr is not None
    said, heard = anyio.create_memory_object_stream[Incoming](0)
    told, telling = anyio.create_memory_object_stream[SessionMessage](0)
    async with said, heard, told, telling, anyio.create_task_group() as group:
        group.start_soon(_listen, stdout, said, allowance)
        group.start_soon(_tell, telling, stdin, said)
        group.start_soon(tail.hear, stderr)
        try:
            yield heard, told
        finally:
            with anyio.CancelScope(shield=True):
                heard.close()
                await _ended(process, stdin)
                _hang_up(process)
            group.cancel_scope.cancel()


def _hang_up(process: Process) -> None:
    """Close what is left of its pipes: another process may hold their other ends for ever."""
    transport = getattr(getattr(process, "_process", None), "_transport", None)
    if transport is not None:  # asyncio's; nothing public leads to it.
        transport.close()


async def _listen(
    stdout: ByteReceiveStream, said: MemoryObjectSendStream[Incoming], allowance: Allowance
) -> None:
    """Hand on one message a line, until the program ends or nobody listens any more."""
    lines = BufferedByteReceiveStream(stdout)
    try:
        async with said:
            while True:
                line = await lines.receive_until(b"\n", MOST_BYTES)
                allowance.take(len(line))
                await said.send(_message(line))
    except anyio.DelimiterNotFound:
        allowance.take(MOST_BYTES + 1)
    except (*_GONE, anyio.IncompleteRead):
        with suppress(*_GONE):  # A program that goes on writing is to notice its end all the same.
            async for _ in stdout:
                pass


def _message(line: bytes) -> Incoming:
    try:
        return SessionMessage(types.jsonrpc_message_adapter.validate_json(line, by_name=False))
    except ValueError as error:
        return error


async def _tell(
    telling: MemoryObjectReceiveStream[SessionMessage],
    stdin: ByteSendStream,
    said: MemoryObjectSendStream[Incoming],
) -> None:
    try:
        async for one in telling:
            text = one.message.model_dump_json(by_alias=True, exclude_unset=True)
            await stdin.send(text.encode() + b"\n")
    except _GONE:
        said.close()  # Else whoever waits for an answer would wait for ever.


async def _ended(process: Process, stdin: ByteSendStream) -> None:
    """Close its input, which asks it to go; then end it and all that it has started."""
    with suppress(*_GONE):
        await stdin.aclose()
    for sign in (None, signal.SIGTERM, signal.SIGKILL):
        if sign is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, sign)
        with anyio.move_on_after(_PATIENCE_S):
            while process.returncode is None:  # Its own ``wait`` waits for its pipes too.
                await anyio.sleep(_LOOK_EVERY_S)
            return
