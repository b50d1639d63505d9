"""Several replies on one network: prompts are read first, then all replies go on together.

Responsible for the order in which asks reach the network and for handing each reply what it asked
for. There is no thread of its own: whoever waits for a reply drives all of them until theirs is
done, and then the next who waits goes on.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from agent.models.qwen3_vl.decoding import T, Work
from agent.models.qwen3_vl.layers import Answer, Ask, Network


@dataclass(slots=True, eq=False)
class _Job:
    """A reply under way: what it asks for next, and in the end its result or error."""

    work: Work[Any]
    ask: Ask | None = None
    done: bool = False
    result: Any = None
    error: BaseException | None = None

    def go_on(self, answer: Answer | None, error: Exception | None = None) -> None:
        """Give the reply what it asked for, or the error that came instead."""
        try:
            if error is not None:
                self.ask = self.work.throw(error)
            else:
                self.ask = self.work.send(answer)  # type: ignore[arg-type] # None starts it
        except StopIteration as end:
            self.done, self.result = True, end.value
        except BaseException as failed:  # noqa: BLE001 - raised again where the reply is awaited
            self.done, self.error = True, failed


class Scheduler:
    """The network's work, shared by all who wait for a reply. Safe for several threads."""

    def __init__(self, network: Network) -> None:
        """Drive a network."""
        self._network = network
        self._driving = threading.Lock()
        self._new: list[_Job] = []
        self._running: list[_Job] = []

    def run(self, work: Work[T]) -> T:
        """Return the result of a computation, driving all others as well meanwhile.

        Raises:
            Whatever the computation raises.
        """
        job = _Job(work)
        self._new.append(job)
        with self._driving, torch.inference_mode():
            while not job.done:
                self._turn()
        if job.error is not None:
            raise job.error
        result: T = job.result
        return result

    def _turn(self) -> None:
        """Begin what is new, then read one prompt's chunk, or one pass for all replies."""
        while self._new:
            job = self._new.pop(0)
            self._running.append(job)
            job.go_on(None)
        self._running = [job for job in self._running if not job.done]
        asks = [(job, job.ask) for job in self._running if job.ask is not None]
        prompts = [pair for pair in asks if pair[1].is_prefill]
        self._answer(prompts[:1] or asks)
        self._running = [job for job in self._running if not job.done]

    def _answer(self, pairs: Sequence[tuple[_Job, Ask]]) -> None:
        if not pairs:
            return
        try:
            answers = self._network.answer([ask for _, ask in pairs])
        except Exception as error:  # noqa: BLE001 - each reply hears of it, and may mend it
            self._fail(pairs, error)
            return
        for (job, _), answer in zip(pairs, answers, strict=True):
            job.go_on(answer)

    def _fail(self, pairs: Sequence[tuple[_Job, Ask]], error: Exception) -> None:
        """Let only the reply that cannot be served hear of an error: each is tried alone."""
        if len(pairs) == 1:
            pairs[0][0].go_on(None, error)
            return
        for pair in pairs:
            self._answer([pair])
