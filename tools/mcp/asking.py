"""Questions to the person at the client: elicitation, in both forms that the protocol has had.

Responsible for turning an ``Inquiry`` into a form and its answer into a ``Heard``. A client that
cannot ask leaves nobody to answer, which every rule takes for a no. A value that nobody may see is
never asked for this way: the protocol forbids it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import anyio
import anyio.from_thread
import mcp_types as types
from anyio.abc import TaskGroup
from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError

from environments.base import Stop
from tools.asking import Heard, Inquiry, Nobody, Person

FIELD = "answer"
LOOK_EVERY_S = 0.05
HOW = "through the client"
UNASKED = Heard(None, "the client cannot ask its user (it offers no elicitation)")


@dataclass(frozen=True, slots=True)
class Silent:
    """A person who cannot be reached, and why."""

    why: Heard

    def ask(self, inquiry: Inquiry) -> Heard:
        """Answer nothing."""
        return self.why


class AtTheClient:
    """The person behind whichever client calls at the moment."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._now: Person = Nobody()

    @contextmanager
    def being(self, person: Person) -> Iterator[None]:
        """Let a person be the one who is asked, until the block is left."""
        before, self._now = self._now, person
        try:
            yield
        finally:
            self._now = before

    def ask(self, inquiry: Inquiry) -> Heard:
        """Ask whoever is there now."""
        if inquiry.purpose == "secret":
            return Heard(
                None,
                "a value that nobody may see is not asked for through a client; store it on this "
                "computer with deskhand secret set",
            )
        return self._now.ask(inquiry)


def can_be_asked(context: ServerRequestContext[Any, Any]) -> bool:
    """Tell whether a client says that it can put a form before its user."""
    can = context.session.client_capabilities
    asking = can.elicitation if can is not None else None
    # An address is no form; a client that names neither means the form.
    return asking is not None and (asking.form is not None or asking.url is None)


class ByElicitation:
    """The user of a client that is asked while its call goes on."""

    def __init__(
        self, context: ServerRequestContext[Any, Any], group: TaskGroup, stop: Stop
    ) -> None:
        """Ask in the course of one request; questions are sent from ``group``'s event loop."""
        self._context, self._group, self._stop = context, group, stop

    def ask(self, inquiry: Inquiry) -> Heard:
        """Ask, in the thread of the call, and look at the stop while waiting."""
        answer: Future[Heard] = Future()
        anyio.from_thread.run_sync(self._group.start_soon, self._ask, inquiry, answer)
        while True:
            self._stop.check()
            try:
                return answer.result(LOOK_EVERY_S)
            except NotYet:
                continue

    async def _ask(self, inquiry: Inquiry, answer: Future[Heard]) -> None:
        heard = Heard(None, f"no answer within {inquiry.limit_s:g} s")
        try:
            with anyio.move_on_after(inquiry.limit_s):
                result = await self._context.session.elicit_form(
                    inquiry.text, form_for(inquiry), self._context.request_id
                )
                heard = heard_in(result)
        except MCPError as error:
            heard = Heard(None, f"the client could not ask its user ({error})")
        finally:
            answer.set_result(heard)


class ByRetry:
    """The user of a client that answers by making its call again (protocol 2026-07-28).

    A question that was not answered yet counts as a no; it is then in ``open``, to be sent instead
    of the refusal. The same question has the same key, and another screen is another question.
    """

    def __init__(self, responses: Mapping[str, Any] | None) -> None:
        """Take what the client answers with this call."""
        self._responses = responses or {}
        self.open: dict[str, Inquiry] = {}

    def ask(self, inquiry: Inquiry) -> Heard:
        """Return the answer that came with the call."""
        key = hashlib.sha256(inquiry.text.encode()).hexdigest()[:16]
        response = self._responses.get(key)
        if isinstance(response, types.ElicitResult):
            return heard_in(response)
        self.open[key] = inquiry
        return Heard(None, "the question was put to the client; call again with its answer")


def form_for(inquiry: Inquiry) -> dict[str, Any]:
    """Return the form of a question: one field, with the options where there are some."""
    field: dict[str, Any] = {"type": "string", "title": "Your answer"}
    if inquiry.options:
        field["enum"] = list(inquiry.options)
    return {"type": "object", "properties": {FIELD: field}, "required": [FIELD]}


def heard_in(result: types.ElicitResult) -> Heard:
    """Return what a filled form says; whoever declines or closes it has not answered."""
    said = (result.content or {}).get(FIELD) if result.action == "accept" else None
    if isinstance(said, str) and said.strip():
        return Heard(said, HOW)
    how = {"decline": "the user declined", "cancel": "the user closed the question"}
    return Heard(None, how.get(result.action, "the client sent no answer"))
