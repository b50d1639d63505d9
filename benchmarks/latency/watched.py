"""An engine's network with somebody who watches it.

Responsible for what can only be known at the forward pass: how long it takes, and the logits that
the decoder was given. Changes nothing of what the network does.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agent.models.qwen3_vl.layers import Answer, Ask, Network
from agent.models.qwen3_vl.scheduler import Scheduler

if TYPE_CHECKING:
    from torch import Tensor

    from agent.models.qwen3_vl.engine import Engine
    from agent.models.qwen3_vl.session import Session


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """One reading: from which token of which session on, which tokens, which logits after them."""

    session: Session
    first: int
    ids: tuple[int, ...]
    logits: Tensor


@dataclass(slots=True, eq=False)
class Watch:
    """What was seen: the seconds spent in forward passes, watching included, and every reading."""

    seconds: float = 0.0
    reads: list[Read] = field(default_factory=list)

    def rows(self) -> dict[int, Tensor]:
        """Return the logits by the index of the token they follow, as the reply was written.

        What was read of a guess that did not come true is left out.
        """
        found: dict[int, Tensor] = {}
        for read in self.reads:
            final = read.session.ids
            start = len(read.ids) - len(read.logits)
            for row, logits in enumerate(read.logits):
                end = start + row + 1
                if list(read.ids[:end]) == final[read.first : read.first + end]:
                    found[read.first + end - 1] = logits
        return found

    def clear(self) -> None:
        """Forget the readings, not the time."""
        self.reads.clear()


def watch(engine: Engine) -> Watch:
    """Watch an engine from now on."""
    seen = Watch()
    engine.network = _Watched(engine.network, seen)
    engine.scheduler = Scheduler(engine.network)
    return seen


class _Watched(Network):
    """A network that lets another do the work and tells what was done."""

    def __init__(self, network: Network, seen: Watch) -> None:
        self._does, self._seen = network, seen
        self.text = network.text

    def answer(self, asks: Sequence[Ask]) -> list[Answer]:
        started = time.perf_counter()
        firsts = [len(ask.session) for ask in asks]
        answers = self._does.answer(asks)
        for ask, first, answer in zip(asks, firsts, answers, strict=True):
            ids = (*ask.ids, *answer.picked)
            self._seen.reads.append(Read(ask.session, first, ids, answer.logits))
        self._seen.seconds += time.perf_counter() - started
        return answers
