"""A streamed reply, piece by piece.

Responsible for the form of its events and for whether it is whole: a reply without a reason for its
end, or without an end, is none.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from math import ceil
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from agent.models.servers.asking import CLOSE, OPEN
from agent.models.servers.wire import AGAIN, Fault, complaint_in

THINK_OPEN, THINK_CLOSE = "<think>", "</think>"
DONE = "[DONE]"
WHOLE = ("stop", "tool_calls", "eos")
"""Reasons of a reply that ended by itself."""

BROKEN = ("abort", "error")
"""Reasons of a server that gave up, as vLLM and SGLang do when they are shut down."""


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Function(_Event):
    """A piece of a call that the server took out of the words; ``arguments`` is JSON."""

    name: str | None = None
    arguments: str | None = None


class Called(_Event):
    """The same, with the number of the call that it belongs to."""

    index: int = 0
    function: Function = Function()


class Delta(_Event):
    """What is new.

    A thought comes under two names where the server takes thoughts apart. Some take calls apart
    too, although they were told of no tools (Ollama's parser of Qwen3-VL).
    """

    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    tool_calls: tuple[Called, ...] | None = None

    @property
    def thought(self) -> str:
        """What is new of the thought."""
        return self.reasoning_content or self.reasoning or ""


class Choice(_Event):
    """One of the replies that were asked for: there is one."""

    delta: Delta = Delta()
    finish_reason: str | None = None


class Details(_Event):
    """How many tokens of a prompt were in the server's cache."""

    cached_tokens: int | None = None


class Usage(_Event):
    """What a reply cost, in tokens."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompt_tokens_details: Details | None = None


class Chunk(_Event):
    """One event of a stream."""

    choices: tuple[Choice, ...] = ()
    usage: Usage | None = None
    error: Any = None


class Streamed:
    """A reply as far as it has come."""

    def __init__(self, on_text: Callable[[str], None] | None) -> None:
        """Begin with nothing; ``on_text`` hears each piece."""
        self._on_text = on_text
        self._pieces: list[str] = []
        self._is_thought = False
        self._calls: dict[int, tuple[str, str]] = {}
        self.reason: str | None = None
        self.usage = Usage()
        self.first_s: float | None = None

    @property
    def text(self) -> str:
        """All that was said, a thought that came apart closed before the rest."""
        return "".join(self._pieces)

    def read(self, events: Iterable[str]) -> None:
        """Take the events of a stream to its end.

        Raises:
            Fault: an event is none, or the stream ended before the reply did.
        """
        for data in events:
            if data == DONE:
                continue  # The end of the stream follows, which keeps the connection in use.
            self._take(_chunk(data))
        if self.reason is None:
            raise Fault("broke off in the middle of a reply", again=True)
        if self.reason in BROKEN:
            raise Fault(f"gave up in the middle of a reply ({self.reason})", again=True)
        if self.reason not in (*WHOLE, "length"):
            raise Fault(f"ended the reply for the reason {self.reason!r:.60}", again=False)
        for name, arguments in self._calls.values():
            called = f'{{"name": {json.dumps(name)}, "arguments": {arguments or "{}"}}}'
            self.put(f"\n{OPEN}\n{called}\n{CLOSE}")
        if self._is_thought:
            self.close_nothing()

    def _take(self, chunk: Chunk) -> None:
        if chunk.error:
            raise _complaint(chunk.error)
        self.usage = chunk.usage or self.usage
        for choice in chunk.choices[:1]:
            self.reason = choice.finish_reason or self.reason
            if choice.delta.thought:
                self._is_thought = True
                self.put(choice.delta.thought)
            if self._is_thought and (choice.delta.content or choice.delta.tool_calls):
                self.put(f"\n{THINK_CLOSE}\n\n")
                self._is_thought = False
            if choice.delta.content:
                self.put(choice.delta.content)
            for call in choice.delta.tool_calls or ():
                name, arguments = self._calls.get(call.index, ("", ""))
                more = call.function.arguments or ""
                self._calls[call.index] = (name or call.function.name or "", arguments + more)

    @property
    def has_thought(self) -> bool:
        """Tell whether a thought was ended."""
        return THINK_CLOSE in self.text

    def end_thought(self, share: float) -> None:
        """End a thought that did not end itself, of which only the first part is kept.

        A call that it had begun to draft goes too, for only half of it is known.
        """
        text = self.text.removeprefix(f"{THINK_OPEN}\n").replace(THINK_OPEN, "")
        text = text[: ceil(len(text) * share)]
        drafted = text.rfind(OPEN)
        if drafted > text.rfind(CLOSE):
            text = text[:drafted]
        self._pieces = [text.strip("\n")]
        self.put(f"\n{THINK_CLOSE}\n\n")

    def close_nothing(self) -> None:
        """Mark all of it as thought if nothing ended the thought: what it drafted is no call."""
        if not self.has_thought and not self.text.startswith(THINK_OPEN):
            self._pieces.insert(0, f"{THINK_OPEN}\n")

    def put(self, piece: str) -> None:
        """Go on by a piece of text."""
        self.first_s = self.first_s or time.perf_counter()
        self._pieces.append(piece)
        if self._on_text is not None:
            self._on_text(piece)


def _chunk(data: str) -> Chunk:
    try:
        return Chunk.model_validate_json(data)
    except ValidationError as error:
        raise Fault("sent a piece of a reply that cannot be read", again=True) from error


def _complaint(error: Any) -> Fault:
    """Return the fault that stands inside of a stream."""
    code = error.get("code") if isinstance(error, dict) else None
    words = complaint_in(str(error.get("message", "")) if isinstance(error, dict) else str(error))
    status = code if isinstance(code, int) else None
    again = status is None or status in AGAIN
    return Fault(f"broke the reply off ({words})", again=again, status=status)
