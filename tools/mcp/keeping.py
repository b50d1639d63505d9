"""A call that goes on while its client is away to ask its user (protocol 2026-07-28).

Responsible for what connects the requests of one such call: a question ends the first of them, and
the next, with the answer and the call's key, goes on where it stopped. A client that does not come
back in time has left. How a question looks on the wire is ``asking``'s; turns are ``door``'s.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from typing import Any

import anyio
import anyio.from_thread
import mcp_types as types
from anyio.abc import TaskGroup

from environments.base import Stop
from environments.errors import Stopped, ToolError
from tools.asking import Heard, Inquiry, Person
from tools.mcp.asking import LOOK_EVERY_S, heard_in
from tools.mcp.served import Answer, Progress

Work = Callable[[Person, Progress], Answer]
Through = Callable[[Callable[[], Answer], anyio.Event], Awaitable[Answer]]
"""Does work in its turn; the event says that the client has gone."""

MOST_KEPT = 16
ANSWER = "answer"
_OVER = (
    "There is no such call that waits for an answer; it has ended, or its client was away for too "
    "long. Look at the screen, and call anew without its state."
)


class KeptCall:
    """One call, from its beginning to its end; made and read in the event loop."""

    def __init__(self, stop: Stop) -> None:
        """Begin with nothing asked; ``stop`` ends the wait for an answer."""
        self.key = secrets.token_urlsafe(16)
        self.asked: Inquiry | None = None
        """What has to be asked before it goes on."""
        self.tell: Progress = _to_nobody
        self._stop, self._gone, self._turned = stop, anyio.Event(), anyio.Event()
        self._heard: Future[Heard] = Future()
        self._ended: Answer | Exception | None = None

    async def run(self, work: Work, through: Through) -> None:
        """Do the work; where it ends, whoever attends is told."""
        try:
            self._ended = await through(lambda: work(self, self._told), self._gone)
        except Exception as error:  # noqa: BLE001 - it is whoever attends who is to hear of it
            self._ended = error
        finally:
            self._turned.set()

    async def attended(self, gone: anyio.Event) -> Answer | None:
        """Wait for its end, or None for a question; whoever stops waiting has left it.

        Raises:
            DeskhandError: what it raises.
        """
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(self._leave_with, gone)
                await self._turned.wait()
                group.cancel_scope.cancel()
        except anyio.get_cancelled_exc_class():
            self._gone.set()
            raise
        self.tell = _to_nobody
        if self.asked is not None:
            return None
        if isinstance(self._ended, Answer):
            return self._ended
        raise self._ended or Stopped("The call was taken back.")

    def _told(self, done: float, most: float | None, words: str) -> None:
        self.tell(done, most, words)  # Whoever attends now.

    async def _leave_with(self, gone: anyio.Event) -> None:
        await gone.wait()
        self._gone.set()

    def answered(self, responses: Mapping[str, Any] | None) -> None:
        """Go on with what the client brings; nothing that can be read is a no."""
        response = (responses or {}).get(ANSWER)
        heard = Heard(None, "the client sent no answer")
        if isinstance(response, types.ElicitResult):
            heard = heard_in(response)
        self.asked, self._turned = None, anyio.Event()
        self._heard.set_result(heard)

    def ask(self, inquiry: Inquiry) -> Heard:
        """Ask, in the thread of the call."""
        answer: Future[Heard] = Future()
        anyio.from_thread.run_sync(self._put, inquiry, answer)
        until_s = time.monotonic() + inquiry.limit_s
        while True:
            self._stop.check()
            try:
                return answer.result(LOOK_EVERY_S)
            except NotYet:
                if time.monotonic() > until_s:
                    anyio.from_thread.run_sync(self._gone.set)
                    self._stop.wait(LOOK_EVERY_S)

    def _put(self, inquiry: Inquiry, answer: Future[Heard]) -> None:
        self.asked, self._heard = inquiry, answer
        self._turned.set()


def _to_nobody(done: float, most: float | None, words: str) -> None:
    """Tell nobody how far it is: its client is away."""


class Keeper:
    """The calls that are kept."""

    def __init__(self) -> None:
        """Begin with none."""
        self._calls: dict[str, KeptCall] = {}

    def begun(self, group: TaskGroup, call: KeptCall, work: Work, through: Through) -> None:
        """Begin a call, in a group that outlives the request.

        Raises:
            ToolError: too many are kept already.
        """
        if len(self._calls) >= MOST_KEPT:
            raise ToolError(f"{MOST_KEPT} calls wait for answers already; nothing was done.")

        async def run() -> None:
            self._calls[call.key] = call
            try:
                await call.run(work, through)
            finally:
                del self._calls[call.key]

        group.start_soon(run)

    def resumed(self, key: str, responses: Mapping[str, Any] | None) -> KeptCall:
        """Return a call that goes on with an answer.

        Raises:
            ToolError: no call of this key waits for one.
        """
        call = self._calls.get(key)
        if call is None or call.asked is None:
            raise ToolError(_OVER)
        call.answered(responses)
        return call
