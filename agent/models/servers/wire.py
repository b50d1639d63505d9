"""One server over HTTP: questions, and replies that stream.

Responsible for one request at a time, for its time limits, for ending it within milliseconds of a
stop, and for what the faults of a server mean. Tries nothing twice; that is ``patience``'s.

Requests run in an event loop of their own thread, because only so can a wait for the network be
ended at once: the task is cancelled, which closes the connection, which frees the server.
"""

from __future__ import annotations

import asyncio
import json
import queue
import threading
import weakref
from collections.abc import Callable, Coroutine, Generator, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from agent.models.servers.address import Address, Key
from environments.base import Stop

if TYPE_CHECKING:
    import httpx2

AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504, 529})
"""Answers after which the same request may go well (RFC 9110; 529: overloaded)."""

LISTENS_S = 0.02
"""How long a stop may go unheard."""

MOST_BYTES = 16 << 20
"""Longest answer that is read; 40,960 tokens, each in a chunk of its own, are some 12 MB."""

MOST_COMPLAINT = 300
"""Characters of a server's complaint that are passed on."""

KEEPS_ALIVE_S = 4.0
"""Shorter than the five seconds after which uvicorn hangs up, so that no request meets that."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long one request may take, in seconds.

    Attributes:
        connect_s: until somebody answers.
        silence_s: without a byte: a long prompt is read in silence.
        whole_s: from the request to the end of the reply.
    """

    connect_s: float = 10.0
    silence_s: float = 180.0
    whole_s: float = 900.0


