"""The seam to a model: messages in, a reply out, streaming and stoppable.

Responsible for the values on both sides of ``Model.generate``. Knows no device and no weights.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

from environments.base import Frame, Stop
from tools.schema import ToolSpec

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """A picture in a message: (H, W, 3) uint8 RGB and the hash of its pixels."""

    frame: Frame
    frame_hash: str


Part = str | Image


@dataclass(frozen=True, slots=True, eq=False)
class Message:
    """One turn: text and pictures in the order the model sees them."""

    role: Role
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model said.

    Attributes:
        text: the raw reply, special tool-call tags included.
        finish: "stop" (it ended by itself) or "length" (cut at the cap).
        timings_ms: "preprocess", "vision", "prefill", "decode".
        counters: work done ("frames_encoded", "tokens_prefilled", "forwards", ...).
    """

    text: str
    finish: Literal["stop", "length"] = "stop"
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    counters: Mapping[str, int] = field(default_factory=dict)


@runtime_checkable
class Rehearsed(Protocol):
    """A model whose replies are settled beforehand, so that it must know how many are out."""

    def go_on_after(self, replies: int) -> None:
        """Go on behind the replies that were given in an earlier process."""
        ...


class Model(Protocol):
    """A thinker: anything that continues a conversation about screenshots with a tool call."""

    @property
    def name(self) -> str:
        """Name for the journal and for people; says so when the model is the small embedded one."""
        ...

    @property
    def profile(self) -> str:
        """Name of the Profile that this model is spoken to with."""
        ...

    def generate(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec],
        *,
        stop: Stop,
        on_text: Callable[[str], None] | None = None,
    ) -> Reply:
        """Continue the conversation; ``on_text`` receives each new piece of text as it comes.

        Raises:
            ModelError: memory, non-finite logits, or a prompt that does not fit.
            Stopped: a stop was asked for; raised within one token or prefill chunk.
        """
        ...
