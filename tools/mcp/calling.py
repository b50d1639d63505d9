"""One call of a client on its way: its turn, its progress, the questions to its user.

Responsible for who called, whom to ask, and what is sent while the call goes on. It is handed to
the tool by ``door`` in its turn; what the protocol says around it is ``server``'s.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import anyio
import anyio.from_thread
import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from environments.errors import DeskhandError, Stopped
from tools.asking import Inquiry, Person
from tools.mcp.asking import (
    UNASKED,
    AtTheClient,
    ByElicitation,
    ByRetry,
    Silent,
    can_be_asked,
    form_for,
)
from tools.mcp.door import Door
from tools.mcp.keeping import ANSWER, Keeper, KeptCall
from tools.mcp.served import Answer, Progress, ServedTool, Shelf

GONE = "deskhand.gone"
"""Where the HTTP side leaves the event that says that a request's client has vanished."""

GROUP = "group"
"""Where the server's life has the task group in which calls outlive a request."""

LONG = "run_task"
"""The tool whose calls cannot be begun anew to answer a question: they have done something."""

_MOST_UNSENT = 64
Context = ServerRequestContext[Any, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Service:
    """What is served, and how calls get through.

    Attributes:
        tools: what can be called.
        shelf: what can be read.
        door: lets one call through at a time.
        person: stands for the user of the client that calls.
        turn: hears, in the thread of a call, who looks at the screen now.
        keeper: has the calls that go on while their client asks its user.
    """

    tools: Sequence[ServedTool]
    shelf: Shelf
    door: Door
    person: AtTheClient
    turn: Callable[[str], None] = lambda looker: None
    keeper: Keeper = field(default_factory=Keeper)


class Calling:
    """One call on its way."""

    def __init__(
        self,
        service: Service,
        tool: ServedTool,
        context: Context,
        params: types.CallToolRequestParams,
    ) -> None:
        """Take who calls what, and on whose behalf."""
        self._service, self._tool, self._context = service, tool, context
        self._params, self._arguments = params, params.arguments or {}
        self._retried = ByRetry(params.input_responses)
        self._kept: KeptCall | None = None
        self._told, self._untold = anyio.create_memory_object_stream[
            tuple[float, float | None, str]
        ](_MOST_UNSENT)

    async def answer(self) -> Answer:
        """Return the answer, telling of progress on the way; none where there is a ``question``.

        Raises:
            DeskhandError: what the call raises, or why it could not be done.
        """
        found: Answer | None = None
        failed: DeskhandError | None = None
        async with anyio.create_task_group() as group:
            group.start_soon(self._tell)
            try:
                found = await self._done(group)
            except DeskhandError as error:  # Not through the group, which would wrap it.
                failed = error
            group.cancel_scope.cancel()
        if found is None:
            raise failed or Stopped("The call was taken back.")
        return found

    async def _done(self, group: anyio.abc.TaskGroup) -> Answer:
        gone = _gone(self._context)
        if self._params.request_state is not None or self._is_kept():
            self._kept = self._kept_call()
            self._kept.tell = self._progress
            return await self._kept.attended(gone) or Answer("", {})
        person = self._person(group)
        return await self._through(lambda: self._work(person, self._progress), gone)

    def _kept_call(self) -> KeptCall:
        """Return the call that goes on with this request: an older one, or one that begins."""
        keeper, state = self._service.keeper, self._params.request_state
        if state is not None:
            return keeper.resumed(state, self._params.input_responses)
        call = KeptCall(self._service.door.stop)
        group = self._context.lifespan_context[GROUP]
        keeper.begun(group, call, self._work, self._through)
        return call

    def question(self) -> types.InputRequiredResult | None:
        """Return what has to be asked before the call can be done, None if nothing."""
        if self._kept is not None and self._kept.asked is not None:
            asked: types.InputRequests = {ANSWER: _form(self._kept.asked)}
            return types.InputRequiredResult(input_requests=asked, request_state=self._kept.key)
        if not self._retried.open:
            return None
        asked = {key: _form(inquiry) for key, inquiry in self._retried.open.items()}
        return types.InputRequiredResult(input_requests=asked)

    async def _through(self, work: Callable[[], Answer], gone: anyio.Event) -> Answer:
        return await self._service.door.through(work, _caller(self._context), gone)

    def _work(self, person: Person, progress: Progress) -> Answer:
        self._service.turn(_looker(self._context))
        with self._service.person.being(person):
            return self._tool.answer(self._arguments, progress)

    def _is_kept(self) -> bool:
        return self._tool.spec.name == LONG and self._asks_by_answering()

    def _asks_by_answering(self) -> bool:
        """Tell whether a question is put as the answer to the call, and comes back with another."""
        is_new = self._context.protocol_version in MODERN_PROTOCOL_VERSIONS
        return is_new and can_be_asked(self._context)

    def _person(self, group: anyio.abc.TaskGroup) -> Person:
        if self._asks_by_answering():
            return self._retried
        if not can_be_asked(self._context) or not self._context.session.can_send_request:
            return Silent(UNASKED)
        return ByElicitation(self._context, group, self._service.door.stop)

    def _progress(self, done: float, most: float | None, words: str) -> None:
        """Hear of progress in the thread of the call; what a slow client does not take is lost."""

        def send() -> None:
            try:
                self._told.send_nowait((done, most, words))
            except (anyio.WouldBlock, anyio.BrokenResourceError, anyio.ClosedResourceError):
                return

        anyio.from_thread.run_sync(send)

    async def _tell(self) -> None:
        async with self._untold, self._told:
            async for done, most, words in self._untold:
                try:
                    await self._context.session.report_progress(done, most, words)
                except (anyio.BrokenResourceError, anyio.ClosedResourceError):
                    return


def _form(inquiry: Inquiry) -> types.ElicitRequest:
    return types.ElicitRequest(
        params=types.ElicitRequestFormParams(
            message=inquiry.text, requested_schema=form_for(inquiry)
        )
    )


def _caller(context: Context) -> str:
    """Return what tells one client from another: its session, or how it calls itself."""
    headers = getattr(context.request, "headers", {})
    session = headers.get("mcp-session-id", "")
    if session or context.request is None:
        return f"client {session}"
    about = context.session.client_params
    return f"client called {about.client_info.name!r:.100}" if about else "client "


def _looker(context: Context) -> str:
    """Return whose eyes a call has: without a session, those of its connection.

    A client that comes on another connection has seen nothing there, and is taken to see the
    screen as it is.
    """
    peer = getattr(context.request, "client", None)
    has_session = "mcp-session-id" in getattr(context.request, "headers", {})
    return _caller(context) if has_session else f"{_caller(context)} at {peer}"


def _gone(context: Context) -> anyio.Event:
    scope = getattr(context.request, "scope", {})
    gone = scope.get(GONE)
    return gone if isinstance(gone, anyio.Event) else anyio.Event()