class Fault(Exception):
    """What went wrong with one request; never seen outside of the modules on servers.

    Attributes:
        text: half a sentence: what the server did.
        again: the same request may go well.
        wait_s: how long the server wants to be left alone, None if it does not say.
        status: its HTTP status, None if it did not come to that.
    """

    def __init__(
        self,
        text: str,
        *,
        again: bool,
        wait_s: float | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(text)
        self.text, self.again, self.wait_s, self.status = text, again, wait_s, status


class Line:
    """The way to one server; connections are kept open from request to request."""

    def __init__(self, address: Address, key: Key, limits: Limits | None = None) -> None:
        """Take the way; nothing is sent yet."""
        import httpx2

        self.address, self._key, self._limits = address, key, limits or Limits()
        timeout = httpx2.Timeout(self._limits.silence_s, connect=self._limits.connect_s)
        self._client = httpx2.AsyncClient(
            headers={"Authorization": f"Bearer {key.text}"} if key.text else None,
            timeout=timeout,
            limits=httpx2.Limits(keepalive_expiry=KEEPS_ALIVE_S),
            trust_env=not address.is_here,  # A proxy would look for this machine on its own.
        )
        self.close = weakref.finalize(self, _close, self._client)
        self.close.atexit = False  # The sockets end with the process.

    def ask(self, path: str, stop: Stop, body: Any = None) -> Any:
        """Return the JSON that a path answers with; ``body`` makes it a POST.

        ``path`` may also be a whole address on the same host.

        Raises:
            Fault: there is no such answer.
            Stopped: a stop was asked for.
        """
        answer = b"".join(self._pieces(path, body, stop))
        try:
            return json.loads(answer)
        except ValueError as error:
            raise Fault("answered with what is no JSON", again=True) from error

    def stream(self, path: str, stop: Stop, body: Any) -> Generator[str, None, None]:
        """Yield the data of each event of a streamed reply as it comes, "[DONE]" included.

        Raises:
            Fault: the stream did not come or broke off; what came before is worth nothing.
            Stopped: a stop was asked for.
        """
        rest = b""
        for piece in self._pieces(path, body, stop):
            *lines, rest = (rest + piece).split(b"\n")
            yield from map(self._key.hidden_in_reply, filter(None, map(_data, lines)))
        yield from map(self._key.hidden_in_reply, filter(None, (_data(rest),)))

    def _pieces(self, path: str, body: Any, stop: Stop) -> Iterator[bytes]:
        """Yield an answer's bytes as they come."""
        stop.check()
        heard: queue.SimpleQueue[bytes | Fault | None] = queue.SimpleQueue()
        running = _start(self._tell(path, body, heard.put))
        try:
            while True:
                try:
                    piece = heard.get(timeout=LISTENS_S)
                except queue.Empty:
                    stop.check()
                    if running.done() and heard.empty():
                        running.result()  # A bug is raised here; else the end has been told.
                    continue
                stop.check()
                if piece is None:
                    return
                if isinstance(piece, Fault):
                    raise piece
                yield piece
        finally:
            running.cancel()

    async def _tell(
        self, path: str, body: Any, tell: Callable[[bytes | Fault | None], None]
    ) -> None:
        """Make a request and tell its bytes, and how it ended."""
        import httpx2

        try:
            async with asyncio.timeout(self._limits.whole_s):
                await self._request(path, body, tell)
        except Fault as fault:
            tell(fault)
        except TimeoutError:
            took = f"took longer than {self._limits.whole_s:g} s for one answer"
            tell(Fault(took, again=False))
        except (httpx2.HTTPError, OSError) as error:
            tell(self._fault(error))
        else:
            tell(None)

    async def _request(self, path: str, body: Any, tell: Callable[[bytes], None]) -> None:
        url = path if "://" in path else self.address.base + path
        method = "GET" if body is None else "POST"
        async with self._client.stream(method, url, json=body) as response:
            if response.status_code != 200:  # noqa: PLR2004 - OK
                raise await self._complaint(response)
            length = 0
            async for piece in response.aiter_bytes():
                length += len(piece)
                if length > MOST_BYTES:
                    raise Fault(f"sent more than {MOST_BYTES >> 20} MiB", again=False)
                tell(piece)

    async def _complaint(self, response: httpx2.Response) -> Fault:
        """Return what a server says that would not answer."""
        said = b""
        async for piece in response.aiter_bytes():
            said += piece
            if len(said) > MOST_BYTES:
                break
        status = response.status_code
        # Before the words are cut: a cut key would not be known any more.
        words = complaint_in(self._key.hidden(said.decode(errors="replace")))
        wait_s = waits(response.headers.get("retry-after", ""))
        text = f"answered {status}" + (f" ({words})" if words else "")
        return Fault(text, again=status in AGAIN, wait_s=wait_s, status=status)

    def _fault(self, error: Exception) -> Fault:
        import httpx2

        if isinstance(error, httpx2.ReadTimeout):
            return Fault(f"was silent for {self._limits.silence_s:g} s", again=True)
        if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout):
            return Fault("does not answer", again=True)
        return Fault(f"broke off ({type(error).__name__})", again=True)


def _data(line: bytes) -> str:
    """Return what a line of an event stream says; empty for comments and other fields."""
    return line[5:].strip().decode(errors="replace") if line.startswith(b"data:") else ""


def complaint_in(text: str) -> str:
    """Return the words of an error in the forms of OpenAI, of FastAPI and of none at all."""
    try:
        found = json.loads(text)
    except ValueError:
        found = text
    for _ in range(3):
        if isinstance(found, dict):
            found = found.get("error") or found.get("message") or found.get("detail") or ""
    return " ".join(str(found).split())[:MOST_COMPLAINT].rstrip(".")


def waits(retry_after: str) -> float | None:
    """Return the seconds of a Retry-After header: a number of them, or a date; None for neither."""
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """Return the loop in which all requests of this process run; it ends with the process."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="model-server", daemon=True).start()
    return loop


def _start(work: Coroutine[Any, Any, None]) -> Future[None]:
    return asyncio.run_coroutine_threadsafe(work, _loop())


def _close(client: httpx2.AsyncClient) -> None:
    _start(client.aclose())
