"""Several replies on one network: prompts are read first, then all replies go on together.

Responsible for the order in which asks reach the network and for handing each reply what it asked
for. There is no thread of its own: one of those who wait drives all replies until theirs is done,
and then another one goes on. Everybody leaves as soon as their own reply is done.
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
        except BaseException as failed:
            # Raised again where the reply is awaited; what must end the process ends it here too.
            self.done, self.error = True, failed
            if not isinstance(failed, Exception):
                raise


class Scheduler:
    """The network's work, shared by all who wait for a reply. Safe for several threads."""

    def __init__(self, network: Network) -> None:
        """Drive a network."""
        self._network = network
        self._changed = threading.Condition()
        self._driven = False
        self._jobs: list[_Job] = []

    def run(self, work: Work[T]) -> T:
        """Return the result of a computation, driving all others as well meanwhile.

        Raises:
            Whatever the computation raises.
        """
        job = _Job(work)
        with self._changed:
            self._jobs.append(job)
        try:
            while not job.done:
                if self._may_drive(job):
                    self._drive(job)
        finally:
            with self._changed:
                self._jobs.remove(job)
        if job.error is not None:
            raise job.error
        result: T = job.result
        return result

    def _may_drive(self, job: _Job) -> bool:
        """Wait until a reply is done or nobody drives; in that case take it on."""
        with self._changed:
            self._changed.wait_for(lambda: job.done or not self._driven)
            self._driven = self._driven or not job.done
            return not job.done

    def _drive(self, job: _Job) -> None:
        try:
            with torch.inference_mode():
                while not job.done:
                    self._turn()
        finally:
            with self._changed:
                self._driven = False
                self._changed.notify_all()

    def _turn(self) -> None:
        """Begin what is new, then read one prompt's chunk, or one pass for all replies."""
        with self._changed:
            jobs = [job for job in self._jobs if not job.done]
        for job in jobs:
            if job.ask is None:
                job.go_on(None)
        asks = [(job, job.ask) for job in jobs if job.ask is not None and not job.done]
        prompts = [pair for pair in asks if pair[1].is_prefill]
        self._answer(prompts[:1] or asks)
        if any(job.done for job in jobs):
            with self._changed:
                self._changed.notify_all()

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
