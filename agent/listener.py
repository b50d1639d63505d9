"""Who hears what happens in a run: the journal, the console, a recording.

Responsible for the protocol and for telling several listeners. Listeners change nothing.
"""

from __future__ import annotations

from agent.models.base import Reply
from agent.outcome import Outcome
from agent.parsing import Plan
from agent.step import Step
from environments.base import Observation
from tools.schema import ToolCall, ToolResult


class Listener:
    """Hears everything and does nothing; subclass it and override what matters.

    The order within a step is observation, text (many times), plan, result (once per call), step.
    """

    def on_observation(self, observation: Observation) -> None:
        """Hear what the model is about to look at."""

    def on_text(self, text: str) -> None:
        """Hear the next piece of the reply while it is being generated."""

    def on_plan(self, reply: Reply, plan: Plan) -> None:
        """Hear the whole reply and what it means, before anything acts."""

    def on_result(self, call: ToolCall, result: ToolResult) -> None:
        """Hear what came of one call."""

    def on_step(self, step: Step) -> None:
        """Hear that a step is complete."""

    def on_notice(self, text: str) -> None:
        """Hear a sentence for the person about how the run goes on."""

    def on_outcome(self, outcome: Outcome) -> None:
        """Hear how the run ended; the last thing heard."""


class Listeners(Listener):
    """Several listeners as one, told in the order given."""

    def __init__(self, *listeners: Listener) -> None:
        """Take the listeners; put the one that may fail (the journal) first."""
        self._listeners = listeners

    def on_observation(self, observation: Observation) -> None:
        """Tell all."""
        for listener in self._listeners:
            listener.on_observation(observation)

    def on_text(self, text: str) -> None:
        """Tell all."""
        for listener in self._listeners:
            listener.on_text(text)

    def on_plan(self, reply: Reply, plan: Plan) -> None:
        """Tell all."""
        for listener in self._listeners:
            listener.on_plan(reply, plan)

    def on_result(self, call: ToolCall, result: ToolResult) -> None:
        """Tell all."""
        for listener in self._listeners:
            listener.on_result(call, result)

    def on_step(self, step: Step) -> None:
        """Tell all."""
        for listener in self._listeners:
            listener.on_step(step)

    def on_notice(self, text: str) -> None:
        """Tell all."""
        for listener in self._listeners:
            listener.on_notice(text)

    def on_outcome(self, outcome: Outcome) -> None:
        """Tell all."""
        for listener in self._listeners:
            listener.on_outcome(outcome)
