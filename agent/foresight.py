"""Thinking about the next screen while it still settles.

Responsible for letting a model read a screen that looks settled before the wait is over. If the
settled one is the same, the picture is read already; if it is another, the model rolls back what it
read. Decides nothing, and what it reads is never acted upon.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Protocol, runtime_checkable

from agent.context import Context
from agent.listener import Listener
from agent.models.base import Message, Reply
from agent.outcome import Outcome
from agent.parsing import Plan
from agent.step import Step
from environments.base import Frame, Observation, Stop
from environments.errors import DeskhandError
from tools.schema import ToolSpec


@runtime_checkable
class LooksAhead(Protocol):
    """A model that can read a conversation before it is asked to continue it."""

    def look_ahead(self, messages: Sequence[Message], *, stop: Stop) -> None:
        """Read up to the last picture."""
        ...


class Foresight(Listener):
    """Reads ahead in a thread of its own, one screen at a time."""

    def __init__(
        self, model: LooksAhead, context: Context, task: str, tools: Sequence[ToolSpec]
    ) -> None:
        """Read for a run of ``task``, with the conversation that ``context`` would make."""
        self._model, self._context = model, context
        self._task, self._tools = task, tools
        self._steps: list[Step] = []
        self._now: Observation | None = None
        self._ahead = ""
        self._stop = Stop()
        self._wanted: Sequence[Message] | None = None
        self._reading: threading.Thread | None = None
        self._changing = threading.Lock()

    def glimpse(self, frame: Frame) -> None:
        """Hear of a screen that may be the settled one; the newest is read as soon as may be."""
        if self._now is None or not self._steps or self._steps[-1].observation is not self._now:
            return
        seen = replace(self._now, frame=frame)
        messages = self._context.messages(self._task, self._steps, seen, self._tools)
        self._ahead = seen.frame_hash
        with self._changing:
            self._stop.set("the screen has changed again")
            self._wanted = messages
            if self._reading is None:
                self._reading = threading.Thread(target=self._read)
                self._reading.start()

    def on_observation(self, observation: Observation) -> None:
        """Go on reading if this is the screen that was glimpsed, else end at the next chunk."""
        if observation.frame_hash != self._ahead:
            self._end("the screen is another one")
        self._now = observation

    def on_plan(self, reply: Reply, plan: Plan) -> None:
        """Note the step as far as it is known before it acts."""
        assert self._now is not None
        self._steps.append(Step(len(self._steps), self._now, reply, plan))

    def on_step(self, step: Step) -> None:
        """Note what came of it; pictures are dropped as the run drops them."""
        self._steps[-1] = step
        self._context.prune(self._steps)

    def on_outcome(self, outcome: Outcome) -> None:
        """Leave no thread behind."""
        self._end("the run has ended")
        reading = self._reading
        if reading is not None:
            reading.join()

    def _end(self, reason: str) -> None:
        with self._changing:
            self._stop.set(reason)
            self._wanted = None

    def _next(self) -> tuple[Sequence[Message], Stop] | None:
        """Return what is to be read now; None ends the thread."""
        with self._changing:
            wanted, self._wanted = self._wanted, None
            if wanted is None:
                self._reading = None
                return None
            self._stop = Stop()
            return wanted, self._stop

    def _read(self) -> None:
        while (task := self._next()) is not None:
            # If it matters, the reply will meet it again.
            with suppress(DeskhandError):
                self._model.look_ahead(task[0], stop=task[1])
