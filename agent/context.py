"""Which past steps and screenshots the model sees.

Responsible for turning steps into the turns that a profile words, by a history policy and within
the room that the model has, and for forgetting pictures that no prompt will show again. The words
are the profile's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from agent.history import History
from agent.models.base import Image, Message
from agent.models.profiles.base import Profile, Turn
from agent.step import Step
from environments.base import Observation
from tools.schema import ToolResult, ToolSpec

_LONGEST_REPLY = 4_000
"""Characters of a past reply that are shown again; a runaway reply must not fill the prompt."""

_COMPARED = 3
"""Latest pictures that are always kept: the limits compare them."""


@runtime_checkable
class Room(Protocol):
    """A model that knows how long a conversation may be."""

    @property
    def context_tokens(self) -> int:
        """Tokens that a prompt may have."""
        ...

    def prompt_tokens(self, messages: Sequence[Message]) -> int:
        """Return how many a conversation takes."""
        ...


class Context:
    """The memory of one run."""

    def __init__(
        self,
        profile: Profile,
        history: History | None = None,
        room: Room | None = None,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Remember as one profile wants it.

        Args:
            profile: how the model is spoken to.
            history: which screenshots are shown; None takes the profile's own policy.
            room: who knows how much fits; None where nobody does.
            tell: hears a sentence for the person when the room is used up.
        """
        self._profile = profile
        self._history = history or profile.history
        self._room, self._tell = room, tell
        self._first = 0

    def messages(
        self, task: str, steps: Sequence[Step], now: Observation, tools: Sequence[ToolSpec]
    ) -> list[Message]:
        """Return the conversation that asks for the next step."""
        self._cut_to_most(len(steps))
        messages = self._worded(task, steps, now, tools)
        while self._first < len(steps) and self._is_too_long(messages):
            self._cut(len(steps), max(self._history.least, (len(steps) - self._first) // 2))
            messages = self._worded(task, steps, now, tools)
        return messages

    def prune(self, steps: list[Step]) -> None:
        """Drop the pictures that no prompt and no limit will look at again."""
        for index in range(min(self._first, len(steps) - _COMPARED)):
            if steps[index].observation is not None:
                steps[index] = steps[index].without_looks()

    def _worded(
        self, task: str, steps: Sequence[Step], now: Observation, tools: Sequence[ToolSpec]
    ) -> list[Message]:
        turns = [_turn(step, index >= self._first) for index, step in enumerate(steps)]
        return self._profile.messages(task, turns, _image(now), tools)

    def _cut_to_most(self, count: int) -> None:
        most = self._history.most
        if most is not None and count - self._first > most:
            self._first = count - self._history.least

    def _is_too_long(self, messages: Sequence[Message]) -> bool:
        room = self._room
        return room is not None and room.prompt_tokens(messages) > room.context_tokens

    def _cut(self, count: int, left: int) -> None:
        """Show ``left`` screenshots of the past, and one fewer than now in any case."""
        before, self._first = self._first, max(self._first + 1, count - left)
        assert self._room is not None
        self._tell(
            f"The history has reached its {self._room.context_tokens} tokens; the oldest "
            f"{self._first - before} screenshots shown are told in words from now on."
        )


def _turn(step: Step, shown: bool) -> Turn:
    failed = step.plan.error is not None or any(result.is_error for result in step.results)
    outcome = step.plan.error or "; ".join(result.content for result in step.results)
    return Turn(
        image=_image(step.observation) if shown and step.observation else None,
        reply=_spoken(step.reply.text)[:_LONGEST_REPLY],
        thought=step.plan.thought,
        outcome=outcome,
        is_error=failed,
        verdict=step.plan.error or "; ".join(map(_verdict, step.results)),
    )


def _verdict(result: ToolResult) -> str:
    return result.effect.value if result.effect else result.content


def _spoken(reply: str) -> str:
    """Return a reply without its thinking, as the Thinking editions' own template replays it."""
    return reply.rpartition("</think>")[2].lstrip() if "</think>" in reply else reply


def _image(observation: Observation) -> Image:
    return Image(observation.frame, observation.frame_hash)
