"""One conversation with a server, behind the ``Model`` seam.

Responsible for one reply at a time: asked for with the profile's own words, streamed, whole or not
at all, its thought closed at the budget.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from agent.models.base import Image, Message, Reply
from agent.models.profiles.base import Profile
from agent.models.servers.address import CHAT
from agent.models.servers.asking import OPEN, Body, budget, harmless, holding, sampling, spoken
from agent.models.servers.connecting import Found
from agent.models.servers.patience import Patience
from agent.models.servers.pictures import Encoded, rule_of, tokens_of
from agent.models.servers.reply import THINK_CLOSE, THINK_OPEN, Streamed
from agent.models.servers.wire import Fault, Line
from environments.base import Stop
from environments.errors import ModelError
from tools.schema import ToolSpec

SPARE = 16
"""Tokens for the tags around a call."""

BYTES_PER_TOKEN = 3
"""Of text, for an estimate that is rather too high: English has about four."""

BOUNDLESS = 1 << 30
REFUSED = (400, 422)
"""How servers refuse a field that they do not know, or what they cannot do."""

TOO_LONG = "if the prompt is too long for it, keep fewer screenshots with --history."
CANNOT_GO_ON = (
    "perhaps it cannot go on from a thought that was cut; give it room to end by itself with "
    "--think-tokens."
)
GOES_ON: Body = {"continue_final_message": True, "add_generation_prompt": False}
"""How vLLM and SGLang are asked to go on with the last message."""

PROBE = ToolSpec("probe", "", {}, {"type": "object", "properties": {}})


@dataclass(eq=False)
class Server:
    """A server that was connected to, shared by all conversations with it.

    Attributes:
        line: the way to it.
        found: what it is.
        patience: how often it is asked again.
        pictures: those that were encoded.
        name: the model and where it is, for the journal and for people.
        thinks: its model is a Thinking edition.
        bounds: it bounds a thought itself, as far as is known.
        counts: it tells what pictures cost, and that was as it should be.
        form: which of the ways to hold a call to its schema it takes; counts those that it refused.
    """

    line: Line
    found: Found
    patience: Patience = field(default_factory=Patience)
    pictures: Encoded = field(default_factory=Encoded)
    name: str = ""
    thinks: bool = False
    bounds: bool = False
    counts: bool = False
    form: int = 0

    @property
    def holds(self) -> bool:
        """Tell whether calls are held to their schemas while they are written."""
        return self.form < len(holding(self.found.software, [PROBE], 1))


class ServedModel:
    """One conversation with a server. For one caller at a time."""

    def __init__(self, server: Server, profile: Profile, context_tokens: int | None = None) -> None:
        """Begin a conversation; nothing is sent yet.

        Args:
            server: whom to ask.
            profile: its caps bound every reply and every picture.
            context_tokens: tokens of a prompt and its reply; None for what the server says.
        """
        self._server, self._profile = server, profile
        self._rule = rule_of(profile)
        self._most = context_tokens or server.found.most_tokens or BOUNDLESS
        self._one_at_a_time = threading.Lock()

    @property
    def name(self) -> str:
        """The model and where it is."""
        return self._server.name

    @property
    def profile(self) -> str:
        """Name of the profile that it is spoken to with."""
        return self._profile.name

    @property
    def context_tokens(self) -> int:
        """Tokens that a prompt may have, replies set aside."""
        return self._most - self._cap

    def prompt_tokens(self, messages: Sequence[Message]) -> int:
        """Return about how many tokens a conversation takes: pictures counted, texts estimated."""
        parts = [part for message in messages for part in message.parts]
        seen = sum(tokens_of(part, self._rule) for part in parts if isinstance(part, Image))
        said = sum(len(part.encode()) for part in parts if isinstance(part, str))
        return seen + said // BYTES_PER_TOKEN + SPARE * len(parts)

    def generate(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec],
        *,
        stop: Stop,
        on_text: Callable[[str], None] | None = None,
    ) -> Reply:
        """Ask for the next turn, again and again while it is the server that fails.

        Raises:
            ModelError: the server refuses, or still fails after several tries.
            Stopped: within milliseconds of being asked, the connection closed.
        """
        with self._one_at_a_time:
            begun, known = time.perf_counter(), self._server.pictures.encoded
            turns = spoken(messages, partial(self._server.pictures.url, rule=self._rule))
            asking = _Asking(self._server, self._profile, stop, on_text)
            asked = time.perf_counter()
            parts = asking.whole(turns, tools if self._profile.is_held else ())
        self._check_read(messages, parts[0].usage.prompt_tokens)
        ended, first = time.perf_counter(), parts[0].first_s or time.perf_counter()
        spent = {"preprocess": asked - begun, "prefill": first - asked, "decode": ended - first}
        shown = sum(isinstance(part, Image) for message in messages for part in message.parts)
        encoded = self._server.pictures.encoded - known
        counters = {"frames_encoded": encoded, "frames_reused": shown - encoded}
        counters |= _paid(parts) | {"retries": asking.retries}
        finish: Literal["stop", "length"] = "length" if parts[-1].reason == "length" else "stop"
        text = "".join(part.text for part in parts)
        return Reply(text, finish, {k: 1000 * s for k, s in spent.items()}, counters)

    def _check_read(self, messages: Sequence[Message], told: int) -> None:
        """Refuse the reply to a prompt of which the server has read a part only."""
        shown = [part for m in messages for part in m.parts if isinstance(part, Image)]
        seen = sum(tokens_of(image, self._rule) for image in shown)
        if self._server.counts and 0 < told < seen:
            raise ModelError(
                f"The server at {self._server.line.address.base} read {told} tokens of a prompt "
                f"whose pictures alone have {seen}: its context is too short, or it shrinks "
                "pictures now. Start it with a longer context (docs/servers.md), or say how long "
                "it is with --context."
            )

    @property
    def _cap(self) -> int:
        return self._profile.thought_tokens + self._profile.call_tokens + SPARE


class _Asking:
    """One reply's requests."""

    def __init__(
        self,
        server: Server,
        profile: Profile,
        stop: Stop,
        on_text: Callable[[str], None] | None,
    ) -> None:
        self._server, self._profile, self._stop, self._on_text = server, profile, stop, on_text
        self.retries = 0

    def whole(self, turns: list[Body], tools: Sequence[ToolSpec]) -> list[Streamed]:
        """Return the reply, in two parts where a thought had to be closed."""
        thought, call = self._profile.thought_tokens, self._profile.call_tokens + SPARE
        if not self._server.thinks:
            return [self._asked(turns, tools, {"max_tokens": thought + call})]
        bound = budget(self._server.found.software, thought) if self._server.bounds else {}
        most = thought + call if bound else thought
        first = self._asked(turns, tools, {"max_tokens": most, **bound})
        if first.reason != "length":
            first.close_nothing()
            return [first]
        if bound and first.has_thought:
            return [first]  # It is the call that was too long.
        if bound:
            self._server.bounds = False  # It took the number and did not keep to it.
        if not first.has_thought:
            first.end_thought(thought / most)
        return [first, self._rest(turns, tools, first.text)]

    def _rest(self, turns: list[Body], tools: Sequence[ToolSpec], begun: str) -> Streamed:
        """Return what follows on a thought.

        The thought stands there as the chat template of the Thinking editions puts it, for a text
        that the template changes is none that can be gone on with.
        """
        thought, _, call = begun.rpartition(THINK_CLOSE)
        thought = thought.replace(THINK_OPEN, "").replace(THINK_CLOSE, "").strip("\n")
        text = f"{THINK_OPEN}\n{thought}\n{THINK_CLOSE}\n\n{call.lstrip()}"
        said = {"role": "assistant", "content": harmless(text)}
        more = {"max_tokens": self._profile.call_tokens + SPARE, **GOES_ON}
        held = () if OPEN in call else tools
        return self._asked([*turns, said], held, more, CANNOT_GO_ON)

    def _asked(
        self, turns: list[Body], tools: Sequence[ToolSpec], more: Body, refused: str = TOO_LONG
    ) -> Streamed:
        """Return a reply, held to the tools' schemas if the server can do that."""
        body: Body = {"model": self._server.found.served, "messages": turns, "stream": True}
        body |= {"stream_options": {"include_usage": True}, **sampling(self._profile), **more}
        thought = self._profile.thought_tokens
        forms = (*holding(self._server.found.software, tools, thought), {})
        for number in range(min(self._server.form, len(forms) - 1), len(forms)):
            try:
                streamed = self._insisted({**body, **forms[number]})
            except Fault as fault:
                if fault.status in REFUSED and forms[number]:
                    continue
                raise ModelError(self._sentence(fault, refused)) from None
            if forms[:-1]:
                self._server.form = number
            return streamed
        raise AssertionError("The last form is to ask for none.")

    def _insisted(self, body: Body) -> Streamed:
        said: list[Streamed] = []

        def once() -> Streamed:
            said.append(Streamed(self._on_text))
            stream = self._server.line.stream(CHAT, self._stop, body)
            with closing(stream) as events:
                said[-1].read(events)
            return said[-1]

        def told(fault: Fault) -> None:
            self.retries += 1
            if self._on_text is not None:
                self._on_text(f"\n[The server {fault.text}; it is asked again.]\n")

        return self._server.patience.insist(once, self._stop, told)

    def _sentence(self, fault: Fault, refused: str) -> str:
        tries = f" {self.retries + 1} times" if self.retries else ""
        base = self._server.line.address.base
        if fault.wait_s is not None and fault.again:
            return f"The server at {base} {fault.text}{tries} and asks to wait {fault.wait_s:g} s."
        return f"The server at {base} {fault.text}{tries}; {_cure(fault, refused)}"


def _cure(fault: Fault, refused: str) -> str:
    if fault.status in (401, 403):
        return "it wants another key: see docs/servers.md."
    if fault.status in REFUSED:
        return refused
    return "see its own log, and go on with deskhand resume."


def _paid(parts: Sequence[Streamed]) -> dict[str, int]:
    """Return what a reply cost, as far as the server told it."""
    first = parts[0].usage
    kept = (first.prompt_tokens_details.cached_tokens or 0) if first.prompt_tokens_details else 0
    return {
        "tokens_prefilled": max(0, first.prompt_tokens - kept),
        "tokens_reused": kept,
        "context_tokens": parts[-1].usage.prompt_tokens,
        "tokens_generated": sum(part.usage.completion_tokens for part in parts),
    }
