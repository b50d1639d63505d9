"""Random conversations that try to mislead a cache, and whether it was misled.

Responsible for drawing them (several conversations in turn on one engine; screens that repeat,
turns that are taken back or changed, branches) and for asking every question three ways: warm, with
whatever the engine has kept; cold, with nothing kept; and of plain ``generate()``. In float32 all
three must choose the same tokens, and their logits may differ by rounding only.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from agent.models.base import Image, Message
from agent.models.qwen3_vl.engine import Engine, Options, Qwen3VLModel
from agent.models.qwen3_vl.plain import PlainModel
from agent.models.qwen3_vl.random_weights import SPREAD, random_checkpoint
from agent.models.qwen3_vl.selfcheck import RandomProfile
from benchmarks.latency.replay import bounded_tool
from benchmarks.latency.watched import Watch, watch
from environments.base import Stop

if TYPE_CHECKING:
    from torch import Tensor

    from agent.models.base import Reply
    from agent.models.qwen3_vl.loading import Checkpoint

QUESTIONS = 6
TRACES_PER_NETWORK = 20
MOE_EVERY = 4
GAIN = 0.16
PROFILE = RandomProfile()
WORDS = ("click", "Save", "the", "window", "Straße", "12", "\n", "type", "{", "</tool_call>", "é")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a trace showed.

    Attributes:
        questions: how many were asked.
        warm_is_cold, warm_is_plain: how many had the same reply.
        logits_cold, logits_plain: largest difference of a logit anywhere.
        told: where the first difference was.
    """

    questions: int = 0
    warm_is_cold: int = 0
    warm_is_plain: int = 0
    logits_cold: float = 0.0
    logits_plain: float = 0.0
    told: str = ""

    @property
    def same(self) -> bool:
        """Tell whether every reply was the same all three ways."""
        return self.warm_is_cold == self.warm_is_plain == self.questions


@dataclass(slots=True, eq=False)
class _Talk:
    """One conversation: what was said, and the engine's memory of it."""

    model: Qwen3VLModel
    messages: list[Message] = field(default_factory=list)


class Traces:
    """Random traces on one network, for every twenty of them a new one."""

    def __init__(
        self, number: int, engine: Callable[[Checkpoint, Options], Engine] = Engine
    ) -> None:
        """Make the network of a trace; each fourth is a mixture of experts."""
        network = number // TRACES_PER_NETWORK
        moe = network % MOE_EVERY == MOE_EVERY - 1
        options = Options(fast_forward=network % 2 == 0, drafts=network % 3 != 2)  # noqa: PLR2004
        self._engine = engine(_network(network, moe), options)
        self._watch = watch(self._engine)
        self._said: list[Tensor] = []
        plain = _network(network, moe)
        self._plain = PlainModel(plain, PROFILE, on_logits=self._said.append)

    def run(self, number: int) -> Verdict:
        """Run one trace.

        Raises:
            ModelError: the engine cannot go on.
        """
        chance, verdict = random.Random(f"trace/{number}"), Verdict()
        talks = [_Talk(Qwen3VLModel(self._engine, PROFILE)) for _ in range(chance.randint(1, 3))]
        for _ in range(QUESTIONS):
            talk = chance.choice(talks)
            if talk.messages and chance.random() < 0.2:  # noqa: PLR2004 - one question in five
                talk = _Talk(talk.model.fork(), list(talk.messages))
                talks.append(talk)
            _go_on(talk, chance)
            reply, verdict = self._ask(talk, verdict)
            talk.messages.append(Message("assistant", (reply.text,)))
        return verdict

    def _ask(self, talk: _Talk, before: Verdict) -> tuple[Reply, Verdict]:
        """Ask warm, cold and plain, and add what that shows."""
        twin = talk.model.fork()
        twin.forget()
        warm, warm_rows = self._watched(talk.model, talk.messages)
        self._engine.sights.forget()
        cold, cold_rows = self._watched(twin, talk.messages)
        self._said.clear()
        plain = self._plain.generate(talk.messages, _TOOLS, stop=Stop())
        first = warm.counters["tokens_prefilled"] + warm.counters["tokens_reused"] - 1
        plain_rows = {first + index: row for index, row in enumerate(self._said)}
        told = before.told
        if not told and not warm.text == cold.text == plain.text:
            told = f"warm {warm.text!r}, cold {cold.text!r}, plain {plain.text!r}"
        return warm, Verdict(
            before.questions + 1,
            before.warm_is_cold + (warm.text == cold.text),
            before.warm_is_plain + (warm.text == plain.text),
            max(before.logits_cold, _difference(warm_rows, cold_rows)),
            max(before.logits_plain, _difference(warm_rows, plain_rows)),
            told,
        )

    def _watched(
        self, model: Qwen3VLModel, messages: Sequence[Message]
    ) -> tuple[Reply, dict[int, Tensor]]:
        seen: Watch = self._watch
        seen.clear()
        reply = model.generate(messages, _TOOLS, stop=Stop())
        return reply, seen.rows()


_TOOLS = [bounded_tool().spec]


def _network(seed: int, moe: bool) -> Checkpoint:
    """Return random weights that gain as much per layer as published ones do when they are made.

    0.02 at a width of 4096 is 1.28, and so is 0.16 at a width of 64. Tests elsewhere use three
    times that, to make replies differ more; rounding then grows by the same factor in every layer.
    """
    checkpoint = random_checkpoint(seed, moe)
    for weights in checkpoint.model.parameters():
        if weights.ndim > 1:
            weights.mul_(GAIN / SPREAD)
    return checkpoint


def _go_on(talk: _Talk, chance: random.Random) -> None:
    """Change a conversation as its caller might, and end it with a question."""
    messages = talk.messages
    if len(messages) > 2 and chance.random() < 0.25:  # noqa: PLR2004 - a turn and its reply
        del messages[chance.randrange(1, len(messages)) :]
    if messages and chance.random() < 0.15:  # noqa: PLR2004 - one time in seven
        at = chance.randrange(len(messages))
        messages[at] = Message(messages[at].role, (_words(chance),))
    if not messages and chance.random() < 0.7:  # noqa: PLR2004 - most have a system text
        messages.append(Message("system", (_words(chance),)))
    parts: list[str | Image] = [_words(chance)]
    for _ in range(chance.choice((0, 1, 1, 1, 2))):
        parts.insert(chance.randint(0, len(parts)), _picture(chance))
    messages.append(Message("user", tuple(parts)))


def _words(chance: random.Random) -> str:
    return " ".join(chance.choices(WORDS, k=chance.randint(1, 10)))


def _picture(chance: random.Random) -> Image:
    """Return one of a few pictures, so that some come again."""
    number = chance.randrange(6)
    size = (32 * (1 + number % 3), 32 * (1 + number % 4), 3)
    frame = np.random.default_rng(number).integers(0, 256, size, dtype=np.uint8)
    return Image(frame, f"picture {number}")


def _difference(first: dict[int, Tensor], second: dict[int, Tensor]) -> float:
    """Return the largest difference of a logit at the places that both have."""
    both = first.keys() & second.keys()
    return max((float((first[at] - second[at]).abs().max()) for at in both), default=0.0)
