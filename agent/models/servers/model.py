"""One conversation with a server, behind the ``Model`` seam.

Responsible for one reply at a time: asked for with the profile's own words, streamed, whole or not
at all, its thought closed at the budget.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal

from agent.models.base import Image, Message, Reply
from agent.models.profiles.base import Profile
from agent.models.servers.asking import spoken
from agent.models.servers.pictures import rule_of, tokens_of
from agent.models.servers.reply import Streamed
from agent.models.servers.replying import SPARE, Asking, Server
from environments.base import Stop
from environments.errors import ModelError
from tools.schema import ToolSpec

BYTES_PER_TOKEN = 3
"""Of text, for an estimate that is rather too high: English has about four."""

BOUNDLESS = 1 << 30


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
            asking = Asking(self._server, self._profile, stop, on_text)
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
